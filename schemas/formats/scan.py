"""Messages against remembered shapes, compiled: compare what is text, parse what is a number."""

from typing import NamedTuple

import numpy as np

from schemas.formats.numbers import (
    ALL,
    EIGHT,
    NONE,
    ONE,
    THREE,
    Decimal,
    U,
    read,
    to_double,
)
from schemas.formats.pieces import FIRST, SEED, START, TIME, Arena, Text, beyond, place, slot
from schemas.formats.quick import longer, plain
from schemas.formats.words import Bytes, Whole, Words, compiled, inlined, load
from schemas.telemetry import Floats, Indices, Ints, Marks
from schemas.times import END_NS, MICRO, SCALES

GOOD, MISSING, NOT_A_NUMBER, INFINITE = 0, 1, 2, 4
"""`Quality`, as plain numbers."""

SEVEN = U(7)
MASKS: Words = np.array([ALL, *(U((1 << 8 * n) - 1) for n in range(1, 8))], dtype=np.uint64)
"""`MASKS[n]` keeps the first n bytes of a word; n = 0 means all eight."""

NULL = U(int.from_bytes(b"null", "little"))
NAN = U(int.from_bytes(b"NaN", "little"))
INFINITY = U(int.from_bytes(b"Infinity", "little"))
NEGATIVE = U(int.from_bytes(b"-Infinit", "little"))
LAST = U(ord("y"))
FOUR = U(4)

MOST = U(2**63 - 1)
FAR = 9.2e18
"""Beyond END_NS, and still an int64."""


class Output(NamedTuple):
    """Where results go: `template` (n,) of a message or -1, `time_ns` (n,), samples in a row."""

    template: Indices
    time_ns: Ints
    values: Floats
    quality: Marks


@compiled
def special(buffer: Bytes, at: np.uint64) -> tuple[np.uint64, float, int]:
    """Read null, NaN or an infinity: the byte after it, value and quality. 0: none of them."""
    word = load(buffer, at)
    if word & MASKS[FOUR] == NULL:
        return at + FOUR, np.nan, MISSING
    if word & MASKS[THREE] == NAN:
        return at + THREE, np.nan, NOT_A_NUMBER
    if word == INFINITY:
        return at + EIGHT, np.inf, INFINITE
    if word == NEGATIVE and U(buffer[at + EIGHT]) == LAST:
        return at + EIGHT + ONE, -np.inf, INFINITE
    return NONE, 0.0, GOOD


@compiled
def anything(buffer: Bytes, at: np.uint64) -> tuple[np.uint64, float, int]:
    """Read any slot: the byte after it, value and quality. 0: refused."""
    number = read(buffer, at)
    if number.end == NONE:
        return special(buffer, at)
    certain, value = to_double(number)
    return number.end if certain else NONE, value, GOOD


@compiled
def moment(number: Decimal) -> Whole:
    """Return the time of `number` in ns as `times.to_ns` does; -1: refused."""
    certain, value = to_double(number)
    if not certain or value < 0.0 or number.digits > MOST:
        return -1
    for limit, scale in SCALES:
        if value < limit:
            if value * scale > FAR:
                return -1
            if number.whole:
                return believed(np.int64(number.digits) * scale)
            return believed(np.int64(np.rint(value * float(scale // MICRO))) * MICRO)
    if value > FAR:
        return -1
    return believed(np.int64(number.digits) if number.whole else np.int64(np.rint(value)))


@compiled
def believed(ns: Whole) -> Whole:
    """Return `ns`, or -1 outside 1970 to 2200."""
    return ns if 0 <= ns < END_NS else -1


@inlined
def fits(arena: Arena, word: np.uint64, length: np.uint64, text: Text, at: np.uint64) -> bool:
    """Say whether the piece at `word` stands in the message at `at`, and within it."""
    if at + length > text.stop:
        return False
    last = (length - ONE) >> THREE
    for j in range(last):
        if load(text.buffer, at + (U(j) << THREE)) != arena.words[word + U(j)]:
            return False
    away = load(text.buffer, at + (last << THREE)) ^ arena.words[word + last]
    return bool(away & MASKS[length & SEVEN] == NONE)


@compiled
def slowly(text: Text, at: np.uint64, role: int, out: Output) -> np.uint64:
    """Read the slot at `at` whatever it is. The byte after; 0: no match."""
    if role == FIRST:
        return at
    if role == TIME:
        number = read(text.buffer, at)
        if number.end != NONE:
            out.time_ns[text.message] = moment(number)
        return number.end if out.time_ns[text.message] >= 0 else NONE
    end, value, mark = anything(text.buffer, at)
    if role >= 0 and end != NONE:
        out.values[text.base + role] = value
        out.quality[text.base + role] = mark
    return end


@inlined
def follow(arena: Arena, run: np.int64, text: Text, at: np.uint64, out: Output) -> np.uint64:
    """Read one run from `at`: slots into `out`, pieces compared. The byte after; 0: no match."""
    word, first, n = U(arena.runs[run, 0]), arena.runs[run, 1], arena.runs[run, 2]
    for k in range(first, first + n):
        role, length = arena.roles[k], U(arena.lengths[k])
        end, value = NONE, 0.0
        if role >= 0:
            end, value = plain(text.buffer, at)
            if end == NONE:
                end, value = longer(text.buffer, at)
        if end != NONE and fits(arena, word, length, text, end):
            out.values[text.base + role] = value
            out.quality[text.base + role] = GOOD
        else:
            end = slowly(text, at, role, out)
            if end == NONE or not fits(arena, word, length, text, end):
                return NONE
        at = end + length
        word += (length + SEVEN) >> THREE
    return at


@compiled
def match(arena: Arena, template: Whole, text: Text, out: Output) -> bool:
    """Read one message by one template into `out`; say whether it fits."""
    if text.base + arena.templates[template, 2] > out.values.size:
        return False
    at = text.start
    for side in range(2):
        at = follow(arena, arena.templates[template, side], text, at, out)
        if at == NONE:
            return False
    return bool(at == text.stop)


@compiled
def find(arena: Arena, text: Text, out: Output) -> np.int64:
    """Read one message by the template that fits; which one, -1: none does."""
    at, key = text.start, SEED
    while True:
        at, key = slot(text, at, key)
        here = place(arena, key)
        template = np.int64(arena.firsts[here, 0]) if arena.keys[here] == key else np.int64(-1)
        while template >= 0:
            if match(arena, template, text, out):
                return template
            template = arena.templates[template, 3]
        if at >= text.stop or arena.keys[here] != key or arena.firsts[here, 1] == 0:
            return np.int64(-1)
        at = beyond(text, at)


@compiled
def scan(arena: Arena, buffer: Bytes, ends: Ints, out: Output, base: int) -> int:
    """Read the messages that end at `ends` in `buffer`, each a row of `out`.

    Samples go to `out` from `base`; returns where the next would go.
    """
    start = U(START)
    for i in range(ends.size):
        text = Text(buffer, start, U(ends[i]), i, base)
        template = find(arena, text, out)
        out.template[i] = template
        if template >= 0:
            base += arena.templates[template, 2]
        start = text.stop
    return base
