"""Reads bit frames in plain Python: `schemas.bits` once more, as a program.

It is a part of the description, and slow. What it is given must be whole; `models.bits` is for
everything else.
"""

import json
import struct
import zlib
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Any

from schemas.bits import (
    BINARY,
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

_B = [{nc: b for b, nc in enumerate(zip(*row, strict=True))} for row in zip(LENGTHS, CODES)]  # noqa: B905


class _Stream:
    def __init__(self, said: bytes, hush: bytes) -> None:
        self.said, self.hush = (iter("".join(f"{b:08b}" for b in one)) for one in (said, hush))
        self.level = self.left = self.happens = 0

    def take(self, n: int, bits: Iterator[str] | None = None) -> int:
        return int("0" + "".join(next(bits or self.said, "0") for _ in range(n)), 2)

    def happened(self) -> bool:
        if not self.left and not self.happens:
            self.happens = 1 - self.take(1, self.hush)
            run = RUNS[self.level]
            self.left = self.take(run, self.hush) if self.happens else 1 << run
            self.level = max(0, self.level - 1) if self.happens else min(31, self.level + 1)
        if self.left:
            self.left -= 1
            return False
        self.happens = 0
        return True

    def number(self, class_: int, *, wide: bool = False) -> tuple[int, int]:
        n = code = 0
        while n == 0 or (n, code) not in _B[class_]:
            n, code = n + 1, 2 * code + self.take(1)
        b = _B[class_][n, code]
        b = self.take(7) if b == ESCAPE else b
        if wide and b not in {0, RAW}:
            sign, rest = self.take(1), self.take(min(WIDE * b, 64))
            return b, -rest if sign else rest
        rest = self.take(min(b, 64))
        if b in {0, RAW}:
            return b, rest
        return b, -rest if rest >> (b - 1) else rest | 1 << (b - 1)


def _float(bits: int) -> float:
    return float(struct.unpack("<d", struct.pack("<Q", bits % 2**64))[0])


def _value(scale: tuple[int, int, float, float], code: int) -> float:
    kind, exponent, low, step = scale
    if kind == GRID:
        return low + code * step
    if kind == EXACT:
        return _float((code if code >= 0 else code ^ (2 ** (63 - exponent) - 1)) << exponent)
    return code * 2.0**exponent if kind == BINARY else code / 10**exponent


def _times(s: _Stream, n_rows: int) -> Iterator[int]:
    unit, time, change = UNITS_NS[s.take(2)], 0, 0
    for row in range(n_rows):
        change += s.number(SECOND)[1] if row and s.happened() else 0
        time = time + change if row else s.take(64)
        yield ((time + 2**63) % 2**64 - 2**63) * unit


def _scales(s: _Stream, names: dict[str, Any]) -> Iterator[tuple[int, int, float, float]]:
    kind, exponents = 0, [0, 0, 0, 0]
    for low, high, bits in zip(names["low"], names["high"], names["bits"], strict=True):
        if s.happened():
            kind = s.take(2)
            exponents[kind] += s.number(SECOND)[1] if kind != GRID else 0
            if kind == BINARY:
                s.number(SECOND)  # the version
        step = max((high - low) / (2**bits - 1), 2.0**-1022) if kind == GRID else 0.0
        yield kind, exponents[kind], low, step


def _rows(s: _Stream, height: int, n_points: int) -> Iterator[list[int]]:
    lacks = s.happened()
    for _ in range(n_points):
        gaps = [0] * height
        if lacks and s.happened():
            gaps = [s.number(SECOND)[1] for _ in range(s.number(FIRST)[1])]
        yield [sum(gaps[: i + 1]) + i for i in range(len(gaps))]


def _statuses(s: _Stream, counts: list[int]) -> Iterator[list[int]]:
    odd, last = s.happened(), [GOOD, 0, 0]
    for count in counts:
        mine, changes = [], odd and s.happened()
        often = s.take(1) if changes else 0
        for _ in range(count):
            place = 0
            if often or (changes and s.happened()):
                place = 1 - often
                while place < len(last) and s.take(1):
                    place += 1
            one = s.take(8) if place == len(last) else last[place]
            last = [one, *(other for i, other in enumerate(last) if i != min(place, 2))]
            mine.append(one)
        yield mine


def _values(s: _Stream, scale: tuple[int, int, float, float], status: list[int]) -> Iterator[float]:
    last, before, mean, mode, moves, class_, a = 0, 0, 0, 0, True, FIRST, -1
    for one in status:
        if not one & VALID:
            yield float("nan")
            continue
        same = not moves or (class_ < QUIET and not s.happened())
        b, away = (0, 0) if same else s.number(class_, wide=scale[0] == EXACT)
        guess = (last, 2 * last - before, (mean + 8) >> 4)[mode]
        code = (guess + away + 2**63) % 2**64 - 2**63
        yield _float(away) if b == RAW else _value(scale, code)
        if class_ == FIRST:
            last = before = 0 if b == RAW else code
            mean, class_, moves = last << 4, SECOND, s.happened()
            mode = s.take(2) if moves and len(status) > 7 else 0  # noqa: PLR2004 - as described
        elif b != RAW and moves:
            a = 16 * b if a < 0 else a + ((16 * b - a) >> 2)
            class_ = min(a >> 2, 37)
            mean, before, last = mean + (((code << 4) - mean) >> 2), last, code


def _table(data: bytes, at: int) -> tuple[list[int], list[_Stream]]:
    numbers: list[int] = []
    value = shift = 0
    count = 9
    while len(numbers) < count:
        value, shift, at = value | (data[at] & 127) << shift, shift + 7, at + 1
        if data[at - 1] <= 127:  # noqa: PLR2004 - 7 bits a byte
            numbers, value, shift = [*numbers, value], 0, 0
            if len(numbers) == 7:  # noqa: PLR2004 - R, P, N, H, G are there
                count += 2 * -(-numbers[2] // numbers[5]) * -(-numbers[3] // numbers[6])
    ends = list(accumulate(numbers[7:], initial=at))
    cuts = [data[a:b] for a, b in pairwise(ends)]
    return numbers[2:7], [_Stream(*two) for two in zip(cuts[::2], cuts[1::2], strict=True)]


def read(data: bytes, known: dict[bytes, Any]) -> tuple[dict[str, Any], list[Sample]]:
    """Return the names and the samples of a frame, moment by moment.

    `known`: names by their digest; those that the frame tells are added.
    """
    crc, which, length = struct.unpack_from("<I8sI", data, 4)
    if data[:4] != MAGIC or crc != zlib.crc32(data[8:]):
        raise FrameError("this is no whole bit frame")
    names = known[which] = json.loads(data[20 : 20 + length]) if length else known[which]
    (n_rows, n_points, _, height, width), (head, *tiles) = _table(data, 20 + length)
    times, scales = list(_times(head, n_rows)), list(_scales(head, names))
    places = [(r, p) for r in range(0, n_rows, height) for p in range(0, n_points, width)]
    found = []
    for s, (top, left) in zip(tiles, places, strict=True):
        mine = scales[left : left + width]
        rows = list(_rows(s, min(height, n_rows - top), len(mine)))
        statuses = list(_statuses(s, [len(one) for one in rows]))
        for p, scale in enumerate(mine):
            each = zip(rows[p], statuses[p], _values(s, scale, statuses[p]), strict=True)
            found += [(top + row, left + p, one, value) for row, one, value in each]
    found.sort(key=lambda one: one[:2])
    return names, [(times[row], names["points"][p], one, value) for row, p, one, value in found]
