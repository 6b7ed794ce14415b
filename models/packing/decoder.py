"""Reads the two streams of a tile, as `models.packing.coder` writes them.

An eye is two words, (next bit, first bit behind the end); an ear is four, (length left of a run,
1 where something happens behind it, how far it has adapted, its eye). What lies behind the end
reads as zeros, so no stream, however broken, is read beyond it.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from models.compiled import bare
from models.packing.coder import half
from schemas.bits import CODES, ESCAPE, LENGTHS, RAW, RUNS, WIDE

Bytes = npt.NDArray[np.uint8]
Eye = tuple[int, int]
Ear = tuple[int, int, int, Eye]

_RUN: Final = np.array(RUNS, np.int64)
_LAST_RUN: Final = len(RUNS) - 1
_LONGEST: Final = 16


def _symbols() -> npt.NDArray[np.int64]:
    """Return for each class: the first code of each length, its place, and the symbols in order."""
    found = np.full((len(LENGTHS), 3, _LONGEST + ESCAPE + 2), 0, np.int64)
    for class_, (lengths, codes) in enumerate(zip(LENGTHS, CODES, strict=True)):
        order = sorted((n, codes[b], b) for b, n in enumerate(lengths) if n)
        found[class_, 2, : len(order)] = [b for _, _, b in order]
        for n in range(1, _LONGEST + 1):
            some = [i for i, one in enumerate(order) if one[0] == n]
            found[class_, 0, n] = order[some[0]][1] + len(some) if some else -1
            found[class_, 1, n] = some[-1] + 1 if some else 0
    return found


_SYMBOLS: Final = _symbols()


@bare
def begin(at: int, stop: int) -> Eye:
    """Return the eye of the stream in these bytes."""
    return 8 * at, 8 * stop


@bare
def listen(at: int, stop: int) -> Ear:
    """Return the ear of the runs in these bytes."""
    return 0, 0, 0, begin(at, stop)


@bare
def take(data: Bytes, eye: Eye, n: int) -> tuple[int, Eye]:
    """Read `n` bits, 0..64."""
    value, (at, stop) = 0, eye
    while n > 0:
        k = min(n, 8 - (at & 7))
        byte = int(np.int64(data[at >> 3])) if at < stop else 0
        value = (value << k) | ((byte >> (8 - (at & 7) - k)) & ((1 << k) - 1))
        at += k
        n -= k
    return value, (at, stop)


@bare
def heard(data: Bytes, ear: Ear) -> tuple[int, Ear]:
    """Read whether something happened, 1 or 0."""
    left, happens, level, eye = ear
    if left == 0 and happens == 0:
        is_long, eye = take(data, eye, 1)
        if is_long:
            left = 1 << _RUN[level]
            level = min(level + 1, _LAST_RUN)
        else:
            left, eye = take(data, eye, _RUN[level])
            happens = 1
            level = max(level - 1, 0)
    if left > 0:
        return 0, (left - 1, happens, level, eye)
    return 1, (0, 0, level, eye)


@bare
def _symbol(data: Bytes, eye: Eye, class_: int) -> tuple[int, Eye]:
    at, stop = eye
    code = 0
    for n in range(1, _LONGEST + 1):
        said = (int(np.int64(data[at >> 3])) >> (7 - (at & 7))) & 1 if at < stop else 0
        at += 1
        code = (code << 1) | said
        behind = _SYMBOLS[class_, 0, n]
        if code < behind:
            return _SYMBOLS[class_, 2, _SYMBOLS[class_, 1, n] + code - behind], (at, stop)
    raise ValueError("has a code of no meaning")


@bare
def number(data: Bytes, eye: Eye, class_: int) -> tuple[int, int, Eye]:
    """Read a number; return its length, `RAW` where 64 bits stand in its place, and it."""
    b, eye = _symbol(data, eye, class_)
    if b == ESCAPE:
        b, eye = take(data, eye, 7)
        if b > RAW:
            raise ValueError("has a number of too many bits")
    if b == 0:
        return 0, 0, eye
    if b == RAW:
        value, eye = take(data, eye, 64)
        return b, value, eye
    value, eye = take(data, eye, b)
    sign = half(b)
    if value & sign == 0:
        return b, value | sign, eye
    return b, -value, eye


@bare
def wide(data: Bytes, eye: Eye, class_: int) -> tuple[int, int, Eye]:
    """Read a wide number; return its length in `WIDE` bits, `RAW` as `number` does, and it."""
    b, eye = _symbol(data, eye, class_)
    if b == ESCAPE:
        b, eye = take(data, eye, 7)
        if b != RAW:
            raise ValueError("has a number of too many bits")
        value, eye = take(data, eye, 64)
        return b, value, eye
    if b == 0:
        return 0, 0, eye
    negative, eye = take(data, eye, 1)
    value, eye = take(data, eye, min(WIDE * b, 64))
    return b, (-value if negative else value), eye
