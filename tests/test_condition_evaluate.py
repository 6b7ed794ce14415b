"""What conditions mean: as CEL has it, but where it is said here; with quality, over time."""

from itertools import pairwise, product
from math import inf, isnan, nan

import numpy as np
import pytest
from cel_expr_python import cel
from conditions import NAMES, PLAIN, conditions, loaded, numbers, run, run_number, signals
from hypothesis import given, settings
from hypothesis import strategies as st

from models.trigger.condition.compile import condition
from models.trigger.condition.evaluate import ARITY, UNKNOWN, Answer, evaluate
from models.trigger.condition.program import Op

ENVIRONMENT = cel.NewEnv()
ANSWERS = [Answer(1.0, 0.9), Answer(1.0, 0.4), Answer(0.0, 0.8), Answer(0.0, 0.3), UNKNOWN]


def by_cel(text: str, values: dict[str, float]) -> object:
    """Return what CEL makes of a text; None where it fails."""
    found = ENVIRONMENT.compile(text, disable_check=True).eval(data=values)
    return None if found.type() == cel.Type.ERROR else found.value()


def ours(answer: Answer) -> object:
    """Return an answer as `by_cel` does."""
    return None if answer.is_unknown else answer.value


@settings(deadline=None)
@given(text=conditions, values=signals)
def test_conditions_mean_what_cel_says_with_its_failures_as_the_unknown(text, values):
    assert ours(run(text, **values)) == by_cel(text, values)


@settings(deadline=None)
@given(text=numbers, values=signals)
def test_numbers_mean_what_cel_says(text, values):
    assert ours(run_number(text, **values)) == by_cel(text, values)


def test_what_is_divided_by_zero_is_unknown_where_cel_has_infinity_or_no_number():
    assert by_cel("1.0 / a > 5.0", {"a": 0.0}) is True
    assert run("1.0 / a > 5.0", a=0.0) == UNKNOWN
    assert run("a % 0 == 1", a=5.0) == UNKNOWN
    assert by_cel("!(a > 1.0)", {"a": nan}) is True
    assert run("!(a > 1)", a=nan) == UNKNOWN


def test_whole_numbers_and_others_mix_where_cel_fails():
    assert by_cel("a + 1 > 2.0", {"a": 5.0}) is None
    assert run("a + 1 > 2.0", a=5.0).value == 1.0
    assert run("7 / 2 == 3.5").value == 1.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abs(a)", 4.0),
        ("sqrt(-a)", 2.0),
        ("sqrt(a)", nan),
        ("ln(a)", nan),
        ("ln(exp(a))", -4.0),
        ("exp(-a * 1000)", inf),
        ("min(a, b, c)", -4.0),
        ("max(a, b, c)", 9.0),
        ("min(a, 1 / 0)", nan),
        ("a % 3", -1.0),
        ("bits(c, 12)", 8.0),
        ("bits(a, 12)", nan),
        ("bits(b, 12)", nan),
        ("known(a) ? 1 : 2", 1.0),
        ("known(a / 0) ? 1 : 2", 2.0),
    ],
)
def test_functions_are_what_they_say(text, expected):
    assert run_number(text, a=-4.0, b=2.5, c=9.0).value == pytest.approx(expected, nan_ok=True)


@settings(deadline=None)
@given(text=conditions, values=st.fixed_dictionaries(dict.fromkeys(NAMES, st.integers(-5, 5))))
def test_constants_come_to_what_signals_of_their_values_do(text, values):
    constant = text.replace("b", f"({values['b']}.0)").replace("c", f"({values['c']}.0)")
    as_signals = run(text, **{name: float(value) for name, value in values.items()})

    assert run(constant, a=float(values["a"])) == as_signals


@pytest.mark.parametrize(("a", "b"), list(product(ANSWERS, ANSWERS)))
def test_quality_is_that_of_what_decides(a, b):
    both, either = (run(f"(a > 0) {op} (b > 0)", a=a, b=b) for op in ("&&", "||"))
    false = [one.quality for one in (a, b) if one.value == 0.0]
    true = [one.quality for one in (a, b) if one.value == 1.0]
    least = Answer(nan, 0.0) if len(false + true) < 2 else None

    assert ours(both) == (0.0 if false else None if least else 1.0)
    assert both.quality == (max(false) if false else 0.0 if least else min(true))
    assert ours(either) == (1.0 if true else None if least else 0.0)
    assert either.quality == (max(true) if true else 0.0 if least else min(false))


@settings(deadline=None)
@given(text=conditions, values=signals, goods=st.lists(st.floats(0.1, 1), min_size=3, max_size=3))
def test_quality_is_that_of_some_evidence_and_none_of_the_unknown(text, values, goods):
    known = {k: Answer(v, g) for (k, v), g in zip(values.items(), goods, strict=False)}

    answer = run(text, **known)

    assert answer.quality in {1.0, *goods} if not answer.is_unknown else answer.quality == 0.0


@settings(deadline=None)
@given(text=conditions, values=signals)
def test_not_and_de_morgan_keep_value_and_quality(text, values):
    known = {k: Answer(v, 0.5) for k, v in values.items()}
    whole = run(f"!({text} && a > 1.0)", **known)

    assert str(run(f"(!{text} || !(a > 1.0))", **known)) == str(whole)


def test_a_choice_rests_on_its_condition_and_the_branch_it_takes():
    text = "(a > 0 ? b : c) > 0"

    assert run(text, a=Answer(1, 0.9), b=Answer(1, 0.5)) == Answer(1.0, 0.5)
    assert run(text, a=Answer(1, 0.3), b=Answer(1, 0.5), c=Answer(1, 0.1)) == Answer(1.0, 0.3)
    assert run(text, a=Answer(0, 0.9), b=Answer(1, 0.5)) == UNKNOWN
    assert run(text, b=1.0, c=1.0) == UNKNOWN


def test_whether_a_value_is_known_is_always_known():
    assert run("known(a)", a=Answer(3.0, 0.4)) == Answer(1.0, 0.4)
    assert run("known(a)") == Answer(0.0, 1.0)


truths = st.sampled_from([0.0, 1.0, nan])
moments = st.lists(st.tuples(st.integers(1, 4), truths, truths), min_size=1, max_size=12)
"""Steps of time in s, and what two conditions are then."""


def told(text: str, steps: list[tuple[int, float, float]]) -> list[float]:
    """Return what a condition is at every moment."""
    program, now, found = condition(text, PLAIN).program, 0.0, []
    memory = np.full(program.slots, nan)
    for step, a, b in steps:
        now += step
        values = loaded(program, {"a": Answer(a), "b": Answer(b)})
        found.append(evaluate(program, values, now, memory).value)
    return found


def history(steps: list[tuple[int, float, float]]) -> list[tuple[float, float, float]]:
    """Return every moment with its time."""
    times = np.cumsum([step for step, _, _ in steps])
    return [(float(t), a, b) for t, (_, a, b) in zip(times, steps, strict=True)]


def begins(seen: list[tuple[float, float, float]]) -> list[float]:
    """Return when `a` began to be true."""
    return [now[0] for before, now in pairwise(seen) if (before[1], now[1]) == (0.0, 1.0)]


@settings(deadline=None)
@given(steps=moments)
def test_held_is_to_have_been_true_at_every_moment_for_so_long(steps):
    for i, found in enumerate(told('held(a == 1, "3s")', steps)):
        seen = history(steps)[: i + 1]
        broken = [t for t, a, _ in seen if a != 1.0]
        run_of = [t for t, _, _ in seen if not broken or t > broken[-1]]
        expected = seen[-1][1] if not run_of else float(seen[-1][0] - run_of[0] >= 3)
        assert found == expected or (isnan(found) and isnan(expected))


@settings(deadline=None)
@given(steps=moments)
def test_was_is_to_have_been_true_at_some_moment_of_the_window(steps):
    for i, found in enumerate(told('was(a == 1, "3s")', steps)):
        seen = history(steps)[: i + 1]
        was = any(a == 1.0 and seen[-1][0] - t <= 3 for t, a, _ in seen)
        expected = 1.0 if was else seen[-1][1]
        assert found == expected or (isnan(found) and isnan(expected))


@settings(deadline=None)
@given(steps=moments)
def test_rose_is_to_be_true_and_to_have_been_false_the_moment_before(steps):
    for i, found in enumerate(told("rose(a == 1)", steps)):
        seen = history(steps)[: i + 1]
        assert (found == 1.0) == (seen[-1][0] in begins(seen))


@settings(deadline=None)
@given(steps=moments)
def test_followed_is_b_after_a_began_in_the_window(steps):
    for i, found in enumerate(told('followed(a == 1, b == 1, "3s")', steps)):
        seen = history(steps)[: i + 1]
        now, _, b = seen[-1]
        is_after = any(began < now <= began + 3 for began in begins(seen)[-1:])
        is_after = is_after or any(began < now <= began + 3 for began in begins(seen[:-1])[-1:])
        if b == 1.0 and begins(seen)[-1:] != [now]:
            assert found == float(is_after)
        assert found != 1.0 or (b == 1.0 and is_after)


@settings(deadline=None)
@given(steps=moments)
def test_missed_is_no_b_since_a_began_so_long_ago(steps):
    for i, found in enumerate(told('missed(a == 1, b == 1, "3s")', steps)):
        seen = history(steps)[: i + 1]
        now, _, b = seen[-1]
        waits = [t for t in begins(seen)[-1:] if not any(b == 1.0 and t <= u for u, _, b in seen)]
        is_due = any(now - began >= 3 for began in waits)
        assert (found == 1.0) == (is_due and b == 0.0)
        assert isnan(found) == (is_due and isnan(b))


def test_every_step_says_how_many_values_it_takes():
    assert set(ARITY) == set(Op)
