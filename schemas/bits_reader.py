"""Reads bit frames in plain Python: `schemas.bits` once more, as a program of 120 lines.

It is a part of the description, and slow. What it is given must be whole; `models.bits` is for
everything else.
"""

import json
import struct
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice, repeat
from typing import Any, NamedTuple

from schemas.bits import (
    CODES,
    ESCAPE,
    EXACT,
    FIRST,
    GOOD,
    GRID,
    LENGTHS,
    MAGIC,
    QUIET,
    RAW,
    RUNS,
    SECOND,
    UNITS_NS,
    VALID,
    WIDE,
    FrameError,
)

Sample = tuple[int, str, int, float]
"""Time in ns, point, status, value (NaN: none)."""
Scale = tuple[int, int, float, float]
"""Kind, exponent; low and step of a grid."""

_B = [{nc: b for b, nc in enumerate(zip(*row))} for row in zip(LENGTHS, CODES)]  # noqa: B905


class _Stream(NamedTuple):
    said: Iterator[str]
    hush: Iterator[bool]
    """Whether it happened."""


def _take(bits: Iterator[str], n: int) -> int:
    return int("0" + "".join(next(bits, "0") for _ in range(n)), 2)


def _hush(bits: Iterator[str]) -> Iterator[bool]:
    level = 0
    while True:
        if _take(bits, 1):
            yield from repeat(False, 1 << RUNS[level])
            level = min(level + 1, len(RUNS) - 1)
        else:
            yield from repeat(False, _take(bits, RUNS[level]))
            yield True
            level = max(level - 1, 0)


def _number(bits: Iterator[str], class_: int, *, wide: bool = False) -> tuple[int, int]:
    n = code = 0
    while not n or (n, code) not in _B[class_]:
        n, code = n + 1, 2 * code + _take(bits, 1)
    b = _B[class_][n, code]
    b = _take(bits, 7) if b == ESCAPE else b
    sign = _take(bits, 1) if wide and b not in {0, RAW} else 0
    rest = _take(bits, min(b * WIDE if wide else b, 64))
    if wide or b in {0, RAW}:
        return b, -rest if sign else rest
    return b, -rest if rest >> (b - 1) else rest | 1 << (b - 1)


def _value(scale: Scale, code: int, *, raw: bool) -> float:
    kind, exponent, low, step = scale
    if not raw and kind != EXACT:
        return (low + code * step, code * 2.0**exponent, code / 10 ** max(exponent, 0))[kind]
    if not raw:
        code = (code if code >= 0 else code ^ (2 ** (63 - exponent) - 1)) << exponent
    return float(struct.unpack("<d", struct.pack("<Q", code % 2**64))[0])


def _times(s: _Stream, n_rows: int) -> Iterator[int]:
    unit, time, change = UNITS_NS[_take(s.said, 2)], 0, 0
    for row in range(n_rows):
        change += _number(s.said, SECOND)[1] if row and next(s.hush) else 0
        time = time + change if row else _take(s.said, 64)
        yield ((time + 2**63) % 2**64 - 2**63) * unit


def _scales(s: _Stream, names: dict[str, Any]) -> Iterator[Scale]:
    kind, exponents = 0, [0, 0, 0, 0]
    for low, high, bits in zip(names["low"], names["high"], names["bits"], strict=True):
        if next(s.hush):
            kind = _take(s.said, 2)
            exponents[kind] += _number(s.said, SECOND)[1] if kind != GRID else 0
        step = max((high - low) / (2**bits - 1), 2.0**-1022) if kind == GRID else 0.0
        yield kind, exponents[kind], low if kind == GRID else 0.0, step


def _rows(s: _Stream, height: int, n_points: int) -> Iterator[list[int]]:
    lacks = next(s.hush)
    for _ in range(n_points):
        gaps = [0] * height
        if lacks and next(s.hush):
            gaps = [_number(s.said, SECOND)[1] for _ in range(_number(s.said, FIRST)[1])]
        yield [sum(gaps[: i + 1]) + i for i in range(len(gaps))]


def _statuses(s: _Stream, counts: Iterable[int]) -> Iterator[list[int]]:
    odd, last = next(s.hush), [GOOD, 0, 0]
    for count in counts:
        mine, changes = [], odd and next(s.hush)
        often = _take(s.said, 1) if changes else 0
        for _ in range(count):
            asked = often or (changes and next(s.hush))
            place = 1 - often if asked else 0
            while asked and place < 3 and _take(s.said, 1):  # noqa: PLR2004 - statuses
                place += 1
            one = [*last, -1][place] if place < 3 else _take(s.said, 8)  # noqa: PLR2004 - statuses
            last = [one, *(other for i, other in enumerate(last) if i != min(place, 2))]
            mine.append(one)
        yield mine


def _values(s: _Stream, scale: Scale, status: list[int]) -> Iterator[float]:
    last, before, mean, mode, moves, class_, a = 0, 0, 0, 0, True, FIRST, -1
    for one in status:
        if not one & VALID:
            yield float("nan")
            continue
        same = not moves or (class_ < QUIET and not next(s.hush))
        b, away = (0, 0) if same else _number(s.said, class_, wide=scale[0] == EXACT)
        guess = (last, 2 * last - before, (mean + 8) >> 4)[mode]
        code = (guess + away + 2**63) % 2**64 - 2**63
        yield _value(scale, away if b == RAW else code, raw=b == RAW)
        if class_ == FIRST:
            last = before = 0 if b == RAW else code
            mean, class_, moves = last << 4, SECOND, next(s.hush)
            mode = _take(s.said, 2) if moves and len(status) > 7 else 0  # noqa: PLR2004 - so it is
        elif b != RAW and moves:
            a = 16 * b if a < 0 else a + ((16 * b - a) >> 2)
            class_ = min(a >> 2, 37)
            mean, before, last = mean + (((code << 4) - mean) >> 2), last, code


def _varints(data: Iterator[int]) -> Iterator[int]:
    value = shift = 0
    for byte in data:
        value, shift = value | (byte & 127) << shift, shift + 7
        if byte <= 127:  # noqa: PLR2004 - 7 bits a byte
            yield value
            value = shift = 0


def read(data: bytes, known: dict[bytes, Any]) -> tuple[dict[str, Any], list[Sample]]:
    """Return the names and the samples of a frame, moment by moment.

    `known`: names by their digest; those that the frame tells are added.
    """
    crc, which, length = struct.unpack_from("<I8sI", data, 4)
    if data[:4] != MAGIC or crc != zlib.crc32(data[8:]):
        raise FrameError("this is no whole bit frame")
    names = known[which] = json.loads(data[20 : 20 + length]) if length else known[which]
    body = iter(data[20 + length :])
    sizes = _varints(body)
    _, _, n_rows, n_points, _, height, width = islice(sizes, 7)
    places = [(r, p) for r in range(0, n_rows, height) for p in range(0, n_points, width)]
    lengths = list(islice(sizes, 2 + 2 * len(places)))
    bits = [iter("".join(f"{byte:08b}" for byte in islice(body, n))) for n in lengths]
    head, *tiles = (_Stream(bits[i], _hush(bits[i + 1])) for i in range(0, len(bits), 2))
    times, scales, found = list(_times(head, n_rows)), list(_scales(head, names)), []
    for s, (top, left) in zip(tiles, places, strict=True):
        mine = scales[left : left + width]
        rows = list(_rows(s, min(height, n_rows - top), len(mine)))
        statuses = list(_statuses(s, map(len, rows)))
        for p, (scale, row, status) in enumerate(zip(mine, rows, statuses, strict=True), left):
            each = zip(row, status, _values(s, scale, status), strict=True)
            found += [(top + r, p, one, value) for r, one, value in each]
    found.sort(key=lambda one: one[:2])
    return names, [(times[row], names["points"][p], one, value) for row, p, one, value in found]
