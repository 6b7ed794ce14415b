"""An AI data centre that moves as one: the same seed gives the same samples, to the bit."""

import math
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from models.simulate import physics
from models.simulate.cells import cells
from models.simulate.fault_kinds import DRIFT, KNOBS, STUCK
from models.simulate.faults import Drain, Fault, check, drain, turn
from models.simulate.frame import Tick
from models.simulate.graph import parts
from models.simulate.kinds import KINDS
from models.simulate.layout import Layout
from models.simulate.sensors import Senses, column
from models.simulate.workload import demand
from schemas.cascade.site import Inventory
from schemas.settings import Cell

INITIAL = {
    "gpu.clock": 1.0,
    "gpu.temp": 60.0,
    "gpu.jitter": 1.0,
    "crew.jitter": 1.0,
    "crew.rate": 1.0,
    "crew.press": 0.0,
    "crew.paused": 0.0,
    "ib.state": 4.0,
    "ib.bandwidth": 1.0,
    "uplink.state": 4.0,
    "node.alive": 1.0,
    "node.drained": 0.0,
    "node.in": 1.0,
    "node.inlet": 22.0,
    "node.fan": 50.0,
    "node.power": 5000.0,
    "rack.supply": 12.0,
    "rack.rise": 1.0,
    "cdu.supply": 12.0,
    "chiller.leaving": physics.SETPOINT_CEL,
    "chiller.setpoint": physics.SETPOINT_CEL,
    "chiller.excess": 0.0,
    "pump.flow_ratio": 1.0,
    "tower.fan": 50.0,
    "tower.leaving": physics.CONDENSER_CEL,
    "transformer.voltage": physics.MAINS_V,
    "transformer.oil": 50.0,
    "ups.charge": 100.0,
    "ups.output": physics.UPS_V,
}
"""Where a quantity begins if not at 0; `SETTLE_STEPS` steps later it does not matter."""
SETTLE_STEPS, SETTLE_S = 240, 5.0
JITTER_S = 20.0
JITTER = {"crew.jitter": 0.012, "gpu.jitter": 0.006}
"""Standard deviation of the load, relative, and what it is of."""
OLD_COUNTERS = ("ib.tx", "ib.rx", "port.tx", "port.rx", "gpu.energy")
"""Counters that were running long before."""
_LIES = frozenset((STUCK, DRIFT))


@dataclass(frozen=True)
class Plant:
    """A data centre of `nodes` of `gpus` each: racks, power, cooling, fabric and jobs.

    Every 64 nodes have a tower, chiller, pump, transformer and UPS of their own. A step of 12,500
    nodes of 8 GPUs and 8 rails costs some 35 ms.
    """

    seed: int = 0
    nodes: int = 4
    gpus: int = 8
    faults: tuple[Fault, ...] = ()
    missing: float = 0.0
    """Share of samples that are lost, 0..1."""
    rails: int = field(default=1, kw_only=True)
    """NICs of a node, each on a leaf of its own; large plants have 8."""
    dark: float = field(default=0.0, kw_only=True)
    """Share of signals that are never told, 0..1."""
    planned: tuple[Drain, ...] = field(default=(), kw_only=True)
    noisy: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        if min(self.nodes, self.gpus, self.rails) < 1 or self.gpus % self.rails:
            raise ValueError(f"{self}: nodes, gpus, rails must be >= 1, gpus a multiple of rails")
        if not (0 <= self.missing <= 1 and 0 <= self.dark <= 1):
            raise ValueError(f"{self}: missing and dark must be in 0..1")
        check(self.faults, self.layout)
        for one in self.planned:
            if self.layout.where(one.node)[0] != "node":
                raise ValueError(f"{one.node} is no node that could be drained")
        for fault in self.faults:
            if fault.kind in _LIES:
                column(self.layout.where(fault.asset)[0], fault.point)

    @cached_property
    def layout(self) -> Layout:
        """Names and neighbours."""
        return Layout(self.nodes, self.gpus, self.rails, self.seed)

    def cells(self) -> tuple[Cell, ...]:
        """List what must be seen together, for the settings of a site."""
        return cells(self.layout)

    def site(self, name: str = "site") -> tuple[Inventory, ...]:
        """Return the whole site graph, in parts: racks, pods, spines, loops, jobs."""
        return tuple(self.parts(name))

    def parts(self, name: str = "site") -> Iterator[Inventory]:
        """Yield the parts of `site` one after the other, as a large plant asks for."""
        return parts(self.layout, name)

    def run(self, start_ns: int, seconds: float, step_s: float = 1.0) -> Iterator[Tick]:
        """Yield the plant every `step_s` from `start_ns` (since 1970 UTC) on, for `seconds`."""
        under_way = Running.of(self, start_ns, step_s)
        for _ in range(math.ceil(seconds / step_s)):
            yield under_way.tick()

    def states(
        self, start_ns: int, seconds: float, step_s: float
    ) -> Iterator[tuple[float, physics.State]]:
        """Yield time since the start and the true state, changed in place from step to step."""
        under_way = Moving(self, start_ns, step_s)
        for _ in range(math.ceil(seconds / step_s)):
            yield under_way.step(self.faults), under_way.state

    def breaking(self, faults: tuple[Fault, ...]) -> "Plant":
        """Return the same plant with other faults."""
        other = copy(self)  # with the layout, which takes long where the plant is large
        other.__dict__["faults"] = faults
        other.__post_init__()
        return other

    def move(
        self,
        state: physics.State,
        faults: Iterable[Fault],
        jitter: physics.State,
        times: tuple[float, float, float],
    ) -> None:
        """Move a state on, in place. `times`: of the start, elapsed since, of the step, in s."""
        start_s, elapsed_s, step_s = times
        turn(state, faults, self.layout, elapsed_s)
        drain(state, self.planned, self.layout, elapsed_s)
        self._step(state, jitter, start_s + elapsed_s, step_s)

    def begin(self, start_s: float, chance: "Chance") -> physics.State:
        """Let a healthy plant run until nothing remembers how it began."""
        state = {key: np.full(n, INITIAL.get(key, 0.0)) for key, n in self._sizes().items()}
        for i in range(SETTLE_STEPS):
            at_s = start_s - SETTLE_S * (SETTLE_STEPS - i)
            self._step(state, chance.jitter(SETTLE_S), at_s, SETTLE_S)
        for key in OLD_COUNTERS:
            state[key] += chance.rng.integers(10**12, 10**14, len(state[key])).astype(np.float64)
        return state

    def _sizes(self) -> dict[str, int]:
        """Every quantity of the physics, and of how many assets."""
        measured = {sensor.quantity for sensors in KINDS.values() for sensor in sensors}
        counts = {kind: len(names) for kind, names in self.layout.assets.items()}
        counts["crew"] = self.layout.crews
        return {key: counts[key.split(".")[0]] for key in sorted({*measured, *KNOBS, *INITIAL})}

    def _step(
        self, state: physics.State, jitter: physics.State, time_s: float, step_s: float
    ) -> None:
        state.update(jitter)
        wanted = demand(self.layout, time_s, state)
        physics.step(state, self.layout, wanted, physics.Moment(time_s, step_s, self.layout.traits))


class Chance:
    """How load strays by itself. The same for a plant whatever is broken in it."""

    def __init__(self, layout: Layout, seed: int) -> None:
        """Begin with the usual load."""
        self.rng = np.random.default_rng([seed, 0])
        self._now = {
            "crew.jitter": np.ones(layout.crews),
            "gpu.jitter": np.ones(layout.nodes * layout.gpus),
        }

    def jitter(self, step_s: float) -> physics.State:
        """Move on by a step; the arrays are not changed afterwards."""
        keep = math.exp(-step_s / JITTER_S)
        for key, spread in JITTER.items():
            before = self._now[key]
            kick = spread * math.sqrt(1.0 - keep * keep) * self.rng.standard_normal(len(before))
            self._now[key] = 1.0 + keep * (before - 1.0) + kick
        return dict(self._now)


@dataclass(slots=True)
class Moving:
    """The true state of a plant as time goes by. A copy goes on by itself."""

    plant: Plant
    start_ns: int
    """Since 1970 UTC."""
    step_s: float
    steps: int = 0
    chance: Chance = field(init=False)
    state: physics.State = field(init=False)
    jitter: physics.State = field(default_factory=dict)
    """Of the last step."""

    def __post_init__(self) -> None:
        """Begin as a healthy plant that has run for long."""
        self.chance = Chance(self.plant.layout, self.plant.seed)
        self.state = self.plant.begin(self.start_ns / 1e9, self.chance)

    @property
    def next_s(self) -> float:
        """Return when the next step is, since the start."""
        return self.steps * self.step_s

    def step(self, faults: Iterable[Fault]) -> float:
        """Move on with these faults; return the time since the start."""
        elapsed_s = self.next_s
        self.steps += 1
        self.jitter = self.chance.jitter(self.step_s)
        self.like(self.state, faults)
        return elapsed_s

    def like(self, state: physics.State, faults: Iterable[Fault]) -> None:
        """Move another state as this one was moved last, with these faults."""
        times = self.start_ns / 1e9, (self.steps - 1) * self.step_s, self.step_s
        self.plant.move(state, faults, self.jitter, times)


@dataclass(slots=True)
class Running:
    """A plant as its agents tell of it. A copy goes on by itself, and may be given faults."""

    moving: Moving
    senses: Senses

    @classmethod
    def of(cls, plant: Plant, start_ns: int, step_s: float) -> "Running":
        """Begin. `start_ns`: since 1970 UTC."""
        senses = Senses(plant.layout, plant.seed, plant.noisy, plant.missing, plant.dark)
        return cls(Moving(plant, start_ns, step_s), senses)

    @property
    def plant(self) -> Plant:
        """Return what runs."""
        return self.moving.plant

    def tick(self) -> Tick:
        """Move on and read every sensor once."""
        faults = self.plant.faults
        elapsed_s = self.moving.step(faults)
        lying = [(f, f.strength(elapsed_s)) for f in faults if f.kind in _LIES]
        now = [each for each in lying if each[1] > 0]
        time_ns = self.moving.start_ns + round(elapsed_s * 1e9)
        return self.senses.read(self.moving.state, time_ns, now)
