"""One entry of a JSON message: what it says, and what that is as samples."""

from typing import Any, NamedTuple

from schemas.formats.base import samples
from schemas.telemetry import Shape, Why
from schemas.times import to_ns


class Entry(NamedTuple):
    """What one entry says, as it stands there."""

    asset: str
    points: Shape
    wholes: Shape
    """What the points are called in full."""
    time: object
    values: list[Any]


Wrong = tuple[Why, str]
"""Why something could not be read, and what for a person."""


class Good(NamedTuple):
    """An entry as samples."""

    asset: str
    points: Shape
    wholes: Shape
    time_ns: int
    values: list[float]
    quality: list[int]


def good_of(entry: Entry) -> Good | Wrong:
    """Return an entry as samples, or what is wrong with it."""
    time_ns = to_ns(entry.time)
    if time_ns is None:
        return Why.BAD_TIME, f"time: {str(entry.time)[:100]!a}"
    values, quality = samples(entry.values)
    return Good(*entry[:3], time_ns, values, quality or [0] * len(values))
