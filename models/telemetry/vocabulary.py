"""What points go by: their canonical names, and how their values come into the canonical unit.

Of two points of one span that would go by the same name the second keeps its own, and its values.
DCGM's sentinels are told by fields of DCGM alone, and never where the number is a possible value:
a counter may pass through the smaller ones, and a range that is declared may hold them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from models.compiled import compiled
from models.names import Config
from schemas.telemetry import Floats, Marks, Quality, Shape
from schemas.units import MOST, Meaning, PointKind
from schemas.units.dcgm import is_dcgm

INT64, FLOAT64, INT32 = 1, 2, 4
"""Sentinels that a point's agent may print, one bit each."""
BLANK_INT64: Final = 2.0**63
"""0x7ffffffffffffff0 to ..f3 are this one float64: which of them it was cannot be told."""
BLANK_FLOAT64: Final = 2.0**47
BLANK_INT32: Final = 2147483632.0
_KINDS: Final = 4
"""BLANK, NOT_FOUND, NOT_SUPPORTED, NOT_PERMISSIONED, in this order from a blank on."""

BLANK: Final = int(Quality.BLANK)
CONVERTED: Final = int(Quality.CONVERTED)
_LARGEST: Final = {FLOAT64: BLANK_FLOAT64 - 1.0, INT32: BLANK_INT32 - 1.0}
"""By sentinel: below it none is looked for."""
_LARGEST_OF_ALL: Final = 9e18
"""As `_LARGEST`, of any point: a decoder may say that a number is the one of INT64."""


class Columns(NamedTuple):
    """What is known of points, (n,) each."""

    plain_low: Floats
    """Values from here to `plain_high`, in the canonical unit, need no closer look."""
    plain_high: Floats
    factor: Floats
    shift: Floats
    """-0.0 for none: value * 1.0 + -0.0 is the same bits."""
    converted: Marks
    """`CONVERTED` where factor or shift change anything."""
    low: Floats
    high: Floats
    """What is possible, in the canonical unit."""
    guard: npt.NDArray[np.uint8]
    """Sentinels looked for."""


class Row(NamedTuple):
    """`Columns` of one point."""

    plain_low: float
    plain_high: float
    factor: float
    shift: float
    converted: int
    low: float
    high: float
    guard: int


class Plan(NamedTuple):
    """What becomes of spans of one shape."""

    shape: Shape
    at: int
    """Row of its first point in the columns."""
    converts: bool
    """Whether any of its points does."""


@dataclass(slots=True)
class Vocabulary:
    """Remembers what becomes of each shape; bounded by whoever calls `forget`."""

    config: Config
    _plans: dict[Shape, Plan] = field(default_factory=dict)
    _fresh: list[Row] = field(default_factory=list)
    _size: int = 0
    _columns: Columns = field(default_factory=lambda: _columns([]))

    def __len__(self) -> int:
        """Return how many points are remembered."""
        return self._size + len(self._fresh)

    def plan(self, shape: Shape) -> Plan:
        """Return what becomes of spans of `shape`; `columns` made before are no longer all."""
        found = self._plans.get(shape)
        if found is None:
            found = self._plans[shape] = self._made(shape)
        return found

    def columns(self) -> Columns:
        """Return what is known of the points of all plans; longer than there are points."""
        if self._fresh:
            end = len(self)
            if end > len(self._columns.factor):
                longer: list[npt.NDArray[Any]] = [np.resize(one, 2 * end) for one in self._columns]
                self._columns = Columns(*longer)
            fresh: list[npt.NDArray[Any]] = [*_columns(self._fresh)]
            for i, new in enumerate(fresh):
                self._columns[i][self._size : end] = new
            self._size = end
            self._fresh.clear()
        return self._columns

    def forget(self) -> None:
        """Begin anew: plans made before point into what is no longer there."""
        self._plans.clear()
        self._fresh.clear()
        self._size = 0

    def _made(self, shape: Shape) -> Plan:
        meanings = _apart(shape, [self.config.meaning(point) for point in shape])
        names = tuple(meaning.name for meaning in meanings)
        at = len(self)
        self._fresh += [_known(sent, m) for sent, m in zip(shape, meanings, strict=True)]
        converts = any(meaning.converts for meaning in meanings)
        return Plan(shape if names == shape else names, at, converts)


def _apart(shape: Shape, meanings: list[Meaning]) -> list[Meaning]:
    """Return `meanings` with names that differ: who already has a name keeps it, then the first."""
    taken = {m.name for sent, m in zip(shape, meanings, strict=True) if m.name == sent}
    found = []
    for sent, meaning in zip(shape, meanings, strict=True):
        second = meaning.name != sent and meaning.name in taken
        found.append(Meaning(sent, 1.0, 0.0, None) if second else meaning)
        taken.add(meaning.name)
    return found


def _columns(rows: Sequence[Row]) -> Columns:
    kinds = (*[np.float64] * 4, np.uint16, np.float64, np.float64, np.uint8)
    return Columns(*(np.array([row[i] for row in rows], kind) for i, kind in enumerate(kinds)))


def _known(sent: str, meaning: Meaning) -> Row:
    low, high = _range(meaning)
    guard = _guard(sent, meaning)
    shift = meaning.shift or -0.0
    least = min([_LARGEST_OF_ALL, *(most for which, most in _LARGEST.items() if guard & which)])
    return Row(
        plain_low=low,
        plain_high=min(high, least * meaning.factor + shift),
        factor=meaning.factor,
        shift=shift,
        converted=CONVERTED if meaning.converts else 0,
        low=low,
        high=high,
        guard=guard,
    )


def _range(meaning: Meaning) -> tuple[float, float]:
    """Return what is possible; a counter is never below 0."""
    point = meaning.point
    if point is None:
        return -MOST, MOST
    if point.low is None or point.high is None:
        return (0.0 if point.kind is PointKind.COUNTER else -MOST), MOST
    return point.low, point.high


def _guard(sent: str, meaning: Meaning) -> int:
    """Return the sentinels that cannot be values of a point: of a field of DCGM."""
    if not is_dcgm(sent) and not is_dcgm(meaning.name):
        return 0
    point = meaning.point
    if point is not None and point.kind is PointKind.COUNTER:
        return INT64
    guard = INT64
    for which, blank in ((FLOAT64, BLANK_FLOAT64), (INT32, BLANK_INT32)):
        value = blank * meaning.factor + meaning.shift
        if point is None or point.high is None or value > point.high:
            guard |= which
    return guard


@compiled
def sentinel(value: float, guard: int) -> int:
    """Return the `Quality` bit of the sentinel that `value` is; 0: it is none."""
    if guard & INT64 and value == BLANK_INT64:
        return BLANK
    if guard & FLOAT64:
        away = value - BLANK_FLOAT64
        if 0.0 <= away < _KINDS and away == np.floor(away):
            return BLANK * (1 + int(away))
    if guard & INT32:
        away = value - BLANK_INT32
        if 0.0 <= away < _KINDS and away == np.floor(away):
            return BLANK * (1 + int(away))
    return 0


@compiled
def row(known: Columns, at: int) -> Row:
    """Return what is known of one point."""
    return Row(
        known.plain_low[at],
        known.plain_high[at],
        known.factor[at],
        known.shift[at],
        known.converted[at],
        known.low[at],
        known.high[at],
        known.guard[at],
    )
