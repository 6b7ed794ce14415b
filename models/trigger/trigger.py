"""What alerts lead to: the pure core of `alltobit trigger`. Messages in, events out, in order.

The same messages, with the same clock, give the same events; those that are told again change
nothing. `now_ns` and `came` are the caller's: the clock, and when Kafka took a message in.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models.events import event_id
from models.trigger import people, proposals
from models.trigger.cases import HOUR_NS, case_of, reason, site_of
from models.trigger.decide import Answer, decide
from models.trigger.episodes import seen_of
from models.trigger.grounds import Cited
from models.trigger.heard import Heard, key_of
from models.trigger.memory import KEPT_S, Firing, Memory, Question
from models.trigger.proposals import Arrived
from models.trigger.setup import Setup
from models.trigger.steps import Step, action_id, action_of, moved, step_event
from models.words import moment, nanoseconds
from schemas.anomaly import Anomaly
from schemas.cascade import Incident
from schemas.events import Event, Fact
from schemas.progress import Progress
from schemas.trigger import Action, Alert, Decision, Rule, Stage, State, Why

Told = Step | Event[Alert]
_GRACE_NS = 2_000_000_000  # an answer given in time may be read so much later
_TIDY_NS = 60_000_000_000


@dataclass(slots=True)
class Trigger:
    """What is set, and what is remembered."""

    setup: Setup
    memory: Memory = field(default_factory=Memory)
    tidied_ns: int = 0

    def move(self, now_ns: int) -> list[Told]:
        """Let time pass: questions that nobody answered expire."""
        memory, policy = self.memory, self.setup.policy
        now_ns = memory.now_ns = max(memory.now_ns, now_ns)
        memory.window.move(now_ns, policy.breaker)
        memory.asked_ns = [one for one in memory.asked_ns if one > now_ns - HOUR_NS]
        if now_ns - self.tidied_ns >= _TIDY_NS:
            self._tidy(now_ns)
        return [self._expired(one) for one in self.due(now_ns)]

    def due(self, now_ns: int) -> list[Question]:
        """Return the questions that expire by now."""
        at = moment(now_ns - _GRACE_NS)
        return [one for one in self.open() if one.action.expires and one.action.expires < at]

    def open(self) -> list[Question]:
        """Return the questions that wait for an answer."""
        return [one for one in self.memory.questions.values() if one.action.stage is Stage.AWAITING]

    def alert(self, event: Event[Alert], came: datetime) -> list[Told]:
        """Decide what comes of an alert."""
        memory = self.memory
        firing = memory.alerts.setdefault(key_of(event.data), Firing(Heard()))
        if not firing.heard.is_new(event):
            return []
        memory.feedback.published(event.id, f"rule:{event.data.rule}")
        told = self._reach(event.time)
        if event.data.state is State.RESOLVED:
            return told + self._resolved(event, firing)
        firing.is_firing = True
        rule = self.setup.rules.get(event.data.rule)
        for name in dict.fromkeys((*(rule.then if rule else ()), *self.setup.policy.always)):
            if not event.data.untold or self.setup.only_tells(name):  # many are no asset to act on
                told += self._decided(event, rule, name, came)
        return told

    def _decided(
        self, event: Event[Alert], rule: Rule | None, name: str, came: datetime
    ) -> list[Told]:
        if self.setup.only_tells(name):
            return self._notice(event, rule, name, came)
        data, memory = event.data, self.memory
        known = memory.begun.get(action_id(data, rule, name))
        if known is not None and (not known.is_poor or (rule and data.quality < rule.quality)):
            return []
        decided = decide(case_of(self.setup, memory, event, name, came))
        made = self._made(event, rule, name, decided)
        memory.begin(made, key_of(data), site_of(event))
        return [step_event(made, site_of(event), event.time)]

    def _made(self, event: Event[Alert], rule: Rule | None, name: str, decided: Answer) -> Action:
        by, why = reason(self.setup, self.memory, event, decided.why)
        made = action_of(event, rule, name, **decided._asdict(), by=by, reason=why)
        if decided.stage is not Stage.AWAITING:
            return made
        waits = timedelta(seconds=self.setup.policy.ask.expires_s)
        return made.model_copy(update={"expires": moment(self.memory.now_ns) + waits})

    def _notice(
        self, event: Event[Alert], rule: Rule | None, name: str, came: datetime
    ) -> list[Told]:
        """Tell that an alert fires, once, or each number of it; not one that is held back."""
        firing, data = self.memory.alerts[key_of(event.data)], event.data
        is_told = name in firing.notices
        if data.state is not State.FIRING or (is_told and not data.untold):
            return []
        decided = decide(case_of(self.setup, self.memory, event, name, came))
        made = self._made(event, rule, name, decided)
        if decided.stage is Stage.REQUESTED and not is_told:
            firing.notices.append(name)
        return [step_event(_as_notice(made, event), site_of(event), event.time)]

    def _resolved(self, event: Event[Alert], firing: Firing) -> list[Told]:
        told: list[Told] = []
        firing.is_firing = False
        for one in self.open():
            if one.alert == key_of(event.data):
                one.action = moved(one.action, Stage.WITHDRAWN, Why.RESOLVED)
                told.append(step_event(one.action, one.site, event.time))
        rule = self.setup.rules.get(event.data.rule)
        told += [self._ended(event, rule, name) for name in firing.notices]
        firing.notices = []
        return told

    def _ended(self, event: Event[Alert], rule: Rule | None, name: str) -> Step:
        case = case_of(self.setup, self.memory, event, name, event.time)
        decided = decide(case._replace(in_maintenance=False, is_silenced=False, is_follower=False))
        made = action_of(event, rule, name, resolves=True, **decided._asdict())
        return step_event(_as_notice(made, event), site_of(event), event.time)

    def anomaly(self, event: Event[Anomaly], cited: Fact) -> list[Told]:
        """Ask the rules on anomalies. `cited`: where the event stands."""
        data = event.data
        source = f"detector:{data.detector}" if data.detector else f"anomaly:{data.kind}"
        self.memory.feedback.published(event.id, source)
        return self._asked(event, cited)

    def incident(self, event: Event[Incident], cited: Fact) -> list[Told]:
        """Remember whom it explains, and ask the rules on incidents."""
        self.memory.feedback.published(event.id, "incident")
        self.memory.incidents.take(event)
        return self._asked(event, cited)

    def _asked(self, event: Event[Anomaly] | Event[Incident], cited: Fact) -> list[Told]:
        told, rules = self._reach(event.time), self.setup.of_events()
        if not rules:
            return told
        seen = seen_of(event, cited)
        for rule, conditions in rules:
            told += self.memory.episodes.take(seen, rule, conditions)
        return told

    def progress(self, event: Event[Progress]) -> list[Told]:
        """Learn how far event time has come."""
        return self._reach(event.data.reached)

    def _reach(self, time: datetime) -> list[Told]:
        reached_ns = nanoseconds(time)
        if reached_ns <= self.memory.reached_ns:
            return []
        self.memory.reached_ns = reached_ns
        rules = self.setup.of_events()
        return [one for rule, _ in rules for one in self.memory.episodes.due(rule, reached_ns)]

    def decision(self, said: Decision, came: datetime) -> list[Told]:
        """Take what a person says: an answer, a label or a silence."""
        return [*people.take(self.setup, self.memory, said, came)]

    def cite(self, event: Cited, cited: Fact) -> None:
        """Remember an event that a proposal may rest on. `cited`: where it stands."""
        if self.setup.proposers:
            self.memory.citable.take(event, cited)

    def proposal(self, one: Arrived) -> list[Told]:
        """Judge what somebody would have done."""
        return [proposals.take(self.setup, self.memory, one)]

    def _expired(self, one: Question) -> Step:
        one.action = moved(one.action, Stage.EXPIRED, Why.TOO_LATE)
        assert one.action.expires  # noqa: S101 - every question has it
        return step_event(one.action, one.site, one.action.expires)

    def _tidy(self, now_ns: int) -> None:
        """Forget what has been over for a day."""
        memory, self.tidied_ns, kept_ns = self.memory, now_ns, round(KEPT_S * 1e9)
        before_ns, old_ns = memory.reached_ns - kept_ns, now_ns - kept_ns
        memory.incidents.forget(before_ns)
        memory.episodes.forget(before_ns)
        memory.citable.forget(before_ns)
        memory.alerts = {
            key: one
            for key, one in memory.alerts.items()
            if one.is_firing or one.heard.time_ns >= before_ns
        }
        memory.begun = {key: one for key, one in memory.begun.items() if one.time_ns >= old_ns}
        memory.questions = {
            key: one
            for key, one in memory.questions.items()
            if one.action.stage is Stage.AWAITING or one.asked_ns >= old_ns
        }
        memory.silences = {
            key: one
            for key, one in memory.silences.items()
            if nanoseconds(one.silence.until) >= min(old_ns, before_ns)
        }


def _as_notice(made: Action, event: Event[Alert]) -> Action:
    """Name a notification by its alert: what is told of two points of an asset is two things."""
    since, end = event.data.since.isoformat(), "ends" if made.resolves else "fires"
    number = (event.time.isoformat(), event.data.untold) if event.data.untold else ()
    name = event_id("notice", key_of(event.data), since, made.name, end, *number)
    return made.model_copy(update={"action": name})
