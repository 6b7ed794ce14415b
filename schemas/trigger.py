"""Rules on single values and the alerts they raise."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.base import Message, Ratio
from schemas.events import Body


class Level(StrEnum):
    """How much a rule may do by itself."""

    WATCH = "watch"
    ASK = "ask"
    ACT = "act"


class Severity(StrEnum):
    """How bad it is when the rule holds."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Rule(Message):
    """IF a value is past a limit for `for_s` THEN an alert, until it is back past `clear`."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,128}$")]
    point: Annotated[str, Field(min_length=1)]
    """Glob over point names."""
    asset: Annotated[str, Field(min_length=1)] = "*"
    """Glob over asset names."""
    above: float | None = None
    below: float | None = None
    clear: float | None = None
    """Hysteresis: resolved only when the value is back at or past this. Default: the limit."""
    for_s: Annotated[float, Field(ge=0, le=604_800)] = 0.0
    severity: Severity = Severity.WARNING
    level: Level = Level.WATCH
    quality: Ratio = 0.5
    """Below this quality of the signal the alert is held back as POOR_DATA."""
    summary: str = ""
    """What to tell a person; `{asset}`, `{point}`, `{value}` and `{unit}` are filled in."""
    labels: dict[str, str] = Field(default_factory=dict)

    @property
    def limit(self) -> float:
        """`above` or `below`, whichever is given."""
        return self.above if self.above is not None else self.below or 0.0

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("give exactly one of `above` and `below`")
        if self.clear is not None:
            if self.above is not None and self.clear > self.above:
                raise ValueError(f"clear {self.clear} must not be over above {self.above}")
            if self.below is not None and self.clear < self.below:
                raise ValueError(f"clear {self.clear} must not be under below {self.below}")
        return self


class State(StrEnum):
    """Where an alert stands."""

    FIRING = "firing"
    HELD = "held"
    """The rule holds, but the signal's quality is below the rule's floor."""
    RESOLVED = "resolved"


class Because(StrEnum):
    """Why an alert came out as it did. Also the `because` label of its metric."""

    RULE_HOLDS = "rule_holds"
    POOR_DATA = "poor_data"
    CLEARED = "cleared"


class Alert(Body):
    """A rule held on a signal long enough, or holds no longer."""

    rule: str
    asset: str
    point: str
    cell: str
    state: State
    because: Because
    severity: Severity
    level: Level
    value: float
    unit: str = ""
    limit: float
    since: datetime
    """Event time at which the condition began to hold."""
    labels: dict[str, str] = Field(default_factory=dict)
