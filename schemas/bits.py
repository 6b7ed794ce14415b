r"""Bits v1: the layout of a bit frame. The frames of one asset, as one source told it.

A frame is the value of one Kafka message, CloudEvents binary mode (`ce_id`, `ce_type`, ...).
All numbers little-endian, except that codes are packed most significant bit first.

    offset  type           what
    0       4 bytes        "A2B" and the version, b"\x01"
    4       u32            J, length of the dictionary
    8       J bytes        the dictionary: JSON, see `Dictionary`; J is padded with spaces to 8
    ..      u32            R, rows: moments in order of arrival
    ..      u32            P, points
    ..      u32            form: 0 dense, 1 sparse
    ..      u32            N, samples
    ..      i64 x R        event time of each row, ns since 1970 UTC
    ..      f64 x P        low: the value of code 0
    ..      f64 x P        step: what one code is worth; 0 where all values are equal
    ..      u8  x P        width of a code, 1..16 bits
    dense   u8  x R x P    status of each sample, row by row; 0 where there is none
    sparse  u32 x N        row of each sample, in order of arrival
    sparse  u32 x N        point of each sample
    sparse  u8  x N        status
    ..      packed codes   of the samples, in the order of their status bytes (dense: without the
                           absent ones), each with its point's width, most significant bit first,
                           zeros to the next byte

A status byte: bit 0 valid, 1 fresh, 2 in range, 3 rising, 4 falling, 5 high, 6 low, 7 anomalous.
The value of a valid sample in range is `low + code * step`, within half a step (and the rounding of
float64). A valid sample out of its declared range has the nearest code and bit 2 clear.
"""

from typing import Final

import msgspec

MAGIC: Final = b"A2B\x01"
VERSION: Final = 1
CONTENT_TYPE: Final = "application/vnd.alltobit.bits.v1"
TYPE: Final = "io.alltobit.bits.frame"

VALID: Final = 1
"""There is a finite number."""
FRESH: Final = 2
"""Newer than what the signal said before: neither late nor duplicate."""
IN_RANGE: Final = 4
"""Not outside the range declared possible for the point."""
RISING: Final = 8
FALLING: Final = 16
HIGH: Final = 32
"""More than 3 spreads over the robust centre."""
LOW: Final = 64
ANOMALOUS: Final = 128
"""Inside an anomaly episode."""

DENSE: Final = 0
SPARSE: Final = 1


class Covers(msgspec.Struct, frozen=True):
    """The raw messages a frame was made of."""

    topic: str
    partition: int
    epoch: str
    first_offset: int
    last_offset: int


class Meaning(msgspec.Struct, frozen=True):
    """What the columns mean."""

    asset: str
    cell: str
    points: list[str]
    units: list[str]


class Dictionary(Meaning, frozen=True):
    """What the columns mean, and what the frame was made of."""

    covers: Covers


class FrameError(ValueError):
    """The bytes are no bit frame of a version we know."""
