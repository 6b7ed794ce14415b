"""Conditions for tests: written at random, and run once by our code."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from hypothesis import strategies as st

from models.trigger.condition.compile import condition, value
from models.trigger.condition.evaluate import UNKNOWN, Answer, evaluate
from models.trigger.condition.names import Vocabulary
from models.trigger.condition.program import Program
from schemas.trigger import Value
from schemas.units import Point

NAMES = ("a", "b", "c")
PLAIN = Vocabulary(tuple(Point(name=name) for name in NAMES))

_literals = st.integers(-9, 9).map(lambda n: f"({n / 2})")


def _arithmetic(inner):
    divisor = inner.map(lambda x: f"({x} * {x} + 0.5)")
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda p: "({} {} {})".format(*p)),
        st.tuples(inner, divisor).map(lambda p: "({} / {})".format(*p)),
        inner.map(lambda x: f"(-{x})"),
    )


numbers = st.recursive(st.sampled_from(NAMES) | _literals, _arithmetic, max_leaves=4)
"""Texts of numbers, in which nothing is divided by zero."""

_compared = st.tuples(numbers, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers)


def _logic(inner):
    return st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||", "==", "!="]), inner).map(
            lambda p: "({} {} {})".format(*p)
        ),
        inner.map(lambda x: f"!{x}"),
        st.tuples(inner, inner, inner).map(lambda p: "({} ? {} : {})".format(*p)),
        st.tuples(inner, numbers, numbers).map(lambda p: "(({} ? {} : {}) > 1.0)".format(*p)),
    )


conditions = st.recursive(
    _compared.map(lambda p: "({} {} {})".format(*p)) | st.sampled_from(["true", "false"]),
    _logic,
    max_leaves=6,
)
"""Texts of conditions of `NAMES`."""

signals = st.dictionaries(st.sampled_from(NAMES), st.integers(-20, 20).map(lambda n: n / 4))
"""Values of some of `NAMES`; the others are missing."""


def loaded(program: Program, values: Mapping[str, Answer]) -> list[Answer]:
    """Return what a program reads, where names have these values."""
    return [values.get(program.inputs[load.input].name, UNKNOWN) for load in program.loads]


@lru_cache(maxsize=64)
def _program(text: str) -> Program:
    return condition(text, PLAIN).program


def run(text: str, **values: float | Answer) -> Answer:
    """Return what a condition of `NAMES` comes to at one moment."""
    program = _program(text)
    known = {k: v if isinstance(v, Answer) else Answer(v) for k, v in values.items()}
    return evaluate(program, loaded(program, known), 0.0, np.full(program.slots, np.nan))


def run_number(text: str, **values: float | Answer) -> Answer:
    """Return what a number comes to at one moment."""
    vocabulary = Vocabulary(PLAIN.points, {"z": Value(name="z", expression=text)})
    program = value("z", vocabulary).program
    known = {k: v if isinstance(v, Answer) else Answer(v) for k, v in values.items()}
    return evaluate(program, loaded(program, known), 0.0, np.full(program.slots, np.nan))
