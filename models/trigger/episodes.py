"""Rules on events: each anomaly, each incident, from its first event to the one that ends it.

Only event time counts. How far it has come is told by the events, and by progress; an alert that
waits is told by then, but stands at the time at which it was due.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from models.events import event_id
from models.trigger.condition.event import flat
from models.trigger.heard import Heard
from models.words import filled, moment, nanoseconds, number, shortened
from schemas.anomaly import Anomaly
from schemas.cascade import Incident
from schemas.events import Event, Fact, Kind
from schemas.trigger import Alert, Because, Each, Rule, State

Subject = Event[Anomaly] | Event[Incident]
NEVER: Final = -1
_MOST_FACTS: Final = 50
_SAYS: Final = {
    State.FIRING: (Kind.ALERT_FIRING, Because.RULE_HOLDS),
    State.RESOLVED: (Kind.ALERT_RESOLVED, Because.CLEARED),
}


class Asked(Protocol):
    """A condition on an event, compiled."""

    def __call__(self, event: Mapping[str, Any], /) -> bool | None:
        """Say whether it holds of an event (see `Seen`); None: that is unknown."""


class Seen(NamedTuple):
    """An event, and where it stands."""

    event: Subject
    document: Mapping[str, Any]
    """As conditions see it: the fields of its data, its `type`, `subject` and `time`."""
    cited: Fact


def seen_of(event: Subject, cited: Fact) -> Seen:
    """Return an event as conditions see it."""
    return Seen(event, flat(event.model_dump(mode="json")), cited)


class Conditions(NamedTuple):
    """Of one rule."""

    holds: Asked
    until: Asked | None = None


class Episode(msgspec.Struct):
    """One rule on one anomaly or incident. Times are event times; -1: not."""

    heard: Heard
    since_ns: int = NEVER
    """When it began to hold."""
    fired_ns: int = NEVER
    released_ns: int = NEVER
    """Since when a firing one does not hold."""
    alert: Alert | None = None
    """Of its newest event; once it fires, as it fired."""
    source: str = ""

    def step(self, holds: bool, is_over: bool, rule: Rule, time_ns: int) -> list[Event[Alert]]:
        """Take what the newest event says; return what is told."""
        told = self.due(rule, time_ns)
        if holds and not is_over:
            self.released_ns = NEVER
            self.since_ns = time_ns if self.since_ns == NEVER else self.since_ns
        elif self.fired_ns == NEVER:
            self.since_ns = NEVER
        elif is_over:
            told += self._resolve(time_ns)
        elif self.released_ns == NEVER:
            self.released_ns = time_ns
        return told + self.due(rule, time_ns)

    def due(self, rule: Rule, reached_ns: int) -> list[Event[Alert]]:
        """Return what is to be told once event time has come so far."""
        fires_ns = self.since_ns + round(rule.for_s * 1e9)
        if self.since_ns != NEVER and self.fired_ns == NEVER and reached_ns >= fires_ns:
            self.fired_ns = fires_ns
            return [self._event(State.FIRING, fires_ns)]
        ends_ns = self.released_ns + round(rule.keep_firing_for_s * 1e9)
        if self.released_ns != NEVER and reached_ns >= ends_ns:
            return self._resolve(ends_ns)
        return []

    def _resolve(self, time_ns: int) -> list[Event[Alert]]:
        told = [self._event(State.RESOLVED, time_ns)]
        self.since_ns = self.fired_ns = self.released_ns = NEVER
        return told

    def _event(self, state: State, time_ns: int) -> Event[Alert]:
        assert self.alert is not None  # noqa: S101 - set before the first step
        kind, because = _SAYS[state]
        since, alert = moment(self.since_ns), self.alert
        is_over = " is over" if state is State.RESOLVED else ""
        said = {"summary": shortened(f"{alert.summary}{is_over}"), "since": since}
        data = alert.model_copy(update={"state": state, "because": because, **said})
        return Event[Alert](
            id=event_id(kind, data.rule, *self.names, self.since_ns, time_ns),
            source=self.source,
            type=kind,
            subject=f"{data.rule}/{data.asset}/{data.point}",
            time=moment(time_ns),
            dataschema="urn:alltobit:schema:alert:1",
            data=data,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """What the alert is about, beside its times."""
        assert self.alert is not None  # noqa: S101 - as above
        return self.alert.asset, self.alert.point, *sorted(self.alert.labels.values())


class Episodes(msgspec.Struct):
    """All that rules on events remember."""

    all: dict[str, dict[str, Episode]] = {}
    """By rule, then by what the events are about."""

    def take(self, seen: Seen, rule: Rule, conditions: Conditions) -> list[Event[Alert]]:
        """Ask a rule about an event; return the alerts that come of it."""
        event, document, cited = seen
        if rule.each is not EACH[type(event.data)] or not fnmatchcase(asset_of(event), rule.asset):
            return []
        episodes = self.all.setdefault(rule.name, {})
        one = episodes.setdefault(subject_of(event), Episode(Heard()))
        if not one.heard.is_new(event):
            return []
        holds = conditions.holds(document) is True
        is_over = _is_over(event)
        if one.fired_ns != NEVER and conditions.until is not None:
            holds = conditions.until(document) is not True
        if one.fired_ns == NEVER and (one.alert is None or not is_over):
            one.alert, one.source = alert_of(event, cited, rule), event.source
        return one.step(holds, is_over, rule, nanoseconds(event.time))

    def due(self, rule: Rule, reached_ns: int) -> list[Event[Alert]]:
        """Return what event time brings."""
        episodes = self.all.get(rule.name, {}).values()
        waits = [one for one in episodes if one.since_ns != NEVER]
        return [alert for one in waits for alert in one.due(rule, reached_ns)]

    def forget(self, before_ns: int) -> None:
        """Forget what was over by then."""
        self.all = {
            rule: {
                name: one
                for name, one in episodes.items()
                if one.since_ns != NEVER or one.heard.time_ns >= before_ns
            }
            for rule, episodes in self.all.items()
        }


EACH: Final[Mapping[type, Each]] = {Anomaly: Each.ANOMALY, Incident: Each.INCIDENT}
"""Which rules an event is for, by the type of its data."""


def subject_of(event: Subject) -> str:
    """Name the anomaly or incident that an event is about."""
    data = event.data
    if isinstance(data, Incident):
        return data.incident
    return f"{data.kind}|{data.asset}|{data.point}|{data.since.isoformat()}"


def asset_of(event: Subject) -> str:
    """Return the asset of an anomaly, or the likeliest cause of an incident; "": none is known."""
    data = event.data
    if isinstance(data, Anomaly):
        return data.asset
    return data.causes[0].asset if data.causes else ""


def _is_over(event: Subject) -> bool:
    if isinstance(event.data, Incident):
        return event.data.stage.is_over
    return event.type == Kind.ANOMALY_CLOSED


def alert_of(event: Subject, cited: Fact, rule: Rule) -> Alert:
    """Return what a rule says of an event, firing. `cited`: where the event stands."""
    data = event.data
    seen = data if isinstance(data, Anomaly) else None
    labels = rule.labels | {"event": data.incident if isinstance(data, Incident) else data.kind}
    facts = (cited, *data.evidence.facts[: _MOST_FACTS - 1])
    return Alert(
        quality=data.quality,
        summary=shortened(f"{rule.name}: {_summary(rule, event)}"),
        evidence=data.evidence.model_copy(update={"facts": facts}),
        rule=rule.name,
        asset=asset_of(event) or "unknown",
        point=seen.point if seen else "",
        cell=seen.cell if seen else "",
        state=State.FIRING,
        because=Because.RULE_HOLDS,
        severity=rule.severity,
        level=rule.level,
        value=seen.value if seen else None,
        unit=seen.unit if seen else "",
        limit=None,
        since=event.time,
        labels=labels,
        annotations=rule.annotations,
        then=rule.then,
    )


def _summary(rule: Rule, event: Subject) -> str:
    """Fill in what can be, and leave the rest as it stands."""
    data = event.data
    words = {"asset": asset_of(event), "summary": data.summary}
    if isinstance(data, Anomaly):
        words |= {"point": data.point, "unit": data.unit, "value": number(data.value, data.unit)}
    return filled(rule.summary, words) if rule.summary else data.summary
