"""Event times, and the time between two of them."""

import numpy as np

from models.compiled import compiled

NEVER = np.iinfo(np.int64).min // 2


@compiled
def seconds(earlier_ns: int, later_ns: int) -> float:
    """Return the time from one to the other, > 0.0; exact below 104 days, whatever it is."""
    gap_ns = later_ns - earlier_ns
    if gap_ns > 0:
        return gap_ns / 1e9
    return later_ns / 1e9 - earlier_ns / 1e9  # more than 292 years: past int64
