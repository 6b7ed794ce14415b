"""Bit frames of a few points, for tests."""

import numpy as np

from models.bits import Samples
from schemas.bits import IN_RANGE, VALID, Names

GOOD = VALID | IN_RANGE


def names_of(n, low=None, high=None, width=12):
    """Return the names of n points; `width`: of all, or a list."""
    points = [f"p{i}" for i in range(n)]
    ends = [low] * n, [high] * n
    widths = width if isinstance(width, list) else [width] * n
    return Names("a", "c", "raw", 3, "epoch", points, ["W"] * n, *ends, widths)


def columns(times, row, point, status, values):
    return Samples(
        np.array(times, np.int64),
        np.array(row, np.int32),
        np.array(point, np.int32),
        np.array(status, np.uint8),
        np.array(values, np.float64),
    )


def table(values, status=GOOD):
    """Return the samples of a table of values: a row a moment, a column a point."""
    values = np.array(values, np.float64)
    rows, points = np.indices(values.shape).reshape(2, -1)
    marks = np.full(values.size, status, np.uint8)
    return columns(range(len(values)), rows, points, marks, values.reshape(-1))
