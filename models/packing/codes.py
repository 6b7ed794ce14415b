"""Codes of one point's samples in a tile, to bits: prediction, and what it missed by."""

from typing import Final

import numpy as np

from models.compiled import bare
from models.packing.coder import Bytes, Hush, Pen, hush, length, number, put, raw, wide
from models.packing.scale import NO_VALUE, NOT_MET
from schemas.bits import FIRST, QUIET, SECOND
from schemas.telemetry import Floats, Ints

CHOOSING: Final = 8  # samples; fewer are predicted by the last one
MOST_ACTIVE: Final = 37
LAST, LINE, MEAN = 0, 1, 2


@bare
def predicted(mode: int, last: int, before: int, mean: int) -> int:
    """Return the prediction of the next code."""
    if mode == LAST:
        return last
    return 2 * last - before if mode == LINE else (mean + 8) >> 4


@bare
def chosen(codes: Ints, span: tuple[int, int], is_exact: bool) -> int:
    """Return the mode that leaves the fewest bits; `is_exact`: codes are too large for a mean.

    `span`: of the first valid one on.
    """
    by_last, by_line, by_mean = 0, 0, 0
    last = codes[span[0]] if codes[span[0]] != NOT_MET else 0
    before, mean = last, last << 4
    for i in range(span[0] + 1, span[1]):
        code = codes[i]
        if code > NO_VALUE:
            by_last += length(code - last)
            by_line += length(code - 2 * last + before)
            by_mean += length(code - ((mean + 8) >> 4))
            mean += ((code << 4) - mean) >> 2
            before = last
            last = code
    if not is_exact and by_mean < min(by_last, by_line):
        return MEAN
    return LAST if by_last <= by_line else LINE


@bare
def is_flat(codes: Ints, span: tuple[int, int]) -> bool:
    """Say whether all codes are the first one."""
    if codes[span[0]] == NOT_MET:
        return False
    for i in range(span[0] + 1, span[1]):
        if codes[i] != codes[span[0]] and codes[i] != NO_VALUE:
            return False
    return True


@bare
def write(  # noqa: C901, PLR0912, PLR0913, PLR0917 - the hot loop, two streams, columns
    out: Bytes,
    quiet: Bytes,
    pen: Pen,
    run: Hush,
    values: Floats,
    codes: Ints,
    span: tuple[int, int],
    is_exact: bool,
) -> tuple[Pen, Hush]:
    """Write the codes of a span of samples; where one is `NOT_MET`, the value."""
    first, stop = span
    while first < stop and codes[first] == NO_VALUE:
        first += 1
    if first == stop:
        return pen, run
    last = codes[first]
    if last == NOT_MET:
        last = 0
        pen = raw(out, pen, FIRST, int(np.float64(values[first]).view(np.int64)))
    else:
        _, pen = wide(out, pen, FIRST, last) if is_exact else number(out, pen, FIRST, last)
    flat, mode = is_flat(codes, (first, stop)), LAST
    run = hush(quiet, run, not flat)
    if flat:
        return pen, run
    if stop - span[0] >= CHOOSING:
        mode = chosen(codes, (first, stop), is_exact)
        pen = put(out, pen, mode, 2)
    before, mean, class_, activity = last, last << 4, SECOND, -1
    for i in range(first + 1, stop):
        code = codes[i]
        away = code - predicted(mode, last, before, mean)
        if code <= NO_VALUE:
            if code == NOT_MET:
                if class_ < QUIET:
                    run = hush(quiet, run, True)
                pen = raw(out, pen, class_, int(np.float64(values[i]).view(np.int64)))
            continue
        if class_ < QUIET and away == 0:
            run, bits = hush(quiet, run, False), 0
        else:
            if class_ < QUIET:
                run = hush(quiet, run, True)
            if is_exact:
                bits, pen = wide(out, pen, class_, away)
            else:
                bits, pen = number(out, pen, class_, away)
        activity = 16 * bits if activity < 0 else activity + ((16 * bits - activity) >> 2)
        class_ = min(activity >> 2, MOST_ACTIVE)
        mean += ((code << 4) - mean) >> 2
        before = last
        last = code
    return pen, run
