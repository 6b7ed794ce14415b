"""When what breaks in an evaluation: every kind in turn, one after the other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from models.simulate import FAULTS, Drain, Fault, Plant, mixed

LONGEST_H = 0.5
"""`mixed` lets a fault last so long at the most."""
SHOWS_S = 60.0
"""A fault lasts at least so much longer than its slowest sign takes."""
EACH_S = 60.0
"""Faults in plants of their own begin so long after each other: at other moments of the jobs."""
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


Together = tuple[Fault, ...]
"""Faults that overlap."""


def faults(plant: Plant, many: int, pairs: float, timing: Timing) -> Together:
    """Draw faults. `pairs`: share of them that come with a second one, elsewhere."""
    return tuple(chain.from_iterable(groups(plant, many, pairs, timing)))


def groups(plant: Plant, many: int, pairs: float, timing: Timing) -> tuple[Together, ...]:
    """Draw the same, those that overlap by themselves."""
    rng = np.random.default_rng([plant.seed, 11])
    drawn = mixed(rng, plant, (many + 1) * LONGEST_H, gap_s=0.0, pairs=pairs)
    found: list[Together] = []
    at_s, left = timing.warm_s + timing.healthy_s, many
    for some in _together(drawn):
        if left <= 0:
            break
        begun = [_at(one, at_s + round(one.start_s - some[0].start_s), timing) for one in some]
        found.append(tuple(begun[:left]))
        left -= len(found[-1])
        at_s = max(one.start_s + one.duration_s for one in found[-1]) + timing.gap_s
    return tuple(found)


def side_by_side(found: Iterable[Together], timing: Timing) -> tuple[Together, ...]:
    """Return groups as they begin where each is in a plant of its own: `EACH_S` apart."""
    from_s = timing.warm_s + timing.healthy_s
    return tuple(
        tuple(
            replace(one, start_s=from_s + i * EACH_S + one.start_s - some[0].start_s)
            for one in some
        )
        for i, some in enumerate(found)
    )


def _at(one: Fault, start_s: float, timing: Timing) -> Fault:
    return replace(one, start_s=start_s, duration_s=lasts(one.kind, timing))


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
