"""Texts seen before, found by compiled code: each is a small number.

What stands for a series is the same bytes for ever (labels, a measurement with its tags), so its
meaning is found once. A text may follow another one, its parent: pieces of a message with something
between them. Memory is bounded: when it is full, all is forgotten before the next batch.
"""

from typing import NamedTuple

import numpy as np

from schemas.formats.numbers import EIGHT, NONE, ONE, THREE, U
from schemas.formats.pieces import Index, Table
from schemas.formats.scan import MASKS, SEVEN
from schemas.formats.store import grown
from schemas.formats.words import SLACK, Bytes, Words, compiled, inlined, load

MOST = 1_048_576
MOST_BYTES = 128 * 2**20
PROBES = 32
"""Places of the index that are looked at for one text; crowded texts are not remembered."""
UNKNOWN = -1
ROOT = -1
"""Parent of a text that follows none; so is any lower number."""

_MIX = U(0x9E3779B97F4A7C15)
_SHIFT = U(29)


class Texts(NamedTuple):
    """What is remembered, as flat arrays. N texts, H places of the index."""

    words: Words
    """All texts, each padded to whole words, by a byte at least."""
    rows: Table
    """(N, 3): parent, first word, bytes."""
    keys: Words
    """(H,): hash; 0 is a free place."""
    numbers: Index
    """(H,): which text."""
    after: Index
    """(N,): the text that came after it the last time, or UNKNOWN: a guess. For scanners to set."""


@inlined
def hashed(parent: int, buffer: Bytes, start: np.uint64, stop: np.uint64) -> np.uint64:
    """Hash a text and its parent; never 0."""
    key = (U(parent + 1) ^ (stop - start) << U(32)) * _MIX
    at = start
    while at + EIGHT <= stop:
        key = (key ^ load(buffer, at)) * _MIX
        key ^= key >> _SHIFT
        at += EIGHT
    if at < stop:
        key = (key ^ (load(buffer, at) & MASKS[(stop - at) & SEVEN])) * _MIX
        key ^= key >> _SHIFT
    return max(key, ONE)


@inlined
def is_same(
    texts: Texts, number: int, parent: int, buffer: Bytes, edges: tuple[np.uint64, np.uint64]
) -> bool:
    """Say whether text `number` stands between `edges`, byte for byte."""
    start, stop = edges
    length = U(texts.rows[number, 2])
    if texts.rows[number, 0] != parent or length != stop - start:
        return False
    word, full = U(texts.rows[number, 1]), length >> THREE
    for j in range(full):
        if load(buffer, start + (U(j) << THREE)) != texts.words[word + U(j)]:
            return False
    if length & SEVEN == NONE:
        return True
    away = load(buffer, start + (full << THREE)) ^ texts.words[word + full]
    return bool(away & MASKS[length & SEVEN] == NONE)


@compiled
def look_up(texts: Texts, parent: int, buffer: Bytes, start: np.uint64, stop: np.uint64) -> int:
    """Return the number of the text between `start` and `stop` behind `parent`, or UNKNOWN."""
    key = hashed(parent, buffer, start, stop)
    size = U(texts.keys.size - 1)
    at = key & size
    for _ in range(PROBES):
        if texts.keys[at] == NONE:
            return UNKNOWN
        if texts.keys[at] == key:
            number = texts.numbers[at]
            if is_same(texts, number, parent, buffer, (start, stop)):
                return int(number)
        at = (at + ONE) & size
    return UNKNOWN


@compiled
def put(texts: Texts, key: np.uint64, number: int) -> None:
    """Let `number` be found by `key`, unless the index is too crowded there."""
    size = U(texts.keys.size - 1)
    at = key & size
    for _ in range(PROBES):
        if texts.keys[at] == NONE:
            texts.keys[at] = key
            texts.numbers[at] = number
            return
        at = (at + ONE) & size


@compiled
def note(texts: Texts, parent: int, buffer: Bytes, length: int, number: int) -> int:
    """Return the number of the text that begins `buffer`; if it is new, that is `number`."""
    known = look_up(texts, parent, buffer, NONE, U(length))
    if known != UNKNOWN:
        return known
    word = texts.rows[number - 1, 1] + (texts.rows[number - 1, 2] >> 3) + 1 if number else 0
    texts.rows[number, 0], texts.rows[number, 1], texts.rows[number, 2] = parent, word, length
    for j in range((length >> 3) + 1):
        texts.words[word + j] = load(buffer, U(8 * j))
    put(texts, hashed(parent, buffer, NONE, U(length)), number)
    return number


@compiled
def index(texts: Texts, count: int) -> None:
    """Let all of `count` texts be found."""
    text = texts.words.view(np.uint8)
    for number in range(count):
        start = U(8 * texts.rows[number, 1])
        stop = start + U(texts.rows[number, 2])
        put(texts, hashed(texts.rows[number, 0], text, start, stop), number)


class Known:
    """Texts of one decoder, numbered in the order in which they were learned."""

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.count = 0
        self._used = 0
        self._words = np.zeros(64, np.uint64)
        self._rows = np.zeros((16, 3), np.int64)
        self._after = np.zeros(16, np.int32)
        self._index(1024)

    def _index(self, size: int) -> None:
        self._keys, self._numbers = np.zeros(size, np.uint64), np.zeros(size, np.int32)

    @property
    def texts(self) -> Texts:
        """Return the arrays for compiled code. Good until the next text is learned."""
        return Texts(self._words, self._rows, self._keys, self._numbers, self._after)

    @property
    def is_full(self) -> bool:
        """Whether it is time to forget."""
        return self.count >= self._most or 8 * self._used >= self._most_bytes

    def number(self, parent: int, text: bytes) -> int:
        """Return the number of a text. A new one is remembered, as number `count` was before."""
        self._make_room(len(text) // 8 + 1)
        buffer = np.frombuffer(text + bytes(SLACK), np.uint8)
        number = int(note(self.texts, parent, buffer, len(text), self.count))
        if number == self.count:
            self._after[number] = UNKNOWN
            self.count += 1
            self._used += len(text) // 8 + 1
        return number

    def _make_room(self, words: int) -> None:
        self._words = grown(self._words, self._used, words + 2)
        self._rows = grown(self._rows, self.count, 1)
        self._after = grown(self._after, self.count, 1)
        if 2 * self.count >= len(self._keys):
            self._index(4 * len(self._keys))
            index(self.texts, self.count)
