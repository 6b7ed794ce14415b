"""What a condition's code means, step by step in plain Python. Slow; the law for what is fast.

Quality goes with the value. Of what is worked out: the least of its arguments'. Of `a && b`: where
true the least of both, where false the best of those that are false; `||` the other way round. Of
`c ? a : b`: the least of c and of the one chosen. Of an unknown value: 0. Of a step that looks back
(held, was, ...): the least of its arguments' now, for how good they were then is not remembered.
"""

import math
from collections.abc import Callable, Sequence
from math import nan
from typing import Final, NamedTuple

from models.trigger.condition.program import MOST_BITS, SLOTS, Op, Program
from models.trigger.condition.since import LOOKS_BACK
from schemas.telemetry import Floats


class Answer(NamedTuple):
    """A value and the quality of the evidence for it."""

    value: float
    """NaN: unknown; then the quality is 0."""
    quality: float = 1.0

    @property
    def is_unknown(self) -> bool:
        """Whether nobody can say."""
        return math.isnan(self.value)


UNKNOWN: Final = Answer(nan, 0.0)


def evaluate(program: Program, loaded: Sequence[Answer], time_s: float, memory: Floats) -> Answer:
    """Run a program at a moment. `loaded`: one an entry of `program.loads`.

    `memory`: (program.slots,) NaN at first; changed. An instance's moments must be asked in order.
    """
    stack: list[Answer] = []
    slot = 0
    for code, k in program.code.tolist():
        op = Op(code)
        if op is Op.CONSTANT:
            stack.append(_known_or_not(program.constants[k], 1.0))
        elif op is Op.LOAD:
            stack.append(_known_or_not(*loaded[k]))
        elif op in SLOTS:
            arguments = _popped(stack, ARITY[op])
            mine = memory[slot : slot + SLOTS[op]]
            slot += SLOTS[op]
            values = [one.value for one in arguments]
            value = LOOKS_BACK[op](values, time_s, float(program.constants[k]), mine)
            stack.append(_known_or_not(value, min(one.quality for one in arguments)))
        else:
            stack.append(result(op, _popped(stack, ARITY[op])))
    return stack.pop()


def result(op: Op, arguments: Sequence[Answer]) -> Answer:
    """Return what a step that remembers nothing makes of its arguments, the first pushed first."""
    logic = _LOGIC.get(op)
    if logic is not None:
        return logic(*arguments)
    if any(one.is_unknown for one in arguments):
        return UNKNOWN
    value = _ARITHMETIC[op](*(one.value for one in arguments))
    return _known_or_not(float(value), min(one.quality for one in arguments))


def _popped(stack: list[Answer], count: int) -> list[Answer]:
    taken = stack[-count:]
    del stack[-count:]
    return taken


def _known_or_not(value: float, quality: float) -> Answer:
    return UNKNOWN if math.isnan(value) else Answer(float(value), quality)


def _and(a: Answer, b: Answer) -> Answer:
    return _joined(a, b, 0.0)


def _or(a: Answer, b: Answer) -> Answer:
    return _joined(a, b, 1.0)


def _joined(a: Answer, b: Answer, decides: float) -> Answer:
    """Return Kleene's and (what decides is false) or or (true)."""
    deciding = [one.quality for one in (a, b) if one.value == decides]
    if deciding:
        return Answer(decides, max(deciding))
    if a.is_unknown or b.is_unknown:
        return UNKNOWN
    return Answer(1.0 - decides, min(a.quality, b.quality))


def _choose(condition: Answer, yes: Answer, no: Answer) -> Answer:
    if condition.is_unknown:
        return UNKNOWN
    chosen = yes if condition.value == 1.0 else no
    return _known_or_not(chosen.value, min(condition.quality, chosen.quality))


def _known(a: Answer) -> Answer:
    return Answer(0.0, 1.0) if a.is_unknown else Answer(1.0, a.quality)


def _divided(a: float, b: float) -> float:
    return nan if b == 0.0 else a / b


def _remainder(a: float, b: float) -> float:
    return nan if b == 0.0 or math.isinf(a) else math.fmod(a, b)


def _exponential(a: float) -> float:
    try:
        return math.exp(a)
    except OverflowError:
        return math.inf


def _masked(a: float, b: float) -> float:
    both_fit = all(0.0 <= one <= MOST_BITS and one == math.floor(one) for one in (a, b))
    return float(int(a) & int(b)) if both_fit else nan


_LOGIC: dict[Op, Callable[..., Answer]] = {
    Op.AND: _and,
    Op.OR: _or,
    Op.CHOOSE: _choose,
    Op.KNOWN: _known,
}
_ARITHMETIC: dict[Op, Callable[..., float]] = {
    Op.NEGATE: lambda a: -a,
    Op.ADD: lambda a, b: a + b,
    Op.SUBTRACT: lambda a, b: a - b,
    Op.MULTIPLY: lambda a, b: a * b,
    Op.DIVIDE: _divided,
    Op.REMAINDER: _remainder,
    Op.EQUAL: lambda a, b: a == b,
    Op.UNEQUAL: lambda a, b: a != b,
    Op.LESS: lambda a, b: a < b,
    Op.AT_MOST: lambda a, b: a <= b,
    Op.MORE: lambda a, b: a > b,
    Op.AT_LEAST: lambda a, b: a >= b,
    Op.NOT: lambda a: 1.0 - a,
    Op.ABSOLUTE: abs,
    Op.ROOT: lambda a: math.sqrt(a) if a >= 0.0 else nan,
    Op.LOGARITHM: lambda a: math.log(a) if a > 0.0 else nan,
    Op.EXPONENTIAL: _exponential,
    Op.LEAST: min,
    Op.MOST: max,
    Op.MASK: _masked,
}
_ONE_ARGUMENT: Final = {
    *(Op.NEGATE, Op.NOT, Op.ABSOLUTE, Op.ROOT, Op.LOGARITHM, Op.EXPONENTIAL, Op.KNOWN),
    *(Op.HELD, Op.WAS, Op.ROSE),
}
ARITY: dict[Op, int] = {
    **dict.fromkeys(Op, 2),
    **dict.fromkeys(_ONE_ARGUMENT, 1),
    Op.CONSTANT: 0,
    Op.LOAD: 0,
    Op.CHOOSE: 3,
}
"""How many values a step pops."""
