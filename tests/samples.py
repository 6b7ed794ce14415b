"""Samples one by one, so that tests can compare them."""

from collections.abc import Iterable, Iterator
from math import isnan
from typing import NamedTuple

from schemas.formats.base import Golden
from schemas.readings import Block
from schemas.telemetry import Spans


class Sample(NamedTuple):
    """One sample. No value is None, so that equal samples are equal."""

    asset: str
    point: str
    time_ns: int
    value: float | None
    quality: int = 0


def samples(spans: Spans) -> list[Sample]:
    """Return spans as samples, in order."""
    assets, shapes = spans.assets, spans.shapes
    return [
        sample
        for i in range(len(spans))
        for sample in span(spans, i, assets[spans.asset[i]], shapes[spans.shape[i]])
    ]


def span(of: Spans | Block, i: int, asset: str, points: tuple[str, ...]) -> Iterator[Sample]:
    """Yield the samples of one span."""
    for k, point in enumerate(points, int(of.start[i])):
        value, mark = float(of.values[k]), int(of.quality[k]) if len(of.quality) else 0
        yield Sample(asset, point, int(of.time_ns[i]), None if isnan(value) else value, mark)


def told(golden: Golden) -> list[Sample]:
    """Return what a golden message must decode to."""
    return [
        Sample(asset, point, time_ns, None if isnan(value) else value, int(quality))
        for asset, point, time_ns, value, quality in golden.samples
    ]


def alike(some: Iterable[Sample]) -> list[Sample]:
    """Return samples in an order of their own: that of a message is its decoder's affair."""
    return sorted(some, key=str)
