"""How large an Arrow IPC stream is once decoded, read from its metadata before anything is decoded.

A compressed buffer begins with its decoded length (Arrow columnar format, "Compression"); buffers
are listed in a record batch's flatbuffer (Message.fbs). What cannot be read counts as endless.
"""

import struct
import sys

from pyarrow import ipc

ENDLESS = sys.maxsize

_HEADER, _LENGTH, _BUFFERS, _COMPRESSION, _DICTIONARY_DATA = 2, 0, 2, 3, 1
"""Places of fields in their tables."""


def decoded_size(stream: bytes) -> int:
    """Return the bytes that all record batches and dictionaries of `stream` decode to.

    Rows count one byte each, for columns that have no buffers. ArrowInvalid: it is no stream.
    """
    size = 0
    for message in ipc.MessageReader.open_stream(stream):
        if message.type in ("record batch", "dictionary"):
            metadata, body = message.metadata.to_pybytes(), memoryview(message.body)
            size += _batch_size(metadata, body, message.type == "dictionary")
    return size


def _batch_size(metadata: bytes, body: memoryview, is_dictionary: bool) -> int:
    try:
        table = _follow(metadata, _field(metadata, _follow(metadata, 0), _HEADER))
        if is_dictionary:
            table = _follow(metadata, _field(metadata, table, _DICTIONARY_DATA))
        rows = struct.unpack_from("<q", metadata, _field(metadata, table, _LENGTH))[0]
        vector = _follow(metadata, _field(metadata, table, _BUFFERS))
        count = struct.unpack_from("<I", metadata, vector)[0]
        buffers = struct.iter_unpack("<qq", metadata[vector + 4 : vector + 4 + 16 * count])
        if not _field(metadata, table, _COMPRESSION):
            return max(int(rows), len(body))
        return max(int(rows), sum(_decoded(body, offset, length) for offset, length in buffers))
    except struct.error:
        return ENDLESS


def _decoded(body: memoryview, offset: int, length: int) -> int:
    """Return the decoded length of a compressed buffer; -1 on the wire: it is stored as it is."""
    if length == 0:
        return 0
    written = int(struct.unpack_from("<q", body, offset)[0])
    return length if written < 0 else written


def _follow(data: bytes, at: int) -> int:
    """Follow the offset at `at`."""
    return at + int(struct.unpack_from("<I", data, at)[0])


def _field(data: bytes, table: int, place: int) -> int:
    """Return where a table's field is; 0: it is absent."""
    vtable = table - int(struct.unpack_from("<i", data, table)[0])
    if 4 + 2 * place >= struct.unpack_from("<H", data, vtable)[0]:
        return 0
    offset = int(struct.unpack_from("<H", data, vtable + 4 + 2 * place)[0])
    return table + offset if offset else 0
