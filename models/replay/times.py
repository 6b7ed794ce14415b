"""Times in tables: those of `schemas.times`, exact fractions, and seconds since the start."""

from decimal import Decimal, InvalidOperation

from schemas.times import END_NS, SCALES, to_ns

ELAPSED_S = 10**8
"""A smaller number counts from the start of the recording; it would be before 1973."""


def time_ns(text: str, start_ns: int = 0) -> int | None:
    """Read ISO 8601 (UTC where it names no zone) or a number; None where it is neither.

    Numbers are seconds, ms, us or ns since 1970 by their size; below `ELAPSED_S`, seconds since
    `start_ns`. Nothing outside 1970 to 2200 is believed.
    """
    number = _number(text)
    time = to_ns(text.replace("/", "-")) if number is None else _of_number(number, start_ns)
    return time if time is not None and 0 <= time < END_NS else None


def is_number(text: str) -> bool:
    """Say whether a cell is written as a number."""
    return _number(text) is not None


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _of_number(value: Decimal, start_ns: int) -> int | None:
    if not value.is_finite() or abs(value) >= END_NS:
        return None
    if abs(value) < ELAPSED_S:
        return start_ns + int(value * 10**9)
    return int(value * next((scale for limit, scale in SCALES if abs(value) < limit), 1))
