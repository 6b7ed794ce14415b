"""What closed frames say of their slot: the mean of each signal's good samples. O(1) a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from models.compiled import compiled
from models.gaps import NEVER
from models.peers.standing import LEAST
from schemas.bits import FRESH, IN_RANGE, VALID
from schemas.telemetry import Floats, Indices, Ints

if TYPE_CHECKING:
    from models.peers.rows import Crew, Seat
    from models.rows import Held, Table
    from models.state import State

GOOD = VALID | FRESH | IN_RANGE
GRACE = 8  # slots after its first frame that an asset takes part: then all know that it is there
UNKNOWN = 0  # whether a signal can have peers
NONE = -1  # it cannot
_ASKED = -2
_NEW = 1024  # signals asked for at once


def collect(state: State, order: Ints, begins: Ints) -> None:
    """Let the values of frames wait for their slots. `order`, `begins`: as `models.held.take`."""
    peers = state.peers
    if peers.seats.size == 0:
        return
    peers.make_room(state.signals.size)
    at, new = 0, np.empty(_NEW, np.int32)
    while at < len(begins):
        at, asked, parcels, values = _collect(
            order,
            begins,
            at,
            state.held.all,
            state.held_rows.all,
            state.held_values.all,
            state.held_status.all,
            state.lanes.all,
            peers.seat_of.all,
            peers.crews.all,
            peers.seats.all,
            peers.member_of.all,
            peers.members.all,
            peers.parcels.all,
            peers.parcels.size,
            peers.values.all,
            peers.values.size,
            *peers.sums,
            new,
            state.config.frame_ns,
        )
        peers.parcels.size, peers.values.size = parcels, values
        if asked:
            lane = int(state.held.all["lane"][order[begins[at]]])
            peers.enlist(state, lane, new[:asked])
        elif at < len(begins):
            peers.parcels.reserve(len(peers.parcels.all))
            peers.values.reserve(len(peers.values.all))


@compiled
def _collect(  # noqa: PLR0913, PLR0917 - columns
    order: Ints,
    begins: Ints,
    begin: int,
    held: Table,
    held_rows: Indices,
    held_values: Floats,
    held_status: npt.NDArray[np.uint8],
    lanes: Table,
    seat_of: Indices,
    crews: Table,
    seats: Table,
    member_of: Indices,
    members: Table,
    parcels: Table,
    n_parcels: int,
    values: Table,
    n_values: int,
    sums: Floats,
    counts: Indices,
    touched: Indices,
    new: Indices,
    frame_ns: int,
) -> tuple[int, int, int, int]:
    """Collect frames from `begin` on; return how far it came, signals asked for, rows in use.

    It stops before a frame with signals that nobody has asked for, or without room to wait.
    """
    for f in range(begin, begins.size):
        index = seat_of[held[order[begins[f]]].lane]
        if index < 0:
            continue
        seat, lane = seats[index], lanes[held[order[begins[f]]].lane]
        crew = crews[seat.crew]
        has_peers = crew.seats >= LEAST and seat.enters > NEVER
        slot, last, n, asked = NEVER, order[begins[f]], 0, 0
        for k in range(begins[f], begins[f + 1] if f + 1 < begins.size else order.size):
            span = held[order[k]]
            if slot <= span.time_ns // frame_ns <= lane.window:  # what is beyond is not believed
                slot, last = span.time_ns // frame_ns, order[k]
            if has_peers:
                n, asked = _sum(
                    span,
                    held_rows,
                    held_values,
                    held_status,
                    member_of,
                    sums,
                    counts,
                    touched,
                    n,
                    new,
                    asked,
                )
        is_full = parcels.size == n_parcels or values.size - n_values < n
        if asked == 0 and not is_full and slot > NEVER:
            seat.lane = held[last].lane
            if _enter(crew, seat, slot):
                parcel, n_parcels = _free(parcels, n_parcels)
                parcels[parcel].slot = slot
                parcels[parcel].offset = held[last].offset
                parcels[parcel].source = lane.source
                parcels[parcel].next = crew.waiting
                crew.waiting = parcel
                parcels[parcel].first, n_values = _wait(
                    index, members, values, n_values, sums, counts, touched, n
                )
        for k in range(n):
            counts[touched[k]] = 0
            sums[touched[k]] = 0.0
        if asked > 0 or is_full:
            return f, asked, n_parcels, n_values
    return begins.size, 0, n_parcels, n_values


@compiled
def _sum(  # noqa: PLR0913, PLR0917 - columns
    span: Held,
    held_rows: Indices,
    held_values: Floats,
    held_status: npt.NDArray[np.uint8],
    member_of: Indices,
    sums: Floats,
    counts: Indices,
    touched: Indices,
    n: int,
    new: Indices,
    asked: int,
) -> tuple[int, int]:
    """Sum up the good samples of a span; return how many members were touched, and asked for."""
    for i in range(span.first, span.first + span.count):
        if held_status[i] & GOOD != GOOD:
            continue
        member = member_of[held_rows[i]]
        if member > 0:
            if counts[member] == 0:
                touched[n] = member
                n += 1
            counts[member] += 1
            sums[member] += held_values[i]
        elif member == UNKNOWN and asked < new.size:
            member_of[held_rows[i]] = _ASKED
            new[asked] = held_rows[i]
            asked += 1
    return n, asked


@compiled
def _enter(crew: Crew, seat: Seat, slot: int) -> bool:
    """Let an asset come to a slot; say whether it takes part there."""
    if seat.enters == NEVER:
        seat.enters = slot + GRACE
    if slot <= max(seat.latest, crew.done):
        return False
    seat.latest = slot
    crew.is_touched = True
    return slot >= int(seat.enters)


@compiled
def _free(rows: Table, used: int) -> tuple[int, int]:
    """Return a row that is free, and how many are in use, of rows with a list of free ones."""
    index = rows[0].next
    if index == 0:
        return used, used + 1
    rows[0].next = rows[index].next
    return index, used


@compiled
def _wait(  # noqa: PLR0913, PLR0917 - a frame's values
    seat: int,
    members: Table,
    values: Table,
    used: int,
    sums: Floats,
    counts: Indices,
    touched: Indices,
    n: int,
) -> tuple[int, int]:
    """Let the means of the members `touched[:n]` wait; return the first, and the rows in use."""
    first = 0
    for k in range(n):
        member = touched[k]
        if members[member].seat != seat:
            continue
        index, used = _free(values, used)
        row = values[index]
        row.value = sums[member] / counts[member]
        row.member = member
        row.next = first
        first = index
    return first, used
