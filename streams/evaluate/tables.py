"""Recorded tables as arrays: one recording a file."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.evaluate.recording import Recording
from models.replay import BadLine, Reading, is_label
from models.replay.tables import TIMES, splitter
from models.simulate.frame import Frame
from schemas.telemetry import Floats
from streams.cli.console import trouble
from streams.errors import ConfigError
from streams.replay_files import frames

_CHANGES = frozenset({"changepoint"})
_SHOWN = 3  # bad lines of a file that are told one by one


def files(folder: Path, *suffixes: str) -> list[Path]:
    """Return the files under a folder with one of these suffixes, in order. Raises ConfigError."""
    if not folder.is_dir():
        raise ConfigError("eval", folder, "there is no such folder", "name the folder of a set")
    found = sorted(one for one in folder.rglob("*") if one.name.endswith(suffixes))
    if not found:
        named = ", ".join(suffixes)
        raise ConfigError("eval", folder, f"holds no {named}", "name the folder of the set")
    return found


def header(path: Path) -> list[str]:
    """Return the cells of a table's first line."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        line = file.readline()
    return splitter(line)(line)


def labelled_tables(folder: Path, label: str) -> list[Recording]:
    """Read every table under a folder that has this column. Raises ConfigError."""
    named = [one for one in files(folder, ".csv") if label in header(one)]
    if not named:
        trouble = f"has no .csv with a column {label!r}"
        raise ConfigError("eval", folder, trouble, "name the folder of the set")
    return [
        recording(one, one.relative_to(folder).with_suffix("").as_posix(), label) for one in named
    ]


def recording(path: Path, name: str, label: str = "") -> Recording:
    """Read a table; rows that cannot be read are told and left out. Raises ConfigError.

    `label`: the column that says which rows are anomalous. Other labels, and marks of changes, are
    left out.
    """
    taken = [one for one in header(path) if _is_value(one) or one == label]
    found = [*tables(path, Reading(asset=name, columns=tuple(taken))).values()]
    if not found:
        raise ConfigError("eval", path, "has no rows", "give the whole set")
    return labelled(found[0], taken.index(label)) if label else found[0]


def _is_value(column: str) -> bool:
    return not is_label(column) and column.lower() not in TIMES | _CHANGES


def labelled(one: Recording, column: int) -> Recording:
    """Take a column for the labels: anomalous where it is over 0."""
    values = np.delete(one.values, column, axis=1)
    return replace(one, values=values, labels=one.values[:, column] > 0.0)


def tables(path: Path, how: Reading) -> dict[str, Recording]:
    """Read a table's assets, each a recording without labels."""
    rows: dict[tuple[str, tuple[str, ...]], list[Frame]] = defaultdict(list)
    for frame in _good(path, how):
        rows[frame.asset, tuple(frame.points)].append(frame)
    return {asset: _of_frames(asset, some) for (asset, _), some in rows.items()}


def _good(path: Path, how: Reading) -> Iterator[Frame]:
    bad = 0
    for row in frames(path, how):
        if not isinstance(row, BadLine):
            yield row
            continue
        bad += 1
        if bad <= _SHOWN:
            trouble(str(row))
    if bad > _SHOWN:
        trouble(f"{path}: {bad - _SHOWN} further rows cannot be read")


def _of_frames(name: str, some: Sequence[Frame]) -> Recording:
    times_ns = np.array([one.time_ns for one in some], np.int64)
    values = np.array([one.values for one in some], float)
    return Recording(name, times_ns, values, np.zeros(times_ns.size, np.bool_))


def numbers(path: Path, delimiter: str | None = None) -> Floats:
    """Read a file of numbers and nothing else, `.gz` too, (rows, columns). Raises ConfigError."""
    try:
        return np.loadtxt(path, delimiter=delimiter, ndmin=2)
    except (ValueError, OSError) as bad:
        raise ConfigError("eval", path, str(bad), "give the set as it is") from bad
