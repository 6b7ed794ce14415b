"""Alerts: a rule held long enough, or holds no longer."""

from enum import StrEnum

from pydantic import AwareDatetime, Field

from schemas.events import Body
from schemas.trigger.rule import Level, Severity


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
    TOO_MANY = "too_many"
    """The rule holds on more than are told one by one."""
    CLEARED = "cleared"


class Alert(Body):
    """A rule held on a signal, asset or cell long enough, or holds no longer."""

    rule: str
    asset: str
    """Of a rule on cells: the cell."""
    point: str
    """Empty where the condition is on several."""
    cell: str
    state: State
    because: Because
    severity: Severity
    level: Level
    value: float | None
    """Of the signal; None where the condition is on several: the facts have them."""
    unit: str = ""
    limit: float | None
    since: AwareDatetime
    """Event time at which the condition began to hold."""
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    then: tuple[str, ...] = ()
    """Actions that the rule names."""
    untold: int = 0
    """More than 0: it stands for so many alerts of its rule that are not told one by one. `asset`
    is then the partition of `readings` that they are in."""
