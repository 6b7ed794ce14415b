"""Assets that send telemetry and are in no inventory: what there may be, from names and points."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from models.site.graph import Graph
from models.site.guess import (
    by_name,
    by_parts,
    by_points,
    by_sure_points,
    by_tag,
    words,
)
from models.site.words import BELOW_SWITCH
from schemas.cascade import Asset, AssetKind, Inventory

PART = "discovered"
_OTHER = AssetKind.OTHER
_ON_FABRIC = frozenset({AssetKind.NIC, AssetKind.PORT, AssetKind.SWITCH, AssetKind.NODE})
_LONGEST = 249

Points = Mapping[str, Iterable[str]]


def discovered(
    names: Iterable[str],
    points: Points | None = None,
    graph: Graph | None = None,
    site: str = "site",
) -> Inventory:
    """Return an inventory of what telemetry names, and of what the paths of it go through.

    `points`: by asset, their names as from ingest on. `graph`: what is known; it is left out, and
    its kinds help to guess what stands below it. Kinds are guesses. There are no edges: a path
    contains what stands below it anyway. Names too long for an asset are left out.
    """
    found: dict[str, AssetKind] = {}
    for name in sorted(_with_parents(names)):
        known = graph is not None and name in graph.index
        if not known:
            above = _above(name, found, graph)
            found[name] = _kind(name, above, tuple((points or {}).get(name, ())))
    _from_below(found)
    assets = tuple(Asset(name=name, kind=kind) for name, kind in found.items())
    return Inventory(site=site, part=PART, assets=assets)


def _with_parents(names: Iterable[str]) -> set[str]:
    every: set[str] = set()
    for name in names:
        one = name if len(name) <= _LONGEST else ""
        while one and one not in every:
            every.add(one)
            one = one.rpartition("/")[0]
    return every


def _above(name: str, found: dict[str, AssetKind], graph: Graph | None) -> AssetKind:
    above = name.rpartition("/")[0]
    if graph is not None and above in graph.index:
        return graph.kind_of(above)
    return found.get(above, _OTHER)


def _kind(name: str, above: AssetKind, points: tuple[str, ...]) -> AssetKind:
    """Guess what one asset is, with what stands above it known."""
    sure, named = by_sure_points(points), by_name(name, above)
    if sure is AssetKind.NIC:
        return named if named in _ON_FABRIC else _end(name, above)
    if sure is not _OTHER and named not in {AssetKind.PORT, AssetKind.NVSWITCH}:
        return sure
    guesses = (named, by_points(points), by_tag(name))
    return next((kind for kind in guesses if kind is not _OTHER), _OTHER)


def _end(name: str, above: AssetKind) -> AssetKind:
    """Tell the port of something unnamed from an adapter."""
    tag = words(name.rpartition("/")[2])
    nobody = "/" in name and above is _OTHER
    return AssetKind.PORT if nobody and (tag or [""])[0] in BELOW_SWITCH else AssetKind.NIC


def _from_below(found: dict[str, AssetKind]) -> None:
    """Guess what is left from what stands below it, the deepest first."""
    parts: dict[str, list[AssetKind]] = defaultdict(list)
    for name in sorted(found, reverse=True):
        kind = found[name]
        if kind is _OTHER:
            kind = found[name] = by_parts(parts[name])
        elif kind is AssetKind.GPU and "/" not in name and AssetKind.GPU in parts[name]:
            kind = found[name] = AssetKind.NODE  # a host named after what it has
        above, _, last = name.rpartition("/")
        if words(last)[-1:] != ["mig"]:
            parts[above].append(kind)
