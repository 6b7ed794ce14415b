"""`alltobit eval ms`: Microsoft's labelled cloud telemetry (a csv a signal, column `Label`)."""

from pathlib import Path

from streams.evaluate.labelled import Part, command
from streams.evaluate.tables import labelled_tables


def read(folder: Path) -> list[Part]:
    """Read every table that has a column `Label`. Raises ConfigError."""
    return [Part(one) for one in labelled_tables(folder, "Label")]


run = command("ms", read, "Score Microsoft's cloud telemetry.")
