"""What comes back to normal, once a cause is well again, is part of its incident."""

from collections.abc import Iterable, Mapping
from typing import Final

from models.cascade.groups import Group, Key
from models.cascade.incidents import Standing
from models.cascade.order import FOREVER
from models.cascade.physics import FAULTS
from models.cascade.says import SOFT
from models.cascade.spread import Spread
from schemas.cascade import Fault, Incident

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

    What is new, where the cause reached, is folded in: it comes back to normal.
    """
    folded: set[Key] = set()
    for standing in standings:
        if standing.body is not None and not standing.ended_ns:
            standing.well_ns = _well_since(standing, standing.body, groups)
            if standing.well_ns:
                standing.keys |= _recovering(standing, groups, spread, now_ns)
                folded |= standing.keys
    return frozenset(folded)


def _well_since(standing: Standing, body: Incident, groups: Mapping[Key, Group]) -> int:
    """Return since when the cause of an incident shows nothing; 0: it does, or never did.

    Where it shows what recovery does not, that alone counts: it takes more power as it comes back.
    """
    ends = {body.causes[0].asset, *body.causes[0].ends}
    own = [groups[key] for key in standing.keys & groups.keys() if key[0] in ends]
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
    names, course = spread.reasoner.graph.names, spread.course(cause)
    reach = standing.reached | {names[asset] for asset in course.assets}
    return {key for key in late if key[0] in reach}
