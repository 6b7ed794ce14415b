"""The memory of shapes: agents send the same keys in the same order for ever.

A message like one seen before is read by the compiled scanner, at a fifth of the cost; any other by
the general decoder, whose answer is remembered when the shape comes again. What is answered never
depends on what is remembered. Memory is bounded: when it is full, shapes that come often but find
no room are counted, and after enough of them all is forgotten.
"""

import json
from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import NamedTuple

import numpy as np

from schemas.formats.base import Found
from schemas.formats.numbers import U
from schemas.formats.pieces import AFTER, FIRST, SKIP, START, TIME, Text, cut, keys_of
from schemas.formats.scan import Output, match, scan
from schemas.formats.store import Run, Store
from schemas.formats.words import Bytes
from schemas.telemetry import Ints

SMALLEST_SAMPLE = 6
"""Bytes of a sample in JSON, at least: `"p":0,`."""
SEEN = 131_072
"""Hashes of shapes that came once or were tried, at most."""
DEEPEST = 32
"""Nesting beyond which a message is not remembered: decoders differ in what they refuse."""
_BEFORE, _BEHIND = b" " * START, b" " * AFTER


class Limits(NamedTuple):
    """How much may be remembered."""

    templates: int = 65_536
    memory_bytes: int = 64 * 2**20
    patience: int = 16
    """All is forgotten after so many refused shapes per remembered one."""


def output(messages: int, size: int) -> Output:
    """Make room for the results of `messages` messages of `size` bytes together."""
    samples = size // SMALLEST_SAMPLE + 1
    return Output(
        np.full(messages, -1, np.int32),
        np.zeros(messages, np.int64),
        np.empty(samples),
        np.empty(samples, np.uint16),
    )


def joined(batch: Sequence[bytes]) -> Bytes:
    """Join messages into one buffer for compiled code."""
    return np.frombuffer(b"".join((_BEFORE, *batch, _BEHIND)), np.uint8)


class Trials:
    """Which shapes came, by hash: each is tried once, the second time it comes. Bounded."""

    def __init__(self) -> None:
        self._tried: dict[int, bool] = {}
        self._refused = 0

    def is_due(self, key: int, store: Store, limits: Limits) -> bool:
        """Say whether a shape is to be tried now; one that finds no room is counted."""
        if key not in self._tried:
            if len(self._tried) >= SEEN:
                self._tried.clear()
            self._tried[key] = False
        elif store.memory_bytes >= limits.memory_bytes or not store.has_room(1):
            self._refused += 1
        elif not self._tried[key]:
            self._tried[key] = True
            return True
        return False

    def is_crowded(self, store: Store, limits: Limits) -> bool:
        """Say whether so many shapes found no room that it is time to forget."""
        return self._refused > limits.patience * max(store.templates, 1)


def pieces_of(text: bytes, slots: Sequence[Sequence[int]]) -> list[bytes]:
    """Return what stands before, between and behind the slots."""
    edges = [0, *chain.from_iterable(slots), len(text)]
    return [text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]


def numbered(pieces: Sequence[bytes]) -> bytes:
    """Return the text with the number of each slot in its place, from 1."""
    numbers = (b"%d" % i for i in range(1, len(pieces)))
    return b"".join(chain.from_iterable(zip_longest(pieces, numbers, fillvalue=b"")))


def depth(pieces: Sequence[bytes]) -> int:
    """Return how many brackets are opened, in strings or not: at least the depth of nesting."""
    return sum(piece.count(b"[") + piece.count(b"{") for piece in pieces)


class Answer(NamedTuple):
    """What the general decoder gave."""

    time_ns: int
    values: Sequence[float]
    quality: Sequence[int]


def agrees(store: Store, template: int, buffer: Bytes, size: int, answer: Answer) -> bool:
    """Say whether the scanner gives what the general decoder gave, to the bit."""
    out = output(1, size)
    text = Text(buffer, U(START), U(START + size), 0, 0)
    if not match(store.arena, template, text, out) or out.time_ns[0] != answer.time_ns:
        return False
    n = len(answer.values)
    same_values = np.array(answer.values).tobytes() == out.values[:n].tobytes()
    return same_values and out.quality[:n].tolist() == answer.quality


class Memory:
    """Shapes of native JSON."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._trials = Trials()
        self.store = Store(self._limits.templates)

    @property
    def is_crowded(self) -> bool:
        """Whether so many shapes found no room that it is time to forget."""
        return self._trials.is_crowded(self.store, self._limits)

    def scan(self, batch: Sequence[bytes], lengths: Ints, out: Output, base: int) -> int:
        """Read what is known of `batch`, messages of these lengths, each into a row of `out`.

        Samples go to `out` from `base`; returns where the next would go.
        """
        return int(scan(self.store.arena, joined(batch), lengths.cumsum() + START, out, base))

    def learn(self, message: bytes, found: Found) -> None:
        """Remember the shape of a message that is all good, the second time it comes."""
        buffer = joined([message])
        slots, key = cut(buffer, START + len(message))
        if self._trials.is_due(key, self.store, self._limits):
            self._try(buffer, message, slots - START, found)

    def _try(self, buffer: Bytes, message: bytes, slots: Ints, found: Found) -> None:
        lesson = lesson_of(message, slots.tolist(), found)
        if lesson is None:
            return
        keys = keys_of(buffer, START + len(message), len(lesson.head.pieces))
        if not self.store.has_room(len(keys)):
            return
        template = self.store.add(found.asset, found.points, lesson.head, lesson.body)
        quality = found.quality or [0] * len(found.points)
        answer = Answer(found.time_ns, found.values, quality)
        if agrees(self.store, template, buffer, len(message), answer):
            self.store.publish(template, keys)


class Lesson(NamedTuple):
    """A message's pieces and roles: what names the asset, and the rest."""

    head: Run
    body: Run


def lesson_of(message: bytes, slots: Sequence[Sequence[int]], found: Found) -> Lesson | None:
    """Say what each slot is; None when that cannot be told.

    Each slot is replaced by its number, and the message is read again: what then stands as the time
    or as a point's value tells which slot that comes from.
    """
    pieces = pieces_of(message, slots)
    roles = _roles(pieces, found)
    if roles is None:
        return None
    head = 1 + next((i for i, piece in enumerate(pieces) if b'"asset"' in piece), 0)
    return Lesson(Run(pieces[:head], roles[:head]), Run(pieces[head:], roles[head:]))


def _roles(pieces: Sequence[bytes], found: Found) -> list[int] | None:
    try:
        frame = json.loads(numbered(pieces).decode())
    except (ValueError, RecursionError):
        return None
    values = frame["values"]
    sources = [frame["time"], *values.values()]
    if set(map(type, sources)) != {int} or tuple(values) != found.points:
        return None
    if frame["asset"] != found.asset or depth(pieces) > DEEPEST:
        return None
    roles = [SKIP] * len(pieces)
    for role, source in enumerate(sources, TIME):
        roles[source] = role
    return [FIRST, *roles[1:]]
