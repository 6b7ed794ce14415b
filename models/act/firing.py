"""What Alertmanager is told: alerts that fire, again and again, and then that they are over.

Source: Alertmanager's API v2 (openapi.yaml), `postableAlert`; Prometheus resends each alert every
`--rules.alert.resend-delay` and lets it end four of these later, as is done here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from models.act.ledger import Due
from schemas.events import Event
from schemas.trigger import Action

Alert = dict[str, Any]
"""A `postableAlert`."""
Key = tuple[str, ...]
_BAD = re.compile(r"[^A-Za-z0-9_]")
_OF_LATER: Final = "incident"  # known later than the alert: no part of what it is
_LIVES: Final = 4
"""Resends that an alert outlives untold."""


class Told(NamedTuple):
    """An alert that fires."""

    due: Due
    again_s: float
    """When it is to be told again, s of the caller's clock."""


def key_of(event: Event[Action]) -> Key:
    """Say which alert it is: that which fires and that which ends it are the same."""
    data = event.data
    labels = (f"{name}={value}" for name, value in sorted(data.labels.items()) if name != _OF_LATER)
    return (data.rule, data.asset, data.point, *labels)


@dataclass(slots=True)
class Firing:
    """All alerts that one Alertmanager is to know."""

    resend_s: float
    external: Mapping[str, str] = field(default_factory=dict)
    generator_url: str = ""
    all: dict[Key, Told] = field(default_factory=dict)

    def take(self, due: Due, now_s: float) -> Event[Action]:
        """Take a request in; return the event whose labels tell it."""
        event, key = due.event, key_of(due.event)
        if not event.data.resolves:
            self.all[key] = Told(due, now_s + self.resend_s)
            return event
        known = self.all.pop(key, None)
        return known.due.event if known else event

    def due(self, now_s: float) -> list[Event[Action]]:
        """Return what is to be told again, and count it as told."""
        found = [(key, told) for key, told in self.all.items() if told.again_s <= now_s]
        for key, told in found:
            self.all[key] = told._replace(again_s=now_s + self.resend_s)
        return [told.due.event for _, told in found]

    def oldest(self) -> dict[int, int]:
        """Return the offset of the oldest, by partition; in one pass."""
        found: dict[int, int] = {}
        for told in self.all.values():
            due = told.due
            found[due.partition] = min(found.get(due.partition, due.offset), due.offset)
        return found

    def forget(self, partition: int) -> None:
        """Leave the alerts of a partition to somebody else."""
        self.all = {key: told for key, told in self.all.items() if told.due.partition != partition}

    def alert(self, event: Event[Action], ended: datetime | None, now: datetime) -> Alert:
        """Write an alert as Alertmanager reads it. `ended`: event time of its end."""
        starts = min(event.data.since or event.time, now)
        lives = timedelta(seconds=_LIVES * self.resend_s)
        ends = now + lives if ended is None else max(min(ended, now), starts)
        link = {"generatorURL": self.generator_url} if self.generator_url else {}
        return {
            "labels": dict(self._labels(event)),
            "annotations": _annotations(event),
            "startsAt": starts.isoformat(),
            "endsAt": ends.isoformat(),
            **link,
        }

    def _labels(self, event: Event[Action]) -> Iterator[tuple[str, str]]:
        data = event.data
        yield from self.external.items()
        yield from ((_name(name), value) for name, value in sorted(data.labels.items()) if value)
        where = {"asset": data.asset, "point": data.point, "cell": data.cell}
        yield from ((name, value) for name, value in where.items() if value)
        yield from (("alertname", data.rule), ("severity", data.severity.value))


def _annotations(event: Event[Action]) -> dict[str, str]:
    data = event.data
    summary = data.alert_summary or data.summary
    own = {"summary": summary, "quality": f"{data.quality:g}", "action": data.action}
    return {_name(name): text for name, text in data.annotations.items()} | own


def _name(name: str) -> str:
    """Make a name that Alertmanager 0.25 takes for a label: letters, digits, underscores."""
    made = _BAD.sub("_", name) or "_"
    return f"_{made}" if made[0].isdigit() else made
