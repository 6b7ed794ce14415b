"""What a fault really did: the same plant, run with it and without it, compared step by step.

Noise is off and chance draws the same numbers: only what the fault moved differs. One pass serves
many faults: each has a twin of the healthy plant, that lives from its beginning until `after_s`
past its end.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from math import ceil, inf
from typing import NamedTuple

from models.simulate.fault_kinds import DRIFT, KINDS_OF_FAULTS, STUCK
from models.simulate.faults import Fault
from models.simulate.frame import Tick
from models.simulate.kinds import KINDS
from models.simulate.plant import Moving, Plant, Running
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
    one = Witness.of(plant, start_ns, step_s, after_s=after_s)
    for _ in range(ceil(seconds / step_s)):
        yield one.step()


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
    doing = Doing(Moving(plant, start_ns, step_s), after_s)
    for _ in range(ceil(seconds / step_s)):
        yield doing.step()


def _end(fault: Fault) -> float:
    return fault.start_s + fault.duration_s


@dataclass(slots=True)
class Doing:
    """What the faults of a plant newly do, step by step. A copy goes on by itself."""

    well: Moving
    """The plant without them."""
    after_s: float = inf
    """How long each is followed past its end."""
    lies: "Lies" = field(init=False)
    waiting: list[Fault] = field(init=False)
    twins: list[Twin] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Wait for the plant's faults."""
        self.await_faults()

    def await_faults(self) -> None:
        """Take the plant's faults as they are now; none of them has begun yet."""
        plant = self.well.plant
        self.lies = Lies(plant)
        self.waiting = sorted(plant.faults, key=lambda fault: fault.start_s)

    def step(self) -> tuple[Found, ...]:
        """Move on; return what is first seen to differ now."""
        elapsed_s, state, layout = self.well.next_s, self.well.state, self.well.plant.layout
        while self.waiting and self.waiting[0].start_s <= elapsed_s:
            fault = self.waiting.pop(0)
            if fault.kind not in (STUCK, DRIFT):
                self.twins.append(Twin(layout, fault, state))
        self.twins = [one for one in self.twins if elapsed_s <= _end(one.fault) + self.after_s]
        before = {key: state[key].copy() for key in COUNTERS} if self.twins else {}
        self.well.step(())
        found = list(self.lies.found(elapsed_s))
        for twin in self.twins:
            self.well.like(twin.state, (twin.fault,))
            found += (
                Found(twin.fault, Effect(asset, point, elapsed_s, how))
                for asset, point, how in twin.changes(state, before)
            )
        return tuple(found)


@dataclass(slots=True)
class Witness:
    """What agents tell, and what faults newly do. A copy goes on by itself."""

    running: Running
    doing: Doing

    @classmethod
    def of(cls, plant: Plant, start_ns: int, step_s: float, *, after_s: float = inf) -> "Witness":
        """Begin."""
        doing = Doing(Moving(plant, start_ns, step_s), after_s)
        return cls(Running.of(plant, start_ns, step_s), doing)

    @property
    def next_s(self) -> float:
        """Return when the next step is, since the start."""
        return self.running.moving.next_s

    def step(self) -> tuple[Tick, tuple[Found, ...]]:
        """Move on."""
        return self.running.tick(), self.doing.step()

    def branch(self, faults: tuple[Fault, ...]) -> "Witness":
        """Return a copy in which these happen from now on, instead of its own."""
        mine = self.running.plant
        plant = mine.breaking(faults)
        one = deepcopy(self, {id(mine): plant, id(mine.layout): plant.layout})
        one.doing.await_faults()
        return one


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
