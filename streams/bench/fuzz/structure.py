"""Changes that keep a message's grammar, so that they come to what stands behind the parser."""

import json
import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pyarrow as pa

from streams.bench.fuzz.seeds import Sent
from streams.bench.fuzz.words import NUMBERS, TEXTS, varint

Field = tuple[int, int | bytes]
"""Tag (number and wire type) and content of a field of protobuf."""

_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, -0.0, 1e308, float("nan"), float("inf"), 2**53 + 1, 2**64),
    *(10**400, [], {}, [[]], {"": 0}, [None, 1, "x"], {"a": {"b": [1]}}, 1_700_000_000_000),
)
_LINE = re.compile(rb"[^\n]*\n?")
_TOKEN = re.compile(rb"[^\s,={}\"]+")
_GROUPS = {3, 4, 6, 7}
_FIXED = {1: 8, 5: 4}
_SNAPPY = pa.Codec("snappy")
_LARGEST = 1 << 20


def json_changed(rng: Random, data: bytes, _: Sequence[Sent]) -> bytes:
    """Change one place of a JSON document; what is none stays."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return data
    places = list(_places(document))
    if places:
        _change(rng, *rng.choice(places))
    separators = rng.choice(((",", ":"), (", ", ": "), (" ,\n", " :\t")))
    return json.dumps(document, separators=separators, ensure_ascii=rng.random() < 1 / 2).encode(
        errors="surrogatepass"
    )


def _places(node: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - JSON
    """List every container with each of its keys."""
    if isinstance(node, dict | list):
        for key in node if isinstance(node, dict) else range(len(node)):
            yield node, key
            yield from _places(node[key])


def _change(rng: Random, inside: Any, key: Any) -> None:  # noqa: ANN401 - JSON
    what = rng.randrange(8)
    if what == 0:
        del inside[key]
    elif what == 1 and isinstance(inside, dict):
        inside[rng.choice(TEXTS)] = inside.pop(key)
    elif what == 2 and isinstance(inside, list):  # noqa: PLR2004 - the third kind
        inside[key:key] = [inside[key]] * rng.choice((1, 2, 300))
    elif what == 3:  # noqa: PLR2004 - the fourth kind
        inside[key] = rng.choice(([inside[key]], {"a": inside[key]}, str(inside[key])))
    elif what == 4:  # noqa: PLR2004 - the fifth kind
        inside[key] = rng.choice(TEXTS)
    elif what == 5:  # noqa: PLR2004 - the sixth kind
        inside[key] = rng.choice(NUMBERS).decode()
    else:
        inside[key] = rng.choice(_VALUES)


def lines_changed(rng: Random, data: bytes, _: Sequence[Sent]) -> bytes:
    """Change the order of lines, or put one token in the place of another."""
    lines = _LINE.findall(data)[:-1] or [data]
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    what = rng.randrange(4)
    if what == 0:
        lines[at], lines[other] = lines[other], lines[at]
    elif what == 1:
        lines.insert(at, lines[other])
    elif what == 2:  # noqa: PLR2004 - the third kind
        lines[at] = lines[at].replace(b"\n", b"\r\n")
    else:
        tokens, others = (list(_TOKEN.finditer(lines[i])) for i in (at, other))
        if tokens and others:
            token, new = rng.choice(tokens), rng.choice(others)[0]
            new = rng.choice(
                (new, rng.choice(NUMBERS), rng.choice(TEXTS).encode("utf-8", "replace"))
            )
            lines[at] = lines[at][: token.start()] + new + lines[at][token.end() :]
    return b"".join(lines)


def fields_changed(rng: Random, data: bytes, all_seeds: Sequence[Sent]) -> bytes:
    """Change one field of a protobuf message, or of one within it, with all lengths right."""
    fields = list(_fields(data) or ())
    if not fields:
        return data
    at = rng.randrange(len(fields))
    tag, content = fields[at]
    if isinstance(content, bytes) and rng.randrange(5) and _fields(content):
        fields[at] = tag, fields_changed(rng, content, all_seeds)
    else:
        fields[at : at + 1] = _spoilt(rng, tag, content)
    return b"".join(map(_written, fields))


def _spoilt(rng: Random, tag: int, content: int | bytes) -> list[Field]:
    """Return what stands in place of a field."""
    what = rng.randrange(5)
    if what == 0:
        return []
    if what == 1:
        return [(tag, content)] * rng.choice((2, 3, 200))
    if what == 2:  # noqa: PLR2004 - the third kind
        return [((rng.randrange(1, 40) << 3) | (tag & 7), content)]
    if isinstance(content, int):
        return [(tag, rng.choice((0, 1, 2**31, 2**32 - 1, 2**53 + 1, 2**63, 2**64 - 1)))]
    size = _FIXED.get(tag & 7)
    text = rng.choice(TEXTS).encode("utf-8", "surrogatepass")
    return [(tag, rng.randbytes(size) if size else rng.choice((text, b"", content * 50)))]


def _fields(data: bytes) -> list[Field] | None:
    """Read a protobuf message; None: it is none."""
    found: list[Field] = []
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if tag < 8 or kind in _GROUPS or at < 0:  # noqa: PLR2004 - field 0
            return None
        if kind == 0:
            number, at = _varint(data, at)
            found.append((tag, number))
        else:
            size, at = (_FIXED[kind], at) if kind in _FIXED else _varint(data, at)
            found.append((tag, data[at : at + size]))
            at = at + size if at >= 0 else at
        if at < 0 or at > len(data):
            return None
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Read a number: it and the place behind it, -1: there is none."""
    number = 0
    for i, byte in enumerate(data[at : at + 10] if at >= 0 else b""):
        number |= (byte & 0x7F) << (7 * i)
        if byte < 0x80:  # noqa: PLR2004 - the last byte
            return number, at + i + 1
    return 0, -1


def _written(field: Field) -> bytes:
    tag, content = field
    if isinstance(content, int):
        return varint(tag) + varint(content)
    return varint(tag) + (b"" if tag & 7 in _FIXED else varint(len(content))) + content


def packed_changed(rng: Random, data: bytes, all_seeds: Sequence[Sent]) -> bytes:
    """Change a protobuf message within a block of snappy."""
    size, begin = _varint(data, 0)
    if begin < 0 or size > _LARGEST:
        return data
    try:
        inside = _SNAPPY.decompress(data, size, asbytes=True)
    except (OSError, pa.ArrowInvalid):
        return data
    return bytes(_SNAPPY.compress(fields_changed(rng, inside, all_seeds), asbytes=True))
