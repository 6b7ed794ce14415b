"""What comes back to normal, once a cause is well again, is part of its incident."""

from collections.abc import Iterable, Mapping
from typing import Final

from models.cascade.explain import Rival
from models.cascade.groups import Group, Key
from models.cascade.incidents import Standing
from models.cascade.order import FOREVER
from models.cascade.physics import FAULTS
from models.cascade.says import SOFT
from models.cascade.spread import Spread
from schemas.cascade import Fault

RECOVERS_S: Final = 600.0
"""After its cause is well again, what it had reached comes back within this time."""
STARTS_S: Final = 180.0
"""What had no power starts within this time: links train, counters count, clocks are set."""
STARTS: Final = (FAULTS.index(Fault.POWER), FAULTS.index(Fault.HOST))
"""Faults after which machines start anew."""
SLACK_NS: Final = 10_000_000_000
"""A sign of recovery may begin this much before the cause is found to be well."""


def coming_back(
    standings: Iterable[Standing], groups: Mapping[Key, Group], spread: Spread, now_ns: int
) -> frozenset[Key]:
    """Return signs of incidents whose cause is well again: nothing more is learned from them.

    What is new, where the cause reached, is folded in: it comes back to normal; but not where
    another reaches whose cause shows that it is there.
    """
    told = [one for one in standings if one.body is not None and not one.ended_ns]
    for standing in told:
        standing.well_ns = _well_since(standing, groups)
    well = [one for one in told if one.well_ns]
    new = [_recovering(one, groups, spread, now_ns) for one in well]
    sick: set[str] = set()
    for one in told if any(new) else ():
        is_seen = not one.well_ns and any(group.lasts for group in _of_cause(one, groups))
        if is_seen and one.cause is not None:
            sick |= _reach(one, one.cause, spread)
    for standing, keys in zip(well, new, strict=True):
        standing.keys |= {key for key in keys if key[0] not in sick}
    return frozenset[Key]().union(*(standing.keys for standing in well))


def _of_cause(standing: Standing, groups: Mapping[Key, Group]) -> list[Group]:
    """Return what the cause of an incident shows, as it was told last."""
    causes = standing.body.causes[:1] if standing.body is not None else ()
    ends = {end for cause in causes for end in (cause.asset, *cause.ends)}
    return [groups[key] for key in standing.keys & groups.keys() if key[0] in ends]


def _reach(standing: Standing, cause: Rival, spread: Spread) -> set[str]:
    """Return the assets that an incident has reached, or may yet."""
    names, course = spread.reasoner.graph.names, spread.course(cause)
    return standing.reached | {names[asset] for asset in course.assets[course.near]}


def _well_since(standing: Standing, groups: Mapping[Key, Group]) -> int:
    """Return since when the cause of an incident shows nothing; 0: it does, or never did.

    Where it shows what recovery does not, that alone counts: it takes more power as it comes back.
    """
    own = _of_cause(standing, groups)
    own = [group for group in own if group.says not in SOFT] or [
        group for group in own if group.first_ns < (standing.well_ns or FOREVER) - SLACK_NS
    ]
    if not own:
        return standing.well_ns
    return 0 if any(group.lasts for group in own) else max(group.last_ns for group in own)


def _recovering(
    standing: Standing, groups: Mapping[Key, Group], spread: Spread, now_ns: int
) -> set[Key]:
    """Return signs that are new where an incident had reached, and what recovery shows."""
    cause, since_ns = standing.cause, standing.well_ns - SLACK_NS
    if cause is None or now_ns - standing.well_ns > RECOVERS_S * 1e9:
        return set()
    started_ns = standing.well_ns + round(STARTS_S * 1e9) if cause.fault in STARTS else 0
    late = {
        key
        for key, group in groups.items()
        if group.first_ns >= since_ns and (key[1] in SOFT or group.first_ns <= started_ns)
    }
    if not late:
        return set()
    reach = _reach(standing, cause, spread)
    return {key for key in late if key[0] in reach}
