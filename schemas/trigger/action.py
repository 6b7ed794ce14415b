"""Actions: what a rule would have done, and each step of its way. Data until the last moment."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, Field

from schemas.base import Ratio
from schemas.events import Body
from schemas.trigger.rule import Level, Severity

TYPES: Final = "io.alltobit.action."
"""The types of its events begin so; the stage follows."""
Id = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Stage(StrEnum):
    """A step on an action's way."""

    ADVISED = "advised"
    """Told to people as what could be done; never done by us. The end of its way."""
    AWAITING = "awaiting"
    """A person is asked; until `expires`."""
    REQUESTED = "requested"
    """To be done by the executor."""
    APPROVED = "approved"
    """A person said yes: to be done by the executor."""
    REFUSED = "refused"
    """A person said no."""
    EXPIRED = "expired"
    """Nobody answered in time."""
    DROPPED = "dropped"
    """Not asked for at all: see `why`."""
    WITHDRAWN = "withdrawn"
    """The alert was resolved before anybody answered."""
    IGNORED = "ignored"
    """An answer or proposal that does not count: see `why`; the action stays where it was."""
    SHADOWED = "shadowed"
    """A dry run: what would have been done is recorded."""
    DONE = "done"
    FAILED = "failed"
    """Given up, after all retries."""


class Why(StrEnum):
    """Why a decision came out as it did. Also the `why` label of its metric."""

    ALLOWED = "allowed"
    NEEDS_APPROVAL = "needs_approval"
    ADVICE_ONLY = "advice_only"
    POOR_DATA = "poor_data"
    """The evidence is below the rule's floor: the level dropped by one."""
    MAINTENANCE = "maintenance"
    SILENCED = "silenced"
    FOLLOWER = "follower"
    """An open incident explains the asset's trouble by another cause."""
    BREAKER_OPEN = "breaker_open"
    """As many of a kind or of the site as may be in a window were acted on already."""
    TOO_MANY_QUESTIONS = "too_many_questions"
    """People are asked no more often than they can think, and no proposer asks too often."""
    OFF = "off"
    """No action of this name is configured, or actions are off."""
    SAID_YES = "said_yes"
    SAID_NO = "said_no"
    TOO_LATE = "too_late"
    OTHER_EVIDENCE = "other_evidence"
    """The answer was given for other evidence than what is asked about."""
    NO_RIGHT = "no_right"
    FORGED = "forged"
    """The signature of the answer or proposal is wrong."""
    UNKNOWN_ACTION = "unknown_action"
    ANSWERED = "answered"
    """It was answered before; of a proposal, it was taken in before."""
    RESOLVED = "resolved"
    """The alert that it was for is over."""
    CARRIED_OUT = "carried_out"
    DRY_RUN = "dry_run"
    IMPOSSIBLE = "impossible"
    """It cannot be made of this event: a label is missing, or a value may not be passed on."""
    REFUSED_BY_TARGET = "refused_by_target"
    """The other side said no in a way that a retry does not mend."""
    UNREACHABLE = "unreachable"
    """No answer, or errors, until retries were used up."""


def _is_empty(text: str) -> bool:
    return not text  # who reads steps as they were before proposals reads on


class Action(Body):
    """One step of one action; its `quality` is that of the evidence it rests on."""

    action: Id
    """From rule, asset, labels of the instance, the alert's `since` and `name`: the same alert
    replayed is the same action; two ports of a switch are two.
    Also the idempotency key of whatever is done."""
    name: str
    """Of the configured action."""
    stage: Stage
    why: Why
    rule: str
    """Of what was proposed, `proposal:NAME`: no rule has such a name."""
    asset: str
    """Of a rule on cells: the cell."""
    point: str = ""
    """Empty where the condition is on several."""
    cell: str = ""
    alert: Id
    """The event that it is for."""
    alert_summary: Annotated[str, Field(max_length=2000)] = ""
    """What that says; `summary` says this step."""
    since: AwareDatetime | None = None
    """Event time at which the condition began to hold; None where no alert is known."""
    severity: Severity
    asked: Level
    """What the rule may."""
    level: Level
    """What it may on such data."""
    floor: Ratio
    """The quality that the rule asks for."""
    evidence_hash: Sha256
    """SHA-256 of the alert's evidence as canonical JSON: an answer is for this evidence only."""
    expires: AwareDatetime | None = None
    """Of a question."""
    by: str = ""
    """Who answered, and with what reason; or which endpoint did it."""
    reason: Annotated[str, Field(max_length=2000)] = ""
    attempts: Annotated[int, Field(ge=0)] = 0
    """Tries of the executor."""
    answer: Annotated[str, Field(max_length=2000)] = ""
    """What the other side said."""
    undo: Annotated[str, Field(max_length=2000)] = ""
    """How a person takes it back."""
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    resolves: bool = False
    """Whether it tells the end of what an earlier one told (notifications)."""
    proposed_by: Annotated[str, Field(max_length=128, exclude_if=_is_empty)] = ""
    """Who proposed it; `action` and `alert` are then the id of the proposal."""
    proposed_why: Annotated[str, Field(max_length=2000, exclude_if=_is_empty)] = ""
    """Their words, not ours."""
