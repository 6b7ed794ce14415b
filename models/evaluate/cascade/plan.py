"""When what breaks in an evaluation: every kind in turn, one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.simulate import FAULTS, Drain, Fault, Plant, mixed

LONGEST_H = 0.5
"""`mixed` lets a fault last so long at the most."""
SHOWS_S = 60.0
"""A fault lasts at least so much longer than its slowest sign takes."""
DRAIN_EACH_S, DRAIN_S = 1800.0, 900.0
"""In the healthy stretch planned work takes a node out so often, for so long."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How a run goes: learning, a healthy stretch, faults."""

    warm_s: float = 600.0
    healthy_s: float = 0.0
    lasts_s: float = 300.0
    """Of a fault; where its slowest sign needs longer, it has longer."""
    gap_s: float = 180.0
    """Between faults, and after the last."""
    step_s: float = 1.0
    """Between samples."""


def faults(plant: Plant, many: int, pairs: float, timing: Timing) -> tuple[Fault, ...]:
    """Draw faults. `pairs`: share of them that come with a second one, elsewhere."""
    rng = np.random.default_rng([plant.seed, 11])
    drawn = mixed(rng, plant, (many + 1) * LONGEST_H, gap_s=0.0, pairs=pairs)
    found: list[Fault] = []
    at_s = timing.warm_s + timing.healthy_s
    for together in _together(drawn):
        if len(found) >= many:
            break
        for one in together[: many - len(found)]:
            start_s = at_s + round(one.start_s - together[0].start_s)
            found.append(replace(one, start_s=start_s, duration_s=lasts(one.kind, timing)))
        at_s = max(one.start_s + one.duration_s for one in found) + timing.gap_s
    return tuple(found)


def lasts(kind: str, timing: Timing) -> float:
    """Say how long a fault of a kind lasts."""
    slowest_s = max((sign.within_s for sign in FAULTS[kind].signs), default=0.0)
    return max(timing.lasts_s, slowest_s + SHOWS_S)


def _together(drawn: Sequence[Fault]) -> Iterator[list[Fault]]:
    """Yield faults that overlap."""
    some: list[Fault] = []
    for one in drawn:
        if some and one.start_s >= some[0].start_s + some[0].duration_s:
            yield some
            some = []
        some.append(one)
    if some:
        yield some


def drains(plant: Plant, timing: Timing) -> tuple[Drain, ...]:
    """Plan work on nodes, one after the other, in the healthy stretch."""
    rng = np.random.default_rng([plant.seed, 12])
    nodes, end_s = plant.layout.assets["node"], timing.warm_s + timing.healthy_s
    starts = np.arange(timing.warm_s + DRAIN_EACH_S / 4, end_s - DRAIN_S, DRAIN_EACH_S)
    return tuple(
        Drain(nodes[int(rng.integers(len(nodes)))], float(start_s), DRAIN_S) for start_s in starts
    )
