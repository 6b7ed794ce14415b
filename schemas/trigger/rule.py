"""Rules: IF a condition holds for long enough THEN an alert, and what may be done about it."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from schemas.base import Message, Ratio
from schemas.durations import Duration

Glob = Annotated[str, Field(min_length=1, max_length=512)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,128}$")]
Word = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]
Condition = Annotated[str, Field(min_length=1, max_length=4000)]
"""An expression in CEL, the Common Expression Language (cel.dev)."""


class Level(StrEnum):
    """How much a rule may do by itself."""

    ADVISE = "advise"
    """Say what could be done."""
    ASK = "ask"
    """Ask a person first."""
    ACT = "act"
    """Do it."""


class Severity(StrEnum):
    """How bad it is when the rule holds."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Each(StrEnum):
    """What a rule is asked of."""

    ASSET = "asset"
    """Each asset by itself; of labelled points, each set of labels."""
    CELL = "cell"
    """All assets of a cell together."""
    ANOMALY = "anomaly"
    """Each event of `anomalies`, as it comes: `event.kind == "peer" && event.score > 6`."""
    INCIDENT = "incident"
    """Each event of `incidents`."""


class Take(StrEnum):
    """What is made of several signals that one name stands for."""

    ONE = "one"
    """The only one; several are a mistake that is told."""
    MIN = "min"
    MAX = "max"
    AVG = "avg"
    SUM = "sum"
    COUNT = "count"
    """How many have a usable value."""
    MEDIAN = "median"


class Input(Message):
    """The signals that a name in a condition stands for."""

    point: Glob
    """Glob over point names."""
    asset: Glob = "*"
    """Glob over asset names, within the asset or cell that is asked."""
    take: Take = Take.ONE


class Value(Message):
    """A value made from others: Z, by an expression or by code."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: Word
    expression: Annotated[Condition | None, Field(alias="is")] = None
    """In CEL, of points and of other values."""
    code: str = ""
    """Else the name of an entry point in the group `alltobit.values`: a function of numpy arrays,
    one an input, (n,) each, to (n,); element by element."""
    inputs: Annotated[tuple[Word, ...], Field(max_length=16)] = ()
    """What `code` is given, in order: names of `where`, or points; of one asset at one moment."""
    where: dict[Word, Input] = Field(default_factory=dict)
    unit: str = ""
    """What it is in; of an expression it is checked against what comes out."""

    @model_validator(mode="after")
    def _by_one_way(self) -> Self:
        if (self.expression is None) == (not self.code):
            raise ValueError("give exactly one of `is` and `code`")
        if self.code and not self.inputs:
            raise ValueError("`code` needs `inputs`")
        return self


class Rule(Message):
    """IF a condition holds `for` long enough THEN an alert, until it holds no longer.

    The short form is one value past a limit: `point` and `above` or `below`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: Name
    condition: Annotated[Condition | None, Field(alias="if")] = None
    """When it holds."""
    point: Annotated[str, Field(max_length=512)] = ""
    """Short form: glob over point names."""
    above: float | None = None
    below: float | None = None
    clear: float | None = None
    """Short form: resolved only when the value is back at or past this. Default: the limit."""
    until: Condition | None = None
    """A firing alert is resolved when this holds. Default: when the condition does not."""
    asset: Glob = "*"
    """Glob over asset names, of cells over cell names."""
    each: Each = Each.ASSET
    where: dict[Word, Input] = Field(default_factory=dict)
    """Names used in the condition; any other is a point of that name."""
    for_s: Annotated[Duration, Field(alias="for")] = 0.0
    """How long it must hold."""
    keep_firing_for_s: Annotated[Duration, Field(alias="keep_firing_for")] = 0.0
    """How long it must not hold before the alert is resolved."""
    stale_s: Annotated[Duration, Field(alias="stale")] = 300.0
    """A value older than this, or than five of its intervals where that is longer, is missing."""
    severity: Severity = Severity.WARNING
    level: Level = Level.ADVISE
    quality: Ratio = 0.5
    """Floor. Below it the evidence is too poor: a short-form alert is held back as POOR_DATA; of a
    rule with actions the level drops, from act to ask, from ask to advise."""
    alerts_at_once: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    """How many are told one by one at once, a partition; more are one alert, with their number.
    Default: `detect.alerts_at_once`. Not of rules on events."""
    then: Annotated[tuple[Name, ...], Field(max_length=8)] = ()
    """Names of configured actions, in order."""
    summary: str = ""
    """What to tell a person; `{asset}`, `{value}`, `{unit}`, `{point}`, `{labels.x}` and, in
    braces, every name used in the condition are filled in. `{value}` and such names say their
    unit: `{value} {unit}` is `{value}`."""
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    """As `summary`, for those who read the alert."""

    @property
    def is_short(self) -> bool:
        """Whether it is one value past a limit."""
        return self.condition is None

    @property
    def is_on_events(self) -> bool:
        """Whether it is asked of anomalies or incidents; else of values."""
        return self.each in {Each.ANOMALY, Each.INCIDENT}

    @property
    def limit(self) -> float:
        """`above` or `below`, whichever is given; 0.0 where there is a condition."""
        return self.above if self.above is not None else self.below or 0.0

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        if self.condition is None:
            self._short()
        elif self.point or (self.above, self.below, self.clear) != (None, None, None):
            raise ValueError("give `if`, or `point` with `above` or `below`, not both")
        if self.is_on_events and self.alerts_at_once is not None:
            raise ValueError("`alerts_at_once` is for rules on values, not on events")
        return self

    def _short(self) -> None:
        if not self.point:
            raise ValueError("give `if`, or `point` with `above` or `below`")
        if (self.above is None) == (self.below is None):
            raise ValueError("give exactly one of `above` and `below`")
        if self.clear is not None:
            if self.above is not None and self.clear > self.above:
                raise ValueError(f"clear {self.clear} must not be over above {self.above}")
            if self.below is not None and self.clear < self.below:
                raise ValueError(f"clear {self.clear} must not be under below {self.below}")
