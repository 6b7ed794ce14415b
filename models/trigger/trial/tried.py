"""Rules on recorded data: when each would have fired, on what, for how long, on what evidence."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import accumulate
from typing import NamedTuple

from models.names import Config
from models.state import State as Memory
from models.trigger.episodes import asset_of
from models.trigger.trial.on_events import OnEvents
from models.words import nanoseconds
from schemas.anomaly import Anomaly
from schemas.cascade import Incident
from schemas.events import Event
from schemas.trigger import Alert, Each, Rule, State

Published = Event[Anomaly] | Event[Alert] | Event[Incident]


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
    incident: str = ""
    """Its id; of other rules empty."""


@dataclass
class Tried:
    """What one rule did."""

    rule: Rule
    firings: list[Firing] = field(default_factory=list)
    held: int = 0
    """Alerts held back: poor data."""
    asked: set[str] = field(default_factory=set)
    """Assets, cells or incidents that it was asked of."""

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
        """Return the assets, cells or incidents that it fired on."""
        return {one.incident or one.asset for one in self.firings}

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
        self._on_events = OnEvents(config.rules)
        self._open: dict[tuple[str, ...], int] = {}

    @property
    def is_on_readings(self) -> bool:
        """Whether a rule wants readings, or the anomalies that are found in them."""
        return any(one.rule.each is not Each.INCIDENT for one in self.of.values())

    @property
    def is_on_incidents(self) -> bool:
        """Whether a rule wants incidents."""
        return any(one.rule.each is Each.INCIDENT for one in self.of.values())

    def take(self, events: Iterable[Published]) -> None:
        """Note what happened: alerts of a partition in order; other events in any."""
        for event in events:
            if isinstance(event.data, Alert):
                self._alert(event, event.data)
            else:
                self._on_events.take(event)
                self._ask(event)

    def finish(self, end_ns: int) -> None:
        """Ask the rules on events, once all that happened up to then is noted."""
        for event in self._on_events.told(end_ns):
            self._alert(event, event.data)

    def _ask(self, event: Published) -> None:
        """Note which rules are asked of an incident."""
        if isinstance(event.data, Incident):
            for rule, _ in self._on_events.rules:
                if rule.each is Each.INCIDENT and fnmatchcase(asset_of(event), rule.asset):
                    self.of[rule.name].asked.add(event.data.incident)

    def _alert(self, event: Published, data: Alert) -> None:
        tried = self.of[data.rule]
        key = (data.rule, event.subject, *map(str, sorted(data.labels.items())))
        if data.state is State.HELD:
            tried.held += 1
        elif data.state is State.FIRING:
            self._open[key] = len(tried.firings)
            tried.firings.append(_firing(event, data, tried.rule))
        elif key in self._open:
            index = self._open.pop(key)
            tried.firings[index] = tried.firings[index]._replace(ended_ns=nanoseconds(event.time))

    def look(self, memory: Memory) -> None:
        """Note whom rules were asked of, in a partition that has been fed."""
        self.assets.update(memory.names.assets)
        for name, asked in (*_by_condition(memory), *_by_limit(memory)):
            self.of[name].asked.add(asked)
        for rule, _ in self._on_events.rules:
            if rule.each is Each.ANOMALY:
                fits = (one for one in memory.names.assets if fnmatchcase(one, rule.asset))
                self.of[rule.name].asked.update(fits)


def _firing(event: Published, data: Alert, rule: Rule) -> Firing:
    fired_ns = nanoseconds(event.time)
    made = Firing(event.id, data.asset, event.subject, fired_ns, None, data.quality, data.summary)
    incident = data.labels["event"] if rule.each is Each.INCIDENT else ""
    return made._replace(incident=incident)


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
