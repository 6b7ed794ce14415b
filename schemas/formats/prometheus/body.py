"""What follows the head of a line: its value and time, compiled; whatever is unusual is refused."""

import numpy as np

from schemas.formats.numbers import (
    BYTE,
    DIGIT_0,
    EIGHT,
    MINUS,
    NONE,
    ONE,
    PLUS,
    TEN,
    TENS,
    THREE,
    TOPS,
    Decimal,
    U,
    count,
    read,
    to_double,
)
from schemas.formats.numbers import value as digits_of
from schemas.formats.quick import LOWS, longer, plain
from schemas.formats.scan import GOOD, INFINITE, MASKS, NOT_A_NUMBER
from schemas.formats.words import Bytes, Whole, compiled, inlined, load, low_zeros
from schemas.telemetry import Quality
from schemas.times import END_NS, MICRO

LINES = U(0x0A0A0A0A0A0A0A0A)
NEWLINE, SPACE, TAB, RETURN = U(10), U(32), U(9), U(13)
HASH, OPEN = U(ord("#")), U(ord("{"))
NAN = U(int.from_bytes(b"NaN", "little"))
INF = U(int.from_bytes(b"Inf", "little"))
INT64_BLANK = U(0x7FFFFFFFFFFFFFF0)
SENTINELS = U(4)
"""DCGM's BLANK, NOT_FOUND, NOT_SUPPORTED, NOT_PERMISSIONED, in this order from INT64_BLANK."""
FIRST_SENTINEL = int(Quality.BLANK)
BITS = U(64)


@inlined
def line_end(buffer: Bytes, at: np.uint64) -> np.uint64:
    """Return where the next newline is."""
    while True:
        away = load(buffer, at) ^ LINES
        found = low_zeros(~(((away & LOWS) + LOWS) | away) & TOPS)
        if found < BITS:
            return at + (found >> THREE)
        at += EIGHT


@inlined
def is_gap(byte: np.uint64) -> bool:
    """Say whether a byte is a space or tab."""
    return byte in (SPACE, TAB)


@inlined
def ends_token(byte: np.uint64) -> bool:
    """Say whether a byte ends a number."""
    return byte in (NEWLINE, SPACE, TAB, RETURN)


@inlined
def beyond_gap(buffer: Bytes, at: np.uint64) -> np.uint64:
    """Skip spaces and tabs."""
    while is_gap(U(buffer[at])):
        at += ONE
    return at


@compiled
def mark_of(number: Decimal) -> Whole:
    """Return the quality of a number: a sentinel is marked as what it means."""
    away = number.digits - INT64_BLANK
    if number.whole and not number.minus and away < SENTINELS:
        return (np.int64(away) + 1) * FIRST_SENTINEL
    return GOOD


@compiled
def odd_value(buffer: Bytes, at: np.uint64) -> tuple[np.uint64, float, Whole]:
    """Read any usual value: the byte after it, value and quality. 0: unusual."""
    found = read(buffer, at)
    if found.end != NONE:
        certain, value = to_double(found)
        return found.end if certain else NONE, value, mark_of(found)
    sign = U(buffer[at])
    signed = U(sign in (PLUS, MINUS))
    word = load(buffer, at + signed) & MASKS[THREE]
    if word == INF:
        return at + signed + THREE, -np.inf if sign == MINUS else np.inf, INFINITE
    if word == NAN and signed == NONE:
        return at + THREE, np.nan, NOT_A_NUMBER
    return NONE, 0.0, GOOD


@inlined
def whole_at(buffer: Bytes, at: np.uint64) -> tuple[np.uint64, float]:
    """Read a whole number of 9 to 16 digits: the byte after it and its float64; 0: refused."""
    first, second = load(buffer, at), load(buffer, at + EIGHT)
    n = count(second)
    if count(first) != EIGHT or n - ONE >= EIGHT or first & BYTE == DIGIT_0:
        return NONE, 0.0
    digits = digits_of(first, EIGHT) * TENS[n] + digits_of(second, n)
    return at + EIGHT + n, float(np.int64(digits))


@inlined
def value_at(buffer: Bytes, at: np.uint64) -> tuple[np.uint64, float, Whole]:
    """Read the value at `at`: the byte after it, value and quality. 0: unusual."""
    end, value = plain(buffer, at)
    if end != NONE and ends_token(U(buffer[end])):
        return end, value, GOOD
    end, value = whole_at(buffer, at)
    if end != NONE and ends_token(U(buffer[end])):
        return end, value, GOOD
    end, value = longer(buffer, at)
    if end != NONE and ends_token(U(buffer[end])):
        return end, value, GOOD
    end, value, mark = odd_value(buffer, at)
    return end if ends_token(U(buffer[end])) else NONE, value, mark


@compiled
def moment(number: Decimal, unit_ns: Whole) -> Whole:
    """Return a line's time in ns; -1: unusual."""
    if number.whole and not number.minus:
        return np.int64(number.digits) * unit_ns if number.digits < U(END_NS // unit_ns) else -1
    certain, value = to_double(number)
    micros = np.rint(value * float(unit_ns // MICRO))
    return np.int64(micros) * MICRO if certain and 0.0 <= micros < END_NS // MICRO else -1


@compiled
def rest_at(buffer: Bytes, at: np.uint64, unit_ns: Whole) -> tuple[np.uint64, Whole]:
    """Read what follows the value: where the newline is, 0: unusual; time in ns, -1: none."""
    at = beyond_gap(buffer, at)
    time_ns: Whole = -1
    if U(buffer[at]) - DIGIT_0 < TEN:
        number = read(buffer, at)
        time_ns = moment(number, unit_ns) if number.end != NONE else -1
        if time_ns < 0 or not ends_token(U(buffer[number.end])):
            return NONE, -1
        at = beyond_gap(buffer, number.end)
    if U(buffer[at]) == HASH and is_gap(U(buffer[at - ONE])):
        is_exemplar = U(buffer[beyond_gap(buffer, at + ONE)]) == OPEN
        return line_end(buffer, at) if is_exemplar else NONE, time_ns
    at += U(U(buffer[at]) == RETURN)
    return at if U(buffer[at]) == NEWLINE else NONE, time_ns


@inlined
def body_at(buffer: Bytes, at: np.uint64, unit_ns: Whole) -> tuple[np.uint64, float, Whole, Whole]:
    """Read value and time from `at`: where the newline is, value, quality, time in ns (-1: none).

    The first is 0 where something is unusual.
    """
    if at == NONE:
        return NONE, 0.0, 0, -1
    end, value, mark = value_at(buffer, beyond_gap(buffer, at))
    if end == NONE or U(buffer[end]) == NEWLINE:
        return end, value, mark, -1
    end, time_ns = rest_at(buffer, end, unit_ns)
    return end, value, mark, time_ns
