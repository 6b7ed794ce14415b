"""Incidents over time: each explanation finds the incident that it goes on with, or opens one.

An explanation goes on with the incident that shares most of its signs; so a cause may change its
name as more is seen, and the incident stays the same. Where one cause comes to explain what two
incidents stood for, the older goes on and the other is merged; where two causes explain better what
one stood for, the second opens an incident of its own. A cause that comes back soon re-opens it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from models.cascade.explain import WORKLOAD, Explained, Rival
from models.cascade.groups import Group, Key
from models.cascade.idle import Seen, is_past, is_unused
from models.cascade.physics import FAULTS
from models.cascade.says import CROWDS, OF_LESS, OF_MORE, OF_WORK, SOFT, Says
from models.events import event_id
from schemas.cascade import Fault, Incident, Stage

OPENS: Final = 4.0
"""Log odds that an incident opens at; it goes on at less (`explain.MARGIN`)."""
IDLE_OPENS: Final = 8.0
"""The same of a reading that is as where less is to do."""
SOFT_OPENS: Final = 8.0
"""The same where others tell only what may come and go with work and weather, and the cause nothing
that is explained by it."""
NAMED: Final = 0.15
"""A cause that shows nothing itself must be this likely."""
PLAIN: Final = 0.5
"""The same where all that is seen is work that changes."""
CROWDED: Final = 20.0
"""The same of what is congested, or a slow link: those that send into it wait, and nothing else."""
JAMMED: Final = 40.0
"""The same where it may be any of many: so many wait that something is."""
KEEPS: Final = 0.7
"""A cause is kept while its odds are at least this share of the best one's."""
OVER_S: Final = 60.0
"""An incident is over when all its signs have been for so long."""
REOPENS_S: Final = 900.0
"""The same cause within this time after its end is the same incident."""
SAME: Final = 0.6
"""One incident is part of another when this share of its signs is explained there."""
AGAIN_S, GROWS = 10.0, 1.5
"""An incident is told again after so long at the soonest, when it has grown by this factor."""
DOUBT, WAITS_S = 0.1, 10.0
"""What may be a job's other work, with this probability, waits so long for more signs."""
ECHOES: Final = 3
"""What so many others say is no wrong reading of one."""
CONGESTION, SENSOR = FAULTS.index(Fault.CONGESTION), FAULTS.index(Fault.SENSOR)
OF_QUEUES = (CONGESTION, FAULTS.index(Fault.LINK))
"""Faults that may show in nothing but that others wait."""


class Place(NamedTuple):
    """Where a cause is, by name."""

    asset: str
    other: str
    """The other end of a link, or empty."""


@dataclass(slots=True)
class Foretold:
    """One that was said to be next."""

    probability: float
    expected_ns: int


@dataclass(slots=True)
class Standing:
    """An incident that is open, or was until lately."""

    id: str
    since_ns: int
    place: Place
    keys: set[Key] = field(default_factory=set)
    """Signs that it has explained."""
    reached: set[str] = field(default_factory=set)
    """Assets with such signs."""
    folded: int = 0
    """Anomalies that it stands for."""
    told_ns: int = 0
    told_place: Place | None = None
    """Its cause when it was told last."""
    told_reached: int = 0
    foretold: dict[str, Foretold] = field(default_factory=dict)
    body: Incident | None = None
    """As it was told last."""
    cause: Rival | None = None
    """As it was told last, in the graph of then."""
    well_ns: int = 0
    """Since when its cause shows nothing any more; 0: it does, or never did."""
    ended_ns: int = 0
    """0: it is open."""


class Change(NamedTuple):
    """What is to be told of an incident."""

    standing: Standing
    stage: Stage
    explained: Explained | None
    cause: Rival | None
    into: str = ""
    """The incident that goes on."""


Now = tuple[Explained, frozenset[Key], tuple[Place, ...]]
"""An explanation, the signs it explains, and the places of its rivals."""
Named = Sequence[Now]


@dataclass(slots=True)
class Incidents:
    """All incidents of a site that are open, or were until lately."""

    site: str
    all: list[Standing] = field(default_factory=list)

    def holds(self) -> set[Key]:
        """Return the signs of those that are open."""
        return set[Key]().union(*(one.keys for one in self.all if not one.ended_ns))

    def step(self, named: Named, seen: Seen) -> list[Change]:
        """Move on in time, with the explanations of now; say what is to be told."""
        work, groups, now_ns = of_work(named), seen.groups, seen.now_ns
        named = [one for one in named if not _is_work(one[0])]
        changes: list[Change] = []
        taken: dict[str, frozenset[Key]] = {}
        going = self._match(named)
        for i, one in enumerate(named):
            (_, keys, places), standing = one, going.get(i)
            if standing is None:
                if not _opens(one) or _waits(one, seen):
                    continue
                standing = self._open(keys, places, groups)
            taken[standing.id] = keys
            changes += _go_on(standing, one, now_ns)
        changes += self._merge(taken, groups)
        changes += self._end((taken, work), groups, now_ns)
        late_ns = now_ns - round(REOPENS_S * 1e9)
        self.all = [one for one in self.all if not one.ended_ns or one.ended_ns > late_ns]
        return changes

    def _match(self, named: Named) -> dict[int, Standing]:
        """Say which incident each explanation goes on with: those that share most come first."""
        pairs = [
            (-_shared(one, keys, places), one.since_ns, one.id, i, one)
            for i, (_, keys, places) in enumerate(named)
            for one in self.all
        ]
        going: dict[int, Standing] = {}
        gone: set[str] = set()
        for shared, _, number, i, one in sorted(pairs, key=lambda pair: pair[:4]):
            if shared < 0.0 and i not in going and number not in gone:
                going[i] = one
                gone.add(number)
        return going

    def _open(
        self, keys: frozenset[Key], places: tuple[Place, ...], groups: Mapping[Key, Group]
    ) -> Standing:
        first = min((groups[key] for key in keys), key=lambda group: (group.first_ns, group.event))
        again = sum(one.since_ns == first.first_ns for one in self.all)
        number = event_id("incident", self.site, first.event, *places[0], again)
        standing = Standing(number, first.first_ns, places[0])
        self.all.append(standing)
        return standing

    def _merge(self, taken: dict[str, frozenset[Key]], groups: Mapping[Key, Group]) -> list[Change]:
        """End incidents whose signs another one explains now."""
        changes = []
        for one in self.all:
            keys = {key for key in one.keys if key in groups}
            if one.id in taken or one.ended_ns or not keys:
                continue
            into = max(taken, key=lambda name: len(keys & taken[name]), default="")
            if into and len(keys & taken[into]) >= SAME * len(keys):
                changes.append(Change(one, Stage.MERGED, None, None, into))
        merged = {change.standing.id for change in changes}
        self.all = [one for one in self.all if one.id not in merged]
        return changes

    def _end(
        self,
        now: tuple[dict[str, frozenset[Key]], frozenset[Key]],
        groups: Mapping[Key, Group],
        now_ns: int,
    ) -> list[Change]:
        """End incidents whose signs are over, or turned out to be a job's other work.

        `now`: signs by the incident that explains them, and those that other work explains.
        """
        (taken, work), changes = now, []
        for one in self.all:
            of_it = {key: groups[key] for key in one.keys if key in groups}
            quiet_ns = max((group.last_ns for group in of_it.values()), default=0)
            is_over = quiet_ns + OVER_S * 1e9 <= now_ns
            is_over &= not any(group.lasts for group in of_it.values())
            is_work = one.id not in taken and len(work & of_it.keys()) >= max(SAME * len(of_it), 1)
            if not one.ended_ns and (is_over or is_work):
                one.ended_ns = now_ns
                changes.append(Change(one, Stage.RESOLVED, None, None))
        return changes


def of_work(named: Named) -> frozenset[Key]:
    """Return the signs that a job's other work explains."""
    return frozenset[Key]().union(*(one[1] for one in named if _is_work(one[0])))


def _is_work(explained: Explained) -> bool:
    return explained.cause.fault == WORKLOAD


def _opens(now: Now) -> bool:
    """Say whether it is sure enough for a page: something is there, and what it is.

    Where nothing is seen but that less or other work is done, as when a node is taken out of
    service, what is to blame must be plain; a single thing among all that which is a little hot
    makes nothing of it that shows nothing itself. What only does more, and links that do all they
    can, are well.
    """
    explained, keys, places = now
    likely, has_own = explained.cause.probability, explained.own > 0.0
    shows = any(asset in places[0] for asset, _ in keys)
    fault, said = explained.cause.fault, [says for _, says in keys]
    well = OF_MORE | {Says.FULL} if fault == CONGESTION else OF_MORE
    is_soft = not has_own and SOFT.issuperset(said)
    if well.issuperset(said) or (is_soft and explained.beyond < (OPENS if shows else SOFT_OPENS)):
        return False
    more = [says for says in said if says not in OF_WORK]
    if not more or (len(more) == 1 < len(said) and more[0] in SOFT and not has_own):
        if fault in OF_QUEUES and _is_crowded(keys):
            return explained.worth >= (CROWDED if likely >= NAMED else JAMMED)
        opens = IDLE_OPENS if fault == SENSOR and OF_LESS.issuperset(said) else OPENS
        return has_own and likely >= PLAIN and explained.worth >= opens
    return (has_own or likely >= NAMED) and explained.worth >= OPENS


def _is_crowded(keys: frozenset[Key]) -> bool:
    """Say whether several wait, and nobody does less: so it is not that they have no work."""
    return len(keys) > 1 and all(says in CROWDS for _, says in keys)


def _waits(now: Now, seen: Seen) -> bool:
    """Say whether to wait: it may be a job's other work, which more signs will tell.

    A reading that is right again before it was surely wrong is nobody's business, nor is one alone
    that waits as ever while its peers have less to send. Sensors do not go wrong together.
    """
    explained, keys, (place, *_) = now
    fault, some = explained.cause.fault, [seen.groups[key] for key in keys]
    if is_past(seen, some) or is_unused(seen, some, place):
        return True
    if fault == SENSOR and (not any(group.open for group in some) or _is_common(seen, some)):
        return True
    waiting = [group for group in some if group.says not in OF_LESS]
    if fault == CONGESTION and len(waiting) == 1 and not waiting[0].itself:
        return True
    doubt = sum(one.probability for one in explained.rivals if one.fault == WORKLOAD)
    since_ns = min(group.first_ns for group in some)
    return doubt >= DOUBT and seen.now_ns - since_ns < WAITS_S * 1e9


def _is_common(seen: Seen, some: Sequence[Group]) -> bool:
    """Say whether so many others say the same, of what things say that are not well (`SOFT`)."""
    soft = {group.says for group in some} & SOFT
    own = {group.asset for group in some}
    others = {asset for asset, says in seen.groups if says in soft and asset not in own}
    return len(others) >= ECHOES


def _shared(one: Standing, keys: frozenset[Key], places: tuple[Place, ...]) -> float:
    """Say how much of an explanation an incident stood for."""
    same = len(one.keys & keys) / max(len(keys), 1)
    if one.ended_ns:
        return 0.5 if one.place == places[0] else 0.0
    return same + (1.0 if one.place in places[:2] else 0.0)


def _go_on(standing: Standing, now: Now, now_ns: int) -> list[Change]:
    """Let an incident go on with an explanation; say whether that is to be told."""
    explained, keys, places = now
    comes_back, standing.ended_ns = standing.ended_ns > 0, 0
    best = explained.rivals[0]
    faults = [one.fault for one in explained.rivals]
    same = (i for i, place in enumerate(places) if place == standing.place)
    known = next((i for i in same if faults[i] != WORKLOAD), 0)
    if explained.rivals[known].probability < KEEPS * best.probability:
        known = 0
    standing.place = places[known]
    standing.keys |= keys
    standing.reached |= {asset for asset, _ in keys}
    if not (comes_back or _is_news(standing, now_ns)):
        return []
    stage = Stage.OPENED if standing.told_place is None else Stage.UPDATED
    return [Change(standing, stage, explained, explained.rivals[known])]


def _is_news(standing: Standing, now_ns: int) -> bool:
    if standing.told_place is None or standing.told_place != standing.place:
        return True
    grown = len(standing.reached) >= GROWS * standing.told_reached
    came = any(name in standing.reached for name in standing.foretold)
    return (grown or came) and now_ns - standing.told_ns >= AGAIN_S * 1e9
