"""A condition that has been understood: steps with their arguments, types and units."""

from collections.abc import Sequence
from enum import StrEnum
from math import inf, nan
from typing import NamedTuple

from models.trigger.condition.evaluate import Answer, result
from models.trigger.condition.program import SLOTS, Bound, Feature, Op, Trait
from models.trigger.condition.tree import Node, Place
from models.trigger.condition.units import BARE, RATIO, Measure


class Mark(StrEnum):
    """What a finding is about."""

    UNKNOWN_POINT = "unknown_point"
    """Legal: it may come yet."""
    UNKNOWN_FIELD = "unknown_field"
    """Of an event: the condition is never known."""
    UNREACHABLE = "unreachable"
    """A part that never holds, or always does."""
    UNIT_ASSUMED = "unit_assumed"
    """A value's unit is taken as its author says."""


class Finding(NamedTuple):
    """Something in a condition that is legal, and perhaps not meant."""

    mark: Mark
    text: str
    place: Place
    value: str = ""
    """Name of the value in whose expression it stands; empty: in the rule's own."""

    def __str__(self) -> str:
        within = f"value `{self.value}`, " if self.value else ""
        return f"{within}{self.place}: {self.text}"


class Read(NamedTuple):
    """What is loaded, and between what it can be."""

    bound: Bound
    feature: Feature
    window_s: float = 0.0
    low: float = -inf
    high: float = inf


class Term(NamedTuple):
    """One step and what it is made of."""

    op: Op
    node: Node
    is_condition: bool
    measure: Measure = RATIO
    args: tuple["Term", ...] = ()
    number: float = nan
    """Of a constant; of a step that looks back its window in s."""
    read: Read | None = None
    trait: Trait | None = None
    value: str = ""
    """Name of the value in whose expression it stands."""
    size: int = 1
    """Steps in all."""
    depth: int = 1
    """The most values on the stack."""

    @property
    def type(self) -> str:
        """Return what to call it in a sentence."""
        return "a condition" if self.is_condition else "a number"


def made(term: Term, args: Sequence[Term]) -> Term:
    """Return a step on its arguments; on constants: the constant that comes of it."""
    if term.op not in SLOTS and all(one.op is Op.CONSTANT for one in args):
        found = result(term.op, [Answer(one.number) for one in args]).value
        measure = RATIO if term.is_condition else BARE
        return term._replace(op=Op.CONSTANT, number=found, measure=measure)
    size = 1 + sum(one.size for one in args)
    depth = max(i + one.depth for i, one in enumerate(args))
    return term._replace(args=tuple(args), size=size, depth=depth)
