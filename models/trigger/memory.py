"""All that `trigger` remembers, as plain data; what it is saved as."""

from typing import Final

import msgspec

from models.trigger.breaker import Acted, Window
from models.trigger.episodes import Episodes
from models.trigger.followers import Incidents
from models.trigger.grounds import Citable
from models.trigger.heard import Heard
from models.trigger.precision import Feedback
from schemas.trigger import Action, Silence, Stage, Why

KEPT_S: Final = 86_400.0
"""How long what is over is remembered: an answer or a replay may still come."""


class Firing(msgspec.Struct):
    """One alert."""

    heard: Heard
    is_firing: bool = False
    notices: list[str] = []
    """Actions that told that it fires, by name."""


class Question(msgspec.Struct):
    """An action that people were asked about, as it stands now."""

    action: Action
    alert: str
    """Key of the alert it is for."""
    site: str
    asked_ns: int
    """By the clock."""


class Begun(msgspec.Struct):
    """An action that was decided about."""

    time_ns: int
    """By the clock."""
    is_poor: bool
    """Its level was lowered by its evidence; better evidence is decided about anew."""


class Silenced(msgspec.Struct):
    """A silence that a person said."""

    silence: Silence
    who: str
    time_ns: int
    """When it was said."""


class Memory(msgspec.Struct):
    """Everything; plain data."""

    alerts: dict[str, Firing] = {}
    """By rule, asset, point and labels."""
    begun: dict[str, Begun] = {}
    """By action."""
    questions: dict[str, Question] = {}
    """By action; those that are over stay for a day."""
    silences: dict[str, Silenced] = {}
    """By what they are about."""
    asked_ns: list[int] = []
    """When people were asked, in the last hour, by the clock."""
    window: Window = msgspec.field(default_factory=Window)
    incidents: Incidents = msgspec.field(default_factory=Incidents)
    episodes: Episodes = msgspec.field(default_factory=Episodes)
    feedback: Feedback = msgspec.field(default_factory=Feedback)
    citable: Citable = msgspec.field(default_factory=Citable)
    """Where nobody may propose, nothing."""
    proposed: dict[str, list[int]] = {}
    """When anything came of what each proposer said, in the last hour, by the clock."""
    reached_ns: int = -(2**63)
    """How far event time has come."""
    now_ns: int = 0
    """The clock, when it was last looked at; it never goes back."""

    def begin(self, made: Action, alert: str, site: str) -> None:
        """Remember what was decided. `alert`: key of the one whose end ends the question."""
        self.begun[made.action] = Begun(self.now_ns, made.why is Why.POOR_DATA)
        self.questions.pop(made.action, None)
        if made.stage is Stage.AWAITING:
            self.asked_ns.append(self.now_ns)
            self.questions[made.action] = Question(made, alert, site, self.now_ns)
        elif made.stage is Stage.REQUESTED:
            self.window.take(Acted(self.now_ns, made.asset, site))
