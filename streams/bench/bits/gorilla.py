"""XOR coding of float64, as Gorilla has it, for comparison.

Pelkonen, Franklin, Teller, Cavallaro, Huang, Meza, Veeraraghavan (2015), Gorilla: A fast, scalable,
in-memory time series database. A value equal to the last one is a bit; else the bits that differ,
in the window of the last ones where they fit, or after 5 bits of leading zeros and 6 of length.
"""

import numpy as np

from models.compiled import bare
from models.packing.coder import Bytes, Pen, end, long, put
from models.packing.decoder import begin, take
from schemas.telemetry import Floats, Ints

_MOST_LEADING = 31


@bare
def _leading(bits: int) -> int:
    """Count the zeros before the highest bit."""
    n = 0
    for k in (32, 16, 8, 4, 2, 1):
        if (bits >> (64 - n - k)) & ((1 << k) - 1) == 0:
            n += k
    return n


@bare
def _trailing(bits: int) -> int:
    """Count the zeros behind the lowest bit; there is one."""
    n = 0
    for k in (32, 16, 8, 4, 2, 1):
        if (bits >> n) & ((1 << k) - 1) == 0:
            n += k
    return n


@bare
def write(out: Bytes, values: Ints) -> int:
    """Write float64 values, given as their bits; return how many bytes they took."""
    pen: Pen = (0, 0, 0)
    pen = long(out, pen, values[0], 64)
    last, high, low = values[0], 64, 64
    for i in range(1, values.size):
        differs = values[i] ^ last
        last = values[i]
        if differs == 0:
            pen = put(out, pen, 0, 1)
            continue
        before, behind = min(_leading(differs), _MOST_LEADING), _trailing(differs)
        if high + low < 64 and before >= high and behind >= low:  # noqa: PLR2004
            pen = put(out, pen, 2, 2)
        else:
            high, low = before, behind
            pen = put(out, pen, 3, 2)
            pen = put(out, pen, (before << 6) | (64 - before - behind - 1), 11)
        pen = long(out, pen, differs >> low, 64 - high - low)
    return end(out, pen)


@bare
def read(data: Bytes, values: Ints) -> None:
    """Read as many values as there is room for."""
    eye = begin(0, data.size)
    values[0], eye = take(data, eye, 64)
    high, low = 0, 0
    for i in range(1, values.size):
        changes, eye = take(data, eye, 1)
        values[i] = values[i - 1]
        if changes:
            is_new, eye = take(data, eye, 1)
            if is_new:
                window, eye = take(data, eye, 11)
                high = window >> 6
                low = 64 - high - (window & 63) - 1
            differs, eye = take(data, eye, 64 - high - low)
            values[i] ^= differs << low


def encode(values: Floats) -> bytes:
    """Return the bytes of values."""
    out = np.empty(16 + 10 * len(values), np.uint8)
    return out[: write(out, values.view(np.int64))].tobytes()


def decode(data: bytes, n: int) -> Floats:
    """Return n values."""
    values = np.empty(n, np.int64)
    read(np.frombuffer(data, np.uint8), values)
    return values.view(np.float64)
