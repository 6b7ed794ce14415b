"""Durations as Prometheus writes them: `90s`, `5m`, `1h30m`, `2d`, `1w`; or a number of seconds.

Source: Prometheus 2.x, "Querying basics", time durations: units in falling order, each once.
"""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

_UNITS_S = {"w": 604_800.0, "d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_WRITTEN = re.compile(
    r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?"
)


def seconds(text: str) -> float:
    """Read a duration, in s. Raises `ValueError` where it is none."""
    found = _WRITTEN.fullmatch(text)
    if not found or not any(found.groups()):
        raise ValueError(f"{text!r} is no duration: write it like 90s, 5m or 1h30m")
    parts = zip(found.groups(), _UNITS_S.values(), strict=True)
    return sum(float(number) * unit for number, unit in parts if number)


def _read(value: object) -> object:
    return seconds(value) if isinstance(value, str) else value


Duration = Annotated[float, BeforeValidator(_read), Field(ge=0, le=31_536_000)]
"""In s; at most a year."""
