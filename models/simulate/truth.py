"""What a fault really did: the same plant, run with it and without it, compared sample by sample.

Noise is off in both and chance draws the same numbers: only what the fault moved differs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models.simulate.faults import KINDS_OF_FAULTS, RELATIONS, Fault
from models.simulate.frame import Floats, Tick
from models.simulate.kinds import KINDS, Sensor
from models.simulate.plant import Plant
from models.simulate.sensors import STUCK, column

Flags = npt.NDArray[np.bool_]

NOISES, STEPS = 4.0, 2.0
"""A point has moved when it is off by this many noises plus this many printed steps."""
COUNTER_SHARE = 0.05
"""A counter has moved when it grows by this share faster or slower (error counters: by one)."""


@dataclass(frozen=True)
class Effect:
    """One signal that a fault moved visibly."""

    asset: str
    point: str
    onset_s: float
    """Since the start of the run."""


@dataclass(frozen=True)
class Truth:
    """One fault, and all it moved, first things first."""

    fault: Fault
    cause: str
    """The asset that broke."""
    effects: tuple[Effect, ...]


def truth(plant: Plant, start_ns: int, seconds: float, step_s: float = 1.0) -> tuple[Truth, ...]:
    """Say what each fault of `plant` does by itself. Costs two runs a fault."""
    calm = replace(plant, missing=0.0, noisy=False)
    answers = []
    for fault in plant.faults:
        well = replace(calm, faults=()).run(start_ns, seconds, step_s)
        ill = replace(calm, faults=(fault,)).run(start_ns, seconds, step_s)
        moved = expected(plant, fault) if fault.kind == STUCK else _onsets(well, ill, start_ns)
        effects = sorted(moved, key=lambda e: e.onset_s)
        answers.append(Truth(fault, fault.asset, tuple(effects)))
    return tuple(answers)


def expected(plant: Plant, fault: Fault) -> Iterator[Effect]:
    """Name the signals that must have moved by `onset_s` where `fault` has severity 1."""
    kind, i = plant.layout.where(fault.asset)
    if fault.kind == STUCK:
        point = KINDS[kind][column(kind, fault.point)].point
        yield Effect(fault.asset, point, fault.start_s)
    for sign in KINDS_OF_FAULTS[fault.kind].signs:
        for asset in RELATIONS[sign.where](plant.layout, kind, i):
            yield Effect(asset, sign.point, fault.start_s + sign.within_s)


def _onsets(healthy: Iterator[Tick], broken: Iterator[Tick], start_ns: int) -> Iterator[Effect]:
    """Yield every signal once, when the two runs first differ visibly."""
    known: dict[str, Flags] = {}
    before: dict[str, Floats] = {}
    for well, ill in zip(healthy, broken, strict=True):
        for good, bad in zip(well.tables, ill.tables, strict=True):
            now = np.stack([good.values, bad.values])
            moved = _moved(KINDS[good.kind], now, before.get(good.kind, now))
            before[good.kind] = now
            new = moved & ~known.get(good.kind, np.zeros_like(moved))
            known[good.kind] = known.get(good.kind, np.zeros_like(moved)) | new
            for row, col in np.argwhere(new).tolist():
                onset_s = (well.time_ns - start_ns) / 1e9
                yield Effect(good.assets[row], good.points[col], onset_s)


def _moved(sensors: tuple[Sensor, ...], now: Floats, before: Floats) -> Flags:
    """Compare two runs. `now`, `before`: (2, assets, points). Returns (assets, points)."""
    noise = np.array([s.noise for s in sensors])
    printed = np.array([10.0**-s.decimals if s.noise > 0 else 0.0 for s in sensors])
    off = np.abs(now[1] - now[0]) > NOISES * noise + STEPS * printed
    grown, grown_ill = now - before
    faster = np.abs(grown_ill - grown) > COUNTER_SHARE * grown + 0.5
    moved: Flags = np.where([s.counter for s in sensors], faster, off)
    return moved
