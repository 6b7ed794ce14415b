"""`alltobit eval skab`: the Skoltech Anomaly Benchmark (Katser & Kozitsin 2020)."""

from pathlib import Path

from streams.evaluate.labelled import Part, command
from streams.evaluate.tables import labelled_tables


def read(folder: Path) -> list[Part]:
    """Read every table that has a column `anomaly`. Raises ConfigError."""
    return [Part(one) for one in labelled_tables(folder, "anomaly")]


run = command("skab", read, "Score the Skoltech Anomaly Benchmark.")
