"""A small AI data centre that moves as one: the same seed gives the same samples, to the bit."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from models.simulate import physics
from models.simulate.faults import KNOBS, Fault, check, turn
from models.simulate.frame import Tick
from models.simulate.kinds import KINDS
from models.simulate.layout import Layout
from models.simulate.sensors import STUCK, Senses, column
from models.simulate.workload import demand
from schemas.settings import Cell

INITIAL = {
    "gpu.clock": 1.0,
    "gpu.temp": 60.0,
    "gpu.jitter": 1.0,
    "job.jitter": 1.0,
    "job.rate": 1.0,
    "ib.state": 4.0,
    "ib.bandwidth": 1.0,
    "node.alive": 1.0,
    "node.inlet": 22.0,
    "node.fan": 50.0,
    "node.power": 5000.0,
    "chiller.leaving": physics.SETPOINT_CEL,
    "chiller.setpoint": physics.SETPOINT_CEL,
    "chiller.excess": 0.0,
    "pump.flow_ratio": 1.0,
    "tower.fan": 50.0,
    "tower.leaving": physics.CONDENSER_CEL,
    "transformer.voltage": physics.MAINS_V,
    "transformer.oil": 50.0,
    "ups.charge": 100.0,
}
"""Where a quantity begins if not at 0; `SETTLE_STEPS` steps later it does not matter."""
SETTLE_STEPS, SETTLE_S = 240, 5.0
JITTER_S = 20.0
JITTER = {"job.jitter": 0.012, "gpu.jitter": 0.006}
"""Standard deviation of the load, relative, and what it is of."""
OLD_COUNTERS = ("ib.tx", "ib.rx", "port.tx", "port.rx", "gpu.energy")
"""Counters that were running long before."""


@dataclass(frozen=True)
class Plant:
    """A cooling tower, chiller, pump, transformer and UPS for up to 64 `nodes` of `gpus` each.

    Larger plants get one more set of these for every 64 nodes.
    """

    seed: int = 0
    nodes: int = 4
    gpus: int = 8
    faults: tuple[Fault, ...] = ()
    missing: float = 0.0
    """Share of samples that are lost, 0..1."""
    noisy: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        if self.nodes < 1 or self.gpus < 1 or not 0 <= self.missing <= 1:
            raise ValueError(f"{self}: nodes and gpus must be >= 1, missing in 0..1")
        check(self.faults, self.layout)
        for fault in self.faults:
            if fault.kind == STUCK:
                column(self.layout.where(fault.asset)[0], fault.point)

    @cached_property
    def layout(self) -> Layout:
        """Names and neighbours."""
        return Layout(self.nodes, self.gpus)

    def cells(self) -> tuple[Cell, ...]:
        """List what must be seen together, for the settings of a site."""
        return self.layout.cells()

    def run(self, start_ns: int, seconds: float, step_s: float = 1.0) -> Iterator[Tick]:
        """Yield the plant every `step_s` from `start_ns` (since 1970 UTC) on, for `seconds`."""
        chance = np.random.default_rng([self.seed, 0])
        senses = Senses(self.layout, self.seed, self.noisy, self.missing)
        state = self._begin(start_ns / 1e9, chance)
        knobs = {knob: state[knob] for knob in KNOBS}
        for i in range(math.ceil(seconds / step_s)):
            elapsed_s = i * step_s
            turn(knobs, self.faults, self.layout, elapsed_s)
            self._move(state, chance, physics.Moment(start_ns / 1e9 + elapsed_s, step_s))
            stuck = [f for f in self.faults if f.kind == STUCK and f.strength(elapsed_s) > 0]
            yield senses.read(state, start_ns + round(elapsed_s * 1e9), stuck)

    def _begin(self, start_s: float, chance: np.random.Generator) -> physics.State:
        """Let a healthy plant run until nothing remembers how it began."""
        state = {key: np.full(n, INITIAL.get(key, 0.0)) for key, n in self._sizes().items()}
        for i in range(SETTLE_STEPS):
            at_s = start_s - SETTLE_S * (SETTLE_STEPS - i)
            self._move(state, chance, physics.Moment(at_s, SETTLE_S))
        for key in OLD_COUNTERS:
            state[key] += chance.integers(10**12, 10**14, len(state[key])).astype(np.float64)
        return state

    def _sizes(self) -> dict[str, int]:
        """Every quantity of the physics, and of how many assets."""
        measured = {sensor.quantity for sensors in KINDS.values() for sensor in sensors}
        counts = {kind: len(names) for kind, names in self.layout.assets.items()}
        counts["job"] = self.layout.jobs
        return {key: counts[key.split(".")[0]] for key in sorted({*measured, *KNOBS, *INITIAL})}

    def _move(self, state: physics.State, chance: np.random.Generator, at: physics.Moment) -> None:
        keep = math.exp(-at.dt / JITTER_S)
        for key, spread in JITTER.items():
            kick = spread * math.sqrt(1.0 - keep * keep) * chance.standard_normal(len(state[key]))
            state[key] = 1.0 + keep * (state[key] - 1.0) + kick
        wanted = demand(self.layout, at.time_s, state["job.jitter"])
        physics.step(state, self.layout, wanted, at)
