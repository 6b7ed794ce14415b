"""From true quantities to what agents print: noise, resolution, limits, stuck, missing."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from models.simulate.faults import Fault
from models.simulate.frame import Floats, Table, Tick
from models.simulate.kinds import KINDS, Sensor
from models.simulate.layout import Layout
from models.simulate.physics import State

STUCK = "sensor_stuck"


def column(kind: str, point: str) -> int:
    """Index of a point in the table of a kind; of its first noisy one where `point` is empty."""
    sensors = KINDS[kind]
    for i, sensor in enumerate(sensors):
        if sensor.point == point or (not point and sensor.noise > 0):
            return i
    named = f"no point {point!r}" if point else "no noisy point"
    raise ValueError(f"a {kind} has {named}; it has {', '.join(s.point for s in sensors)}")


def _printed(sensor: Sensor, values: Floats) -> Floats:
    shown = np.floor(values) if sensor.counter else np.round(values, sensor.decimals)
    within: Floats = np.clip(shown, sensor.low, sensor.high)
    return within


@dataclass(slots=True)
class Senses:
    """All sensors of a run. Draws the same random numbers whatever is broken."""

    layout: Layout
    seed: int
    noisy: bool = True
    missing: float = 0.0
    """Share of samples that are lost, 0..1."""
    _noise: np.random.Generator = field(init=False)
    _loss: np.random.Generator = field(init=False)
    _held: dict[Fault, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._noise = np.random.default_rng([self.seed, 1])
        self._loss = np.random.default_rng([self.seed, 2])

    def read(self, state: State, time_ns: int, stuck: Iterable[Fault]) -> Tick:
        """Read every sensor once. `stuck`: the faults of kind STUCK that hold now."""
        values = {kind: self._measured(kind, state) for kind in KINDS}
        self._hold(values, stuck)
        for table in values.values():
            self._lose(table)
        return Tick(
            time_ns,
            tuple(
                Table(kind, self.layout.assets[kind], tuple(s.point for s in sensors), values[kind])
                for kind, sensors in KINDS.items()
            ),
        )

    def _measured(self, kind: str, state: State) -> Floats:
        sensors = KINDS[kind]
        true = np.stack([state[s.quantity] for s in sensors], axis=1)
        if self.noisy:
            spread = np.array([s.noise for s in sensors])
            true = true + spread * self._noise.standard_normal(true.shape)
        return np.stack([_printed(s, true[:, i]) for i, s in enumerate(sensors)], axis=1)

    def _hold(self, values: dict[str, Floats], stuck: Iterable[Fault]) -> None:
        for fault in stuck:
            kind, row = self.layout.where(fault.asset)
            at = row, column(kind, fault.point)
            values[kind][at] = self._held.setdefault(fault, float(values[kind][at]))

    def _lose(self, values: Floats) -> None:
        if self.missing > 0:
            values[self._loss.random(values.shape) < self.missing] = np.nan
