"""Snappy blocks (not the framed format): what they claim to hold is checked before it is believed.

Format: https://github.com/google/snappy/blob/main/format_description.txt
"""

from typing import Final

import pyarrow as pa

MOST_BYTES: Final = 64 * 2**20
"""Of a block, uncompressed."""
MOST_TIMES: Final = 22
"""A block cannot hold more than so many times its own bytes: 3 bytes copy 64 at most."""

_CODEC: Final = pa.Codec("snappy")
_FOREIGN: Final = (pa.ArrowException, OSError, ValueError)
_LENGTH_BYTES: Final = 5


class NotSnappyError(ValueError):
    """The bytes are no snappy block."""


class TooLargeError(ValueError):
    """The block claims to hold more than is read."""


def claimed(data: bytes) -> tuple[int, int]:
    """Return how many bytes a block claims to hold, and where it begins; -1: it is none."""
    length = 0
    for i, byte in enumerate(data[:_LENGTH_BYTES]):
        length |= (byte & 0x7F) << 7 * i
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a varint
            return (length, i + 1) if length < 1 << 32 else (-1, 0)
    return -1, 0


def first_bytes(data: bytes, begin: int, count: int) -> bytes:
    """Return the first bytes of what a block holds, if it begins with a literal as blocks do."""
    if begin >= len(data) or data[begin] & 3:
        return b""
    inline = data[begin] >> 2
    after = begin + 1 + max(0, inline - 59)
    return data[after : after + min(count, inline + 1)]


def uncompressed(data: bytes) -> bytes:
    """Return what a block holds. Raises `NotSnappyError`, `TooLargeError`."""
    length, begin = claimed(data)
    if length < 0 or length > MOST_TIMES * (len(data) - begin):
        raise NotSnappyError(
            "its length is not possible" if length >= 0 else "it begins with no length"
        )
    if length > MOST_BYTES:
        raise TooLargeError(f"{length} bytes uncompressed; at most {MOST_BYTES} are read")
    if not length:
        return b""
    try:
        return bytes(_CODEC.decompress(data, length, asbytes=True))
    except _FOREIGN as error:
        raise NotSnappyError(str(error)) from error
