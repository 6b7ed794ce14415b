"""Compiled conditions as flat arrays, one after the other."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from models.rows import Table
from models.trigger.condition.program import SLOTS, Bound, Feature, Load, Op, Program, Trait
from models.trigger.machine.loads import PEERS, TAKES, TRAIT
from models.trigger.machine.rows import BUCKETS, CODED, LOADED
from models.trigger.machine.windows import AGO_STEPS
from schemas.telemetry import Floats, Ints
from schemas.trigger import Rule

_OF_CONSTANTS = frozenset({Op.CONSTANT, *SLOTS})


class Asked(NamedTuple):
    """A rule whose condition is on values."""

    rule: Rule
    condition: Program
    until: Program | None = None

    @property
    def inputs(self) -> tuple[Bound, ...]:
        """Return what both read, each once."""
        more = self.until.inputs if self.until else ()
        return tuple(dict.fromkeys((*self.condition.inputs, *more)))

    @property
    def traits(self) -> tuple[Trait, ...]:
        """Return what both ask of names, each once."""
        more = self.until.traits if self.until else ()
        return tuple(dict.fromkeys((*self.condition.traits, *more)))

    @property
    def slots(self) -> int:
        """Return how many numbers an instance remembers."""
        return self.condition.slots + (self.until.slots if self.until else 0)


class Tables(NamedTuple):
    """All rules."""

    programs: Table
    codes: Ints
    constants: Floats
    loads: Table
    depth: int


def flat(every: Sequence[Asked]) -> Tables:
    """Put rules into arrays."""
    programs = np.zeros(len(every), CODED)
    codes: list[tuple[int, int, int]] = []
    constants: list[float] = []
    loads: list[tuple[int, ...]] = []
    for row, asked in zip(programs, every, strict=True):
        row["constant"], row["first"] = len(constants), len(codes)
        slot = 0
        for program in (asked.condition, asked.until):
            if program is not None:
                codes += _steps(program, len(constants), len(loads), slot)
                slot += program.slots
                constants += program.constants.tolist()
                loads += [_loaded(asked, program, one) for one in program.loads]
            row["until" if program is asked.condition else "end"] = len(codes)
        row["constants"], row["shown"] = len(constants), len(loads)
        loads += [_load(asked, one, Load(0, Feature.VALUE)) for one in asked.inputs]
        _times(row, asked)
    depth = max((p.depth for one in every for p in (one.condition, one.until) if p), default=1)
    return Tables(
        programs,
        np.array(codes, np.int64).reshape(-1, 3),
        np.array(constants, np.float64),
        np.array(loads, LOADED) if loads else np.zeros(0, LOADED),
        depth,
    )


def _times(row: np.void, asked: Asked) -> None:
    rule = asked.rule
    row["inputs"] = len(asked.inputs)
    row["for_ns"] = round(rule.for_s * 1e9)
    row["keep_ns"] = round(rule.keep_firing_for_s * 1e9)
    row["stale_ns"] = round(rule.stale_s * 1e9)
    row["floor"] = rule.quality


def _steps(program: Program, constant: int, load: int, slot: int) -> list[tuple[int, int, int]]:
    steps = []
    for op, operand in program.code.tolist():
        k = operand + (constant if op in _OF_CONSTANTS else load if op == Op.LOAD else 0)
        steps.append((op, k, slot))
        slot += SLOTS.get(Op(op), 0)
    return steps


def _loaded(asked: Asked, program: Program, load: Load) -> tuple[int, ...]:
    if load.feature is Feature.TRAIT:
        return 0, 0, asked.traits.index(program.traits[load.input]), int(load.feature), TRAIT
    return _load(asked, program.inputs[load.input], load)


def _load(asked: Asked, bound: Bound, load: Load) -> tuple[int, ...]:
    at = asked.inputs.index(bound)
    take = PEERS if bound.of_peers else TAKES.index(bound.signals.take)
    return step_of(load), BUCKETS, at, int(load.feature), take


def step_of(load: Load) -> int:
    """Return the step of the ring that a load reads, in ns; 0: it reads none."""
    if load.feature < Feature.AVG or load.feature is Feature.TRAIT:
        return 0
    steps = AGO_STEPS if load.feature == Feature.AGO else BUCKETS
    return max(round(load.window_s * 1e9) // steps, 1)


def digest(asked: Asked) -> str:
    """Name a rule by all that it does."""
    programs = [one for one in (asked.condition, asked.until) if one]
    said = [(one.text, one.code.tolist(), one.constants.tolist(), one.loads) for one in programs]
    text = f"{asked.rule.model_dump_json()}|{said}|{asked.inputs}|{asked.traits}"
    return blake2b(text.encode(), digest_size=16).hexdigest()


def steps_of(asked: Asked) -> list[list[int]]:
    """Return the rings that each input of a rule needs, by their steps."""
    found: list[set[int]] = [set() for _ in asked.inputs]
    for program in (asked.condition, asked.until):
        for load in program.loads if program else ():
            step_ns = step_of(load)
            if step_ns and program:
                found[asked.inputs.index(program.inputs[load.input])].add(step_ns)
    return [sorted(one) for one in found]
