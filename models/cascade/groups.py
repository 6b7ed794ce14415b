"""What is wrong now: anomalies of one asset that say the same are one sign."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from models.cascade.chance import OF_AIR, chance_s, due_s, exactly, lasting, slack_s, weight
from models.cascade.says import AGAIN, OF_LESS, Says, sign
from models.cascade.signs import INDEPENDENT, Signs
from models.site import ASSET_CODE, MEDIUMS
from schemas.anomaly import Anomaly, AnomalyKind, Ended
from schemas.cascade import AssetKind
from schemas.events import Event, Fact, Kind
from schemas.telemetry import Floats

LINGER_S = 120.0
"""How long a sign that is over still tells of its cause."""
HELD_S = 600.0
"""How long one does that is part of an open incident."""
_IGNORED = (AnomalyKind.TREND, AnomalyKind.REPAIR)
_STAYS: Final = (AnomalyKind.LEVEL, AnomalyKind.PEER)
BACK: Final = 0.5
"""Of the way from what is usual now to what was before: one that is nearer has come back."""
_MEDIUM: Final = {medium: code for code, medium in enumerate(MEDIUMS)}
GPU: Final = ASSET_CODE[AssetKind.GPU]
_THINS = (Says.WAIT, Says.ERROR, Says.LOSS)
OF_TASKS: Final = (Says.LESS_WORK, Says.MORE_WORK, Says.WAIT)
OTHERS: Final = 6.0
"""-log of the chance that a thing stands out among its peers by what these have to do."""
LEADS_S: Final = 30.0
"""What waits first, by no more than this, stands where trouble is."""
MANY: Final = 3
"""Where so many wait."""
STRONGER: Final = 2.0
"""What is so many times as strong as the next like it stands where trouble is."""
Kinds = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Key = tuple[str, int]
"""An asset and what it says."""


@dataclass(slots=True)
class Group:
    """Anomalies of one asset that say the same."""

    asset: str
    says: int
    medium: int
    first_ns: int
    slack_s: float
    chance_s: float
    """By chance it is over in about this time."""
    weight: float
    quality: float
    event: str
    """Id of its first anomaly."""
    facts: tuple[Fact, ...]
    summary: str
    points: set[str] = field(default_factory=set)
    apart: bool = False
    """Its peers do not say so."""
    itself: bool = False
    """More than its peers speaks against it; else these may have changed, and not it."""
    sizes: dict[str, float] = field(default_factory=dict)
    """By point and kind of anomaly, how far it is off in its unit, as it was told at the most."""
    exact: float = 0.0
    """See `chance.exactly`; that of the largest difference."""
    many: int = 0
    """Anomalies that have opened."""
    told_ns: int = 0
    """When the last of its anomalies opened."""
    last_ns: int = 0
    """When it was last heard of."""
    open: set[str] = field(default_factory=set)
    """Those that are not over."""
    stays: set[str] = field(default_factory=set)
    """Points that are as far off as they were, so long that this is usual now."""
    again: bool = False
    """It came as the asset, which had had less to do, went to work again."""

    @property
    def key(self) -> Key:
        """Return what it goes by."""
        return self.asset, self.says

    @property
    def lasts(self) -> bool:
        """Say whether it is as it was."""
        return bool(self.open or self.stays)

    def grows(self, body: Anomaly) -> None:
        """Know how far a point is off, at the most."""
        if body.kind in _STAYS:
            size, what = abs(body.value - body.expected), _what(body)
            self.sizes[what] = max(self.sizes.get(what, 0.0), size)

    def begins(self, since_ns: int, slack_s: float) -> None:
        """Know when it began: the earliest, or the exactest of those that may be the same."""
        apart_ns = since_ns - self.first_ns
        is_same = abs(apart_ns) <= max(slack_s, self.slack_s) * 1e9
        if slack_s < self.slack_s if is_same else apart_ns < 0:
            self.first_ns, self.slack_s = since_ns, slack_s
        elif is_same and slack_s == self.slack_s:
            self.first_ns = min(self.first_ns, since_ns)

    def is_over(self, now_ns: int, linger_s: float = LINGER_S) -> bool:
        """Say whether it tells of nothing any more."""
        return not self.lasts and now_ns - self.last_ns > linger_s * 1e9

    def is_usual(self, now_ns: int) -> bool:
        """Say whether what stays off has stayed so for twice the time that it took to be usual."""
        return now_ns - self.last_ns > self.last_ns - self.first_ns


class Stay(NamedTuple):
    """A point that stays off."""

    key: Key
    usual: float
    """What was usual before."""


@dataclass(slots=True)
class Groups:
    """All that is wrong, by asset and by what is said."""

    all: dict[Key, Group] = field(default_factory=dict)
    opened: dict[str, Key] = field(default_factory=dict)
    """Where an anomaly that is not over went."""
    stays: dict[str, Stay] = field(default_factory=dict)
    """By asset and point."""

    def take(self, event: Event[Anomaly], time_ns: int) -> Key | None:
        """Take an anomaly in; return the sign that it changed, None: it is no sign."""
        body = event.data
        if body.kind in _IGNORED:
            return None
        name = f"{body.asset}|{_what(body)}"
        if event.type is Kind.ANOMALY_CLOSED:
            return self._close(body, name, time_ns)
        if event.type is Kind.ANOMALY_UPDATED:
            return self._grow(body, name)
        back = self._return(body, time_ns)
        if back is not None:
            return back
        said = sign(body)
        group = self.all.get((body.asset, said.says))
        if group is None:
            group = self.all[body.asset, said.says] = _new(event, said.says, _MEDIUM[said.medium])
        if not group.lasts:
            group.again = said.says in AGAIN and self._rested(body.asset)
        group.many += 1
        group.points.add(body.point)
        if body.kind is AnomalyKind.PEER:
            group.apart = True
        else:
            group.itself = True
        group.grows(body)
        group.weight = max(group.weight, weight(body, said.says))
        group.chance_s = max(group.chance_s, chance_s(body))
        group.exact = max(group.exact, exactly(body))
        group.told_ns = max(group.told_ns, time_ns)
        group.last_ns = max(group.last_ns, time_ns)
        group.begins(nanoseconds(event), slack_s(body))
        if body.kind is not AnomalyKind.EVENT:  # it has no end
            group.open.add(name)
            self.opened[name] = group.key
        return group.key

    def _rested(self, asset: str) -> bool:
        """Say whether an asset had less to do until lately."""
        less = (self.all.get((asset, says)) for says in OF_LESS)
        return any(one is not None and not one.lasts for one in less)

    def _grow(self, body: Anomaly, name: str) -> Key | None:
        """Note that one is worse than it was; one that was never told of, or is over, stays so."""
        key = self.opened.get(name)
        group = self.all.get(key) if key else None
        if group is not None:
            group.weight = max(group.weight, weight(body, Says(group.says)))
            group.exact = max(group.exact, exactly(body))
            group.grows(body)
        return key

    def _close(self, body: Anomaly, name: str, time_ns: int) -> Key | None:
        key = self.opened.pop(name, None)
        group = self.all.get(key) if key else None
        if group is not None:
            group.open.discard(name)
            group.last_ns = max(group.last_ns, time_ns)
            if body.ended is not Ended.ADOPTED:
                group.sizes.pop(_what(body), None)
            elif body.kind in _STAYS:
                group.stays.add(body.point)
                self.stays[f"{body.asset}|{body.point}"] = Stay(group.key, body.expected)
        return key

    def _return(self, body: Anomaly, time_ns: int) -> Key | None:
        """Note that a point that stayed off comes back to what was usual: no sign of its own."""
        stay = self.stays.get(f"{body.asset}|{body.point}")
        if stay is None or abs(body.value - stay.usual) > BACK * abs(body.expected - stay.usual):
            return None
        del self.stays[f"{body.asset}|{body.point}"]
        group = self.all[stay.key]
        group.stays.discard(body.point)
        group.last_ns = max(group.last_ns, time_ns)
        group.many += 1
        return group.key

    def forget(self, keys: Iterable[Key]) -> None:
        """Forget signs that are over."""
        for key in keys:
            group = self.all.pop(key, None)
            if group is not None:
                self._leave(group)

    def over(self, now_ns: int, held: Collection[Key]) -> Iterator[Key]:
        """Yield those that tell of nothing any more. `held`: parts of open incidents."""
        for key, group in self.all.items():
            if group.stays and group.is_usual(now_ns):
                self._leave(group)
            if group.is_over(now_ns, HELD_S if key in held else LINGER_S):
                yield key

    def _leave(self, group: Group) -> None:
        """Take it that what stays off is usual there."""
        for point in group.stays:
            self.stays.pop(f"{group.asset}|{point}", None)
        group.stays.clear()


def _what(body: Anomaly) -> str:
    """Return what an anomaly goes by among those of its asset."""
    return f"{body.point}|{body.kind}"


def _new(event: Event[Anomaly], says: Says, medium: int) -> Group:
    body, since_ns = event.data, nanoseconds(event)
    told = body.evidence.facts[:1]
    what = body.asset, says, medium, since_ns, slack_s(body), chance_s(body)
    return Group(*what, weight(body, says), body.quality, event.id, told, body.summary)


def nanoseconds(event: Event[Anomaly]) -> int:
    """Return since when an anomaly is there; of silence, when the first sample was missing."""
    since_ns = round(event.data.since.timestamp() * 1e6) * 1000
    return since_ns + round(due_s(event.data) * 1e9)


def signs(groups: list[Group], places: list[int], kinds: Kinds, now_ns: int) -> Signs:
    """Return `groups` as arrays; `places`: where their assets stand in the graph, of `kinds`.

    Only GPUs of a node are taken to do the same work, so that peers that differ tell something.
    """
    says = np.array([group.says for group in groups], np.int64)
    rare = np.array([_now(group, now_ns) for group in groups], np.float64)
    tasks = of_tasks(groups, kinds[places])
    return Signs(
        np.array(places, np.int64),
        says,
        np.array([group.medium for group in groups], np.int64),
        np.array([(group.first_ns - now_ns) / 1e9 for group in groups], np.float64),
        np.array([group.slack_s for group in groups], np.float64),
        np.where(tasks, np.minimum(rare, OTHERS), rare),
        np.array([group.apart for group in groups], np.bool_) & (kinds[places] == GPU),
        strongest(groups),
        shares(says, tasks, slight(groups)),
    )


def strongest(groups: list[Group]) -> Flags:
    """Say which are by far the strongest, and no later, or the first of many that wait: (s,)."""
    sizes: dict[tuple[int, str], list[tuple[float, int]]] = {}
    for i, group in enumerate(groups):
        if group.says in _THINS:
            for what, size in group.sizes.items():
                sizes.setdefault((group.says, what), []).append((size, i))
    found = np.zeros(len(groups), np.bool_)
    for (says, _), alike in sizes.items():
        if len(alike) > 1:
            (second, _), (most, i) = sorted(alike)[-2:]
            (first_ns, first), (_, then) = sorted((groups[i].first_ns, i) for _, i in alike)[:2]
            found[i] |= groups[i].first_ns == first_ns and most >= STRONGER * second
            if says == Says.WAIT and len(alike) >= MANY:
                found[first] |= _leads(groups[first], groups[then])
    return found


def _leads(first: Group, then: Group) -> bool:
    """Say whether one began before the other, and not long before, however both are dated."""
    apart_s = (then.first_ns - first.first_ns) / 1e9
    return first.slack_s + then.slack_s < apart_s <= LEADS_S


def of_tasks(groups: list[Group], kinds: Kinds) -> Flags:
    """Say which only stand out among peers that may have other work, as GPUs of a node have not."""
    apart = np.array([not group.itself and group.says in OF_TASKS for group in groups], np.bool_)
    found: Flags = apart & (kinds != GPU)
    return found


def _now(group: Group, now_ns: int) -> float:
    lasted_ns = (now_ns if group.lasts else group.last_ns) - group.first_ns
    lasts = lasting(group.says, lasted_ns / 1e9, group.chance_s, len(group.points))
    return (group.weight + lasts) * min(group.exact, 1.0)


def slight(groups: list[Group]) -> Flags:
    """Say which are off by less than their sensors, and what controls them, are exact: (s,)."""
    least = (OF_AIR if group.says == Says.INLET else 1.0 for group in groups)
    return np.array([group.exact < one for group, one in zip(groups, least, strict=True)], np.bool_)


def shares(says: np.ndarray[tuple[int], np.dtype[np.int64]], tasks: Flags, slight: Flags) -> Floats:
    """Return how much each sign counts beside those that say the same, 0..1: (s,).

    Those that stand out among peers may all do so for one of the tasks that these have, and those
    that are off by little for one swing of what controls them: together such count as one.
    """
    for_one = tasks | slight
    code = np.where(tasks, 2 * len(Says) + says, np.where(slight, len(Says) + says, says))
    alike = np.bincount(code, minlength=3 * len(Says))[code] if says.size else says
    share: Floats = np.minimum(np.where(for_one, 1.0, INDEPENDENT) / np.maximum(alike, 1), 1.0)
    return np.where(for_one, share, np.sqrt(share))
