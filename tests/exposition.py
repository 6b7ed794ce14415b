"""What the tests of the Prometheus family share."""


def samples_of(decoded):
    """List every sample as (message, asset, point, time, value, quality)."""
    spans = decoded.spans
    return [
        (
            int(spans.message[i]),
            spans.assets[spans.asset[i]],
            point,
            int(spans.time_ns[i]),
            float(spans.values[at]),
            int(spans.quality[at]),
        )
        for i in range(len(spans))
        for at, point in enumerate(spans.shapes[spans.shape[i]], int(spans.start[i]))
    ]


def whys(decoded):
    return [one.why for one in decoded.rejects]
