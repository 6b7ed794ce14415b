"""Asking once a pair."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.pairs import each_pair

ids = st.one_of(st.integers(-1, 3), st.integers(-1, 2**31 - 1))


@settings(deadline=None)
@given(pairs=st.lists(st.tuples(ids, st.integers(0, 2**31 - 1) | st.integers(0, 3)), max_size=60))
def test_every_pair_is_asked_once_in_the_order_of_first_sight(pairs):
    asked = []

    def answer(left, right):
        asked.append((left, right))
        return len(asked)

    left, right = np.array(pairs, np.int32).reshape(-1, 2).T
    answers = each_pair(left, right, answer)

    assert asked == list(dict.fromkeys(pairs))
    assert answers.tolist() == [1 + asked.index(pair) for pair in pairs]
