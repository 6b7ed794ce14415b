"""The arrays that compiled code looks into: texts and triples are only ever added."""

from collections.abc import Sequence

import numpy as np

from schemas.formats.otlp.tables import UNKNOWN, Known, enter
from schemas.formats.store import grown
from schemas.telemetry import Indices

WORD = 8
SMALLEST = 1_024

Text = tuple[int, bytes, int]
"""What it is for, its bytes, and the shape that it is, else UNKNOWN."""
Triple = tuple[int, int, int]
Meaning = tuple[int, int]


class Arrays:
    """Texts and triples, numbered from 0 in the order in which they are added."""

    def __init__(self) -> None:
        self._words = np.zeros(SMALLEST, np.uint64)
        self._texts = np.zeros((SMALLEST, 4), np.int64)
        self._triples = np.zeros((SMALLEST, 3), np.int32)
        self._meanings = np.zeros((SMALLEST, 2), np.int32)
        self._following = np.zeros(SMALLEST, np.int32)
        self._text_index = np.full(SMALLEST, UNKNOWN, np.int32)
        self._triple_index = np.full(SMALLEST, UNKNOWN, np.int32)
        self._used_words = self._used_texts = self._used_triples = 0
        self.add_texts([(UNKNOWN, b"", UNKNOWN)])

    @property
    def texts(self) -> int:
        """Return how many texts there are."""
        return self._used_texts

    @property
    def known(self) -> Known:
        """Return the arrays. Good until the next change."""
        texts, triples = self._used_texts, self._used_triples
        return Known(
            self._words,
            self._texts[:texts],
            self._text_index,
            self._triples[:triples],
            self._triple_index,
            self._meanings[:triples],
            self._following[:triples],
        )

    def add_texts(self, texts: Sequence[Text]) -> None:
        """Add texts."""
        used, sizes = self._used_texts, np.array([len(text) for _, text, _ in texts], np.int64)
        words = np.frombuffer(
            b"".join(one + bytes(-len(one) % WORD) for _, one, _ in texts), np.uint64
        )
        ends = self._used_words + np.cumsum((sizes + WORD - 1) // WORD)
        self._words = grown(self._words, self._used_words, len(words) + 1)
        self._words[self._used_words : self._used_words + len(words)] = words
        self._texts = grown(self._texts, used, len(texts))
        rows = self._texts[used : used + len(texts)]
        rows[:, 0] = ends - (sizes + WORD - 1) // WORD
        rows[:, 1] = sizes
        rows[:, 2] = [use for use, _, _ in texts]
        rows[:, 3] = [shape for _, _, shape in texts]
        self._used_words += len(words)
        self._used_texts += len(texts)
        self._text_index, first = _room(self._text_index, used, self._used_texts)
        enter(self.known, first, self._used_triples)

    def add_triples(self, triples: Sequence[Triple], meanings: Sequence[Meaning]) -> None:
        """Add triples, and the asset and point that each means; UNKNOWN: none."""
        used, more = self._used_triples, len(triples)
        self._triples = grown(self._triples, used, more)
        self._meanings = grown(self._meanings, used, more)
        self._following = grown(self._following, used, more)
        self._triples[used : used + more] = triples
        self._meanings[used : used + more] = meanings
        self._following[used : used + more] = UNKNOWN
        self._used_triples += more
        self._triple_index, first = _room(self._triple_index, used, self._used_triples)
        enter(self.known, self._used_texts, first)


def _room(index: Indices, used: int, wanted: int) -> tuple[Indices, int]:
    """Return an index with room for `wanted`, and from which number on it lacks entries."""
    if 2 * wanted <= len(index):
        return index, used
    return np.full(8 << wanted.bit_length(), UNKNOWN, np.int32), 0
