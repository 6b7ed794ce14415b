"""The edges of all parts as columns, and what is wrong with them told one by one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import repeat
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from models.site.graph import (
    ASSET_CODE,
    CONTAINS,
    EDGE_KINDS,
    FEEDS,
    LINKS,
    MEDIUMS,
    PATTERNS,
    RUNS,
    UNKNOWN_PATTERN,
    Bools,
    Bytes,
    Floats,
    Ints,
)
from schemas.cascade import AssetKind, Pattern
from schemas.cascade.site_rows import AnEdge
from schemas.cascade.trouble import Flaw, Trouble
from schemas.trigger import Severity

Rows = npt.NDArray[np.intp]

_KIND: Final = {kind: code for code, kind in enumerate(EDGE_KINDS)}
_MEDIUM: Final = {medium: code for code, medium in enumerate(MEDIUMS)}
_PATTERN: Final[dict[Pattern | None, int]] = {one: code for code, one in enumerate(PATTERNS)} | {
    None: UNKNOWN_PATTERN
}
_JOB = ASSET_CODE[AssetKind.JOB]
_JOBS: Final = (_JOB, ASSET_CODE[AssetKind.OTHER])
_RUNNERS: Final = (AssetKind.NODE, AssetKind.GPU, AssetKind.CPU, AssetKind.OTHER)


class Columns(NamedTuple):
    """Edges, (m,) each. The columns of `Graph`; an unknown end is -1."""

    source: Ints
    target: Ints
    kind: Bytes
    medium: Bytes
    capacity: Floats
    pattern: Bytes

    def taken(self, rows: Rows | Bools) -> "Columns":
        """Return these rows."""
        return Columns._make(column[rows] for column in self)

    def joined(self, more: "Columns") -> "Columns":
        """Return these rows, then `more`."""
        return Columns._make(
            np.concatenate([mine, its]) for mine, its in zip(self, more, strict=True)
        )


class Told:
    """Edges as they were told, until all names are known."""

    def __init__(self) -> None:
        self._edges: list[AnEdge] = []

    def add(self, edges: Iterable[AnEdge]) -> None:
        """Take more edges."""
        self._edges += edges

    def columns(self, index: Mapping[str, int]) -> Columns:
        """Return all as columns; `index`: from name or alias to place."""
        edges, m = self._edges, len(self._edges)
        return Columns(
            _places(index, (edge.source for edge in edges), m),
            _places(index, (edge.target for edge in edges), m),
            _codes((_KIND[edge.kind] for edge in edges), m),
            _codes((_MEDIUM[edge.medium] for edge in edges), m),
            np.array([edge.capacity for edge in edges], np.float64),  # None: NaN
            _codes((_PATTERN[edge.pattern] for edge in edges), m),
        )

    def say(self, row: int) -> str:
        """Return an edge as it was told."""
        edge = self._edges[row]
        return f"{edge.source} {edge.kind} {edge.target}"

    def ends(self, row: int) -> tuple[str, str]:
        """Return both ends as they were told."""
        return self._edges[row].source, self._edges[row].target


def _places(index: Mapping[str, int], names: Iterable[str], m: int) -> Ints:
    return np.fromiter(map(index.get, names, repeat(-1)), np.int32, m)


def _codes(codes: Iterable[int], m: int) -> Bytes:
    return np.fromiter(codes, np.uint8, m)


def contained(pairs: Iterable[tuple[int, int]]) -> Columns:
    """Return `contains` edges from whole to part."""
    both = np.array(list(pairs), np.int32).reshape(-1, 2)
    m = len(both)
    return Columns(
        both[:, 0],
        both[:, 1],
        np.full(m, CONTAINS, np.uint8),
        np.zeros(m, np.uint8),
        np.full(m, np.nan),
        np.full(m, UNKNOWN_PATTERN, np.uint8),
    )


def sound(told: Told, edges: Columns, kinds: Bytes) -> tuple[Columns, list[Trouble]]:
    """Return the edges that can stand, each with what its kind can have; tell the others.

    `kinds`: (n,) codes of the assets.
    """
    unknown = (edges.source < 0) | (edges.target < 0)
    itself = ~unknown & (edges.source == edges.target)
    misfit = ~(unknown | itself) & _misfits(edges, kinds)
    idle = _idle(edges) & ~(unknown | itself | misfit)
    troubles = [
        *_each(unknown, lambda row: _unknown(told, edges, row)),
        *_each(itself, lambda row: _wrong(told, row, Flaw.SELF_EDGE)),
        *_each(misfit, lambda row: _wrong(told, row, Flaw.MISFIT)),
        *_each(idle, lambda row: _doubted(told, row)),
    ]
    return _without_idle(edges).taken(~(unknown | itself | misfit)), troubles


def _each(rows: Bools, tell: Callable[[int], Trouble]) -> Iterator[Trouble]:
    for row in np.flatnonzero(rows).tolist():
        yield tell(row)


def _unknown(told: Told, edges: Columns, row: int) -> Trouble:
    source, target = told.ends(row)
    name = source if edges.source[row] < 0 else target
    return Trouble(Flaw.UNKNOWN_ASSET, Severity.CRITICAL, name, told.say(row))


def _wrong(told: Told, row: int, flaw: Flaw) -> Trouble:
    source, _ = told.ends(row)
    return Trouble(flaw, Severity.CRITICAL, source, told.say(row))


def _doubted(told: Told, row: int) -> Trouble:
    source, _ = told.ends(row)
    return Trouble(Flaw.OF_NO_USE, Severity.WARNING, source, told.say(row))


def _misfits(edges: Columns, kinds: Bytes) -> Bools:
    """(m,): only a job runs, on what can run it, and it does nothing else but contain."""
    if not len(kinds):
        return np.zeros(edges.kind.size, np.bool_)
    source, target = kinds[edges.source], kinds[edges.target]
    runners = [ASSET_CODE[kind] for kind in _RUNNERS]
    runs = edges.kind == RUNS
    of_job = (source == _JOB) | (target == _JOB)
    fits = np.where(runs, np.isin(source, _JOBS) & np.isin(target, runners), ~of_job)
    wrong: Bools = ~fits & (edges.kind != CONTAINS)
    return wrong


def _idle(edges: Columns) -> Bools:
    kind = edges.kind
    idle: Bools = (
        ((edges.medium != 0) & (kind != LINKS))
        | (~np.isnan(edges.capacity) & (kind != LINKS) & (kind != FEEDS))
        | ((edges.pattern != UNKNOWN_PATTERN) & (kind != RUNS))
    )
    return idle


def _without_idle(edges: Columns) -> Columns:
    kind = edges.kind
    linked = kind == LINKS
    return edges._replace(
        medium=np.where(linked, edges.medium, np.uint8(0)),
        capacity=np.where(linked | (kind == FEEDS), edges.capacity, np.nan),
        pattern=np.where(kind == RUNS, edges.pattern, np.uint8(UNKNOWN_PATTERN)),
    )
