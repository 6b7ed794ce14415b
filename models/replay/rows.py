"""What reading a file gives, and how to understand files that do not say it themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.simulate.frame import Frame

MAX_KEPT = 20_000_000
"""Values kept in memory where the rows of a file cannot be given in their own order."""
_LABELS = frozenset({"label", "labels", "anomaly"})


class BadLine(NamedTuple):
    """One row that could not be read."""

    source: str
    line: int
    """From 1; 0: the file as a whole."""
    trouble: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.trouble}"


Row = Frame | BadLine


@dataclass(frozen=True)
class Reading:
    """How to understand files that do not say it themselves."""

    asset: str = ""
    """Name for all rows. Empty: a column of names where there is one, else the file's own name."""
    columns: tuple[str, ...] = ()
    """Points to take. Empty: all but labels of anomalies."""
    start_ns: int = 0
    """Time of the first row where rows have none, or count from 0."""
    step_ns: int = 1_000_000_000
    """Between rows that have no time."""
    transposed: bool = False
    """A row is a point and a column a time."""

    def wants(self, column: str) -> bool:
        """Say whether a column is to be taken."""
        return column in self.columns if self.columns else not is_label(column)


def is_label(name: str) -> bool:
    """Say whether a name (`Label`, `omi-1_label`, `is_anomaly`) is of the answer, not of data."""
    return name.lower().replace("-", "_").split("_")[-1] in _LABELS


def unnamed(count: int) -> tuple[str, ...]:
    """Name columns that have no name."""
    return tuple(f"column_{i}" for i in range(1, count + 1))


def array_rows(values: npt.NDArray[np.generic], asset: str, how: Reading) -> Iterator[Frame]:
    """Yield one frame a row. `values`: (times, points) or (times,), any real type."""
    table = values.reshape(len(values), -1)
    names = unnamed(table.shape[1])
    take = [i for i, name in enumerate(names) if how.wants(name)]
    points = tuple(names[i] for i in take)
    for i, row in enumerate(table):
        yield Frame(asset, how.start_ns + i * how.step_ns, points, row[take].astype(float).tolist())


def ascending(rows: Iterator[Row]) -> Iterator[Row]:
    """Give rows oldest first. Rows that begin newest first are kept, up to `MAX_KEPT` values."""
    head = list(islice(rows, 3))
    times = [row.time_ns for row in head if isinstance(row, Frame)]
    whole = chain(head, rows)
    return _sorted(whole) if times != sorted(times) else whole


def _sorted(rows: Iterator[Row]) -> Iterator[Row]:
    kept: list[Frame] = []
    room = MAX_KEPT
    for row in rows:
        if isinstance(row, BadLine):
            yield row
            continue
        room -= len(row.values)
        if room < 0:
            raise ValueError(f"runs backwards in time for over {MAX_KEPT} values; sort it first")
        kept.append(row)
    yield from sorted(kept, key=lambda frame: frame.time_ns)
