"""Judging a slot once: when every member's lane has passed it, whoever came first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from models import happened as tell
from models import silence
from models.anomaly import every as every_
from models.compiled import compiled
from models.gaps import NEVER
from models.peers import compare, standing
from models.peers.rows import SLOT
from models.rows import HAPPENED
from schemas.telemetry import Floats, Indices, Ints, Quality

if TYPE_CHECKING:
    from models.peers.rows import Crew, Group, Member, Parcel
    from models.rows import Happened, Table
    from models.state import State

DEPTH = 16  # slots that the others wait for a lane that no tick moves on, and one may be ahead
SHARE = 0.1  # of the false alarms that a signal may raise: what all peers of a point may
RATE = int(Quality.RATE)
_EVENTS = 1024
_ALL = np.iinfo(np.int64).max // 4  # slots


def judged(state: State, every: bool) -> Iterator[Table]:
    """Judge the slots that are complete; yield what happened. `every`: time passed by a tick."""
    peers = state.peers
    crews = peers.crews.rows
    which = np.flatnonzero((crews["waiting"] > 0) & (crews["is_touched"] | every))
    if not len(which):
        return
    crews["is_touched"][which] = False
    most = int(crews["members"][which].max())
    threshold = every_.threshold(state.config.frame_ns / 1e9, SHARE * state.config.false_alarms)
    slot = np.array([(0, state.config.frame_ns, threshold, 0.0)], SLOT)
    at, windows = 0, np.zeros(int(crews["seats"][which].max()), np.int64)
    who, changes = np.zeros(most, np.int32), np.zeros(most, np.int32)
    work = np.zeros((compare.WORK, most))
    while at < len(which):
        happened = np.zeros(max(_EVENTS, most), HAPPENED)
        at, n = _judge(
            which,
            at,
            peers.crews.all,
            peers.seats.all,
            peers.groups.all,
            peers.members.all,
            peers.parcels.all,
            peers.values.all,
            state.lanes.all,
            *peers.sums,
            peers.heads,
            who,
            work,
            changes,
            windows,
            slot,
            happened,
        )
        yield happened[:n]


@compiled
def _judge(  # noqa: PLR0913, PLR0917 - tables and scratches
    which: Ints,
    begin: int,
    crews: Table,
    seats: Table,
    groups: Table,
    members: Table,
    parcels: Table,
    values: Table,
    lanes: Table,
    means: Floats,
    at: Indices,
    others: Indices,
    heads: Indices,
    who: Indices,
    work: Floats,
    changes: Indices,
    windows: Ints,
    slots: Table,
    happened: Table,
) -> tuple[int, int]:
    """Judge the crews from `begin` on; return how far it came, and how many events there are.

    It stops where `happened` may run full. `means`, `at` (by member), `heads` (by group): 0, and
    left so.
    """
    n = 0
    for c in range(begin, which.size):
        crew = crews[which[c]]
        passed, most = _passed(crew, seats, lanes, windows)
        slot = _next(crew, parcels, values, passed, most)
        while slot < passed:
            if happened.size - n < crew.members:
                return c, n
            slots[0].start_ns = slot * slots[0].frame_ns
            _take(crew, slot, members, parcels, values, means, at, others, heads)
            group = crew.groups
            while group > 0:
                many = _gather(group, means, others, heads, who, work)
                if many >= standing.LEAST:
                    compare.judge(
                        groups[group].standing, members, who, work, changes, many, slots[0]
                    )
                    for k in range(many):
                        if changes[k] != standing.NOTHING:
                            event = happened[n]
                            of = _entered(groups[group], members, seats, slot)
                            _tell(event, members[who[k]], parcels[at[who[k]]], work[:, k], slots[0])
                            event.what = tell.PEER_OUT + changes[k] - standing.OUT
                            event.binding = group
                            event.third = many - 1
                            event.good = many / of
                            event.mark = RATE if groups[group].is_rate else 0
                            n += 1
                for k in range(many):
                    at[who[k]] = 0
                group = groups[group].next
            crew.done = slot
            slot = _next(crew, parcels, values, passed, most)
    return which.size, n


@compiled
def _passed(crew: Crew, seats: Table, lanes: Table, windows: Ints) -> tuple[int, int]:
    """Return the slot below which all is complete, and the latest that is believed."""
    n, seat = 0, crew.first
    while seat >= 0:
        lane = lanes[seats[seat].lane]
        if seats[seat].enters > NEVER and lane.silence.state != silence.GONE:
            windows[n] = lane.window
            n += 1
        seat = seats[seat].next
    if n == 0:
        return _ALL, _ALL
    windows[:n].sort()
    median = windows[(n - 1) // 2]
    return max(windows[0], median - DEPTH), median + DEPTH


@compiled
def _next(crew: Crew, parcels: Table, values: Table, passed: int, most: int) -> int:
    """Return the first slot that waits, `passed` where none does; drop what is beyond `most`."""
    slot, before, index = passed, 0, crew.waiting
    while index > 0:
        parcel = parcels[index]
        after = parcel.next
        if parcel.slot > most:
            _let_go(crew, parcels, values, before, index)
        else:
            slot = min(slot, parcel.slot)
            before = index
        index = after
    return slot


@compiled
def _take(  # noqa: PLR0913, PLR0917 - tables and scratches
    crew: Crew,
    slot: int,
    members: Table,
    parcels: Table,
    values: Table,
    means: Floats,
    at: Indices,
    others: Indices,
    heads: Indices,
) -> None:
    """Take what waits for a slot, by member: its value, and its parcel; chain it by group."""
    before, index = 0, crew.waiting
    while index > 0:
        parcel = parcels[index]
        after, value = parcel.next, parcel.first
        if parcel.slot == slot:
            while value > 0:
                row = values[value]
                group = members[row.member].group
                at[row.member], means[row.member] = index, row.value
                others[row.member] = heads[group]
                heads[group] = row.member
                value = row.next
            _let_go(crew, parcels, values, before, index)
        else:
            before = index
        index = after


@compiled
def _let_go(crew: Crew, parcels: Table, values: Table, before: int, index: int) -> None:
    """Free a parcel and its values; they can be read until the next frame is collected."""
    parcel = parcels[index]
    if before > 0:
        parcels[before].next = parcel.next
    else:
        crew.waiting = parcel.next
    parcel.next = parcels[0].next
    parcels[0].next = index
    value = parcel.first
    while value > 0:
        after = values[value].next
        values[value].next = values[0].next
        values[0].next = value
        value = after


@compiled
def _gather(  # noqa: PLR0913, PLR0917 - scratches
    group: int, means: Floats, others: Indices, heads: Indices, who: Indices, work: Floats
) -> int:
    """Gather the members of a group and their values; return how many."""
    many, member = 0, heads[group]
    heads[group] = 0
    while member > 0:
        who[many] = member
        work[compare.VALUE, many] = means[member]
        means[member] = 0.0
        many += 1
        member = others[member]
    return many


@compiled
def _entered(group: Group, members: Table, seats: Table, slot: int) -> int:
    """Return how many members of a group take part in a slot."""
    of, member = 0, group.first
    while member > 0:
        of += seats[members[member].seat].enters <= slot
        member = members[member].next
    return of


@compiled
def _tell(
    event: Happened, member: Member, parcel: Parcel, work: Floats, asked: standing.Slot
) -> None:
    """Write down how a member stands. `work`: its column."""
    event.row = member.row
    event.time_ns = asked.start_ns + asked.frame_ns
    event.since_ns = member.standing.since_ns
    event.offset = parcel.offset
    event.since_offset = parcel.offset
    event.source = parcel.source
    event.since_source = parcel.source
    event.value = work[compare.VALUE]
    event.centre = work[compare.USUAL]
    event.spread = work[compare.WIDE]
    event.score = work[compare.SCORE]
    event.interval = asked.frame_ns / 1e9
