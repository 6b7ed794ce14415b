"""Who is whose peer: crews of assets, groups of their signals."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from models.anomaly import tail
from models.gaps import NEVER
from models.names import Known
from models.peers.means import NONE
from models.peers.rows import CREW, GROUP, MEMBER, PARCEL, SEAT, VALUE
from models.store import Store
from schemas.telemetry import Floats, Indices
from schemas.units import PointKind

if TYPE_CHECKING:
    from models.state import State

STORES: Final = ("crews", "seats", "groups", "members", "parcels", "values", "member_of", "seat_of")
"""What is saved."""

_NUMBER = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9]+")
_PORTS = frozenset({"p*", "port*", "*"})
_QUANTILE, _EXCESS = 3.0, 0.5  # of the widest lean of a slot, in swings, before any is known
_STEPS = 512.0  # of a declared range: the least spread
_SKIPPED = frozenset({PointKind.LAST_EVENT, PointKind.STATE})  # codes are no quantities

Key = tuple[str, str, str]
"""Cell, what peers have in common, and topic."""


def role(asset: str) -> str:
    """Return what an asset is: its path without numbers and UUIDs, `node-*/gpu*`."""
    return _NUMBER.sub("*", asset)


def alike(asset: str) -> str:
    """Return what an asset has in common with its peers: `node-07/gpu*`, `node-*/bmc`.

    One that is numbered has its siblings for peers, any other those of the same name elsewhere. Of
    network cards each has but one port or two, as a rule: `node-07/mlx*_*/p*` are all of a node's.
    """
    parent, slash, name = asset.rpartition("/")
    kind = role(name)
    if kind == name:
        parent = role(parent)
    elif kind in _PORTS:
        machine, inner, card = parent.rpartition("/")
        parent = f"{machine}{inner}{role(card)}" if inner else parent
    return f"{parent}{slash}{kind}"


@dataclass(slots=True)
class Peers:
    """The memory of one partition's peers."""

    crews: Store = field(default_factory=lambda: Store(CREW))
    seats: Store = field(default_factory=lambda: Store(SEAT))
    groups: Store = field(default_factory=lambda: Store(GROUP, 1))
    members: Store = field(default_factory=lambda: Store(MEMBER, 1))
    parcels: Store = field(default_factory=lambda: Store(PARCEL, 1))
    values: Store = field(default_factory=lambda: Store(VALUE, 1))
    member_of: Store = field(default_factory=lambda: Store(np.int32))
    """Of a signal: its member, `collect.UNKNOWN` or `NONE`."""
    seat_of: Store = field(default_factory=lambda: Store(np.int32))
    """Of a lane: its seat; -1 when it has none."""
    sums: tuple[Floats, Indices, Indices] = field(init=False)
    """A scratch by member: sums and counts, which are left 0, and room for members."""
    heads: Indices = field(init=False)
    """A scratch by group, left 0."""
    _left: dict[int, np.void] = field(default_factory=dict)
    """By signal, how those stood that stand out and have new peers now, until they are enlisted."""
    _crews: dict[Key, int] = field(default_factory=dict)
    _seats: dict[tuple[int, int], int] = field(default_factory=dict)
    """By crew and asset."""
    _groups: dict[tuple[int, int], int] = field(default_factory=dict)
    """By crew and point."""

    def __post_init__(self) -> None:
        for store in (self.groups, self.members, self.parcels, self.values):
            store.size = 1
        self._scratch()

    def _scratch(self) -> None:
        n = len(self.members.all)
        self.sums = np.zeros(n), np.zeros(n, np.int32), np.zeros(n, np.int32)
        self.heads = np.zeros(len(self.groups.all), np.int32)

    def make_room(self, signals: int) -> None:
        """Let there be a place for each signal."""
        more = signals - self.member_of.size
        if more > 0:
            self.member_of.reserve(more)
            self.member_of.size = signals

    def sit(self, state: State, lane: int) -> None:
        """Give a new lane its seat: that of its asset, where it has been heard before."""
        self.seat_of.reserve(1)
        self.seat_of.all[lane] = self._seat(state, lane) if state.config.peers else -1
        self.seat_of.size = lane + 1

    def _seat(self, state: State, lane: int) -> int:
        asset = int(state.lanes.all["asset"][lane])
        crew = self._crew(_key(state, lane))
        found = self._seats.get((crew, asset))
        if found is None:
            row = self.crews.all[crew]
            found = self._seats[crew, asset] = self.seats.add(
                latest=NEVER, enters=NEVER, lane=lane, crew=crew, next=row["first"], asset=asset
            )
            row["first"] = found
            row["seats"] += 1
        return found

    def _crew(self, key: Key) -> int:
        found = self._crews.get(key)
        if found is None:
            found = self._crews[key] = self.crews.add(done=NEVER, first=-1)
        return found

    def enlist(self, state: State, lane: int, rows: Indices) -> None:
        """Make signals of a lane members of their groups, where their points are quantities."""
        seat = int(self.seat_of.all[lane])
        for row in rows.tolist():
            is_code = state.config.known(state.names.point_of[row]).kind in _SKIPPED
            self.member_of.all[row] = NONE if is_code else self._member(seat, row, state)
        if len(self.sums[0]) + len(self.heads) < len(self.members.all) + len(self.groups.all):
            self._scratch()

    def _member(self, seat: int, row: int, state: State) -> int:
        crew = int(self.seats.all["crew"][seat])
        group = self._group(crew, state.names.point(state.names.point_of[row]), state)
        first = self.groups.all["first"][group]
        found = self.members.add(row=row, seat=seat, group=group, next=first)
        self.members.all["standing"][found]["swing"] = 1.0
        if row in self._left:
            self.members.all["standing"][found] = self._left.pop(row)
        self.groups.all["first"][group] = found
        self.crews.all["members"][crew] += 1
        return found

    def _group(self, crew: int, point: int, state: State) -> int:
        found = self._groups.get((crew, point))
        if found is None:
            row = self.crews.all[crew]
            found = self._groups[crew, point] = self.groups.add(
                point=point, crew=crew, next=row["groups"]
            )
            row["groups"] = found
            tail.start(self.groups.all[found]["standing"]["tail"], _QUANTILE, _EXCESS)
            self._declare(found, state)
        return found

    def _declare(self, group: int, state: State) -> None:
        row = self.groups.all[group]
        known = state.config.known(state.names.points[int(row["point"])])
        row["standing"]["least"] = _least(known)
        row["is_rate"] = known.kind is PointKind.COUNTER

    def take_over(self, state: State) -> Peers:
        """Return what goes on after a load: this memory, or a new one where cells are others."""
        rows = self.seats.rows
        keys = [_key(state, int(lane)) for lane in rows["lane"]]
        crew_of = dict(zip(keys, rows["crew"].tolist(), strict=True))
        fits = len(crew_of) == self.crews.size and all(
            crew_of[key] == crew for key, crew in zip(keys, rows["crew"].tolist(), strict=True)
        )
        if not fits or bool(state.config.peers) != bool(len(rows)):
            return self._anew(state)
        self._crews = crew_of
        pairs = zip(rows["crew"].tolist(), rows["asset"].tolist(), strict=True)
        self._seats = {pair: i for i, pair in enumerate(pairs)}
        for group in range(1, self.groups.size):
            row = self.groups.all[group]
            self._groups[int(row["crew"]), int(row["point"])] = group
            self._declare(group, state)
        self._scratch()
        return self

    def _anew(self, state: State) -> Peers:
        members, peers = self.members.rows, Peers()
        for member in np.flatnonzero(members["standing"]["is_out"]).tolist():
            peers._left[int(members["row"][member])] = members["standing"][member].copy()
        for lane in range(state.lanes.size):
            peers.sit(state, lane)
        return peers


def _key(state: State, lane: int) -> Key:
    row = state.lanes.all[lane]
    asset = int(row["asset"])
    topic = state.sources[int(row["source"])].topic
    return state.names.cells[asset], alike(state.names.assets[asset]), topic


def _least(known: Known) -> float:
    """Return the least spread of a point; 0.0: none is declared."""
    if known.kind is PointKind.COUNTER or known.low != known.low:
        return 0.0
    return (known.high - known.low) / _STEPS
