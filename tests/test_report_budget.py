"""Budgets and breakers of models that write reports."""

from datetime import UTC, datetime, timedelta
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from models.report.breaker import Breaker
from models.report.budget import Account, Budget, Limits, Price, Usage

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
AMOUNTS = st.builds(Usage, st.integers(0, 900), st.integers(0, 900))
PRICES = st.builds(Price, st.floats(0, 1e5), st.floats(0, 1e5))
LIMITS = st.builds(Limits, st.integers(0, 3_000), st.floats(0, 200) | st.just(inf))
CALLS = st.tuples(
    st.integers(0, 3),  # which report
    AMOUNTS,
    st.floats(0, 1),  # how much of the bound it took
    st.sampled_from(["settled", "lost", "settled twice"]),
    st.integers(0, 40),  # how many calls later it ends
    st.integers(-2, 14),  # hours that pass before it
)


@given(LIMITS, LIMITS, PRICES, st.lists(CALLS, max_size=40))
def test_nothing_is_ever_over_budget_whatever_fails_and_in_whatever_order(day, each, price, calls):
    budget, now = Budget(day, each, price), NOON
    accounts, open_ = [Account() for _ in range(4)], []
    for i, (which, bound, share, how, later, hours) in enumerate(calls):
        now += timedelta(hours=hours)
        taken = budget.take(accounts[which], bound, now)
        if taken is not None and how != "lost":
            open_.append((i + later, taken, share, how == "settled twice"))
        for due, other, part, again in list(open_):
            if due <= i:
                open_.remove((due, other, part, again))
                used = Usage(int(other.bound.read * part), int(other.bound.written * part))
                budget.settle(other, used)
                if again:
                    budget.settle(other, other.bound)
        for limits, spent in [(day, budget.spent), *((each, one.spent) for one in accounts)]:
            assert 0 <= sum(spent) <= limits.tokens
            assert min(spent) >= 0
            assert price.of(spent) <= limits.money


def test_what_was_not_used_can_be_taken_again():
    budget = Budget(Limits(100), Limits(1_000))
    first = budget.take(Account(), Usage(80, 20), NOON)

    assert budget.take(Account(), Usage(1, 0), NOON) is None
    budget.settle(first, Usage(30, 5))
    assert budget.take(Account(), Usage(60, 5), NOON) is not None
    assert budget.spent == Usage(90, 10)


def test_a_call_that_took_more_than_it_said_is_counted_and_stops_the_next():
    budget = Budget(Limits(100), Limits(1_000))
    budget.settle(budget.take(Account(), Usage(10, 10), NOON), Usage(400, 10))

    assert budget.spent == Usage(400, 10)
    assert budget.take(Account(), Usage(1, 0), NOON) is None


def test_a_new_day_has_a_new_budget_and_calls_of_the_old_one_do_not_count_there():
    budget = Budget(Limits(100), Limits(100))
    old = budget.take(Account(), Usage(50, 50), NOON)

    assert budget.take(Account(), Usage(1, 0), NOON + timedelta(hours=11, minutes=59)) is None
    assert budget.take(Account(), Usage(90, 10), NOON + timedelta(hours=12)) is not None
    budget.settle(old, Usage(0, 0))
    assert budget.spent == Usage(90, 10)


def test_a_clock_that_is_set_back_gives_no_second_budget():
    budget = Budget(Limits(100), Limits(1_000))
    budget.take(Account(), Usage(100, 0), NOON)

    assert budget.take(Account(), Usage(1, 0), NOON - timedelta(days=1)) is None


@given(st.integers(1, 5), st.lists(st.sampled_from(["failed", "worked", "wait"]), max_size=60))
def test_a_server_is_asked_at_most_once_a_rest_after_so_many_failures_in_a_row(most, steps):
    breaker, now, row, last = Breaker(most, 60.0), 0.0, 0, None
    for step in steps:
        now += 7.0
        if step == "wait" or not breaker.lets(now):
            continue
        assert row < most or now - last >= 60.0
        last = now
        row = 0 if step == "worked" else row + 1
        breaker.worked() if step == "worked" else breaker.failed(now)


def test_after_a_rest_one_is_let_through_and_success_closes():
    breaker = Breaker(2, 60.0)
    breaker.failed(0.0)
    assert breaker.lets(1.0)
    breaker.failed(1.0)

    assert not breaker.lets(60.9)
    assert breaker.lets(61.1)
    assert not breaker.lets(61.2)
    breaker.worked()
    assert breaker.lets(61.3)


def test_what_a_server_wants_not_to_be_asked_before_is_kept():
    breaker = Breaker(5, 60.0)
    breaker.failed(10.0, after_s=30.0)

    assert not breaker.lets(39.9)
    assert breaker.lets(40.0)
