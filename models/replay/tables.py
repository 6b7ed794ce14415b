"""Tables of text, with or without a header: comma, semicolon, tab or blank separated."""

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from models.replay.rows import MAX_KEPT, BadLine, Reading, Row, array_rows, unnamed
from models.replay.times import is_number, time_ns
from models.simulate.frame import Frame

TIMES = frozenset({"timestamp", "time", "ts", "date", "datetime", "epoch"})
ASSETS = frozenset({"asset", "name", "host", "hostname", "node", "device"})
MISSING = frozenset({"", "nan", "null", "none", "na", "n/a", "-"})
SHOWN = 40
"""Characters of a cell that an error repeats."""

Cells = list[str]
Split = Callable[[str], Cells]
Numbered = Iterator[tuple[int, str]]


class Plan(NamedTuple):
    """What each column is for."""

    width: int
    time: int | None
    asset: int | None
    points: tuple[str, ...]
    take: tuple[int, ...]
    """Column of each point."""


def rows(lines: Iterable[str], how: Reading, source: str, asset: str) -> Iterator[Row]:
    """Yield a frame or a bad line for every row. `asset`: for rows that name none.

    The first line is a header if a cell of it is neither number nor time. Raises ValueError where
    nothing can be replayed.
    """
    numbered = ((i, line) for i, line in enumerate(lines, 1) if line.strip())
    if how.transposed:
        return array_rows(_turned(numbered), how.asset or asset, how)
    return _rows(numbered, how, source, how.asset or asset)


def _rows(lines: Numbered, how: Reading, source: str, asset: str) -> Iterator[Row]:
    first = next(lines, None)
    if first is None:
        return
    split = splitter(first[1])
    names = split(first[1])
    second = next(lines, None) if _is_header(names) else first
    if second is None:
        return
    names = names if second is not first else list(unnamed(len(names)))
    sample = split(second[1])
    plan = _plan(_differing(names), sample, how)
    for i in _texts(names, sample, plan):
        shown = sample[i][:SHOWN]
        yield BadLine(source, second[0], f"column {names[i]!r} holds text ({shown!r}): left out")
    for i, (number, line) in enumerate(chain([second], lines)):
        synthetic_ns = how.start_ns + i * how.step_ns
        try:
            yield _frame(split(line), plan, asset, (synthetic_ns, how.start_ns))
        except ValueError as bad:
            yield BadLine(source, number, str(bad))


def splitter(line: str) -> Split:
    """Choose how to split all lines, from one of them."""
    delimiter = next((d for d in ("\t", ";", ",") if d in line), None)
    if delimiter is None:
        return str.split

    def split(text: str) -> Cells:
        text = text.rstrip("\r\n")
        if '"' not in text:
            return [cell.strip() for cell in text.split(delimiter)]
        return [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter))]

    return split


def _is_value(cell: str) -> bool:
    return cell.lower() in MISSING or is_number(cell)


def _is_header(cells: Cells) -> bool:
    return any(not _is_value(cell) and time_ns(cell) is None for cell in cells)


def _differing(names: Cells) -> Cells:
    """Make names differ: the second `a` is `a_2`; an empty one gets its number."""
    given = [name or f"column_{i}" for i, name in enumerate(names, 1)]
    return [
        name if name not in given[:i] else f"{name}_{given[:i].count(name) + 1}"
        for i, name in enumerate(given)
    ]


def _plan(names: Cells, sample: Cells, how: Reading) -> Plan:
    if len(sample) != len(names):
        raise ValueError(f"has {len(names)} names over {len(sample)} cells")
    lower = [name.lower() for name in names]
    time = next((i for i, name in enumerate(lower) if name in TIMES), None)
    if time is None and not _is_value(sample[0]) and time_ns(sample[0]) is not None:
        time = 0
    texts = [i for i, cell in enumerate(sample) if not _is_value(cell)]
    asset = next((i for i in texts if lower[i] in ASSETS and i != time), None)
    take = [i for i, name in enumerate(names) if how.wants(name) and i not in {time, *texts}]
    lacking = set(how.columns) - {names[i] for i in take}
    if lacking or not take:
        wanted = (
            f"no column of numbers named {', '.join(sorted(lacking))}" if lacking else "no numbers"
        )
        raise ValueError(f"has {wanted}; its columns are {', '.join(names)}")
    return Plan(len(names), time, asset, tuple(names[i] for i in take), tuple(take))


def _texts(names: Cells, sample: Cells, plan: Plan) -> list[int]:
    """List columns that are left out because they hold text."""
    used = {plan.time, plan.asset, *plan.take}
    return [i for i in range(len(names)) if i not in used and not _is_value(sample[i])]


def _frame(cells: Cells, plan: Plan, asset: str, times: tuple[int, int]) -> Frame:
    """Read one row. `times`: of this row if it names none, and the start of the recording."""
    if len(cells) != plan.width:
        shown = cells[0][:SHOWN]
        raise ValueError(f"has {len(cells)} of {plan.width} cells, the first is {shown!r}")
    time = times[0] if plan.time is None else time_ns(cells[plan.time], times[1])
    if time is None:
        raise ValueError(f"{cells[plan.time or 0][:SHOWN]!r} is no time")
    name = cells[plan.asset] if plan.asset is not None else asset
    return Frame(name or asset, time, plan.points, _values([cells[i] for i in plan.take], plan))


def _values(cells: Cells, plan: Plan) -> Sequence[float]:
    return [_value(cell, point) for cell, point in zip(cells, plan.points, strict=True)]


def _value(cell: str, point: str) -> float:
    try:
        if "_" not in cell:  # Python's own 1_000 is not a number of a table
            return float(cell)
    except ValueError:
        if cell.lower() in MISSING:
            return math.nan
    raise ValueError(f"{cell[:SHOWN]!r} in column {point!r} is no number")


def _turned(lines: Numbered) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Read a whole table of numbers and swap its rows and columns."""
    kept: list[list[float]] = []
    for number, line in lines:
        cells = splitter(line)(line)
        kept.append([_value(cell, f"line {number}") for cell in cells])
        if len(kept) * len(cells) > MAX_KEPT or len(cells) != len(kept[0]):
            raise ValueError(f"line {number}: not a rectangle, or over {MAX_KEPT} values")
    return np.array(kept, dtype=np.float64).T
