"""What OTLP messages repeat, in flat arrays: bytes and triples that have numbers."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.formats.numbers import NONE, ONE, THREE, U
from schemas.formats.otlp.bare import bare, inlined
from schemas.formats.scan import MASKS, SEVEN
from schemas.formats.words import Bytes, Whole, Words, compiled, load
from schemas.telemetry import Indices

Table = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int32]

SEED = U(0xCBF29CE484222325)
PRIME = U(0x9E3779B97F4A7C15)
HALF = U(32)
UNKNOWN, REPEATS = -1, -2
"""No number yet; the number of points that are no shape: one comes twice."""
EMPTY = 0
"""Number of no bytes at all, whatever they are for."""


class Known(NamedTuple):
    """What has a number. B texts, T triples; the indexes are hash tables, at most half full."""

    words: Words
    """Bytes of all texts, each padded to whole words."""
    texts: Table
    """(B, 4): first word, bytes, what it is for, the shape that it is."""
    text_index: Indices
    triples: Rows
    """(T, 3)."""
    triple_index: Indices
    meanings: Rows
    """(T, 2): asset and point that a triple means; -1: none."""
    following: Indices
    """(T,): the triple that came behind this one in the last message, a guess."""


@inlined
def stirred(key: np.uint64, word: np.uint64) -> np.uint64:
    """Add a word to a hash."""
    key = (key ^ word) * PRIME
    return key ^ (key >> HALF)


@bare
def hashed(buffer: Bytes, at: Whole, stop: Whole, use: int) -> np.uint64:
    """Return the hash of some bytes of a buffer and of what they are for."""
    size = U(stop - at)
    key = stirred(SEED, U(use) << HALF | size)
    here = U(at)
    for _ in range(size >> THREE):
        key = stirred(key, load(buffer, here))
        here += U(8)
    if size & SEVEN != NONE:
        key = stirred(key, load(buffer, here) & MASKS[size & SEVEN])
    return key


@bare
def is_text(known: Known, text: Whole, buffer: Bytes, at: Whole, stop: Whole) -> bool:
    """Say whether a text is these bytes of a buffer."""
    size = U(stop - at)
    if U(known.texts[text, 1]) != size:
        return False
    word, here = U(known.texts[text, 0]), U(at)
    for _ in range(size >> THREE):
        if load(buffer, here) != known.words[word]:
            return False
        here += U(8)
        word += ONE
    if size & SEVEN == NONE:
        return True
    return bool((load(buffer, here) ^ known.words[word]) & MASKS[size & SEVEN] == NONE)


@bare
def text_place(known: Known, buffer: Bytes, at: Whole, stop: Whole, use: int) -> Whole:
    """Return where bytes are in the index, or the free place where they would be."""
    size = U(known.text_index.size - 1)
    here = hashed(buffer, at, stop, use) & size
    while True:
        text = known.text_index[here]
        if text == UNKNOWN:
            return np.int64(here)
        if known.texts[text, 2] == use and is_text(known, text, buffer, at, stop):
            return np.int64(here)
        here = (here + ONE) & size


@bare
def text_of(known: Known, buffer: Bytes, at: Whole, stop: Whole, use: int) -> Whole:
    """Return the number of some bytes of a buffer; UNKNOWN: none yet."""
    if at == stop:
        return np.int64(EMPTY)
    return np.int64(known.text_index[text_place(known, buffer, at, stop, use)])


@bare
def triple_place(known: Known, a: Whole, b: Whole, c: Whole) -> Whole:
    """Return where a triple is in the index, or the free place where it would be."""
    size = U(known.triple_index.size - 1)
    key = stirred(stirred(SEED, U(a) << HALF | U(b)), U(c))
    here = (key ^ (key >> U(29))) & size
    while True:
        triple = known.triple_index[here]
        if triple == UNKNOWN:
            return np.int64(here)
        if (
            known.triples[triple, 0] == a
            and known.triples[triple, 1] == b
            and known.triples[triple, 2] == c
        ):
            return np.int64(here)
        here = (here + ONE) & size


@bare
def triple_of(known: Known, a: Whole, b: Whole, c: Whole) -> Whole:
    """Return the number of a triple; UNKNOWN: none yet, or of something unknown."""
    if UNKNOWN in (a, b, c):
        return np.int64(UNKNOWN)
    return np.int64(known.triple_index[triple_place(known, a, b, c)])


@compiled
def enter(known: Known, text: int, triple: int) -> None:
    """Put the texts from `text` and the triples from `triple` into the indexes."""
    buffer = known.words.view(np.uint8)
    for i in range(text, known.texts.shape[0]):
        at = 8 * known.texts[i, 0]
        use = known.texts[i, 2]
        known.text_index[text_place(known, buffer, at, at + known.texts[i, 1], use)] = i
    for i in range(triple, known.triples.shape[0]):
        row = known.triples[i]
        known.triple_index[triple_place(known, row[0], row[1], row[2])] = i
