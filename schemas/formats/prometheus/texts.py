"""Texts numbered in compiled code: metric names, and what stands in braces.

A text that came before is recognised by comparing, mostly with the one that followed the same text
last time; any other by its hash, and then by comparing. Numbers begin at 1; 0 is the empty text.
"""

from typing import NamedTuple

import numpy as np

from schemas.formats.numbers import NONE, ONE, THREE, U
from schemas.formats.pieces import Table
from schemas.formats.scan import MASKS, SEVEN
from schemas.formats.words import SLACK, Bytes, Words, compiled, high, inlined, load
from schemas.telemetry import Indices, Ints

SEED = U(0x9E3779B97F4A7C15)
MIX = U(0xD6E8FEB86659FD93)
PLACES = 4
"""Places of the index a text."""


class Texts(NamedTuple):
    """Numbered texts, as flat arrays of N texts and H places. Compiled code adds to them."""

    words: Words
    """All texts, each padded to whole words."""
    spans: Table
    """(N, 3): first word, bytes, and which text came after this one last time, a guess."""
    keys: Words
    """(N,): hash."""
    places: Indices
    """(H,): number of the text whose hash leads here; 0: free."""
    used: Ints
    """(2,): texts, words."""


def texts(most: int, words: int) -> Texts:
    """Make room for `most` texts of so many words together."""
    return Texts(
        np.zeros(words, np.uint64),
        np.zeros((most, 3), np.int64),
        np.zeros(most, np.uint64),
        np.zeros(PLACES << most.bit_length(), np.int32),
        np.array([1, 0]),
    )


def text_of(known: Texts, one: int) -> bytes:
    """Return a numbered text."""
    begin, size = known.spans[one, :2].tolist()
    text: bytes = known.words[begin : begin + (size + 7) // 8].tobytes()[:size]
    return text


@inlined
def same(words: Words, begin: np.int64, bytes_: np.int64, buffer: Bytes, at: np.uint64) -> bool:
    """Say whether the text that begins at a word stands in the buffer at `at`."""
    word, size = U(begin), U(bytes_)
    whole = size >> THREE
    for j in range(whole):
        if load(buffer, at + (U(j) << THREE)) != words[word + U(j)]:
            return False
    if size & SEVEN == NONE:
        return True
    away = load(buffer, at + (whole << THREE)) ^ words[word + whole]
    return bool(away & MASKS[size & SEVEN] == NONE)


@inlined
def mixed(key: np.uint64, word: np.uint64) -> np.uint64:
    """Add a word to a hash."""
    key = key ^ word
    return (key * MIX) ^ high(key, MIX)


@compiled
def hashed(buffer: Bytes, at: np.uint64, size: np.uint64) -> np.uint64:
    """Hash `size` bytes from `at`."""
    key = SEED ^ size
    for j in range(size >> THREE):
        key = mixed(key, load(buffer, at + (U(j) << THREE)))
    if size & SEVEN:
        key = mixed(key, load(buffer, at + (size & ~SEVEN)) & MASKS[size & SEVEN])
    return mixed(key, SEED)


@compiled
def number(known: Texts, buffer: Bytes, at: np.uint64, size: np.uint64) -> np.int64:
    """Return the number of a text, a new one if it is new; -1: there is no room for it."""
    if size == NONE:
        return np.int64(0)
    key = hashed(buffer, at, size)
    most = U(known.places.size - 1)
    place = key & most
    while known.places[place] > 0:
        one = np.int64(known.places[place])
        begin, known_size = known.spans[one, 0], known.spans[one, 1]
        is_like = known.keys[one] == key and U(known_size) == size
        if is_like and same(known.words, begin, known_size, buffer, at):
            return one
        place = (place + ONE) & most
    one = added(known, buffer, at, size)
    if one > 0:
        known.keys[one] = key
        known.places[place] = one
    return one


@compiled
def added(known: Texts, buffer: Bytes, at: np.uint64, size: np.uint64) -> np.int64:
    """Append a text and return its number; -1: there is no room for it."""
    one, begin = np.int64(known.used[0]), np.int64(known.used[1])
    length = np.int64((size + SEVEN) >> THREE)
    if one >= known.keys.size or begin + length > known.words.size:
        return np.int64(-1)
    for j in range(length):
        known.words[begin + j] = load(buffer, at + (U(j) << THREE))
    if size & SEVEN:
        known.words[begin + length - 1] &= MASKS[size & SEVEN]
    known.spans[one, 0], known.spans[one, 1], known.spans[one, 2] = begin, size, 0
    known.used[0], known.used[1] = one + 1, begin + length
    return one


def number_of(known: Texts, text: bytes) -> int:
    """Return the number of a text, a new one if it is new; -1: there is no room for it."""
    buffer = np.frombuffer(text + bytes(SLACK), np.uint8)
    return int(number(known, buffer, NONE, U(len(text))))
