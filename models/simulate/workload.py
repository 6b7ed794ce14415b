"""What the GPUs are asked to do: two profiles of jobs with phases, and the hours of the day."""

from typing import NamedTuple

import numpy as np

from models.simulate.frame import Floats
from models.simulate.layout import Layout, summed

DAY_S = 86_400.0
_STAGGER_S = 137.0
"""Neighbouring jobs are this far apart in their phases."""
_ROOM = 1.25
"""How much more than usual a node can serve, when others of its job are gone."""


class Phase(NamedTuple):
    """A stretch of a job."""

    seconds: float
    compute: float
    """Steps a second, relative to full training."""
    storage: float
    """PCIe traffic for data and checkpoints, relative to 20 GB/s."""


class Profile(NamedTuple):
    """How one step of a job spends its time when nothing is slow; shares sum to 1."""

    compute: float
    nvlink: float
    fabric: float
    pcie: float
    daily: float
    """How far the load falls at night."""
    phases: tuple[Phase, Phase]


TRAINING = Profile(0.73, 0.10, 0.12, 0.05, 0.0, (Phase(900, 1.0, 0.10), Phase(60, 0.55, 0.60)))
SERVING = Profile(0.84, 0.10, 0.00, 0.06, 0.45, (Phase(420, 0.62, 0.05), Phase(180, 0.78, 0.07)))
PROFILES = (TRAINING, SERVING)


class Demand(NamedTuple):
    """What each crew wants now. All (crews,)."""

    compute: Floats
    storage: Floats
    shares: Floats
    """(crews, 4): shares of a step: compute, NVLink, fabric, PCIe."""
    uses: Floats
    """1 where it uses the fabric."""


def daylight(time_s: float) -> float:
    """Say how far into the busy, warm part of the day it is: 0 at 03:00 UTC, 1 at 15:00."""
    return float(0.5 - 0.5 * np.cos(2 * np.pi * (time_s / DAY_S - 0.125)))


def demand(layout: Layout, time_s: float, state: dict[str, Floats]) -> Demand:
    """Ask every crew. `time_s`: since 1970; `state`: its jitter, who lives and who was drained."""
    compute, storage = np.empty(layout.jobs), np.empty(layout.jobs)
    serves = layout.job_serves
    for kind, profile in enumerate(PROFILES):
        which = np.flatnonzero(serves == kind)
        second = _is_second(layout, which, profile, time_s)
        daily = 1.0 - profile.daily * (1.0 - daylight(time_s))
        for told, of in ((compute, "compute"), (storage, "storage")):
            first, other = (getattr(phase, of) for phase in profile.phases)
            told[which] = np.where(second, other, first) * daily
    job = layout.crew_job
    moved = np.where(serves > 0, _moved(layout, state), 1.0)
    runs = 1.0 - state["crew.paused"]
    shares = np.array([profile[:4] for profile in PROFILES])[serves[job]]
    return Demand(
        compute=(compute * moved)[job] * state["crew.jitter"] * runs,
        storage=storage[job] * runs,
        shares=shares,
        uses=(shares[:, 2] > 0).astype(np.float64),
    )


def _is_second(
    layout: Layout, which: np.typing.NDArray[np.int64], profile: Profile, time_s: float
) -> np.typing.NDArray[np.bool_]:
    """Say which jobs are in the second phase of the endless repetition of both."""
    slow = layout.traits.pace["job.length"]
    first, second = (phase.seconds * slow for phase in profile.phases)
    late: np.typing.NDArray[np.bool_] = (time_s + _STAGGER_S * which) % (first + second) >= first
    return late


def _moved(layout: Layout, state: dict[str, Floats]) -> Floats:
    """Say how much more each job's nodes must serve because some are gone, (jobs,)."""
    there = state["node.alive"] * (1.0 - state["node.drained"])
    all_of_them = np.bincount(layout.node_job, minlength=layout.jobs)
    left = summed(layout.node_job, there, layout.jobs)
    more: Floats = np.minimum(all_of_them / np.maximum(left, 1.0), _ROOM)
    return more
