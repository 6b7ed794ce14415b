"""What a decoder makes of a golden message, against what it must be."""

from math import isnan

from schemas.formats.base import Decoder, Golden
from schemas.telemetry import About, Decoded, Source, Spans

SHOWN = 3
"""Samples of a difference that are told."""

Told = tuple[str, str, int, float | None, int]
"""Asset, point, time in ns, value (None: none), quality."""


def told(spans: Spans) -> list[Told]:
    """List every sample of spans."""
    return [
        _sample(
            (
                spans.assets[spans.asset[i]],
                point,
                int(spans.time_ns[i]),
                float(spans.values[at]),
                int(spans.quality[at]),
            )
        )
        for i in range(len(spans))
        for at, point in enumerate(spans.shapes[spans.shape[i]], int(spans.start[i]))
    ]


def difference(decoder: Decoder, golden: Golden) -> str:
    """Say how what a decoder makes of a message differs from what it must be; empty: in nothing."""
    decoded = decode(decoder, golden)
    if decoded.rejects:
        return f"rejected: {decoded.rejects[0].why}, {decoded.rejects[0].detail}"
    if tuple(decoded.health) != golden.health:
        return f"health: {list(decoded.health)}, not {list(golden.health)}"
    got = sorted(told(decoded.spans), key=str)
    wanted = expected(golden)
    if got == wanted:
        return ""
    more, less = (
        [one for one in a if one not in b][:SHOWN] for a, b in ((got, wanted), (wanted, got))
    )
    return f"samples: {more}, not {less}"


def expected(golden: Golden) -> list[Told]:
    """List every sample that a message must give, sorted as text."""
    return sorted(map(_sample, golden.samples), key=str)


def decode(decoder: Decoder, golden: Golden, *, subject: bool = True) -> Decoded:
    """Decode a message alone; without a `subject`, as if nobody had told where it came from."""
    about = About(Source("golden", 0, ""), (0,), (golden.subject,))
    return decoder.decode([golden.message], [golden.time_ms], about if subject else None)


def _sample(one: tuple[str, str, int, float, int]) -> Told:
    """Write a sample so that it equals another of no value."""
    return (*one[:3], None if isnan(one[3]) else one[3], one[4])
