"""What has less to do, or works again, is nobody's business, nor is what is over.

A machine that jobs run on, or send through, does less where nobody asks more of it. A pump, a
chiller or a fan that does less than its like does not do what it is there for.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from models.cascade.groups import Group, Key
from models.cascade.says import OF_LESS, OF_MORE, Says
from models.site import ASSET_CODE, Graph
from schemas.cascade import AssetKind

FRESH_S: Final = 20.0
"""What has been over for so long opens no incident: nothing is to be done any more."""
IDLE_S: Final = 300.0
"""What has had less to do for so long, since it was told, and nothing else, opens no incident; what
works again is back to normal after so long."""
WORKS: Final = frozenset(
    int(ASSET_CODE[kind])
    for kind in (
        *(AssetKind.NODE, AssetKind.GPU, AssetKind.CPU, AssetKind.NVSWITCH, AssetKind.RACK),
        *(AssetKind.NIC, AssetKind.PORT, AssetKind.SWITCH, AssetKind.STORAGE),
    )
)
"""Kinds that do what jobs ask of them."""
_WELL: Final = OF_MORE | {Says.FULL}


class Seen(NamedTuple):
    """What is known of a site at a time."""

    graph: Graph
    groups: Mapping[Key, Group]
    now_ns: int


def is_past(seen: Seen, some: Sequence[Group]) -> bool:
    """Say whether nothing is to be done: all is over, well, long idle, or works again."""
    now_ns = seen.now_ns
    if not any(group.lasts or now_ns - group.last_ns <= FRESH_S * 1e9 for group in some):
        return True
    newest_ns = max(group.told_ns for group in some)
    does_less = all(_works(seen, group) and group.says in OF_LESS for group in some)
    if does_less and now_ns - newest_ns > IDLE_S * 1e9:
        return True
    return all(is_well(seen, group) or _is_back(seen, group) for group in some)


def is_unused(seen: Seen, some: Sequence[Group], place: Collection[str]) -> bool:
    """Say whether all have less to do, and the cause shows no more than that its peers have not."""
    own = [group for group in some if group.asset in place]
    all_less = OF_LESS.issuperset(group.says for group in some)
    return all_less and bool(own) and all(_is_idle(seen, group) for group in own)


def is_well(seen: Seen, group: Group) -> bool:
    """Say whether a machine tells only that it does more, all that it can, or less than peers."""
    return (group.says in _WELL and _works(seen, group)) or _is_idle(seen, group)


def _is_idle(seen: Seen, group: Group) -> bool:
    """Say whether it tells only that it has, or had, less to do than its peers or than before."""
    is_less = group.says in OF_LESS and not (group.itself and group.lasts)
    return is_less and _works(seen, group)


def _is_back(seen: Seen, group: Group) -> bool:
    """Say whether it only tells that an asset which had less to do works again."""
    is_soon = seen.now_ns - group.first_ns <= IDLE_S * 1e9
    return group.again and is_soon and _works(seen, group)


def _works(seen: Seen, group: Group) -> bool:
    place = seen.graph.place(group.asset)
    return place >= 0 and int(seen.graph.kinds[place]) in WORKS
