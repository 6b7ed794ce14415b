"""A thing that breaks for a while, and how it comes on. `fault_kinds` lists what can."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from models.simulate.fault_kinds import KINDS_OF_FAULTS
from models.simulate.frame import Floats
from models.simulate.layout import Layout


@dataclass(frozen=True)
class Course:
    """How a fault comes on, from its beginning until it stands at its severity."""

    ramp_s: float = 0.0
    """How long that takes; 0: as the kind of fault says."""
    bend: float = 1.0
    """Power of the time: 1 is steady, more begins slowly, less begins fast."""
    rough: float = 0.0
    """How far it strays from that, as a Brownian bridge does: standard deviation half way, times 2,
    in severities."""
    seed: int = 0
    """Of the straying."""

    def come(self, share: float) -> float:
        """Say how far it has come, 0..1, when `share` of the ramp is over.

        A Brownian bridge by its Karhunen-Loeve sum, so it is the same whenever it is asked.
        """
        straight = float(share**self.bend)
        if self.rough == 0.0:
            return straight
        waves = np.arange(1, _WAVES + 1) * math.pi
        strays = np.random.default_rng([self.seed, 3]).standard_normal(_WAVES)
        bridge = math.sqrt(2.0) * float(np.sum(strays * np.sin(waves * share) / waves))
        return min(max(straight + self.rough * bridge, 0.0), 1.0)


_WAVES = 64


@dataclass(frozen=True)
class Fault:
    """One thing that breaks for a while."""

    kind: str
    asset: str
    start_s: float
    """Since the start of the run."""
    duration_s: float
    severity: float = 1.0
    """0 (excluded) .. 1."""
    point: str = ""
    """Of a sensor that sticks; empty: the first noisy one."""
    course: Course = Course()

    def __post_init__(self) -> None:
        if self.kind not in KINDS_OF_FAULTS:
            raise ValueError(f"fault kind {self.kind!r} is none of {', '.join(KINDS_OF_FAULTS)}")
        if not (0 < self.severity <= 1 and self.start_s >= 0 and self.duration_s > 0):
            raise ValueError(f"{self}: severity must be in (0, 1], start >= 0, duration > 0")

    def strength(self, elapsed_s: float) -> float:
        """Say how far the fault has come, 0..severity, `elapsed_s` after the start of the run."""
        since = elapsed_s - self.start_s
        if not 0 <= since < self.duration_s:
            return 0.0
        ramp_s = self.course.ramp_s or KINDS_OF_FAULTS[self.kind].ramp_s
        return self.severity * self.course.come(min(1.0, (since + 1.0) / (ramp_s + 1.0)))


@dataclass(frozen=True)
class Drain:
    """Planned work on a node, no fault: its job ends, and soon another runs without the node."""

    node: str
    start_s: float
    """Since the start of the run."""
    duration_s: float

    def holds(self, elapsed_s: float) -> bool:
        """Say whether the node is out `elapsed_s` after the start of the run."""
        return self.start_s <= elapsed_s < self.start_s + self.duration_s


RESTART_S = 240.0
"""How long a job is gone when a node of it is drained."""


def check(faults: Iterable[Fault], layout: Layout) -> None:
    """Raise ValueError where a fault names an asset that is not there or cannot break so."""
    for fault in faults:
        kind, _ = layout.where(fault.asset)
        wanted = KINDS_OF_FAULTS[fault.kind].asset_kind
        if wanted and wanted != kind:
            raise ValueError(f"{fault.kind} happens to a {wanted}, and {fault.asset} is a {kind}")


def turn(
    knobs: Mapping[str, Floats], faults: Iterable[Fault], layout: Layout, elapsed_s: float
) -> None:
    """Set, in place, the knobs that `faults` have to do with, as at `elapsed_s`; the most wins."""
    turned = [
        (knob, layout.where(fault.asset)[1], fault.strength(elapsed_s) * full)
        for fault in faults
        for knob, full in KINDS_OF_FAULTS[fault.kind].knobs
    ]
    for knob, i, _ in turned:
        knobs[knob][i] = 0.0
    for knob, i, value in turned:
        knobs[knob][i] = max(knobs[knob][i], value)


def drain(
    state: Mapping[str, Floats], drains: Iterable[Drain], layout: Layout, elapsed_s: float
) -> None:
    """Say, in place, which nodes are out and which crews have not yet begun again without them."""
    out, paused = state["node.drained"], state["crew.paused"]
    out[:] = 0.0
    paused[:] = 0.0
    for one in drains:
        if one.holds(elapsed_s):
            _, node = layout.where(one.node)
            out[node] = 1.0
            again_s = one.start_s + RESTART_S * layout.traits.gain["restart"]
            if elapsed_s < again_s and not layout.job_serves[layout.node_job[node]]:
                paused[layout.node_crew[node]] = 1.0
