"""The usual forms of a JSON number, fast: `12.345`, `-7`, `0.1234567890123456`.

Where a number ends is found before its digits are read, so that the machine can begin with the next
one; a branch is taken only where data of one agent always takes the same one. Every other form is
refused, for `numbers.read` to answer. The results are the same.
"""

import numpy as np

from schemas.formats.numbers import (
    BYTE,
    DIGIT_0,
    DOT,
    EIGHT,
    EXACT,
    MINUS,
    NONE,
    NOT_DIGIT,
    ONE,
    POWERS,
    TENS,
    THREE,
    TOPS,
    ZEROS,
    U,
    count,
    lemire,
    value,
)
from schemas.formats.words import Bytes, compiled, inlined, load, low_zeros

DOTS = U(0x2E2E2E2E2E2E2E2E)
LOWS = U(0x7F7F7F7F7F7F7F7F)
SIX = U(6)
LONG = U(16)
BEFORE_LONG = U(11)
"""Digits that fit with eight more below 10^19."""


@inlined
def others(word: np.uint64) -> np.uint64:
    """Mark the word's bytes that are no digits; right up to the first byte above 127."""
    away = word ^ ZEROS
    return ((away + NOT_DIGIT) | away) & TOPS


@inlined
def dots(word: np.uint64) -> np.uint64:
    """Mark the word's bytes that are dots."""
    away = word ^ DOTS
    return ~(((away & LOWS) + LOWS) | away) & TOPS


@inlined
def plain(buffer: Bytes, at: np.uint64) -> tuple[np.uint64, float]:
    """Read a number of up to 8 digits before the dot and 8 behind, 16 bytes at most.

    Returns the byte after it and its float64; 0: refused. What follows is not looked at.
    """
    word = load(buffer, at)
    minus = False
    if word & BYTE == MINUS:
        minus = True
        at += ONE
        word = load(buffer, at)
    after = load(buffer, at + EIGHT)
    here, there = dots(word), dots(after)
    stop, next_stop = low_zeros(others(word) & ~here), low_zeros(others(after) & ~there)
    size = (stop + (stop >> SIX) * next_stop) >> THREE
    dot = low_zeros(here)
    dot = (dot + (dot >> SIX) * low_zeros(there)) >> THREE
    zero = word & BYTE == DIGIT_0
    if dot < size:
        n = size - dot - ONE
        behind = load(buffer, at + dot + ONE)
        if dot - ONE >= EIGHT or n - ONE >= EIGHT or count(behind) < n or (zero and dot != ONE):
            return NONE, 0.0
        digits = value(word, dot) * TENS[n] + value(behind, n)
        number = float(np.int64(digits)) / POWERS[n]
        if digits >= EXACT:
            return NONE, 0.0
    else:
        if size - ONE >= EIGHT or (zero and (size != ONE or minus)):
            return NONE, 0.0
        number = float(np.int64(value(word, size)))
    return at + size, -number if minus else number


@compiled
def longer(buffer: Bytes, at: np.uint64) -> tuple[np.uint64, float]:
    """Read a number of 9 to 18 digits behind the dot, as programs print a float64 exactly.

    Returns the byte after it and its float64; 0: refused. What follows is not looked at.
    """
    word = load(buffer, at)
    minus = word & BYTE == MINUS
    if minus:
        at += ONE
        word = load(buffer, at)
    dot = count(word)
    if dot - ONE >= EIGHT or U(buffer[at + dot]) != DOT or (dot > ONE and word & BYTE == DIGIT_0):
        return NONE, 0.0
    at += dot + ONE
    first, second = load(buffer, at), load(buffer, at + EIGHT)
    n = count(second)
    if n - ONE >= EIGHT or count(first) != EIGHT or dot + n > BEFORE_LONG:
        return NONE, 0.0
    digits = (value(word, dot) * TENS[EIGHT] + value(first, EIGHT)) * TENS[n] + value(second, n)
    n += EIGHT
    if n == LONG:
        third = load(buffer, at + n)
        rest = count(third)
        if dot + rest > THREE:
            return NONE, 0.0
        if rest > NONE:
            digits = digits * TENS[rest] + value(third, rest)
            n += rest
    if digits < EXACT:
        return at + n, float(np.int64(digits)) * (-1.0 if minus else 1.0) / POWERS[n]
    certain, number = lemire(digits, -np.int64(n))
    return at + n if certain else NONE, -number if minus else number
