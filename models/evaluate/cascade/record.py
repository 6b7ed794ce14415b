"""What is judged: faults and what each moved, anomalies as they came, incidents as they were told.

Times are in s since the run began.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import NamedTuple

from models.cascade.fates import Fates
from models.simulate import Drain, Fault, Plant, other_end
from schemas.anomaly import Anomaly, AnomalyKind
from schemas.cascade import Incident, Stage
from schemas.events import Event, Kind

AFTER_S = 600.0
"""What a fault moved may come back to normal, and be told, for so long after its end."""
_NO_SIGNS = (AnomalyKind.TREND, AnomalyKind.REPAIR)


@dataclass(frozen=True)
class Case:
    """One fault."""

    fault: Fault
    other_end: str = ""
    """Of a link: both ends are what broke."""
    moved: dict[str, float] = field(default_factory=dict)
    """Every asset of which it moved anything visible, and when first; filled while it lasts."""

    @classmethod
    def of(cls, plant: Plant, fault: Fault) -> "Case":
        """Begin to follow a fault."""
        return cls(fault, other_end(plant, fault.asset))

    @property
    def right(self) -> frozenset[str]:
        """Name what broke: of a link either end."""
        return frozenset((self.fault.asset, self.other_end)) - {""}

    @property
    def end_s(self) -> float:
        """When it is over."""
        return self.fault.start_s + self.fault.duration_s

    def lasts(self, at_s: float) -> bool:
        """Say whether it is there."""
        return self.fault.start_s <= at_s < self.end_s

    def touches(self, assets: Iterable[str]) -> bool:
        """Say whether it broke or moved any of these."""
        return any(asset in self.moved or asset in self.right for asset in assets)


class Sign(NamedTuple):
    """One anomaly that opened."""

    at_s: float
    """When it was told."""
    since_s: float
    asset: str
    score: float


class Telling(NamedTuple):
    """One event of an incident."""

    at_s: float
    body: Incident

    @property
    def named(self) -> frozenset[str]:
        """Name all assets that it is said to be about: the first cause, and followers."""
        first = self.body.causes[0]
        return frozenset((first.asset, *first.ends, *(one.asset for one in self.body.followers)))


@dataclass(frozen=True)
class Episode:
    """An incident from when it is told first until it is over; if it comes back it is another."""

    tellings: tuple[Telling, ...]
    """In order, those of its end left out."""
    over_s: float = inf
    merged: bool = False
    """It was over as another incident took it in."""

    @property
    def opened_s(self) -> float:
        """When it was told first."""
        return self.tellings[0].at_s

    @property
    def named(self) -> frozenset[str]:
        """Name all that any of its events was about."""
        return frozenset().union(*(telling.named for telling in self.tellings))

    def until(self, at_s: float) -> tuple[Telling, ...]:
        """Return what was told before a time."""
        return tuple(telling for telling in self.tellings if telling.at_s < at_s)


@dataclass(frozen=True)
class Record:
    """One run."""

    began_s: float
    """Since 1970 UTC."""
    gpus: int
    healthy_s: tuple[float, float]
    """A stretch without faults, from and until."""
    until_s: float
    """When the run ended."""
    cases: tuple[Case, ...]
    drains: tuple[Drain, ...] = ()
    signs: list[Sign] = field(default_factory=list)
    tellings: list[Telling] = field(default_factory=list)
    fates: list[Fates] = field(default_factory=list)
    """Of the anomalies that came when the healthy stretch had ended; none: it has not."""

    def since(self, moment: datetime) -> float:
        """Return a moment as time since the run began."""
        return moment.timestamp() - self.began_s

    def saw(self, at_s: float, event: Event[Anomaly]) -> None:
        """Note an anomaly. Those that are no signs of now, and those that end, do not count."""
        body = event.data
        if event.type is Kind.ANOMALY_OPENED and body.kind not in _NO_SIGNS:
            self.signs.append(Sign(at_s, self.since(body.since), body.asset, body.score))

    def heard(self, at_s: float, event: Event[Incident]) -> None:
        """Note what was told of an incident."""
        self.tellings.append(Telling(at_s, event.data))

    def during(self, case: Case) -> list[Sign]:
        """Return the anomalies that came while a fault lasted."""
        return [sign for sign in self.signs if case.lasts(sign.at_s)]

    def episodes(self) -> tuple[Episode, ...]:
        """Return all incidents, in the order they opened."""
        apart: dict[str, list[list[Telling]]] = {}
        for telling in self.tellings:
            of_it = apart.setdefault(telling.body.incident, [[]])
            of_it[-1].append(telling)
            if telling.body.stage.is_over:
                of_it.append([])
        found = [one for parts in apart.values() for part in parts for one in _episode(part)]
        return tuple(sorted(found, key=lambda one: one.opened_s))


def _episode(part: list[Telling]) -> Iterator[Episode]:
    told = tuple(one for one in part if one.body.stage in {Stage.OPENED, Stage.UPDATED})
    if told:
        last = part[-1]
        over_s = inf if last is told[-1] else last.at_s
        yield Episode(told, over_s, last.body.stage is Stage.MERGED)
