"""The stack machine; `models.trigger.condition.evaluate` says what it must do. ~5 ns a step."""

from math import exp, floor, isnan, log, nan, sqrt

import numpy as np

from models.compiled import bare
from models.rows import Table
from models.trigger.condition.program import MOST_BITS, Op
from models.trigger.machine import since
from models.trigger.machine.loads import load
from models.trigger.machine.rows import Coded, Instance, Machine

CONSTANT = int(Op.CONSTANT)
LOAD = int(Op.LOAD)
NEGATE = int(Op.NEGATE)
ADD = int(Op.ADD)
SUBTRACT = int(Op.SUBTRACT)
MULTIPLY = int(Op.MULTIPLY)
DIVIDE = int(Op.DIVIDE)
REMAINDER = int(Op.REMAINDER)
EQUAL = int(Op.EQUAL)
UNEQUAL = int(Op.UNEQUAL)
LESS = int(Op.LESS)
AT_MOST = int(Op.AT_MOST)
MORE = int(Op.MORE)
AT_LEAST = int(Op.AT_LEAST)
NOT = int(Op.NOT)
AND = int(Op.AND)
OR = int(Op.OR)
CHOOSE = int(Op.CHOOSE)
ABSOLUTE = int(Op.ABSOLUTE)
ROOT = int(Op.ROOT)
LOGARITHM = int(Op.LOGARITHM)
EXPONENTIAL = int(Op.EXPONENTIAL)
LEAST = int(Op.LEAST)
MOST = int(Op.MOST)
MASK = int(Op.MASK)
KNOWN = int(Op.KNOWN)
HELD = int(Op.HELD)
ROSE = int(Op.ROSE)
FOLLOWED = int(Op.FOLLOWED)
WHOLE = MOST_BITS


@bare
def run(  # noqa: C901, PLR0913, PLR0917 - the machine's one loop
    machine: Machine,
    signals: Table,
    at: Instance,
    program: Coded,
    begin: int,
    end: int,
    at_ns: int,
) -> tuple[float, float]:
    """Run steps `begin` to `end` for an instance at a moment; return value and quality."""
    values, goods, n = machine.values, machine.goods, 0
    for step in range(begin, end):
        op, k = machine.codes[step, 0], machine.codes[step, 1]
        if op == LOAD:
            value, good = load(machine, signals, at, program, machine.loads[k], at_ns)
            n += 1
        elif op == CONSTANT:
            value, good = machine.constants[k], 1.0
            n += 1
        elif op in (AND, OR):
            n -= 1
            decides = 0.0 if op == AND else 1.0
            value, good = joined(values[n - 1], goods[n - 1], values[n], goods[n], decides)
        elif op == CHOOSE:
            n -= 2
            chosen = n if values[n - 1] == 1.0 else n + 1
            value, good = values[chosen], min(goods[n - 1], goods[chosen])
            if isnan(values[n - 1]):
                value = nan
        elif op == KNOWN:
            is_known = not isnan(values[n - 1])
            value, good = (1.0, goods[n - 1]) if is_known else (0.0, 1.0)
        elif HELD <= op <= ROSE:
            window_ns = _ns(machine.constants[k]) if op < ROSE else 0
            slot = at.slot + machine.codes[step, 2]
            value = since.one(machine, op, values[n - 1], window_ns, slot, at_ns)
            good = goods[n - 1]
        elif op >= FOLLOWED:
            n -= 1
            slot = at.slot + machine.codes[step, 2]
            window_ns = _ns(machine.constants[k])
            value = since.two(machine, op, values[n - 1], values[n], window_ns, slot, at_ns)
            good = min(goods[n - 1], goods[n])
        elif (op < NOT and op != NEGATE) or op >= LEAST:
            n -= 1
            value, good = of_two(op, values[n - 1], values[n]), min(goods[n - 1], goods[n])
        else:
            value, good = of_one(op, values[n - 1]), goods[n - 1]
        values[n - 1] = value
        goods[n - 1] = 0.0 if isnan(value) else good
    return values[0], goods[0]


@bare
def _ns(seconds: float) -> int:
    return int(np.rint(seconds * 1e9))


@bare
def joined(a: float, a_good: float, b: float, b_good: float, decides: float) -> tuple[float, float]:
    """Return Kleene's and (false decides) or or (true) of two, with its quality."""
    if a == decides:
        return decides, max(a_good, b_good) if b == decides else a_good
    if b == decides:
        return decides, b_good
    if isnan(a) or isnan(b):
        return nan, 0.0
    return 1.0 - decides, min(a_good, b_good)


@bare
def of_one(op: int, a: float) -> float:  # noqa: PLR0911 - an op each
    """Return what a step makes of one value; NaN of NaN."""
    if op == NEGATE:
        return -a
    if op == NOT:
        return 1.0 - a
    if op == ABSOLUTE:
        return abs(a)
    if op == ROOT:
        return sqrt(a) if a >= 0.0 else nan
    if op == LOGARITHM:
        return log(a) if a > 0.0 else nan
    if op == EXPONENTIAL:
        return exp(a)
    return nan


@bare
def of_two(op: int, a: float, b: float) -> float:  # noqa: C901, PLR0911, PLR0912 - an op each
    """Return what a step makes of two values; NaN where one is."""
    if isnan(a) or isnan(b):
        return nan
    if op == MORE:
        return 1.0 if a > b else 0.0
    if op == LESS:
        return 1.0 if a < b else 0.0
    if op == AT_LEAST:
        return 1.0 if a >= b else 0.0
    if op == AT_MOST:
        return 1.0 if a <= b else 0.0
    if op == EQUAL:
        return 1.0 if a == b else 0.0
    if op == UNEQUAL:
        return 1.0 if a != b else 0.0
    if op == ADD:
        return a + b
    if op == SUBTRACT:
        return a - b
    if op == MULTIPLY:
        return a * b
    if op == DIVIDE:
        return a / b if b != 0.0 else nan
    if op == REMAINDER:
        return float(np.fmod(a, b)) if b != 0.0 and abs(a) < np.inf else nan
    if op == LEAST:
        return min(a, b)
    if op == MOST:
        return max(a, b)
    return masked(a, b)


@bare
def masked(a: float, b: float) -> float:
    """Return the bits that both whole numbers have; NaN where one is none."""
    for one in (a, b):
        if not 0.0 <= one <= WHOLE or one != floor(one):
            return nan
    return float(int(a) & int(b))
