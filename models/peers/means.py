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
    from models.rows import Held, Lane, Table
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
        at, asked, used = _collect(
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
            peers.waiting.all,
            peers.waiting.size,
            *peers.sums,
            new,
            state.config.frame_ns,
        )
        peers.waiting.size = used
        if asked:
            lane = int(state.held.all["lane"][order[begins[at]]])
            peers.enlist(state, lane, new[:asked])
        elif at < len(begins):
            peers.waiting.reserve(len(peers.waiting.all))


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
    waiting: Table,
    used: int,
    sums: Floats,
    counts: Indices,
    touched: Indices,
    new: Indices,
    frame_ns: int,
) -> tuple[int, int, int]:
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
        is_full = waiting.size - used < n
        if asked == 0 and not is_full and slot > NEVER:
            seat.lane = held[last].lane
            if _enter(crew, seat, slot):
                which = touched[:n]
                used = _wait(
                    crew,
                    index,
                    held[last].offset,
                    lane,
                    seats,
                    members,
                    waiting,
                    used,
                    sums,
                    counts,
                    which,
                )
        for k in range(n):
            counts[touched[k]] = 0
            sums[touched[k]] = 0.0
        if asked > 0 or is_full:
            return f, asked, used
    return begins.size, 0, used


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
def _wait(  # noqa: PLR0913, PLR0917 - a frame's values
    crew: Crew,
    seat: int,
    offset: int,
    lane: Lane,
    seats: Table,
    members: Table,
    waiting: Table,
    used: int,
    sums: Floats,
    counts: Indices,
    which: Indices,
) -> int:
    """Let the mean values of the members `which` wait; return how many rows are in use."""
    for member in which:
        if members[member].seat != seat:
            continue
        index = waiting[0].next
        if index == 0:
            index = used
            used += 1
        else:
            waiting[0].next = waiting[index].next
        row = waiting[index]
        row.slot = seats[seat].latest
        row.value = sums[member] / counts[member]
        row.offset = offset
        row.source = lane.source
        row.member = member
        row.next = crew.waiting
        crew.waiting = index
    return used
