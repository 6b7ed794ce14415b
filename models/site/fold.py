"""Many assets and edges in one line, as shells write them: `node-{01..04}/gpu{0..7}`.

An edge whose ends are folded joins them in a row: one with one, or, where one end stands for k
times as many names, each of the other with the next k of them.
"""

import re
from collections.abc import Iterator
from math import prod

import msgspec

from models.symbols.braces import unfolded as names_of
from schemas.cascade.site_rows import AssetRow, EdgeRow, Rows, said
from schemas.cascade.trouble import Flaw, Trouble
from schemas.trigger import Severity

MOST = 5_000_000
"""Names, or edges, that one line may stand for."""

_RANGE = re.compile(r"\{([0-9]{1,18})\.\.([0-9]{1,18})\}")


def unfolded(rows: Rows) -> tuple[Rows, tuple[Trouble, ...]]:
    """Return rows that say each name and edge by itself, and what could not be unfolded."""
    troubles: list[Trouble] = []
    assets = [one for asset in rows.assets for one in _assets(asset, troubles)]
    edges = [one for edge in rows.edges for one in _edges(edge, troubles)]
    told = msgspec.structs.replace(rows, assets=tuple(assets), edges=tuple(edges))
    return told, tuple(troubles)


def _assets(asset: AssetRow, troubles: list[Trouble]) -> Iterator[AssetRow]:
    if not _is_folded(asset.name, *asset.aliases):
        yield asset
        return
    counts = {_count(one) for one in (asset.name, *asset.aliases)}
    if len(counts) > 1 or not 0 < max(counts) <= MOST:
        flaw = Flaw.BOMB if max(counts) > MOST else Flaw.UNREADABLE
        numbers = ", ".join(str(_count(one)) for one in (asset.name, *asset.aliases))
        detail = f"names and aliases stand for {numbers}"
        troubles.append(Trouble(flaw, Severity.CRITICAL, asset.name, detail=detail))
        return
    aliases = [names_of(alias) for alias in asset.aliases]
    for i, name in enumerate(names_of(asset.name)):
        yield AssetRow(name, asset.kind, tuple(some[i] for some in aliases))


def _edges(edge: EdgeRow, troubles: list[Trouble]) -> Iterator[EdgeRow]:
    if not _is_folded(edge.source, edge.target):
        yield edge
        return
    few, many = sorted((_count(edge.source), _count(edge.target)))
    if not few or many % few or many > MOST:
        flaw = Flaw.BOMB if many > MOST else Flaw.UNREADABLE
        detail = f"its ends stand for {_count(edge.source)} and {_count(edge.target)} names"
        troubles.append(Trouble(flaw, Severity.CRITICAL, edge.source, said(edge), detail))
        return
    sources, targets = names_of(edge.source), names_of(edge.target)
    for i in range(many):
        source, target = (ends[i * len(ends) // many] for ends in (sources, targets))
        yield msgspec.structs.replace(edge, source=source, target=target)


def _is_folded(*names: str) -> bool:
    return any(_RANGE.search(name) for name in names)


def _count(name: str) -> int:
    """Return how many names one stands for; 0: a range that goes backwards."""
    ranges = [(int(first), int(last)) for first, last in _RANGE.findall(name)]
    return prod(max(0, last - first + 1) for first, last in ranges)
