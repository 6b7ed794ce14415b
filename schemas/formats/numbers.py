"""Decimal text to float64, correctly rounded, compiled; what is not certain is refused.

Digits are read eight at a time in one word. Up to 2^53 and 10^22 one division or product rounds
right (Clinger 1990, How to read floating point numbers accurately); longer numbers, to 19 digits,
by Eisel and Lemire (Lemire 2021, Number parsing at a gigabyte per second).
"""

from typing import NamedTuple

import numpy as np

from schemas.formats.words import (
    Bytes,
    Whole,
    Words,
    compiled,
    double,
    high,
    high_zeros,
    inlined,
    load,
    low_zeros,
)

U = np.uint64

ZEROS = U(0x3030303030303030)
NOT_DIGIT = U(0x7676767676767676)
TOPS = U(0x8080808080808080)
PAIRS = U(0x000000FF000000FF)
HUNDREDS = U(0x000F424000000064)
ONES = U(0x0000271000000001)

NONE = U(0)
ONE = U(1)
TWO = U(2)
THREE = U(3)
EIGHT = U(8)
NINE = U(9)
TEN = U(10)
HALF = U(16)
BYTE = U(0xFF)
LOWER = U(0x20)
WIDE = U(32)
MINUS = U(ord("-"))
PLUS = U(ord("+"))
DOT = U(ord("."))
EXPONENT = U(ord("e"))
DIGIT_0 = U(ord("0"))
ALL = U(0xFFFFFFFFFFFFFFFF)

EXACT = U(1 << 53)
EXACT_POWER = 22
LOW, HIGH = -342, 308
"""Powers of ten that a 19-digit number needs to give a float64 other than zero or infinity."""
TIE_LOW, TIE_HIGH = -4, 23
"""Powers of ten at which a number can lie exactly between two float64."""
INFINITE = 0x7FF
"""Exponent of an infinity."""
TENS: Words = np.array([10**n for n in range(20)], dtype=np.uint64)
ROOM: Words = np.array([10 ** (19 - n) for n in range(10)], dtype=np.uint64)
"""A number below `ROOM[n]` can take n more digits and stay below 10^19."""
POWERS = np.array([10.0**n for n in range(EXACT_POWER + 1)])


def _five(q: int) -> int:
    """Return the first 128 bits of 5^q; of a negative power, rounded up."""
    power = 5 ** abs(q)
    if q >= 0:
        return int(power << 128 >> power.bit_length())
    return ((1 << (power.bit_length() + 127)) // power) + 1 if _is_exact(q) else _inverse(power)


def _is_exact(q: int) -> bool:
    return q >= -27  # noqa: PLR2004 - 5^27 is the last below 2^64


def _inverse(power: int) -> int:
    long = (1 << (2 * power.bit_length() + 128)) // power + 1
    return long >> (long.bit_length() - 128)


_FIVES = [_five(q) for q in range(LOW, HIGH + 1)]
FIVES_HIGH: Words = np.array([five >> 64 for five in _FIVES], dtype=np.uint64)
FIVES_LOW: Words = np.array([five & (1 << 64) - 1 for five in _FIVES], dtype=np.uint64)


class Decimal(NamedTuple):
    """A number as written: (-1)^minus * digits * 10^power. `end`: the byte after it; 0: refused."""

    end: np.uint64
    minus: bool
    digits: np.uint64
    power: Whole
    whole: bool
    """Written without fraction and exponent."""


@inlined
def count(word: np.uint64) -> np.uint64:
    """Say how many of the word's first bytes are digits, 0..8."""
    away = word ^ ZEROS
    return low_zeros(((away + NOT_DIGIT) | away) & TOPS) >> THREE


@inlined
def value(word: np.uint64, n: np.uint64) -> np.uint64:
    """Return the number that the word's first n bytes spell, 1 <= n <= 8."""
    digits = (word ^ ZEROS) << ((EIGHT - n) << THREE)
    digits = digits * TEN + (digits >> EIGHT)
    upper = (digits & PAIRS) * HUNDREDS
    return (upper + ((digits >> HALF) & PAIRS) * ONES) >> WIDE


@compiled
def more(buffer: Bytes, at: np.uint64, digits: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Append the digits at `at` to a number; return it and the byte after, 0 when above 10^19."""
    while True:
        word = load(buffer, at)
        n = count(word)
        if n == NONE:
            return digits, at
        if digits >= ROOM[n]:
            return digits, NONE
        digits = digits * TENS[n] + value(word, n)
        at += n
        if n != EIGHT:
            return digits, at


@compiled
def exponent(buffer: Bytes, at: np.uint64) -> tuple[Whole, np.uint64]:
    """Read what follows the `e` at `at`: the power of ten and the byte after; 0: refused."""
    word = load(buffer, at + ONE)
    sign = word & BYTE
    signed = U(sign in (PLUS, MINUS))
    word = word >> (signed << THREE)
    n = count(word)
    if n == NONE or n > THREE:
        return 0, NONE
    power = np.int64(value(word, n))
    return -power if sign == MINUS else power, at + ONE + signed + n


@compiled
def read(buffer: Bytes, at: np.uint64) -> Decimal:
    """Read the JSON number at `at`."""
    word = load(buffer, at)
    minus = U((word & BYTE) == MINUS)
    word = load(buffer, at + minus)
    n = count(word)
    if n == NONE or (n > ONE and (word & BYTE) == DIGIT_0):
        return Decimal(NONE, False, NONE, 0, True)
    digits = value(word, n)
    end = at + minus + n
    if n == EIGHT:
        digits, end = more(buffer, end, digits)
        if end == NONE:
            return Decimal(NONE, False, NONE, 0, True)
    power: Whole = 0
    whole = True
    if U(buffer[end]) == DOT:
        whole = False
        first = end + ONE
        digits, end = more(buffer, first, digits)
        if end <= first:
            return Decimal(NONE, False, NONE, 0, True)
        power = np.int64(first) - np.int64(end)
    if U(buffer[end]) | LOWER == EXPONENT:
        whole = False
        shift, end = exponent(buffer, end)
        power += shift
    return Decimal(end, minus == ONE, digits, power, whole)


@inlined
def lemire(digits: np.uint64, power: Whole) -> tuple[bool, float]:
    """Return digits * 10^power rounded to nearest even; False where 128 bits cannot tell."""
    if power < LOW or power > HIGH or digits == NONE:
        return False, 0.0
    zeros = high_zeros(digits)
    digits = digits << zeros
    row = U(power - LOW)
    low = digits * FIVES_HIGH[row]
    top = high(digits, FIVES_HIGH[row])
    if top & U(0x1FF) == U(0x1FF):
        second = high(digits, FIVES_LOW[row])
        low += second
        if second > low:
            top += ONE
        if low == ALL:
            return False, 0.0
    upper = top >> U(63)
    shift = upper + NINE
    kept = top >> shift
    binary = ((217706 * power) >> 16) + 63 + np.int64(upper) - np.int64(zeros) + 1023
    if low <= ONE and TIE_LOW <= power <= TIE_HIGH and kept & THREE == ONE and kept << shift == top:
        kept &= ~ONE
    kept = (kept + (kept & ONE)) >> ONE
    if kept >= EXACT:
        kept >>= ONE
        binary += 1
    if binary <= 0 or binary >= INFINITE:
        return False, 0.0
    return True, double((kept & (EXACT >> ONE) - ONE) | U(binary) << U(52))


@compiled
def to_double(number: Decimal) -> tuple[bool, float]:
    """Return the nearest float64; False where that is not certain."""
    certain = True
    if number.digits < EXACT and -EXACT_POWER <= number.power <= EXACT_POWER:
        size = float(np.int64(number.digits))
        if number.power < 0:
            size /= POWERS[U(-number.power)]
        else:
            size *= POWERS[U(number.power)]
    else:
        certain, size = lemire(number.digits, number.power)
    if number.minus:
        size = -size
        certain = certain and not (number.whole and number.digits == NONE)
    return certain, size
