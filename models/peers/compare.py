"""The members of a group at one slot: where each is against the others. O(n log n) a slot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.anomaly import tail
from models.compiled import compiled
from models.peers import standing
from schemas.telemetry import Floats, Indices

if TYPE_CHECKING:
    from models.rows import Table

VALUE, USUAL, WIDE, AWAY, SCORE = 0, 1, 2, 3, 4
"""Rows of `work`: the value; what its peers let expect; one spread; spreads away; the score."""
COUNTS, OWN, RANKED, WORK = 5, 6, 7, 8
"""1.0 for those who are compared with; their values less what is usual; these ranked; rows."""
_FEW = 24  # values: these are ranked by counting, without a branch that nobody could foresee


@compiled
def middle(ranked: Floats, n: int) -> float:
    """Return the median of `ranked[:n]`, sorted."""
    return 0.5 * float(ranked[(n - 1) // 2] + ranked[n // 2])


@compiled
def without(ranked: Floats, n: int, value: float) -> float:
    """Return the median of `ranked[:n]`, sorted, without one that is `value`."""
    low, high = (n - 2) // 2, (n - 1) // 2
    low += value <= ranked[low]
    high += value <= ranked[high]
    return 0.5 * float(ranked[low] + ranked[high])


@compiled
def dispersion(ranked: Floats, n: int, centre: float) -> float:
    """Return the lower median of the distances of `ranked[:n]`, sorted, from `centre`."""
    half = (n + 1) // 2
    away = np.inf
    for i in range(n - half + 1):
        away = min(away, max(centre - ranked[i], ranked[i + half - 1] - centre))
    return away


@compiled
def rank(work: Floats, n: int) -> None:
    """Sort `work[OWN, :n]` into `work[RANKED, :n]`."""
    if n > _FEW:
        work[RANKED, :n] = work[OWN, :n]
        work[RANKED, :n].sort()
        return
    for k in range(n):
        value, place = work[OWN, k], 0
        for j in range(k):
            place += work[OWN, j] <= value
        for j in range(k + 1, n):
            place += work[OWN, j] < value
        work[RANKED, place] = value


@compiled
def choose(
    group: standing.Group, members: Table, who: Indices, work: Floats, n: int
) -> tuple[int, bool]:
    """Rank the values, each less what is usual, of the members who are alike; return how many.

    Where they are too few: of all members, and nobody can be told (False).
    """
    many = 0
    for k in range(n):
        work[COUNTS, k] = standing.is_like(members[who[k]].standing, group)
        many += int(work[COUNTS, k])
    is_sure = many >= standing.LEAST
    if not is_sure:
        work[COUNTS, :n] = 1.0
    many = 0
    for k in range(n):
        if work[COUNTS, k] > 0.0:
            work[OWN, many] = work[VALUE, k] - members[who[k]].standing.offset
            many += 1
    rank(work, many)
    return many, is_sure


@compiled
def measure(  # noqa: PLR0913, PLR0917 - a group at a slot
    group: standing.Group, members: Table, who: Indices, work: Floats, n: int, many: int
) -> int:
    """Say how far each member is from what its peers let expect; count those that deviate.

    `many`: as `choose` returned. A member that is not among them is compared with all of them.
    """
    ranked = work[RANKED]
    centre = middle(ranked, many)
    usual = abs(centre - group.level) if group.seen > 0 else 0.0
    momentary = max(standing.MAD * dispersion(ranked, many, centre), standing.TOLERANCE * usual)
    far = 0
    for k in range(n):
        row = members[who[k]].standing
        own = work[VALUE, k] - row.offset
        counts = work[COUNTS, k] > 0.0
        others = without(ranked, many, own) if counts else centre
        work[USUAL, k] = others + row.offset
        work[WIDE, k] = standing.scale(row, group, momentary)
        work[AWAY, k] = (own - others) / work[WIDE, k]
        far += counts and row.seen >= standing.WARMUP and abs(work[AWAY, k]) >= standing.FAR
    weight = max(standing.WEIGHT, 1.0 / (group.seen + 1.0))
    group.level += weight * (centre - group.level)
    return far


@compiled
def judge(  # noqa: PLR0913, PLR0917 - a group at a slot
    group: standing.Group,
    members: Table,
    who: Indices,
    work: Floats,
    changes: Indices,
    n: int,
    slot: standing.Slot,
) -> None:
    """Judge the members `who[:n]` at a slot, then learn: fill `work[1:5, :n]` and `changes[:n]`.

    `work`: (WORK, >= n), its first row the values. Does not depend on the order of the members.
    """
    many, is_sure = choose(group, members, who, work, n)
    far = measure(group, members, who, work, n, many)
    is_whole = is_sure and far <= max(1, many // standing.PART)
    slot.reach = standing.reach(group, slot.threshold)
    widest, is_news = 0.0, False
    for k in range(n):
        row = members[who[k]].standing
        is_told = is_whole and (work[COUNTS, k] > 0.0 or row.is_out) and row.seen >= standing.WARMUP
        leans = standing.step(row, work[AWAY, k], is_told, slot)
        if is_told and not row.is_out:
            widest = max(widest, leans)
        changes[k] = standing.decide(row, work[AWAY, k], leans, is_told, slot)
        if changes[k] != standing.NOTHING:
            work[SCORE, k] = tail.score(group.tail, leans)
            is_news |= changes[k] == standing.OUT
        if not row.is_out and changes[k] != standing.ADOPTED:
            share = standing.SUSPECT if leans > 0.5 * slot.reach and is_told else 1.0
            standing.learn(row, work[AWAY, k], work[WIDE, k], share)
    if is_whole:
        standing.excursion(group, widest, is_news)
        group.seen = min(group.seen + 1, 1_000_000)
