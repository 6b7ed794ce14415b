"""Points: what is known beforehand of a name. What contradicts itself is refused."""

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
Factor = Annotated[float, Field(gt=0, le=1e18)]

WILD = frozenset("*?[")
LABELS = "{"
"""Where the labels of a name begin."""


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
    """What is known beforehand of every point whose name matches.

    A name with labels, `name{label="x"}`, matches also by the part before them; they stay.
    """

    name: Annotated[str, Field(min_length=1, max_length=512)]
    """Glob over point names, `*` and `?`."""
    unit: str = ""
    """UCUM-like: W, Cel, B/s, Gb/s, 1 (ratio 0..1), %, count, Hz, V, Pa, m3/h.

    A declared point without one is the built-in one of its name, but for what it says. One with a
    unit stands for itself: without `canonical` and `factor`, name and values stay as sent.
    """
    low: Limit | None = None
    """A value below is impossible: quality OUT_OF_RANGE. In `unit`, a counter as counted."""
    high: Limit | None = None
    """A value above is impossible."""
    bits: Annotated[int, Field(ge=0, le=16)] = LEVEL_BITS
    """Width of its level code: how finely its range is divided. 0: told exactly."""
    kind: PointKind = PointKind.GAUGE
    """What its numbers are; a counter is told on as its change a second."""
    canonical: Annotated[str, Field(max_length=512)] = ""
    """The name it goes by from ingest on; empty: the name as sent. Each `*` stands for what that
    of `name` stood for, in order."""
    factor: Factor = 1.0
    """From the sender's unit to `unit`: value * factor + shift."""
    shift: Annotated[float, Field(ge=-1e6, le=1e6)] = 0.0
    limit_low: Limit | None = None
    """It must not come below this, in `unit` (of a counter: a second): a slow trend towards it is
    told before it arrives. Without limits here, those of the most severe rules on it count."""
    limit_high: Limit | None = None
    """It must not come above this."""
    capacity: Annotated[float, Field(gt=0, le=MOST)] | None = None
    """What physics allows, in `unit` (of a counter: a second); no reading can be more."""
    factors: Annotated[tuple[Factor, ...], Field(max_length=7)] = ()
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

    @model_validator(mode="after")
    def _limits_are_limits(self) -> Self:
        low, high = self.limit_low, self.limit_high
        if low is not None and high is not None and not low < high:
            raise ValueError(f"limit_low {low} is not below limit_high {high}")
        if (low, high) != (None, None) and self.kind in {PointKind.STATE, PointKind.LAST_EVENT}:
            raise ValueError(f"a {self.kind} has no trend: leave out limit_low and limit_high")
        return self

    @model_validator(mode="after")
    def _numbers_agree(self) -> Self:
        if self.converts and not self.unit:
            raise ValueError("factor or shift without unit: say in `unit` what the value is then")
        if self.factors and self.capacity is None:
            raise ValueError("factors without capacity: nothing could decide among them")
        if self.factor in self.factors:
            raise ValueError(f"factor {self.factor:g} is in factors too: leave it out there")
        if self.wraps and self.kind is not PointKind.COUNTER:
            raise ValueError(f"a {self.kind} does not wrap: leave out wraps or say `kind: counter`")
        return self

    @model_validator(mode="after")
    def _canonical_is_a_name(self) -> Self:
        if not self.is_alias:
            return self
        stem = self.name.partition(LABELS)[0]
        if LABELS in self.canonical or not self.canonical.isprintable():
            raise ValueError("canonical has labels or unprintable text: give a bare name")
        if "[" in stem or "[" in self.canonical or "?" in self.canonical:
            raise ValueError("canonical goes with `*` and `?` in name and `*` in canonical only")
        if self.canonical.count("*") != stem.count("*") + stem.count("?"):
            raise ValueError(
                "name and canonical differ in wildcards, many points would become one: "
                "give canonical a `*` for each `*` and `?` of name"
            )
        if fnmatchcase(self.canonical.replace("*", "x"), self.name):
            raise ValueError("canonical matches name, it loops: narrow name or leave canonical out")
        return self

    @property
    def converts(self) -> bool:
        """Say whether values change on the way from the sender's unit."""
        return self.factor != 1.0 or self.shift != 0.0

    @property
    def is_alias(self) -> bool:
        """Say whether its points go by another name from ingest on."""
        return self.canonical not in {"", self.name}

    def covers(self, point: str) -> bool:
        """Say whether `point` is one of these."""
        return fnmatchcase(point, self.name) or fnmatchcase(bare(point), self.name)


def bare(point: str) -> str:
    """Return a point's name without its labels."""
    return point.partition(LABELS)[0] if point.endswith("}") else point
