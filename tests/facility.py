"""What the tests of the facility formats share."""

from math import inf, isnan

import numpy as np

from schemas.formats import detect
from schemas.telemetry import About, Quality, Source

SOURCE = Source("raw", 0, "epoch-1")
T0_MS = 1_700_000_000_000
T0_NS = T0_MS * 10**6


def about(*subjects, first=0, source=SOURCE):
    """Say that messages stood one after the other, from offset `first`."""
    return About(source, range(first, first + len(subjects)), subjects)


def by_message(decoded):
    """List every sample as (message, asset, point, time, value, quality); no value is None."""
    spans = decoded.spans
    return [
        (
            int(spans.message[i]),
            spans.assets[spans.asset[i]],
            point,
            int(spans.time_ns[i]),
            None if isnan(spans.values[at]) else float(spans.values[at]),
            int(spans.quality[at]),
        )
        for i in range(len(spans))
        for at, point in enumerate(spans.shapes[spans.shape[i]], int(spans.start[i]))
    ]


def told(decoded):
    """List every sample as (asset, point, time, value, quality)."""
    return [one[1:] for one in by_message(decoded)]


def whys(decoded):
    return [one.why for one in decoded.rejects]


def assert_golden(decoder, golden):
    decoded = decoder.decode(
        [golden.message], [golden.time_ms], about(golden.subject) if golden.subject else None
    )
    assert not decoded.rejects
    assert detect(golden.message) == decoder.name
    expected = [(*one[:3], None if isnan(one[3]) else one[3], one[4]) for one in golden.samples]
    assert sorted(told(decoded), key=str) == sorted(expected, key=str)


def assert_well_formed(decoded, messages):
    spans = decoded.spans
    assert np.diff(spans.start).tolist() == [len(spans.shapes[i]) for i in spans.shape]
    assert spans.start[0] == 0
    assert spans.start[-1] == len(spans.values) == len(spans.quality)
    assert (np.diff(spans.message) >= 0).all()
    assert len(spans.asset) == len(spans.time_ns) == len(spans) == len(spans.shape)
    assert (spans.message.dtype, spans.asset.dtype, spans.shape.dtype) == (np.int32,) * 3
    assert (spans.time_ns.dtype, spans.start.dtype) == (np.int64,) * 2
    assert (spans.values.dtype, spans.quality.dtype) == (np.float64, np.uint16)
    assert len(set(spans.assets)) == len(spans.assets)
    for value, mark in zip(spans.values.tolist(), spans.quality.tolist(), strict=True):
        assert isnan(value) == bool(mark & (Quality.MISSING | Quality.NOT_A_NUMBER))
        assert (value in (inf, -inf)) == bool(mark & Quality.INFINITE)
    for one in [*decoded.rejects, *decoded.health]:
        assert 0 <= one.message < messages
    for one in decoded.rejects:
        assert 0 < len(one.detail) <= 200
        assert one.detail.isprintable()
