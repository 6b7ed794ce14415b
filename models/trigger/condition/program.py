"""A condition as the compiled loop runs it: postfix code for a stack of values.

A value is a float64; true is 1.0, false 0.0, and NaN is unknown: missing, stale, divided by zero.
Logic is Kleene's (1952, Introduction to Metamathematics, section 64), as CEL's `&&` and `||` are
with errors: unknown && false is false, unknown || true is true. Beside each value goes the quality,
0..1, of the evidence that made it what it is; of an unknown one 0.
"""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Final, NamedTuple

from schemas.telemetry import Floats, Ints
from schemas.trigger import Input


class Op(IntEnum):
    """What a step of the code does. `k`: its operand. Pops its arguments, pushes its result."""

    CONSTANT = 0
    """Push constants[k]."""
    LOAD = 1
    """Push what loads[k] says."""
    NEGATE = 2
    ADD = 3
    SUBTRACT = 4
    MULTIPLY = 5
    DIVIDE = 6
    """Unknown where the divisor is 0."""
    REMAINDER = 7
    """As C's fmod; unknown where the divisor is 0."""
    EQUAL = 8
    UNEQUAL = 9
    LESS = 10
    AT_MOST = 11
    MORE = 12
    AT_LEAST = 13
    NOT = 14
    AND = 15
    OR = 16
    CHOOSE = 17
    """condition ? yes : no; all three are on the stack."""
    ABSOLUTE = 18
    ROOT = 19
    """Unknown below 0."""
    LOGARITHM = 20
    """Natural; unknown at 0 and below."""
    EXPONENTIAL = 21
    LEAST = 22
    """Of two."""
    MOST = 23
    MASK = 24
    """Bits of two whole numbers, 0..2**53; unknown where one is none."""
    KNOWN = 25
    """true where it is not unknown; with the quality it has, 1 where it is unknown."""
    HELD = 26
    """Has been true without a break for constants[k] s. Slot: since when."""
    WAS = 27
    """Was true at some moment in the last constants[k] s, now included. Slot: when last."""
    ROSE = 28
    """true now and not the moment before. Slot: what it was."""
    FOLLOWED = 29
    """a, b: b is true, and a began to be true before it, within constants[k] s. Slots: when a began
    last, what a was."""
    MISSED = 30
    """a, b: a began to be true constants[k] s ago or more, and b was not true since; until b, or
    until a begins anew. Slots: when a began and waits for b (NaN: does not wait), what a was."""


MOST_BITS: Final = 2.0**53
"""Whole numbers to here are exact."""
SLOTS: dict[Op, int] = {Op.HELD: 1, Op.WAS: 1, Op.ROSE: 1, Op.FOLLOWED: 2, Op.MISSED: 2}
"""Numbers that a step remembers from moment to moment, of each instance."""


class Feature(IntEnum):
    """What of a signal is loaded. Windows end at the moment asked about, and contain it."""

    VALUE = 0
    """The last usable sample; NaN where it is stale."""
    RATE = 1
    """`x.rate`: the last difference of two samples, a second."""
    AGE = 2
    """`x.age`: s since the last usable sample. Never unknown once there was one."""
    QUALITY = 3
    """`x.quality`: the signal's, 0..1."""
    SCORE = 4
    """`x.score`: of the last sample, -log10 of its tail probability."""
    ANOMALOUS = 5
    """`x.anomalous`: an episode of a level is open."""
    STATUS = 6
    """`x.status`: the `Quality` bits of the last sample, usable or not."""
    AVG = 7
    """`x.avg("5m")`"""
    MIN = 8
    MAX = 9
    SUM = 10
    COUNT = 11
    """How many usable samples."""
    DELTA = 12
    """`x.delta("5m")`: last minus first, as Prometheus' delta but not extrapolated."""
    RATE_OVER = 13
    """`x.rate("5m")`: delta over the time between first and last, a second."""
    CHANGES = 14
    """How often the value changed."""
    DEVIATION = 15
    """Standard deviation, of the population, as Prometheus' stddev_over_time."""
    SLOPE = 16
    """`x.slope("5m")`: of the least-squares line, a second, as Prometheus' deriv."""
    AGO = 17
    """`x.ago("5m")`: the newest sample at least so old."""
    ABSENT = 18
    """`x.absent("5m")`: no usable sample in the window. Never unknown; also true of one that was
    never there."""
    PEERS = 19
    """`x.peers`: the median of what its peers' last usable samples are. As code it is the `VALUE`
    of an input that stands for them."""
    TRAIT = 20
    """What one of the program's traits is: of an instance always the same."""


class Load(NamedTuple):
    """One thing that a program reads."""

    input: int
    """Index in its inputs; of a trait in its traits."""
    feature: Feature
    window_s: float = 0.0


class Bound(NamedTuple):
    """One name of a condition, and the signals it stands for."""

    name: str
    signals: Input
    unit: str
    """"": none is known; any goes."""
    of_peers: bool = False
    """Whether it stands for the peers of these signals, not for them."""


class Trait(NamedTuple):
    """What is asked of one of an instance's names."""

    subject: str
    """`asset`, `cell` or `labels.x`; a label that is not there is an empty text."""
    how: str
    """`==`, `startsWith`, `endsWith` or `contains`."""
    texts: tuple[str, ...]
    """Of several one is enough."""

    def holds(self, names: Mapping[str, str]) -> bool:
        """Say whether it is so. `names`: by subject."""
        name = names.get(self.subject, "")
        return any(_HOW[self.how](name, text) for text in self.texts)


_HOW: Final[dict[str, Callable[[str, str], bool]]] = {
    "==": str.__eq__,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": str.__contains__,
}


class Program(NamedTuple):
    """A condition, compiled. Pure data."""

    text: str
    code: Ints
    """(n, 2): op and operand."""
    constants: Floats
    loads: tuple[Load, ...]
    inputs: tuple[Bound, ...]
    slots: int
    """Numbers that an instance remembers: those of its steps, in order of the code."""
    depth: int
    """The most values on the stack."""
    is_condition: bool
    """Whether what comes out is true or false; else a number."""
    unit: str = ""
    """Of a number."""
    traits: tuple[Trait, ...] = ()
