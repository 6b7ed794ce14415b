"""From true quantities to what agents print: noise, resolution, limits, stuck, silent, missing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from models.simulate.fault_kinds import DRIFT, STUCK
from models.simulate.faults import Fault
from models.simulate.frame import Floats, Table, Tick
from models.simulate.kinds import HOSTED, KINDS, Sensor
from models.simulate.layout import Layout
from models.simulate.physics import State

Flags = npt.NDArray[np.bool_]
STRAYS_NOISES, STRAYS_STEPS = 30.0, 10.0
"""How far a sensor that strays is off in the end: noises and printed steps."""
_HALF = 0.5
_XID = next(i for i, s in enumerate(KINDS["gpu"]) if s.quantity == "gpu.xid")


def column(kind: str, point: str) -> int:
    """Index of a point in the table of a kind; of its first noisy one where `point` is empty."""
    sensors = KINDS[kind]
    for i, sensor in enumerate(sensors):
        if sensor.point == point or (not point and sensor.noise > 0):
            return i
    named = f"no point {point!r}" if point else "no noisy point"
    raise ValueError(f"a {kind} has {named}; it has {', '.join(s.point for s in sensors)}")


def printed(sensor: Sensor, values: Floats) -> Floats:
    """Return what the agent prints of true values."""
    shown = np.floor(values) if sensor.counter else np.round(values, sensor.decimals)
    return np.clip(shown, sensor.low, sensor.high, out=shown)


def strays(sensor: Sensor) -> float:
    """Say how far a sensor of this sort strays in the end."""
    return STRAYS_NOISES * sensor.noise + STRAYS_STEPS * 10.0**-sensor.decimals


def off_air(layout: Layout, state: State, kind: str) -> Flags | None:
    """Say which assets of a kind have no agent now that could tell anything; None: all have."""
    nodes = (state["node.alive"] < 1) | (state["node.silent"] > _HALF)
    if kind not in HOSTED or not nodes.any():
        return None
    return np.repeat(nodes, len(layout.assets[kind]) // layout.nodes)


def unheard(layout: Layout, state: State, kind: str) -> Flags | None:
    """Say which assets of a kind nobody hears of now, GPUs off the bus too; None: all are heard."""
    silent = off_air(layout, state, kind)
    lost = state["gpu.lost"] > _HALF if kind == "gpu" else None
    if lost is None or not lost.any():
        return silent
    return lost if silent is None else silent | lost


def ahead_s(layout: Layout, state: State, kind: str) -> Floats | None:
    """Say how far the clocks of a kind's agents are ahead; None: all are right."""
    if kind not in HOSTED or not state["node.skew"].any():
        return None
    return np.repeat(state["node.skew"], len(layout.assets[kind]) // layout.nodes)


@dataclass(slots=True)
class Senses:
    """All sensors of a run. Draws the same random numbers whatever is broken."""

    layout: Layout
    seed: int
    noisy: bool = True
    missing: float = 0.0
    """Share of samples that are lost, 0..1."""
    dark: float = 0.0
    """Share of signals that are never told, 0..1."""
    _noise: np.random.Generator = field(init=False)
    _loss: np.random.Generator = field(init=False)
    _unlit: dict[str, Flags] = field(default_factory=dict)
    _held: dict[Fault, float] = field(default_factory=dict)
    _hung: dict[int, Floats] = field(default_factory=dict)
    _before: Floats | None = None

    def __post_init__(self) -> None:
        self._noise = np.random.default_rng([self.seed, 1])
        self._loss = np.random.default_rng([self.seed, 2])
        if self.dark > 0:
            rng = np.random.default_rng([self.seed, 6])
            for kind, sensors in KINDS.items():
                shape = len(sensors), len(self.layout.assets[kind])
                self._unlit[kind] = rng.random(shape, np.float32) < self.dark

    def read(self, state: State, time_ns: int, lying: Sequence[tuple[Fault, float]] = ()) -> Tick:
        """Read every sensor once. `lying`: faults of sensors that hold now, and how strongly."""
        values = {kind: self._measured(kind, state) for kind in KINDS}
        self._lie(values, lying)
        values["gpu"] = self._hang(values["gpu"], state)
        tables = (self._table(kind, values[kind], state) for kind in KINDS)
        return Tick(time_ns, tuple(tables))

    def _table(self, kind: str, values: Floats, state: State) -> Table:
        silent = off_air(self.layout, state, kind)
        values = self._lose(kind, self._silence(kind, values, state, silent))
        ahead = ahead_s(self.layout, state, kind)
        ahead_ns = None if ahead is None else (ahead * 1e9).astype(np.int64)
        points = tuple(s.point for s in KINDS[kind])
        return Table(kind, self.layout.assets[kind], points, values.T, ahead_ns, silent)

    def _measured(self, kind: str, state: State) -> Floats:
        """Return what is printed, (points, assets)."""
        sensors = KINDS[kind]
        values = np.empty((len(sensors), len(self.layout.assets[kind])))
        for row, sensor in zip(values, sensors, strict=True):
            true = state[sensor.quantity]
            if self.noisy and sensor.noise > 0:
                noise = self._noise.standard_normal(len(true), np.float32)
                usual = sensor.spread(true) if sensor.share else sensor.noise
                true = true + usual * self.layout.traits.noise * noise
            row[:] = printed(sensor, true)
        return values

    def _lie(self, values: dict[str, Floats], lying: Sequence[tuple[Fault, float]]) -> None:
        for fault, strength in lying:
            kind, i = self.layout.where(fault.asset)
            at = column(kind, fault.point), i
            sensor, true = KINDS[kind][at[0]], values[kind][at]
            if fault.kind == STUCK:
                values[kind][at] = self._held.setdefault(fault, float(true))
            elif fault.kind == DRIFT:
                off = np.array([true + strength * strays(sensor)])
                values[kind][at] = printed(sensor, off)[0]

    def _hang(self, values: Floats, state: State) -> Floats:
        """Let GPUs that hang say what they said before."""
        rows = np.flatnonzero(state["gpu.hung"] > _HALF).tolist()
        before = values if self._before is None else self._before
        self._hung = {i: self._hung.get(i, before[:, i].copy()) for i in rows}
        for i, column_of in self._hung.items():
            values[:, i] = column_of
        self._before = values
        return values

    def _silence(self, kind: str, values: Floats, state: State, silent: Flags | None) -> Floats:
        """Take away what nobody tells; of a GPU off the bus the driver still tells its XID."""
        lost = unheard(self.layout, state, kind)
        if lost is None:
            return values
        heard = np.where(lost, np.nan, values)
        if kind == "gpu":
            driver = lost if silent is None else lost & ~silent
            heard[_XID, driver] = values[_XID, driver]
        return heard

    def _lose(self, kind: str, values: Floats) -> Floats:
        gone = self._unlit.get(kind)
        if self.missing > 0:
            lost = self._loss.random(values.shape, np.float32) < self.missing
            gone = lost if gone is None else gone | lost
        return values if gone is None else np.where(gone, np.nan, values)
