"""Laws of comparing: medians without oneself, dispersion, and marks that anybody can recompute."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.peers import compare, standing
from models.peers.rows import GROUP, MEMBER, SLOT

values = st.lists(st.integers(-5, 5).map(float) | st.floats(-1e6, 1e6), min_size=4, max_size=60)


@settings(max_examples=200, deadline=None)
@given(values)
def test_values_are_ranked_as_sorting_ranks_them(numbers):
    work = np.zeros((compare.WORK, len(numbers)))
    work[compare.OWN] = numbers
    compare.rank(work, len(numbers))

    assert work[compare.RANKED].tolist() == sorted(numbers)


@settings(max_examples=200, deadline=None)
@given(values, st.data())
def test_the_median_of_the_others_is_that_without_oneself(numbers, data):
    k = data.draw(st.integers(0, len(numbers) - 1))
    others = np.delete(numbers, k)

    assert compare.without(np.sort(numbers), len(numbers), numbers[k]) == np.median(others)
    assert compare.middle(np.sort(numbers), len(numbers)) == np.median(numbers)


@settings(max_examples=200, deadline=None)
@given(values, st.floats(-1e6, 1e6))
def test_dispersion_is_the_lower_median_of_the_distances(numbers, centre):
    away = np.sort(np.abs(np.array(numbers) - centre))
    found = compare.dispersion(np.sort(numbers), len(numbers), centre)

    assert abs(found) == away[(len(numbers) - 1) // 2]


def a_group(many):
    group, members = np.zeros(1, GROUP), np.zeros(many, MEMBER)
    group["standing"]["least"] = 0.25
    standing.tail.start(group[0]["standing"]["tail"], 3.0, 0.5)
    members["standing"]["swing"] = 1.0
    return group, members


def judged(group, members, slots, order):
    """Judge slots (slots, members) with the members in an order; return who changed, and how."""
    n = len(order)
    work, changes = np.zeros((compare.WORK, n)), np.zeros(n, np.int32)
    who, found = np.array(order, np.int32), []
    for k, row in enumerate(slots):
        slot = np.array([(k * 5, 5, 8.0, 0.0)], SLOT)
        work[compare.VALUE] = row[order]
        compare.judge(group[0]["standing"], members, who, work, changes, n, slot[0])
        found += sorted((k, int(who[i]), int(changes[i])) for i in np.flatnonzero(changes))
    return found


@settings(max_examples=10, deadline=None)
@given(order=st.permutations(range(6)), seed=st.integers(0, 99), away=st.floats(3.0, 50.0))
def test_the_order_of_the_members_changes_nothing_to_the_last_bit(order, seed, away):
    slots = np.random.default_rng(seed).normal(50.0, 0.3, (200, 6))
    slots[120:160, 2] += away
    one, other = a_group(6), a_group(6)

    assert judged(*one, slots, list(range(6))) == judged(*other, slots, order)
    assert one[0].tobytes() == other[0].tobytes()
    assert one[1].tobytes() == other[1].tobytes()


def test_four_slots_are_needed_however_far_one_is():
    slots = np.random.default_rng(1).normal(50.0, 0.3, (300, 6))
    slots[200:, 4] += 1e9
    (first, *_) = judged(*a_group(6), slots, list(range(6)))

    assert first == (203, 4, standing.OUT)


@pytest.mark.parametrize("remembers", [0.0, 0.8, 0.95])
def test_in_a_day_of_noise_that_remembers_itself_nobody_stands_out(remembers):
    rng, slots = np.random.default_rng(7), np.zeros((17_280, 8))
    for before, row in pairwise(slots):
        row[:] = remembers * before + rng.normal(0.0, np.sqrt(1.0 - remembers**2), 8)
    slots += 60.0 + 20.0 * np.sin(np.arange(len(slots)) / 200.0)[:, None]

    assert judged(*a_group(8), slots, list(range(8))) == []
