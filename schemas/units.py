"""Points: their unit, possible range and how many bits their level gets."""

from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.base import Message

LEVEL_BITS = 12
"""Width of the level code where a point does not say otherwise."""

MOST = 1e300
"""No value is believed beyond this, either way: differences of believed values are finite."""

Limit = Annotated[float, Field(ge=-MOST, le=MOST)]


class PointKind(StrEnum):
    """What the numbers of a point are."""

    GAUGE = "gauge"
    COUNTER = "counter"
    """Only grows, but for resets and wraps."""
    STATE = "state"
    """A code: differences mean nothing."""
    LAST_EVENT = "last_event"
    """The code of the last event, told for ever after (DCGM's last XID); 0: none yet."""


class Point(Message):
    """What is known beforehand of every point whose name matches."""

    name: Annotated[str, Field(min_length=1, max_length=512)]
    """Glob over point names, `*` and `?`."""
    unit: str = ""
    """UCUM-like: W, Cel, B/s, Gb/s, 1 (ratio 0..1), %, count, Hz, V, Pa, m3/h."""
    low: Limit | None = None
    """A value below is impossible: quality OUT_OF_RANGE."""
    high: Limit | None = None
    """A value above is impossible."""
    bits: Annotated[int, Field(ge=1, le=16)] = LEVEL_BITS
    """Width of its level code."""
    kind: PointKind = PointKind.GAUGE
    """What its numbers are; a counter is told on as its change a second."""
    canonical: Annotated[str, Field(max_length=512)] = ""
    """The name it goes by from ingest on; empty: the name as sent."""
    factor: Annotated[float, Field(gt=0, le=1e18)] = 1.0
    """From the sender's unit to `unit`: value * factor + shift."""
    shift: Annotated[float, Field(ge=-1e6, le=1e6)] = 0.0
    capacity: Annotated[float, Field(gt=0, le=MOST)] | None = None
    """What physics allows, in `unit` (of a counter: a second); no reading can be more."""
    factors: tuple[float, ...] = ()
    """Other factors that senders are known to use; data and `capacity` decide among them."""
    wraps: Literal[0, 32, 64] = 0
    """Bits after which a counter begins at 0 again; 0: only when it is reset."""

    @model_validator(mode="after")
    def _range_is_a_range(self) -> Self:
        if (self.low is None) != (self.high is None):
            raise ValueError("give both low and high, or neither")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError(f"low {self.low} is not below high {self.high}")
        return self

    def covers(self, point: str) -> bool:
        """Say whether `point` is one of these."""
        return fnmatchcase(point, self.name)


BUILT_IN: tuple[Point, ...] = (
    # DCGM fields (NVIDIA DCGM API reference, field identifiers)
    Point(name="DCGM_FI_DEV_GPU_TEMP", unit="Cel", low=-20, high=150),
    Point(name="DCGM_FI_DEV_MEMORY_TEMP", unit="Cel", low=-20, high=150),
    Point(name="DCGM_FI_DEV_POWER_USAGE", unit="W", low=0, high=2000),
    Point(name="DCGM_FI_DEV_SM_CLOCK", unit="MHz", low=0, high=4000),
    Point(name="DCGM_FI_DEV_MEM_CLOCK", unit="MHz", low=0, high=8000),
    Point(name="DCGM_FI_DEV_*_UTIL", unit="%", low=0, high=100),
    Point(name="DCGM_FI_PROF_*_ACTIVE", unit="1", low=0, high=1),
    Point(name="DCGM_FI_PROF_*_BYTES", unit="B/s", low=0, high=2e12, bits=16),
    # Facility points (names follow Brick classes, in the units of the sender)
    Point(name="*_Temperature*", unit="Cel", low=-60, high=200),
    Point(name="*_Humidity*", unit="%", low=0, high=100),
    Point(name="*_Valve_Position*", unit="%", low=0, high=100),
    Point(name="*_Frequency*", unit="Hz", low=0, high=500),
)


def find(point: str, points: tuple[Point, ...]) -> Point | None:
    """Return the first of `points` and the built-in ones that covers `point`."""
    return next((one for one in (*points, *BUILT_IN) if one.covers(point)), None)
