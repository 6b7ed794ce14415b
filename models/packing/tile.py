"""Tiles: the samples of some points at some moments, as one stream."""

from typing import Final, NamedTuple

import numpy as np

from models.compiled import bare
from models.packing import codes as codes_
from models.packing.coder import Bytes, Hush, Pen, end, hush, hushed, number, put
from models.packing.scale import Table
from schemas.bits import EXACT, FIRST, GOOD, SECOND
from schemas.telemetry import Floats, Indices, Ints

Statuses = tuple[int, int, int]
"""The last three that differ, the latest first."""
NEW: Final = 3
OFTEN: Final = 8
"""More than one change in so many samples."""
_PREFIX: Final = np.array([0, 2, 6, 7])


class Sorted(NamedTuple):
    """The samples of a frame, one point after the other, in order of time. n samples."""

    row: Indices
    status: Bytes
    values: Floats
    codes: Ints


class Part(NamedTuple):
    """Which samples of a frame a tile holds."""

    begins: Ints
    """(P,) where the samples of each point begin, in this run of moments."""
    ends: Ints
    moments: tuple[int, int]
    """The first, and the first behind."""
    points: tuple[int, int]


@bare
def begin(at: int) -> tuple[Pen, Hush]:
    """Begin a stream at a byte."""
    return (0, 0, at), (0, 0, (0, 0, 0))


@bare
def finish(out: Bytes, quiet: Bytes, pen: Pen, run: Hush) -> tuple[int, int]:
    """End a stream, with its hush behind it; return where the two end."""
    at, n = end(out, pen), hushed(quiet, run)
    for i in range(n):
        out[at + i] = quiet[i]
    return at, at + n


@bare
def write(  # noqa: PLR0913, PLR0917 - where from and where to
    out: Bytes, quiet: Bytes, at: int, samples: Sorted, scales: Table, part: Part
) -> tuple[int, int]:
    """Write a tile from byte `at` on; return where its two streams end."""
    pen, run = begin(at)
    pen, run = _places(out, quiet, pen, run, samples.row, part)
    pen, run = _statuses(out, quiet, pen, run, samples.status, part)
    begins, ends = part.begins, part.ends
    values, codes = samples.values, samples.codes
    for p in range(part.points[0], part.points[1]):
        span, is_exact = (begins[p], ends[p]), scales[p].kind == EXACT
        pen, run = codes_.write(out, quiet, pen, run, values, codes, span, is_exact)
    return finish(out, quiet, pen, run)


@bare
def _places(  # noqa: PLR0913, PLR0917 - two streams
    out: Bytes, quiet: Bytes, pen: Pen, run: Hush, row: Indices, part: Part
) -> tuple[Pen, Hush]:
    """Write at which moments there are samples of each point."""
    begins, ends = part.begins, part.ends
    height, is_whole = part.moments[1] - part.moments[0], True
    for p in range(part.points[0], part.points[1]):
        is_whole = is_whole and ends[p] - begins[p] == height
    run = hush(quiet, run, not is_whole)
    if is_whole:
        return pen, run
    for p in range(part.points[0], part.points[1]):
        count = ends[p] - begins[p]
        run = hush(quiet, run, count != height)
        if count != height:
            _, pen = number(out, pen, FIRST, count)
            before = int(np.int64(part.moments[0]))
            for i in range(begins[p], ends[p]):
                _, pen = number(out, pen, SECOND, row[i] - before)
                before = int(np.int64(row[i])) + 1
    return pen, run


@bare
def _statuses(  # noqa: PLR0913, PLR0917 - two streams
    out: Bytes, quiet: Bytes, pen: Pen, run: Hush, status: Bytes, part: Part
) -> tuple[Pen, Hush]:
    """Write the status of each sample."""
    begins, ends, are_good = part.begins, part.ends, True
    for p in range(part.points[0], part.points[1]):
        are_good = are_good and _are(status, begins[p], ends[p], GOOD)
    run = hush(quiet, run, not are_good)
    if are_good:
        return pen, run
    last = (GOOD, 0, 0)
    for p in range(part.points[0], part.points[1]):
        changes = _changes(status, begins[p], ends[p], last[0])
        run = hush(quiet, run, changes > 0)
        if changes == 0:
            continue
        often = changes * OFTEN > ends[p] - begins[p]
        pen = put(out, pen, int(often), 1)
        for i in range(begins[p], ends[p]):
            one = int(np.int64(status[i]))
            place = place_of(last, one)
            if not often:
                run = hush(quiet, run, place > 0)
            if often or place > 0:
                # 0, 10, 110, 111; what changes seldom is known not to be the first of them
                n = min(place + 1, NEW) - int(not often)
                pen = put(out, pen, _PREFIX[place] & ((1 << n) - 1), n)
                if place == NEW:
                    pen = put(out, pen, one, 8)
            last = moved(last, one, place)
    return pen, run


@bare
def place_of(last: Statuses, one: int) -> int:
    """Return how many of the last statuses come before one; `NEW` where it is none of them."""
    a, b, c = last
    is_none = one != a and one != b and one != c  # noqa: PLR1714 - compiled
    return int(one != a) + int(one != a and one != b) + int(is_none)  # noqa: PLR1714 - compiled


@bare
def moved(last: Statuses, one: int, place: int) -> Statuses:
    """Return the last statuses with one in front."""
    a, b, c = last
    return one, (a if place > 0 else b), (b if place > 1 else c)


@bare
def _changes(status: Bytes, first: int, end_: int, last: int) -> int:
    """Count how often a status is another than the one before."""
    n = 0
    for i in range(first, end_):
        one = int(np.int64(status[i]))
        n += one != last
        last = one
    return n


@bare
def _are(status: Bytes, first: int, end_: int, one: int) -> bool:
    """Say whether all are one."""
    for i in range(first, end_):  # noqa: SIM110 - compiled
        if status[i] != one:
            return False
    return True
