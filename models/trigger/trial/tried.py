"""Rules on recorded data: when each would have fired, on what, for how long, on what evidence."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import accumulate
from typing import NamedTuple

from models.names import Config
from models.state import State as Memory
from models.trigger.condition.event import EventCondition, flat, on_event
from models.words import nanoseconds
from schemas.anomaly import Anomaly
from schemas.events import Event, Kind
from schemas.trigger import Alert, Each, Rule, State

Published = Event[Anomaly] | Event[Alert]


class Firing(NamedTuple):
    """One alert."""

    id: str
    """Of its event, as in production."""
    asset: str
    """Of a rule on cells the cell."""
    subject: str
    fired_ns: int
    ended_ns: int | None
    """None: it still fires at the end."""
    quality: float
    summary: str


@dataclass
class Tried:
    """What one rule did."""

    rule: Rule
    firings: list[Firing] = field(default_factory=list)
    held: int = 0
    """Alerts held back: poor data."""
    asked: set[str] = field(default_factory=set)
    """Assets, or cells, that it was asked of."""

    @property
    def is_tried(self) -> bool:
        """Whether it can be tried on readings: incidents need the cascade."""
        return self.rule.each is not Each.INCIDENT

    @property
    def in_order(self) -> list[Firing]:
        """Return its firings by time, whatever partition they come from."""
        return sorted(self.firings, key=lambda one: one.fired_ns)

    @property
    def most_at_once(self) -> int:
        """Return how many of its alerts fired at the same time, at most."""
        steps = [(one.fired_ns, 1) for one in self.firings]
        steps += [(one.ended_ns, -1) for one in self.firings if one.ended_ns is not None]
        return max(accumulate((step for _, step in sorted(steps)), initial=0))

    @property
    def fired_on(self) -> set[str]:
        """Return the assets, or cells, that it fired on."""
        return {one.asset for one in self.firings}

    @property
    def share(self) -> float:
        """Return the share of those that it was asked of; 0.0 where it was asked of none."""
        return len(self.fired_on) / len(self.asked) if self.asked else 0.0


class Trial:
    """All rules, on the events and memories of all partitions."""

    def __init__(self, config: Config) -> None:
        """Begin with nothing. Raises `ConditionError`."""
        self.of = {rule.name: Tried(rule) for rule in config.rules}
        self.assets: set[str] = set()
        self._open: dict[tuple[str, str], int] = {}
        self._on_anomalies = [
            (rule, on_event(rule.condition))
            for rule in config.rules
            if rule.each is Each.ANOMALY and rule.condition
        ]

    def take(self, events: Iterable[Published]) -> None:
        """Note what happened, in order."""
        for event in events:
            if isinstance(event.data, Alert):
                self._alert(event, event.data)
            elif event.type == Kind.ANOMALY_OPENED:
                self._anomaly(event, event.data)

    def _alert(self, event: Published, data: Alert) -> None:
        tried, key = self.of[data.rule], (data.rule, event.subject)
        if data.state is State.HELD:
            tried.held += 1
        elif data.state is State.FIRING:
            self._open[key] = len(tried.firings)
            tried.firings.append(_firing(event, data.asset))
        elif key in self._open:
            index = self._open.pop(key)
            tried.firings[index] = tried.firings[index]._replace(ended_ns=nanoseconds(event.time))

    def _anomaly(self, event: Published, data: Anomaly) -> None:
        document: Mapping[str, object] | None = None
        for rule, condition in self._on_anomalies:
            if fnmatchcase(data.asset, rule.asset):
                document = document or flat(event.model_dump(mode="json"))
                if _holds(condition, document):
                    firing = _firing(event, data.asset)
                    self.of[rule.name].firings.append(firing._replace(ended_ns=firing.fired_ns))

    def look(self, memory: Memory) -> None:
        """Note whom rules were asked of, in a partition that has been fed."""
        self.assets.update(memory.names.assets)
        for name, asked in (*_by_condition(memory), *_by_limit(memory)):
            self.of[name].asked.add(asked)
        for rule, _ in self._on_anomalies:
            fits = (one for one in memory.names.assets if fnmatchcase(one, rule.asset))
            self.of[rule.name].asked.update(fits)


def _holds(condition: EventCondition, document: Mapping[str, object]) -> bool:
    return condition(document) is True


def _firing(event: Published, asset: str) -> Firing:
    said = event.data.summary
    return Firing(
        event.id, asset, event.subject, nanoseconds(event.time), None, event.data.quality, said
    )


def _by_condition(memory: Memory) -> Iterator[tuple[str, str]]:
    conditions = memory.conditions
    for index in range(conditions.instances.size):
        rule, asked, _ = conditions.key(memory, index)
        yield conditions.every[rule].rule.name, asked


def _by_limit(memory: Memory) -> Iterator[tuple[str, str]]:
    rules, names, bindings = memory.config.rules, memory.names, memory.bindings.rows
    for rule, row in zip(bindings["rule"].tolist(), bindings["row"].tolist(), strict=True):
        if rule < len(rules):
            yield rules[rule].name, names.assets[names.asset_of[row]]
