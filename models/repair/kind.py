"""A declared counter that goes down as a gauge does. 16 bytes a counter, O(1) a sample.

A reset falls to 0 or near; a gauge falls a little, and often. An agent that types a gauge as a
counter (DCGM's NVLink bandwidth) is found out after a handful of samples.
"""

from models.compiled import Int32, compiled

SHALLOW = 0.5  # of the value before: a counter that was reset is below
FALLS = 4  # shallow ones, before anything is decided
OFTEN = 8  # one shallow fall in so many moves is no counter's
MEMORY = 1024  # moves: then both counts are halved


class Row:
    """How often a counter rose, and fell as a gauge does."""

    rises: Int32
    falls: Int32
    since_ns: int
    """Event time at which it was decided."""


@compiled
def learn(row: Row, before: float, raw: float) -> bool:
    """Take a step of a counter; say whether it is decided that this is a gauge."""
    if raw > before:
        row.rises += 1
    elif raw < before and raw > SHALLOW * before:
        row.falls += 1
    else:
        return False
    if row.rises + row.falls >= MEMORY:
        row.rises //= 2
        row.falls //= 2
    return row.falls >= FALLS and row.falls * OFTEN >= row.rises
