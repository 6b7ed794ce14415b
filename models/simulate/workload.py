"""What the GPUs are asked to do: two profiles of jobs with phases, and the hours of the day."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.simulate.frame import Floats
from models.simulate.layout import Layout

DAY_S = 86_400.0
_STAGGER_S = 137.0
"""Neighbouring jobs are this far apart in their phases."""


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
    phases: tuple[Phase, ...]


TRAINING = Profile(0.73, 0.10, 0.12, 0.05, 0.0, (Phase(900, 1.0, 0.10), Phase(60, 0.55, 0.60)))
SERVING = Profile(0.84, 0.10, 0.00, 0.06, 0.45, (Phase(420, 0.62, 0.05), Phase(180, 0.78, 0.07)))
PROFILES = (TRAINING, SERVING)
"""Of even and of odd jobs."""


class Demand(NamedTuple):
    """What each job wants now. All (jobs,)."""

    compute: Floats
    storage: Floats
    shares: Floats
    """(jobs, 4): shares of a step: compute, NVLink, fabric, PCIe."""


def _phase(profile: Profile, at_s: float) -> Phase:
    """Find the phase `at_s` into the endless repetition of `phases`."""
    rest = at_s % sum(phase.seconds for phase in profile.phases)
    for phase in profile.phases:
        if rest < phase.seconds:
            return phase
        rest -= phase.seconds
    return profile.phases[-1]


def daylight(time_s: float) -> float:
    """Say how far into the busy, warm part of the day it is: 0 at 03:00 UTC, 1 at 15:00."""
    return float(0.5 - 0.5 * np.cos(2 * np.pi * (time_s / DAY_S - 0.125)))


def demand(layout: Layout, time_s: float, jitter: npt.NDArray[np.float64]) -> Demand:
    """Ask every job. `time_s`: since 1970; `jitter`: (jobs,), about 1."""
    profiles = [PROFILES[job % 2] for job in range(layout.jobs)]
    phases = [_phase(p, time_s + _STAGGER_S * job) for job, p in enumerate(profiles)]
    night = 1.0 - daylight(time_s)
    daily = np.array([1.0 - p.daily * night for p in profiles])
    return Demand(
        compute=np.array([phase.compute for phase in phases]) * daily * jitter,
        storage=np.array([phase.storage for phase in phases]) * daily,
        shares=np.array([p[:4] for p in profiles]),
    )
