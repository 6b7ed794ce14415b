"""Series in promtool's notation: `1+2x3 _x2 stale`.

Source: Prometheus, "Unit testing rules", series notation; native histograms are not there.
"""

import re
from collections.abc import Iterator
from math import nan
from typing import NamedTuple

from schemas.trigger.rule_test import Series
from schemas.units.point import LABELS

MOST = 100_000
"""Samples of a series."""
_ITEM = re.compile(
    r"(?P<from>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"(?:(?P<step>[+-](?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)?x(?P<times>\d{1,6}))?"
)
_GAP = re.compile(r"_(?:x(\d{1,6}))?")
_LABEL = re.compile(r'\s*([A-Za-z_]\w*)\s*=\s*("(?:[^"\\]|\\.)*")\s*(?:,|$)')
_STALE = "stale"


class SeriesError(ValueError):
    """A series that cannot be read."""


class Signal(NamedTuple):
    """One signal and its samples."""

    asset: str
    point: str
    values: tuple[float | None, ...]
    """One an interval; None: no sample, NaN: one that says it has no value."""


def signal(series: Series) -> Signal:
    """Read a series. Raises `SeriesError`."""
    asset, point = _named(series.series)
    return Signal(asset, point, samples(series.values))


def samples(text: str) -> tuple[float | None, ...]:
    """Read samples. Raises `SeriesError`."""
    found: list[float | None] = []
    for word in text.split():
        found += _of_word(word)
        if len(found) > MOST:
            raise SeriesError(f"more than {MOST} samples")
    return tuple(found)


def _of_word(word: str) -> Iterator[float | None]:
    gap, item = _GAP.fullmatch(word), _ITEM.fullmatch(word)
    if word == _STALE:
        return iter([nan])
    if gap:
        return iter([None] * int(gap[1] or 1))
    if not item:
        raise SeriesError(f"{word[:40]!r} is none of 5, 1+2x3, 5x3, _, _x3, stale")
    first, step = float(item["from"]), float(item["step"] or 0.0)
    return (first + i * step for i in range(int(item["times"] or 0) + 1))


def _named(text: str) -> tuple[str, str]:
    """Return the asset and the point of a series. Raises `SeriesError`."""
    plain, brace, rest = text.strip().partition(LABELS)
    inside = rest.removesuffix("}")
    if not plain or not brace or inside == rest:
        raise SeriesError(f'{text[:80]!r} is not written as point{{asset="gpu-0"}}')
    labels: dict[str, str] = {}
    at = 0
    while at < len(inside):
        found = _LABEL.match(inside, at)
        if not found:
            raise SeriesError(f'{inside[at : at + 40]!r} is no label: write asset="gpu-0"')
        labels[found[1]], at = found[2], found.end()
    asset = labels.pop("asset", '""')[1:-1]
    if not asset:
        raise SeriesError(f'{text[:80]!r} names no asset: write point{{asset="gpu-0"}}')
    kept = ",".join(f"{name}={value}" for name, value in labels.items())
    return asset, f"{plain}{{{kept}}}" if kept else plain
