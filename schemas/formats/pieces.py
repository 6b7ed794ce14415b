"""The text of a message cut into pieces and slots, and what is remembered of it.

A *slot* is a number, null, NaN or an infinity; a *piece* is the text between two slots. A *run* is
a row of pieces, each with the role of the slot before it. A *template* is two runs: the *head*, to
the piece that names the asset, and the *body*, which assets share.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.formats.numbers import DIGIT_0, DOT, LOWER, MINUS, NONE, ONE, PLUS, TEN, U
from schemas.formats.words import Bytes, Words, compiled, inlined
from schemas.telemetry import Indices, Ints

TIME, SKIP, FIRST = -1, -2, -3
"""Roles of a slot that is no point's value: event time, ignored, none (a head's first piece)."""

SEED = U(0xCBF29CE484222325)
PRIME = U(0x100000001B3)
"""FNV-1a."""
HALF_KEY = U(29)
QUOTE, ESCAPE = U(ord('"')), U(ord("\\"))
SMALL_N, LARGE_N, LARGE_I = U(ord("n")), U(ord("N")), U(ord("I"))
SMALL_A, LETTERS = U(ord("a")), U(26)
START = 8
"""Where the first message begins in a buffer: 0 is no place."""
AFTER = 64
"""Bytes of padding, no digits, behind the last message."""

Table = npt.NDArray[np.int64]
Index = npt.NDArray[np.int32]


class Arena(NamedTuple):
    """What is remembered, as flat arrays. R runs, T templates, H places of the index."""

    words: Words
    """Text of all pieces, each padded to whole words."""
    lengths: Indices
    """Bytes of each piece."""
    roles: Indices
    """Role of the slot before each piece: a point's place in its shape, or TIME, SKIP, FIRST."""
    runs: Table
    """(R, 3): first word, first piece, number of pieces."""
    templates: Table
    """(T, 4): head run, body run, number of points, next template of the same key or -1."""
    keys: Words
    """(H,): hash of a message's text up to a slot; 0 is a free place."""
    firsts: Index
    """(H, 2): first template with this key or -1; 1 where longer keys begin like this one."""


class Text(NamedTuple):
    """One message of a buffer, which one it is, and where its samples go."""

    buffer: Bytes
    start: np.uint64
    stop: np.uint64
    message: int
    base: int


@inlined
def begins(byte: np.uint64) -> bool:
    """Say whether a slot begins with this byte: a digit, `-`, or the n, N, I of the words."""
    digit: bool = byte - DIGIT_0 < TEN  # type: ignore[assignment]
    return digit or byte in (MINUS, SMALL_N, LARGE_N, LARGE_I)


@compiled
def slot(text: Text, at: np.uint64, key: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Find the next slot from `at` and add the text before it to the hash `key`."""
    quoted = False
    while at < text.stop:
        byte = U(text.buffer[at])
        if quoted:
            if byte == ESCAPE:
                key = (key ^ byte) * PRIME
                at += ONE
                byte = U(text.buffer[at])
            elif byte == QUOTE:
                quoted = False
        elif byte == QUOTE:
            quoted = True
        elif begins(byte):
            break
        key = (key ^ byte) * PRIME
        at += ONE
    return min(at, text.stop), key


@compiled
def beyond(text: Text, at: np.uint64) -> np.uint64:
    """Return the byte after the slot at `at`: the end of what numbers and the words are made of."""
    while at < text.stop:
        byte = U(text.buffer[at])
        letter = (byte | LOWER) - SMALL_A < LETTERS
        if not (letter or byte - DIGIT_0 < TEN or byte in (MINUS, PLUS, DOT)):
            break
        at += ONE
    return at


@compiled
def place(arena: Arena, key: np.uint64) -> np.int64:
    """Return where `key` is in the index, or the free place where it would be."""
    size = U(arena.keys.size - 1)
    at = (key ^ (key >> HALF_KEY)) & size
    while arena.keys[at] != NONE and arena.keys[at] != key:
        at = (at + ONE) & size
    return np.int64(at)


@compiled
def cut(buffer: Bytes, stop: int) -> tuple[Ints, int]:
    """Return where the slots of a buffer's first message begin and end, (n, 2), and its hash.

    The hash is of all pieces. `stop`: where the message ends.
    """
    text = Text(buffer, U(START), U(stop), 0, 0)
    found = np.empty(((stop - START) // 2 + 1, 2), np.int64)
    at, key, n = text.start, SEED, 0
    while True:
        at, key = slot(text, at, key)
        if at >= text.stop:
            return found[:n].copy(), int(key)
        found[n, 0] = at
        at = beyond(text, at)
        found[n, 1] = at
        n += 1


@compiled
def keys_of(buffer: Bytes, stop: int, pieces: int) -> Words:
    """Return the hashes of a buffer's first message up to each of its first slots, (pieces,)."""
    text = Text(buffer, U(START), U(stop), 0, 0)
    keys = np.empty(pieces, np.uint64)
    at, key = text.start, SEED
    for n in range(pieces):
        at, key = slot(text, at, key)
        keys[n] = key
        at = beyond(text, at)
    return keys
