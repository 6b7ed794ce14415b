"""What a fault really did: the same plant, run with it and without it, compared step by step.

Noise is off and chance draws the same numbers: only what the fault moved differs. One pass serves
many faults: each has a twin of the healthy plant, that lives from its beginning until `after_s`
past its end.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf
from typing import NamedTuple

import numpy as np

from models.simulate.fault_kinds import DRIFT, KINDS_OF_FAULTS, STUCK
from models.simulate.faults import Fault
from models.simulate.frame import Tick
from models.simulate.kinds import KINDS
from models.simulate.plant import Chance, Plant
from models.simulate.relations import OTHER_END, RELATIONS
from models.simulate.sensors import column, strays
from models.simulate.twin import COUNTERS, NOISES, STEPS, Change, Twin


@dataclass(frozen=True)
class Effect:
    """One signal that a fault moved visibly, or one asset that it silenced or dated wrongly."""

    asset: str
    point: str
    """Empty: all of them."""
    onset_s: float
    """Since the start of the run."""
    how: Change = Change.MOVED


@dataclass(frozen=True)
class Truth:
    """One fault, and all it moved: first things first, of one time those of the cause."""

    fault: Fault
    cause: str
    """The asset that broke."""
    effects: tuple[Effect, ...]
    other_end: str = ""
    """Of a link that broke: the asset at its other end; both ends are the cause."""


class Found(NamedTuple):
    """An effect that was first seen now."""

    fault: Fault
    effect: Effect


def truth(plant: Plant, start_ns: int, seconds: float, step_s: float = 1.0) -> tuple[Truth, ...]:
    """Say what each fault of `plant` does by itself. Costs a run, and a rest of a run a fault."""
    found: dict[Fault, list[Effect]] = {fault: [] for fault in plant.faults}
    for step in effects(plant, start_ns, seconds, step_s):
        for fault, effect in step:
            found[fault].append(effect)
    for fault, some in found.items():
        some.sort(key=lambda effect: (effect.onset_s, effect.asset != fault.asset))
    return tuple(
        Truth(fault, fault.asset, tuple(some), other_end(plant, fault.asset))
        for fault, some in found.items()
    )


def witness(
    plant: Plant, start_ns: int, seconds: float, step_s: float = 1.0, *, after_s: float = inf
) -> Iterator[tuple[Tick, tuple[Found, ...]]]:
    """Yield what agents tell, and what faults newly did, step by step: in one pass."""
    told = plant.run(start_ns, seconds, step_s)
    return zip(told, effects(plant, start_ns, seconds, step_s, after_s=after_s), strict=True)


def other_end(plant: Plant, asset: str) -> str:
    """Name the other end of a link; empty where the asset is none."""
    kind, i = plant.layout.where(asset)
    return plant.layout.assets[OTHER_END[kind]][i] if kind in OTHER_END else ""


def expected(plant: Plant, fault: Fault) -> Iterator[Effect]:
    """Name the signals that must have moved by `onset_s` where `fault` has severity 1."""
    kind, i = plant.layout.where(fault.asset)
    if fault.kind in (STUCK, DRIFT):
        point = KINDS[kind][column(kind, fault.point)].point
        within_s = KINDS_OF_FAULTS[fault.kind].ramp_s / 4
        yield Effect(fault.asset, point, fault.start_s + within_s)
    for sign in KINDS_OF_FAULTS[fault.kind].signs:
        for asset in RELATIONS[sign.where](plant.layout, kind, i):
            yield Effect(asset, sign.point, fault.start_s + sign.within_s)


def effects(
    plant: Plant, start_ns: int, seconds: float, step_s: float = 1.0, *, after_s: float = inf
) -> Iterator[tuple[Found, ...]]:
    """Yield, step by step, what each fault newly moves. A twin costs as much as the plant."""
    well = replace(plant, faults=())
    chance = Chance(well.layout, well.seed)
    state = well.begin(start_ns / 1e9, chance)
    waiting = sorted(plant.faults, key=lambda fault: fault.start_s)
    twins: list[Twin] = []
    lies = Lies(plant)
    for i in range(int(np.ceil(seconds / step_s))):
        elapsed_s = i * step_s
        while waiting and waiting[0].start_s <= elapsed_s:
            fault = waiting.pop(0)
            if fault.kind not in (STUCK, DRIFT):
                twins.append(Twin(well.layout, fault, state))
        twins = [twin for twin in twins if elapsed_s <= _end(twin.fault) + after_s]
        before = {key: state[key].copy() for key in COUNTERS} if twins else {}
        jitter, times = chance.jitter(step_s), (start_ns / 1e9, elapsed_s, step_s)
        well.move(state, (), jitter, times)
        found = list(lies.found(elapsed_s))
        for twin in twins:
            well.move(twin.state, (twin.fault,), jitter, times)
            found += (
                Found(twin.fault, Effect(asset, point, elapsed_s, how))
                for asset, point, how in twin.changes(state, before)
            )
        yield tuple(found)


def _end(fault: Fault) -> float:
    return fault.start_s + fault.duration_s


class Lies:
    """Sensors that stick or stray: the effect is in the sensor alone."""

    def __init__(self, plant: Plant) -> None:
        """Take the faults of this sort."""
        self._plant = plant
        self._waiting = [fault for fault in plant.faults if fault.kind in (STUCK, DRIFT)]

    def found(self, elapsed_s: float) -> Iterator[Found]:
        """Yield those that are first off now."""
        for fault in [f for f in self._waiting if f.strength(elapsed_s) > 0]:
            kind, _ = self._plant.layout.where(fault.asset)
            sensor = KINDS[kind][column(kind, fault.point)]
            visible = NOISES * sensor.noise + STEPS * 10.0**-sensor.decimals
            if fault.kind == STUCK or fault.strength(elapsed_s) * strays(sensor) > visible:
                self._waiting.remove(fault)
                yield Found(fault, Effect(fault.asset, sensor.point, elapsed_s))
