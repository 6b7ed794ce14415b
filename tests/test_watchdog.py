from hypothesis import given
from hypothesis import strategies as st

from streams.watchdog import Movement, Standing

moments = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=30)


@given(moments)
def test_only_who_has_more_to_read_and_does_not_move_stands_still(steps):
    movement, since = Movement(), 0
    last = None
    for now, (offset, end) in enumerate(steps):
        still = movement.still_s({0: Standing("at", offset, end)}, float(now))[0]

        if last != offset or offset >= end:
            since = now
        last = offset
        assert still == now - since


def test_a_partition_that_went_elsewhere_is_forgotten():
    movement = Movement()
    movement.still_s({0: Standing("at", 1, 9)}, 0.0)
    assert movement.still_s({}, 5.0) == {}
    assert movement.still_s({0: Standing("at", 1, 9)}, 9.0) == {0: 0.0}


def test_what_is_taken_up_and_then_read_has_moved():
    movement = Movement()
    movement.still_s({0: Standing("unread at", 3, 9)}, 0.0)
    assert movement.still_s({0: Standing("at", 3, 9)}, 50.0) == {0: 0.0}
