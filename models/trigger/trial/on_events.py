"""Rules on anomalies and incidents, asked in order of time, as `trigger` asks them."""

from collections.abc import Iterable, Iterator

from models.cascade.message import ANOMALIES
from models.trigger.condition.event import on_event
from models.trigger.episodes import EACH, Conditions, Episodes, Subject, seen_of
from models.words import nanoseconds
from schemas.anomaly import Anomaly
from schemas.cascade import Incident
from schemas.events import Event, Fact
from schemas.trigger import Alert, Each, Rule

_TOPICS = {Each.ANOMALY: "anomalies", Each.INCIDENT: "incidents"}


class OnEvents:
    """Rules, and the events that they are to be asked of, in whatever order they come."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Begin with no event. Raises `ConditionError`."""
        self.rules = [(rule, conditions_of(rule)) for rule in rules if rule.is_on_events]
        self._each = {rule.each for rule, _ in self.rules}
        self._events: list[Subject] = []

    def take(self, event: Event[Anomaly] | Event[Incident]) -> None:
        """Take an event in, where a rule is on such."""
        is_told = isinstance(event.data, Incident) or event.type in ANOMALIES
        if is_told and EACH[type(event.data)] in self._each:
            self._events.append(event)

    def told(self, end_ns: int) -> Iterator[Event[Alert]]:
        """Return what rules tell of all of them, and of the time after them, up to `end_ns`."""
        episodes = Episodes()
        for i, event in enumerate(sorted(self._events, key=lambda one: one.time)):
            yield from self._reach(episodes, nanoseconds(event.time))
            topic = _TOPICS[EACH[type(event.data)]]
            seen = seen_of(event, Fact(text=event.data.summary, topic=topic, partition=0, offset=i))
            for rule, conditions in self.rules:
                yield from episodes.take(seen, rule, conditions)
        yield from self._reach(episodes, end_ns)

    def _reach(self, episodes: Episodes, reached_ns: int) -> Iterator[Event[Alert]]:
        for rule, _ in self.rules:
            yield from episodes.due(rule, reached_ns)


def conditions_of(rule: Rule) -> Conditions:
    """Compile the conditions of a rule on events. Raises `ConditionError`."""
    until = on_event(rule.until) if rule.until else None
    return Conditions(on_event(rule.condition or ""), until)
