"""An edge that was told more than once, as one. A link's ends are equal: either may be first."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.site.edges import Columns
from models.site.graph import EDGE_KINDS, LINKS, PATTERNS, UNKNOWN_PATTERN, Bytes
from schemas.cascade.trouble import Flaw, Trouble
from schemas.trigger import Severity

_NO_MEDIUM = np.uint8(255)  # above all codes, while the least is looked for


class _Groups(NamedTuple):
    """Rows that are alike, side by side."""

    order: npt.NDArray[np.intp]
    """(m,) rows, group after group; in a group, in the order they were told."""
    first: npt.NDArray[np.intp]
    """(g,) where in `order` each group begins."""

    @property
    def sizes(self) -> npt.NDArray[np.intp]:
        return np.diff(self.first, append=self.order.size)


def merged(edges: Columns, names: Sequence[str]) -> tuple[Columns, list[Trouble]]:
    """Return each edge once, where it was told first, and where the tellings differ.

    The smaller capacity and the first pattern count. A link without a medium is the one between
    the same ends that has one.
    """
    if not edges.kind.size:
        return edges, []
    edges = edges._replace(medium=_mediums(edges))
    groups = _groups(_pairs(edges) * len(_CODES) + edges.medium)
    capacity, pattern = _least(edges, groups), _earliest(edges, groups)
    kept = groups.order[groups.first]
    one = edges.taken(kept)._replace(capacity=capacity, pattern=pattern)
    troubles = [*_capacities(edges, groups, names), *_patterns(edges, groups, names)]
    return one.taken(np.argsort(kept)), troubles


_CODES = range(8)  # kinds fit, and mediums do


def _pairs(edges: Columns) -> npt.NDArray[np.int64]:
    """(m,) one number for kind and ends; below 2**59 for fewer than 2**28 assets."""
    linked = edges.kind == LINKS
    low, high = np.minimum(edges.source, edges.target), np.maximum(edges.source, edges.target)
    source = np.where(linked, low, edges.source).astype(np.int64)
    target = np.where(linked, high, edges.target)
    n = int(high.max()) + 1
    return (source * n + target) * len(_CODES) + edges.kind


def _groups(key: npt.NDArray[np.int64]) -> _Groups:
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    new = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    return _Groups(order, np.concatenate([[0], new]))


def _mediums(edges: Columns) -> Bytes:
    """(m,) the medium, also where another telling alone has it."""
    if np.all((edges.medium != 0) | (edges.kind != LINKS)):
        return edges.medium
    groups = _groups(_pairs(edges))
    medium = np.where(edges.medium == 0, _NO_MEDIUM, edges.medium)[groups.order]
    least = np.minimum.reduceat(medium, groups.first)
    known = np.empty_like(edges.medium)
    known[groups.order] = np.repeat(np.where(least == _NO_MEDIUM, 0, least), groups.sizes)
    return np.where(edges.medium == 0, known, edges.medium)


def _least(edges: Columns, groups: _Groups) -> npt.NDArray[np.float64]:
    least: npt.NDArray[np.float64] = np.fmin.reduceat(edges.capacity[groups.order], groups.first)
    return least


def _earliest(edges: Columns, groups: _Groups) -> Bytes:
    """(g,) the first pattern that is known."""
    pattern = edges.pattern[groups.order]
    place = np.where(pattern == UNKNOWN_PATTERN, pattern.size, np.arange(pattern.size))
    first = np.minimum.reduceat(place, groups.first)
    return np.append(pattern, np.uint8(UNKNOWN_PATTERN))[first]


def _capacities(edges: Columns, groups: _Groups, names: Sequence[str]) -> Iterator[Trouble]:
    capacity = edges.capacity[groups.order]
    low = np.fmin.reduceat(capacity, groups.first)
    high = np.fmax.reduceat(capacity, groups.first)
    for g in np.flatnonzero(low < high).tolist():
        detail = f"{low[g]:g} and {high[g]:g}; taken as {low[g]:g}"
        yield _two(Flaw.TWO_CAPACITIES, edges, int(groups.order[groups.first[g]]), names, detail)


def _patterns(edges: Columns, groups: _Groups, names: Sequence[str]) -> Iterator[Trouble]:
    pattern = edges.pattern[groups.order]
    low = np.minimum.reduceat(pattern, groups.first)
    high = np.maximum.reduceat(
        np.where(pattern == UNKNOWN_PATTERN, np.uint8(0), pattern), groups.first
    )
    for g in np.flatnonzero((low < high) & (low != UNKNOWN_PATTERN)).tolist():
        detail = f"{PATTERNS[low[g]]} and {PATTERNS[high[g]]}; the first counts"
        yield _two(Flaw.TWO_PATTERNS, edges, int(groups.order[groups.first[g]]), names, detail)


def _two(flaw: Flaw, edges: Columns, row: int, names: Sequence[str], detail: str) -> Trouble:
    source, target = names[edges.source[row]], names[edges.target[row]]
    edge = f"{source} {EDGE_KINDS[edges.kind[row]]} {target}"
    return Trouble(flaw, Severity.WARNING, source, edge, detail)
