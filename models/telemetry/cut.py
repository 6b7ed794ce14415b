"""How much a span weighs in a block, and cutting those that are too heavy for one."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import msgspec
import numpy as np

from schemas.telemetry import Ints, Shape, Spans

SAMPLE_BYTES = 10  # of a value and its quality
MOST_BYTES = 48_000  # of a span's values and names; a heavier one is cut


def json_bytes(names: "Sequence[str] | Sequence[Shape]") -> Ints:
    """Return the bytes of each in the metadata of a block, a comma with it."""
    return np.array([len(msgspec.json.encode(one)) + 1 for one in names], np.int64)


def cut(spans: Spans) -> Spans:
    """Cut spans that are too heavy for a block into several; the same spans when there are none.

    Where a span is cut depends on its points alone: (offset, part) means the same whenever a
    message is read again.
    """
    weights = json_bytes(spans.shapes) + [SAMPLE_BYTES * len(shape) for shape in spans.shapes]
    if not len(spans) or int(weights.max()) <= MOST_BYTES:
        return spans
    edges = [_edges(shape) for shape in spans.shapes]
    shapes = [
        shape[low:high]
        for shape, ends in zip(spans.shapes, edges, strict=True)
        for low, high in pairwise(ends)
    ]
    pieces = np.array([len(ends) - 1 for ends in edges], np.int64)
    first, many = np.cumsum(pieces) - pieces, pieces[spans.shape]
    within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    shape = np.repeat(first[spans.shape], many) + within
    lengths = np.array([len(one) for one in shapes], np.int64)[shape]
    return replace(
        spans,
        shapes=shapes,
        message=np.repeat(spans.message, many),
        asset=np.repeat(spans.asset, many),
        shape=shape.astype(np.int32),
        time_ns=np.repeat(spans.time_ns, many),
        start=np.concatenate([[0], np.cumsum(lengths)]),
    )


@lru_cache(maxsize=16)  # few: a shape that is cut can be megabytes of names
def _edges(points: Shape) -> tuple[int, ...]:
    """Return where a shape is cut, its two ends with it."""
    ends = np.cumsum(json_bytes(points) + SAMPLE_BYTES)
    cuts = np.flatnonzero(np.diff(ends // MOST_BYTES)) + 1
    return 0, *cuts.tolist(), len(points)
