"""A twin of the healthy plant that has one fault, and how the two differ."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from models.simulate.faults import Fault
from models.simulate.frame import Floats
from models.simulate.kinds import KINDS, Sensor
from models.simulate.layout import Layout
from models.simulate.physics import State
from models.simulate.sensors import ahead_s, printed, unheard

Flags = npt.NDArray[np.bool_]
NOISES, STEPS = 4.0, 2.0
"""A point has moved when it is off by this many noises plus this many printed steps."""
COUNTER_SHARE = 0.05
"""A counter has moved when it grows by this share faster or slower (error counters: by one)."""
COUNTERS = tuple({s.quantity: None for of in KINDS.values() for s in of if s.counter})


class Change(StrEnum):
    """What a fault did to a signal or an asset."""

    MOVED = "moved"
    SILENT = "silent"
    """The asset is not heard any more."""
    LATE = "late"
    """Its times are wrong."""


class Twin:
    """A plant with one fault, from the moment it begins."""

    def __init__(self, layout: Layout, fault: Fault, healthy: State) -> None:
        """Begin as the healthy plant is now."""
        self.fault = fault
        self.state = {key: values.copy() for key, values in healthy.items()}
        self._layout = layout
        self._known: dict[str, Flags] = {}
        self._off: dict[str, Floats] = {}
        kind, self._row = layout.where(fault.asset)
        hangs = fault.kind == "gpu_hung" and kind == "gpu"
        self._hung = (
            {s.quantity: healthy[s.quantity][self._row] for s in KINDS["gpu"]} if hangs else {}
        )

    def changes(
        self, well: State, before: Mapping[str, Floats]
    ) -> Iterator[tuple[str, str, Change]]:
        """Yield asset, point and sort of what is first seen to differ from the healthy plant now.

        `before`: the healthy plant's counters a step ago.
        """
        for kind, sensors in KINDS.items():
            silent = unheard(self._layout, self.state, kind)
            yield from self._assets(kind, silent)
            for sensor in sensors:
                moved = self._moved(sensor, well, before)
                if moved is None:
                    continue
                if silent is not None and sensor.quantity != "gpu.xid":
                    moved &= ~silent
                for name in self._new(kind, sensor.point, moved):
                    yield name, sensor.point, Change.MOVED

    def _assets(self, kind: str, silent: Flags | None) -> Iterator[tuple[str, str, Change]]:
        """Yield the assets of a kind that fell silent, or whose clocks are off, by the fault."""
        ahead = ahead_s(self._layout, self.state, kind)
        late = None if ahead is None else ahead != 0.0
        for flags, how in ((silent, Change.SILENT), (late, Change.LATE)):
            if flags is not None:
                for name in self._new(kind, how, flags):
                    yield name, "", how

    def _new(self, kind: str, what: str, flags: Flags) -> Iterator[str]:
        """Yield the names of assets where `flags` is set for the first time."""
        known = self._known.setdefault(f"{kind}/{what}", np.zeros(len(flags), np.bool_))
        new = np.flatnonzero(flags & ~known)
        known[new] = True
        return (self._layout.assets[kind][i] for i in new.tolist())

    def _moved(self, sensor: Sensor, well: State, before: Mapping[str, Floats]) -> Flags | None:
        """Compare one quantity; None where nothing differs."""
        key = sensor.quantity
        good, ill = well[key], self.state[key]
        if key in self._hung and self.state["gpu.hung"][self._row] > 0:
            ill = ill.copy()
            ill[self._row] = self._hung[key]
        if np.array_equal(good, ill) and key not in self._off:
            return None
        good, ill = printed(sensor, good), printed(sensor, ill)
        if not sensor.counter:
            steps = STEPS * 10.0**-sensor.decimals * (sensor.noise > 0)
            least = NOISES * sensor.spread(good) + steps
            away: Flags = np.abs(ill - good) > least
            return away
        off, grown = ill - good, good - printed(sensor, before[key])
        faster: Flags = np.abs(off - self._off.get(key, 0.0)) > COUNTER_SHARE * grown + 0.5
        self._off[key] = off
        return faster
