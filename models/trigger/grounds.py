"""What proposals rest on: events that were seen, and how good the data behind them was."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from models.trigger.followers import Incidents
from models.trigger.heard import key_of
from models.words import moment, nanoseconds
from schemas.anomaly import Anomaly
from schemas.cascade import Incident
from schemas.events import Event, Evidence, Fact
from schemas.trigger import Alert, Proposal, Severity

Cited = Event[Alert] | Event[Anomaly] | Event[Incident]
_MOST: Final = 5_000
"""Events of a kind that are remembered, the newest: of 400 bytes each, so that they are cheap."""
_LONGEST: Final = 200
"""Characters of a summary that are."""


class Ground(msgspec.Struct):
    """An event that a proposal may rest on."""

    text: str
    quality: float
    site: str
    time_ns: int
    """Event time."""
    topic: str
    partition: int
    offset: int
    asset: str = ""
    rule: str = ""
    """Of an alert."""
    labels: dict[str, str] = {}
    severity: Severity | None = None
    alert: str = ""
    """Key of an alert."""
    incident: str = ""
    """Of an event of an incident."""


class Citable(msgspec.Struct):
    """Events by id, and incidents by their own."""

    all: dict[str, dict[str, Ground]] = {}
    """By kind first: many anomalies do not push alerts out."""

    def take(self, event: Cited, cited: Fact) -> None:
        """Remember an event; `cited`: where it stands. Of two of one id the first counts."""
        known = self.all.setdefault(type(event.data).__name__, {})
        ground = _ground(event, cited)
        known.setdefault(event.id, ground)
        if ground.incident:
            _renew(known, ground)
        while len(known) > _MOST:
            del known[next(iter(known))]

    def found(self, proposal: Proposal, event: str) -> Ground | None:
        """Return the event of this id, where it is known and of the proposal's site."""
        grounds = (known[event] for known in self.all.values() if event in known)
        return next((one for one in grounds if one.site == proposal.site), None)

    def forget(self, before_ns: int) -> None:
        """Forget what was told before, by event time."""
        self.all = {
            kind: {event: one for event, one in known.items() if one.time_ns >= before_ns}
            for kind, known in self.all.items()
        }


def _renew(known: dict[str, Ground], ground: Ground) -> None:
    """Let an incident's own id stand for its newest event."""
    before = known.get(ground.incident)
    if before is None or before.time_ns < ground.time_ns:
        known.pop(ground.incident, None)
        known[ground.incident] = ground


def _ground(event: Cited, cited: Fact) -> Ground:
    data = event.data
    made = Ground(
        cited.text[:_LONGEST],
        data.quality,
        event.source.rpartition("/")[2],
        nanoseconds(event.time),
        *(cited.topic, cited.partition, cited.offset),
    )
    if isinstance(data, Incident):
        made.incident = data.incident
    elif not (isinstance(data, Alert) and data.untold):  # which stands for many, of no asset
        made.asset = data.asset
    if isinstance(data, Alert):
        made.rule, made.labels, made.severity = data.rule, data.labels, data.severity
        made.alert = key_of(data)
    return made


class Grounds(NamedTuple):
    """What one proposal rests on."""

    known: tuple[Ground, ...]
    quality: float
    """Of the worst event that it cites; 0.0 where any is unknown, or none is about its asset."""
    evidence: Evidence


def grounds_of(citable: Citable, incidents: Incidents, said: Proposal, cited: Fact) -> Grounds:
    """Return what a proposal rests on. `cited`: where it stands itself.

    What is unknown counts as worst: who cites nothing gets no further than with poor evidence.
    """
    found = {event: citable.found(said, event) for event in said.evidence}
    known = tuple(one for one in found.values() if one)
    unknowns = [f"the event {event} is not known here" for event, one in found.items() if not one]
    if not any(is_about(one, said.asset, incidents) for one in known):
        unknowns.append(f"nothing that is known and cited is about {said.asset}")
    quality = 0.0 if unknowns else min(one.quality for one in known)
    facts = (cited, *_facts(known))
    return Grounds(known, quality, Evidence(facts=facts, unknowns=tuple(unknowns)))


def _facts(known: tuple[Ground, ...]) -> Iterator[Fact]:
    for one in known:
        place = {"topic": one.topic, "partition": one.partition, "offset": one.offset}
        yield Fact(text=one.text, time=moment(one.time_ns), **place)


def is_about(ground: Ground, asset: str, incidents: Incidents) -> bool:
    """Say whether an event is about an asset, or another of its host."""
    named = [ground.asset] if ground.asset else incidents.reached(ground.incident)
    return any(_host(one) == _host(asset) for one in named)


def _host(asset: str) -> str:
    return asset.partition("/")[0]
