"""Text to program: parsed, checked, and written as postfix code."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from math import isnan
from typing import NamedTuple, TypeVar

import numpy as np

from models.trigger.condition.check import checked, of_value
from models.trigger.condition.names import Scope, Vocabulary
from models.trigger.condition.parse import parse
from models.trigger.condition.program import SLOTS, Bound, Feature, Load, Op, Program, Trait
from models.trigger.condition.ranges import unreachable
from models.trigger.condition.term import Finding, Read, Term
from models.trigger.condition.tree import ConditionError, Kind, Node, Place

_Seen = TypeVar("_Seen", bound=Hashable)


class Compiled(NamedTuple):
    """A program, and what in it is legal and perhaps not meant."""

    program: Program
    findings: tuple[Finding, ...]


def condition(text: str, vocabulary: Vocabulary) -> Compiled:
    """Compile the condition of a rule. Raises `ConditionError`: text, names, types or units."""
    scope = Scope(vocabulary)
    node = parse(text)
    term = checked(node, scope)
    if not term.is_condition:
        reason = f"`{node}` is a number, a rule wants a condition: write e.g. `{node} > 0`"
        raise scope.error(node, reason)
    program = _program(text, term)
    if program.traits and not program.inputs:
        reason = f"`{node}` names no signal: nothing says when it is to be asked"
        raise scope.error(node, reason)
    return Compiled(program, (*scope.findings, *unreachable(term)))


def value(name: str, vocabulary: Vocabulary) -> Compiled:
    """Compile a value by expression. Raises `ConditionError` as `condition` does, `KeyError`."""
    found = vocabulary.values[name]
    scope = Scope(vocabulary)
    term = of_value(found, Node(Kind.NAME, Place(1, 1), name), scope)
    return Compiled(_program(found.expression or "", term), (*scope.findings, *unreachable(term)))


def _program(text: str, term: Term) -> Program:
    code = _Code()
    code.write(term)
    is_told = not term.is_condition and term.measure.is_known
    return Program(
        text,
        np.array(code.steps, np.int64).reshape(-1, 2),
        np.array(list(code.constants), np.float64),
        tuple(code.loads),
        tuple(code.inputs),
        sum(SLOTS.get(Op(op), 0) for op, _ in code.steps),
        term.depth,
        term.is_condition,
        term.measure.text if is_told else "",
        tuple(code.traits),
    )


@dataclass
class _Code:
    """Code as it is being written: each constant, load and input stands once."""

    steps: list[tuple[int, int]] = field(default_factory=list)
    constants: dict[float | str, None] = field(default_factory=dict)
    loads: dict[Load, None] = field(default_factory=dict)
    inputs: list[Bound] = field(default_factory=list)
    traits: dict[Trait, None] = field(default_factory=dict)

    def write(self, term: Term) -> None:
        """Add the steps of a term, its arguments first."""
        for arg in term.args:
            self.write(arg)
        self.steps.append((int(term.op), self._operand(term)))

    def _operand(self, term: Term) -> int:
        if term.trait is not None:
            return _place(Load(_place(term.trait, self.traits), Feature.TRAIT), self.loads)
        if term.read is not None:
            return _place(self._load(term.read), self.loads)
        if term.op is Op.CONSTANT or term.op in SLOTS:
            return _place("nan" if isnan(term.number) else term.number, self.constants)
        return 0

    def _load(self, read: Read) -> Load:
        if read.feature is Feature.PEERS:
            self._input(read.bound)  # its own samples are when it is asked
            peers = read.bound._replace(name=f"{read.bound.name}.peers", of_peers=True)
            return Load(self._input(peers), Feature.VALUE)
        return Load(self._input(read.bound), read.feature, read.window_s)

    def _input(self, bound: Bound) -> int:
        """Return the place of an input; one whose name is taken by others gets another."""
        for i, known in enumerate(self.inputs):
            is_same = known.signals == bound.signals and known.of_peers == bound.of_peers
            if is_same and known.name.partition("~")[0] == bound.name:
                return i
        taken = sum(known.name.partition("~")[0] == bound.name for known in self.inputs)
        self.inputs.append(bound._replace(name=f"{bound.name}~{taken}") if taken else bound)
        return len(self.inputs) - 1


def _place(one: _Seen, among: dict[_Seen, None]) -> int:
    """Return where it stands, there already or added."""
    if one not in among:
        among[one] = None
    return list(among).index(one)


__all__ = ["Compiled", "ConditionError", "condition", "value"]
