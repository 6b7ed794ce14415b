"""Sound messages, spoilt: a few small changes each, all chosen by one seeded generator."""

import re
from collections.abc import Callable, Sequence
from random import Random

from streams.bench.fuzz.seeds import VERBS, Sent
from streams.bench.fuzz.structure import (
    fields_changed,
    json_changed,
    lines_changed,
    packed_changed,
)
from streams.bench.fuzz.words import NUMBERS, varint

LONGEST = 65_536
"""Bytes of a mutated message, about."""
_MANY = 40  # one in so many repeats a part, or nests, without measure
_NUMBER = re.compile(rb"[0-9]+(?:\.[0-9]+)?")
_TOKENS = (
    *(b"\x00", b"\xff", b"\n", b"\r", b"\\", b'"', b"'", b",", b":", b"{", b"}", b"[", b"]", b"="),
    *(b" ", b"#", b"\\u0000", b"\\ud800", b"\xed\xa0\x80", b"\xc3", b"\xe2\x80\xa8", b'"":1,'),
    *(b'"__name__"', b'{"":0}', b"# EOF\n", b"\\n", b'\\"', b"/", b"//", b"\x0a\x00", b"\x7f"),
)
_NESTS = ((b"[", b"]"), (b'{"a":', b"}"), (b"[{", b"}]"), (b'{"values":', b"}"))
_SUBJECTS = ("", "/", "spBv1.0", "devices//all", "BMS/v1/PUB/Value/a/b/", "\ud800", "\n", "x" * 600)

Change = Callable[[Random, bytes, Sequence[Sent]], bytes]


def _at(rng: Random, data: bytes) -> int:
    return rng.randrange(len(data) + 1)


def _slice(rng: Random, data: bytes) -> tuple[int, int]:
    """Return two places in a message, mostly near each other."""
    begin = _at(rng, data)
    return begin, min(begin + rng.choice((1, 2, 4, 8, 32, 256)), len(data))


def flip(rng: Random, data: bytes, _: Sequence[Sent]) -> bytes:
    """Change a few bytes: one bit of each, or all."""
    out = bytearray(data)
    for _try in range(rng.choice((1, 1, 2, 4, 16))):
        if out:
            at = rng.randrange(len(out))
            out[at] = rng.choice((out[at] ^ (1 << rng.randrange(8)), rng.randrange(256)))
    return bytes(out)


def truncate(rng: Random, data: bytes, _: Sequence[Sent]) -> bytes:
    """Cut the end, or the beginning."""
    at = _at(rng, data)
    return data[:at] if rng.randrange(4) else data[at:]


def drop(rng: Random, data: bytes, _: Sequence[Sent]) -> bytes:
    """Leave a part out."""
    begin, end = _slice(rng, data)
    return data[:begin] + data[end:]


def duplicate(rng: Random, data: bytes, _: Sequence[Sent]) -> bytes:
    """Say a part again: now and then so often that it is a bomb of labels, fields or lines."""
    begin, end = _slice(rng, data)
    times = 2 if rng.randrange(_MANY) else LONGEST // max(end - begin, 16)
    return data[:begin] + data[begin:end] * times + data[end:]


def splice(rng: Random, data: bytes, all_seeds: Sequence[Sent]) -> bytes:
    """Go on as another message, of any format."""
    other = rng.choice(all_seeds).data
    return data[: _at(rng, data)] + other[_at(rng, other) :]


def insert(rng: Random, data: bytes, _: Sequence[Sent]) -> bytes:
    """Put in what means something in some format."""
    at = _at(rng, data)
    return data[:at] + rng.choice(_TOKENS) + data[at:]


def number(rng: Random, data: bytes, _: Sequence[Sent]) -> bytes:
    """Change a number: huge, tiny, none."""
    found = _NUMBER.search(data, _at(rng, data)) or _NUMBER.search(data)
    if found is None:
        return data + rng.choice(NUMBERS)
    return data[: found.start()] + rng.choice(NUMBERS) + data[found.end() :]


def length(rng: Random, data: bytes, _: Sequence[Sent]) -> bytes:
    """Change a byte as a length or a tag of a binary format; or make it a long one."""
    at = rng.randrange(len(data)) if data else 0
    old = data[at] if data else 0
    near = bytes([rng.choice((old - 1, old + 1, old * 2, 0, 0x7F, 0x80, 0xFF)) % 256])
    huge = varint(rng.choice((2**7, 2**14, 2**31 - 1, 2**32, 2**63, 2**64 - 1)))
    return data[:at] + (near if rng.randrange(3) else huge) + data[at + 1 :]


def nest(rng: Random, data: bytes, _: Sequence[Sent]) -> bytes:
    """Put all, or what follows a place, deep into arrays, objects or messages."""
    deep = rng.choice((1, 3, 40, 200)) if rng.randrange(_MANY) else LONGEST // 8
    if data[:1] and not 0x20 <= data[0] < 0x7F:  # noqa: PLR2004 - printable
        for _level in range(min(deep, 100)):
            data = b"\x0a" + varint(len(data)) + data
        return data
    before, after = rng.choice(_NESTS)
    begin, end = _slice(rng, data) if rng.randrange(2) else (0, len(data))
    return data[:begin] + before * deep + data[begin:end] + after * deep + data[end:]


CHANGES: tuple[Change, ...] = (
    *(flip, flip, truncate, drop, duplicate, splice, insert, number, number, length, nest),
)
"""Changes of bytes, whatever they are."""
_BY_LOOK: dict[bytes, tuple[Change, ...]] = {
    **dict.fromkeys((b"{", b"["), (json_changed,)),
    **dict.fromkeys((b"\x08", b"\x0a"), (fields_changed,)),
}
_TEXT = re.compile(rb"[\x09-\x7e]{8}")


def _grammatical(data: bytes) -> tuple[Change, ...]:
    """Return the changes that fit what a message looks like."""
    known = _BY_LOOK.get(data[:1])
    return known or ((lines_changed,) if _TEXT.match(data) else (packed_changed,))


def mutated(rng: Random, sent: Sent, all_seeds: Sequence[Sent]) -> Sent:
    """Return a message that one to three changes have spoilt; now and then its subject or time."""
    data, changes = sent.data, _grammatical(sent.data) if rng.randrange(3) else CHANGES
    for _ in range(rng.choice((1, 1, 2, 3))):
        data = rng.choice(changes)(rng, data, all_seeds)[: 2 * LONGEST]
    subject, time_ms = sent.subject, sent.time_ms
    if rng.randrange(8) == 0:
        subject = _subject(rng, subject, all_seeds)
    if rng.randrange(8) == 0:
        time_ms = rng.choice((-1, 0, 1, 2**40, 2**62, 2**63 - 1, -(2**63)))
    return Sent(data, subject, time_ms)


def _subject(rng: Random, subject: str, all_seeds: Sequence[Sent]) -> str:
    """Return another subject: one of a different message, another verb, nonsense."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.choice(all_seeds).subject
    if kind == 1:
        return rng.choice(_SUBJECTS)
    parts = subject.split("/")
    parts[rng.randrange(len(parts))] = rng.choice((*VERBS, "", "x", "Metadata", "Value", "all"))
    return "/".join(parts)
