"""The two streams of a tile: bits, and the runs of what does not happen.

A pen is three words, (bits not yet written, their number, next byte), passed on from call to call:
so they stay in registers. A hush is two, (length of the run, how far it has adapted), with a pen of
its own. Runs: MELCODE, as in JPEG-LS: Weinberger, Seroussi, Sapiro (2000), The LOCO-I lossless
image compression algorithm. `out`, `quiet`: (m,) uint8; whoever writes sees to it that they are
long enough.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from models.compiled import bare
from schemas.bits import CODES, ESCAPE, LENGTHS, RUNS, WIDE

Bytes = npt.NDArray[np.uint8]
Pen = tuple[int, int, int]
Hush = tuple[int, int, Pen]

_WORD: Final = 32
_BYTE: Final = 8
_LENGTH: Final = np.array(LENGTHS, np.int64)
_CODE: Final = np.array(CODES, np.int64)
_ENTRY: Final = np.array(
    [
        [(code << b) << 6 | (n + b) if 0 < n + b <= _WORD else 0 for b, (n, code) in enumerate(row)]
        for row in (list(zip(*two, strict=True)) for two in zip(LENGTHS, CODES, strict=True))
    ],
    np.int64,
)
"""The code of each length, before as many bits as it has, and the length of both; 0: too long."""
_RUN: Final = np.array(RUNS, np.int64)
_LAST_RUN: Final = len(RUNS) - 1
_WHOLE: Final = 0x1_0000_0000
_EASY: Final = 1 << 51


@bare
def put(out: Bytes, pen: Pen, value: int, n: int) -> Pen:
    """Write the lowest `n` bits (0..32) of a value, which has no others; highest first."""
    store, have, at = pen
    store = (store << n) | value
    have += n
    if have >= _WORD:
        have -= _WORD
        word = store >> have
        out[at] = word >> 24
        out[at + 1] = (word >> 16) & 255
        out[at + 2] = (word >> 8) & 255
        out[at + 3] = word & 255
        at += 4
        store &= (1 << have) - 1
    return store, have, at


@bare
def long(out: Bytes, pen: Pen, value: int, n: int) -> Pen:
    """Write the lowest `n` bits (0..64) of a value."""
    if n > _WORD:
        pen = put(out, pen, (value >> _WORD) & ((1 << (n - _WORD)) - 1), n - _WORD)
        return put(out, pen, value & (_WHOLE - 1), _WORD)
    return put(out, pen, value & ((1 << n) - 1), n)


@bare
def end(out: Bytes, pen: Pen) -> int:
    """Write what is left, with zeros to the next byte; return where it ends."""
    store, have, at = pen
    while have > 0:
        have -= _BYTE
        out[at] = (store >> have if have >= 0 else store << -have) & 255
        at += 1
    return at


@bare
def hush(quiet: Bytes, run: Hush, happened: bool) -> Hush:
    """Write whether something happened, which is rare."""
    length_, level, pen = run
    if not happened:
        length_ += 1
        if length_ == 1 << _RUN[level]:
            return 0, min(level + 1, _LAST_RUN), put(quiet, pen, 1, 1)
        return length_, level, pen
    return 0, max(level - 1, 0), put(quiet, pen, length_, 1 + _RUN[level])


@bare
def hushed(quiet: Bytes, run: Hush) -> int:
    """End the runs; return where they end."""
    length_, _, pen = run
    if length_ > 0:
        pen = put(quiet, pen, 1, 1)
    return end(quiet, pen)


@bare
def length(value: int) -> int:
    """Return how many bits the distance from 0 has, of one under 2**51; of others about so many."""
    return (int(np.float64(2 * abs(value) + 1).view(np.int64)) >> 52) - 1023


@bare
def exact_length(value: int) -> int:
    """Return how many bits the distance from 0 has, 0..64."""
    value, b = abs(value), 0
    if value < 0:  # -2**63
        return 64
    while value > 0:
        value >>= 1
        b += 1
    return b


@bare
def half(b: int) -> int:
    """Return the highest of `b` bits, 0..64; 0 where there is none."""
    return int(np.int64(1)) << (b - 1) if b > 0 else int(np.int64(0))


@bare
def number(out: Bytes, pen: Pen, class_: int, value: int) -> tuple[int, Pen]:
    """Write a number; return its length in bits, too."""
    b = length(value) if -_EASY < value < _EASY else exact_length(value)
    sign = half(b)
    rest = (abs(value) & (sign - 1)) | (sign & (value >> 63))
    if b < ESCAPE:
        entry = _ENTRY[class_, b]
        if entry > 0:
            return b, put(out, pen, (entry >> 6) | rest, entry & 63)
        return b, long(out, put(out, pen, _CODE[class_, b], _LENGTH[class_, b]), rest, b)
    pen = put(out, pen, _CODE[class_, ESCAPE], _LENGTH[class_, ESCAPE])
    return b, long(out, put(out, pen, b, 7), rest, b)


@bare
def wide(out: Bytes, pen: Pen, class_: int, value: int) -> tuple[int, Pen]:
    """Write a number that as a rule has many bits; return its length in `WIDE` bits, too."""
    b = -(-exact_length(value) // WIDE)
    pen = put(out, pen, _CODE[class_, b], _LENGTH[class_, b])
    if b > 0:
        pen = put(out, pen, int(value < 0), 1)
        pen = long(out, pen, abs(value), min(WIDE * b, 64))
    return b, pen


@bare
def raw(out: Bytes, pen: Pen, class_: int, value: int) -> Pen:
    """Write 64 bits in place of a number."""
    pen = put(out, pen, _CODE[class_, ESCAPE], _LENGTH[class_, ESCAPE])
    return long(out, put(out, pen, 65, 7), value, 64)
