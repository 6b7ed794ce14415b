"""Writes Sparkplug B payloads byte by byte, without protobuf's own code; for tests."""

import struct


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def whole(field, number):
    return varint(field << 3) + varint(number)


def text(field, data):
    data = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(data)) + data


def quality(code):
    value = whole(1, 3) + whole(3, code)
    return text(1, "Quality") + text(2, value)


def value(datatype, number):
    """Encode as Tahu does: ints in uint32, longs in uint64, two's complement."""
    if datatype == 9:
        return varint(12 << 3 | 5) + struct.pack("<f", number)
    if datatype == 10:
        return varint(13 << 3 | 1) + struct.pack("<d", number)
    if datatype == 11:
        return whole(14, int(number))
    if datatype in {12, 14, 15}:
        return text(15, number)
    return whole(11, number % 2**64) if datatype in {4, 8, 13} else whole(10, number % 2**32)


def metric(name=None, number=None, datatype=10, **more):
    """Encode a metric; `more`: alias, ms, said (the datatype is sent), code (OPC), null."""
    parts = [text(1, name)] if name is not None else []
    parts += [whole(2, more["alias"])] if "alias" in more else []
    parts += [whole(3, more["ms"])] if "ms" in more else []
    parts += [whole(4, datatype)] if more.get("said", True) else []
    parts += [whole(7, 1)] if more.get("null") else []
    parts += [text(9, quality(more["code"]))] if "code" in more else []
    parts += [value(datatype, number)] if number is not None else []
    return b"".join(parts)


def payload(*metrics, ms=None, seq=None):
    parts = [whole(1, ms)] if ms is not None else []
    parts += [text(2, one) for one in metrics]
    parts += [whole(3, seq)] if seq is not None else []
    return b"".join(parts)
