"""Steps that look back: what they remember, and what they say of now. Plain Python, the law.

Each takes its arguments' values (1.0, 0.0, NaN: unknown), the time and its window in s, and what it
remembers, which it changes. `a` begins to be true at a moment at which it is true and was false the
moment before: of what was unknown before, nobody can say that it begins.
"""

from collections.abc import Callable, Sequence
from math import isnan, nan

from models.trigger.condition.program import Op
from schemas.telemetry import Floats

Step = Callable[[Sequence[float], float, float, Floats], float]


def held(values: Sequence[float], time_s: float, window_s: float, memory: Floats) -> float:
    """Say whether it has been true for so long. An unknown moment is a break."""
    (now,) = values
    if now != 1.0:
        memory[0] = nan
        return now
    if isnan(memory[0]):
        memory[0] = time_s
    return float(time_s - memory[0] >= window_s)


def was(values: Sequence[float], time_s: float, window_s: float, memory: Floats) -> float:
    """Say whether it was true in the window, whose ends belong to it."""
    (now,) = values
    if now == 1.0:
        memory[0] = time_s
    if time_s - memory[0] <= window_s:
        return 1.0
    return now


def rose(values: Sequence[float], _time_s: float, _window_s: float, memory: Floats) -> float:
    """Say `now && !before`; at the first moment, before is unknown."""
    (now,) = values
    before, memory[0] = memory[0], now
    if now == 0.0 or before == 1.0:
        return 0.0
    return nan if isnan(now) or isnan(before) else 1.0


def followed(values: Sequence[float], time_s: float, window_s: float, memory: Floats) -> float:
    """Say `b && (a began earlier, and in the window)`."""
    a, b = values
    if _begins(a, memory):
        memory[0] = time_s
    is_due = memory[0] < time_s <= memory[0] + window_s
    return b if is_due else 0.0


def missed(values: Sequence[float], time_s: float, window_s: float, memory: Floats) -> float:
    """Say `!b && (a began so long ago or longer, and b was not true since)`."""
    a, b = values
    if _begins(a, memory):
        memory[0] = time_s
    if b == 1.0:
        memory[0] = nan
    is_due = time_s - memory[0] >= window_s
    return 1.0 - b if is_due else 0.0


def _begins(a: float, memory: Floats) -> bool:
    """Say whether `a` begins to be true; remembers in memory[1] what it is."""
    before, memory[1] = memory[1], a
    return bool(a == 1.0 and before == 0.0)


LOOKS_BACK: dict[Op, Step] = {
    Op.HELD: held,
    Op.WAS: was,
    Op.ROSE: rose,
    Op.FOLLOWED: followed,
    Op.MISSED: missed,
}
