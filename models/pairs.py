"""Asking once a pair."""

from collections.abc import Callable

import numpy as np

from models.compiled import compiled
from schemas.telemetry import Indices, Ints

_GOLDEN = -7046029254386353131  # 2**64 / golden ratio, as int64


def each_pair(left: Indices, right: Indices, answer: Callable[[int, int], int]) -> Ints:
    """Return `answer(left[i], right[i])` for every i, asking once a pair, the first first."""
    first, which = _different((left.astype(np.int64) << 32) | right)
    asked = zip(left[first].tolist(), right[first].tolist(), strict=True)
    answers: Ints = np.array([answer(*pair) for pair in asked], np.int64)[which]
    return answers


@compiled
def _different(pairs: Ints) -> tuple[Ints, Ints]:
    """Return where each of the different `pairs` (n,) comes first, and which of them each is.

    By a table of places, each pair's from its digits on (Knuth, TAOCP 3, 6.4: open addressing,
    multiplicative hashing).
    """
    size = 16
    while size < 2 * pairs.size:
        size *= 2
    table = np.full(size, -1, np.int64)
    first, which, n = np.empty(pairs.size, np.int64), np.empty(pairs.size, np.int64), 0
    for i in range(pairs.size):
        place = ((pairs[i] * _GOLDEN) >> 32) & (size - 1)
        while table[place] >= 0 and pairs[first[table[place]]] != pairs[i]:
            place = (place + 1) & (size - 1)
        if table[place] < 0:
            table[place], first[n] = n, i
            n += 1
        which[i] = table[place]
    return first[:n], which
