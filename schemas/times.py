"""Event time: whatever a sender writes, as nanoseconds since 1970 UTC."""

import re
from datetime import UTC, datetime, timedelta
from math import isfinite

MICRO = 1_000
END_NS = 7_258_118_400_000_000_000
"""2200-01-01: a time from here on is not believed; nor is one before 1970."""

SCALES = ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3))
"""A number below the first is in units of the second, in ns: seconds, milli-, microseconds."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 64
_FRACTION = re.compile(r"[.,]([0-9]+)")


def to_ns(value: object) -> int | None:
    """Return `value` in ns since 1970; None when it is no time or outside 1970 to 2200.

    Numbers are s, ms, us or ns by their size; integers are exact, others rounded to a microsecond
    (from 10^17, where they mean ns, to a nanosecond). Text is ISO 8601; without a zone it is UTC.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return _believed(value * _scale(value))
    if isinstance(value, float):
        return _of_float(value)
    return _of_text(value) if isinstance(value, str) else None


def _scale(value: float) -> int:
    """Return the ns of one unit of `value`."""
    return next((scale for limit, scale in SCALES if abs(value) < limit), 1)


def _believed(ns: int) -> int | None:
    return ns if 0 <= ns < END_NS else None


def _of_float(value: float) -> int | None:
    if not isfinite(value):
        return None
    scale = _scale(value)
    if scale < MICRO:
        return _believed(round(value))
    return _believed(round(value * float(scale // MICRO)) * MICRO)


def _of_text(text: str) -> int | None:
    if len(text) > _LONGEST:
        return None
    try:
        when = datetime.fromisoformat(_FRACTION.sub("", text, count=1).strip())
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        seconds = (when - _EPOCH) // timedelta(seconds=1)
    except (ValueError, OverflowError):
        return None
    return _believed(seconds * 10**9 + _fraction(text))


def _fraction(text: str) -> int:
    """Return the ns of the fraction of a second in `text`; digits beyond the ninth are cut."""
    found = _FRACTION.search(text)
    return int(found[1][:9].ljust(9, "0")) if found else 0
