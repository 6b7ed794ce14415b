"""What is declared of points that need mending, as the loop reads it."""

from dataclasses import dataclass, field

import numpy as np

from models.names import Known
from models.repair.mend import COUNTER, GAUGE
from models.repair.unit import CAPACITY, FIRST, MODULUS, MOST
from schemas.telemetry import Floats
from schemas.units import PointKind

LAST_EVENT = -1
"""Of `Signal.repair`: a gauge of the last event, which needs no row."""
NONE = 0
"""Of `Signal.repair`: told on as it was sent."""


def needs(known: Known) -> int:
    """Say how the signals of a point are mended: COUNTER, GAUGE (by capacity), LAST_EVENT, NONE."""
    if known.kind is PointKind.COUNTER:
        return COUNTER
    if known.kind is PointKind.LAST_EVENT:
        return LAST_EVENT
    return GAUGE if known.capacity == known.capacity else NONE


@dataclass(slots=True)
class Laws:
    """One row a different declaration; ids count from 0. Not saved: the configuration has it."""

    all: Floats = field(default_factory=lambda: np.zeros((0, FIRST + MOST)))
    _ids: dict[tuple[float, ...], int] = field(default_factory=dict)

    def of(self, known: Known) -> int:
        """Return the id of what is declared of a point."""
        law = _law(known)
        found = self._ids.get(law)
        if found is None:
            found = self._ids[law] = len(self.all)
            self.all = np.concatenate([self.all, [law]])
        return found


def _law(known: Known) -> tuple[float, ...]:
    ratios = sorted({f / known.factor for f in known.factors}, reverse=True)
    smaller = [ratio for ratio in ratios if 0.0 < ratio < 1.0][:MOST]
    law = [0.0] * (FIRST + MOST)
    law[CAPACITY] = known.capacity
    law[MODULUS] = known.factor * 2.0**known.wraps if known.wraps else 0.0
    law[FIRST : FIRST + len(smaller)] = smaller
    return tuple(law)


def a_second(unit: str) -> str:
    """Return the unit of a counter's rate."""
    return f"{unit or '1'}/s"
