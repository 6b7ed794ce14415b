"""How one plant differs from the next, by its seed: delays, gains, noise, single GPUs.

Setpoints and ratings are as the plant was built and do not differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.simulate.frame import Floats

SPREAD = 0.2
"""A delay, gain or noise lies within this of its usual value, relative."""
GPU_SPREAD = 0.004
"""Standard deviation of the heat path from GPU to GPU, relative."""
MOST_SPREADS = 2.5

DELAYS = (
    *("gpu.tensor", "gpu.power", "gpu.temp", "gpu.memory_temp", "gpu.clock"),
    *("node.fan", "node.inlet", "node.outlet", "rack.supply", "rack.return"),
    *("cdu.supply", "cdu.return", "chiller.entering", "tower.fan", "tower.leaving"),
    *("transformer.oil", "crew.press", "crew.rate", "switch.temp", "link.flap", "job.length"),
)
"""Quantities that lag; what each takes longer than usual differs by plant."""
GAINS = ("loop.warming", "wait", "errors", "air", "water", "restart")
CALM_GAINS = ("gpu.path", "gpu.busy")
"""Gains that differ by a quarter of SPREAD only: GPUs are alike wherever they are."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What is peculiar to one plant. All relative to what is usual, about 1."""

    pace: Mapping[str, float]
    """By quantity of DELAYS: how long it takes."""
    gain: Mapping[str, float]
    """By name in GAINS."""
    noise: float
    """Of all sensors."""
    gpu_path: Floats
    """(gpus,) heat path of each GPU."""


def traits(seed: int, gpus: int) -> Traits:
    """Draw what is peculiar to the plant of a seed with so many GPUs in all."""
    rng = np.random.default_rng([seed, 4])
    pace = dict(zip(DELAYS, rng.uniform(1 - SPREAD, 1 + SPREAD, len(DELAYS)).tolist(), strict=True))
    names, width = (*GAINS, *CALM_GAINS), np.array([SPREAD] * len(GAINS) + [SPREAD / 4] * 2)
    gain = dict(zip(names, rng.uniform(1 - width, 1 + width).tolist(), strict=True))
    away = np.clip(rng.standard_normal(gpus), -MOST_SPREADS, MOST_SPREADS)
    noise = float(rng.uniform(1 - SPREAD, 1 + SPREAD))
    return Traits(pace, gain, noise, 1.0 + GPU_SPREAD * away)
