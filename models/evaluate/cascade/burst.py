"""Anomalies that are made, not found: a bad link in a big job, a transformer that trips, noise."""

from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

import numpy as np

from models.cascade.cascade import Cascade
from models.events import event_id
from models.simulate import Plant
from models.simulate.physics.fabric import LINK_RATE
from models.simulate.placement import Ints
from models.site import build
from models.words import moment
from schemas.anomaly import Anomaly, AnomalyKind, Detector
from schemas.events import Event, Evidence, Kind

START_NS: Final = 1_764_000_000_000_000_000
LINK_S, TRIP_S, SIGHT_S = 10.0, 12.0, 5.0
"""When the link goes bad, when the transformer trips, and how long what follows stays unseen."""


class Made(NamedTuple):
    """What a made anomaly is."""

    asset: str
    point: str
    at_s: float
    value: float
    expected: float
    kind: AnomalyKind = AnomalyKind.LEVEL


def event(made: Made) -> Event[Anomaly]:
    """Return an anomaly as the worker tells it."""
    at_ns = START_NS + round(made.at_s * 1e9)
    level = made.kind is AnomalyKind.LEVEL
    body = Anomaly(
        quality=1.0,
        summary=f"{made.asset} {made.point} is {made.value:g}",
        evidence=Evidence(facts=()),
        kind=made.kind,
        asset=made.asset,
        point=made.point,
        cell=made.asset.partition("/")[0],
        value=made.value,
        expected=made.expected,
        spread=1.0,
        score=12.0 if level else 0.0,
        detector=Detector.JUMP if level else None,
        since=moment(at_ns),
    )
    return Event[Anomaly](
        id=event_id(made.asset, made.point, at_ns),
        source="/alltobit/site",
        type=Kind.ANOMALY_OPENED,
        subject=f"{made.asset}/{made.point}",
        time=moment(at_ns),
        dataschema="urn:alltobit:schema:anomaly:1",
        data=body,
    )


def burst(plant: Plant, many: int, seed: int) -> list[Event[Anomaly]]:
    """Return `many` anomalies within half a minute, in order of time.

    At most half are of the job of the link, a quarter of what the transformer feeds; noise fills.
    """
    rng = np.random.default_rng([seed, 13])
    job = _biggest(plant)
    made = [*islice(_link(plant, job), many // 2), *islice(_trip(plant, job), many // 4)]
    made += islice(_noise(plant, rng), many - len(made))
    return [event(one) for one in sorted(made, key=lambda one: one.at_s)]


def rehearse() -> None:
    """Let all that is compiled be compiled, on a small site."""
    plant = Plant(nodes=4)
    cascade = Cascade.of("rehearsal", build(plant.site())[0])
    for each in burst(plant, 40, 1):
        cascade.take(each, START_NS)
    cascade.step(START_NS + 60_000_000_000)


def broken_link(plant: Plant) -> tuple[str, str]:
    """Name both ends of the link that goes bad in a burst."""
    i = int(_members(plant, _biggest(plant))[0]) * plant.rails
    return plant.layout.assets["ib"][i], plant.layout.assets["port"][i]


def tripped(plant: Plant) -> str:
    """Name the transformer that trips in a burst: one that feeds little of the job."""
    layout = plant.layout
    of_job = np.bincount(layout.node_loop[_members(plant, _biggest(plant))], minlength=layout.loops)
    return layout.assets["transformer"][int(np.argmin(of_job))]


def _biggest(plant: Plant) -> int:
    waits = np.where(plant.layout.job_serves > 0, 0, 1)
    return int(np.argmax(np.bincount(plant.layout.node_job) * waits))


def _members(plant: Plant, job: int) -> Ints:
    return np.flatnonzero(plant.layout.node_job == job)


def _link(plant: Plant, job: int) -> Iterator[Made]:
    """Errors at both ends; all NICs of the job wait, all its GPUs do less."""
    gpus, nics = plant.layout.assets["gpu"], plant.layout.assets["ib"]
    for end in broken_link(plant):
        yield Made(end, "node_infiniband_symbol_error_total", LINK_S, 800.0, 0.0)
    for node in _members(plant, job).tolist():
        for i in range(node * plant.gpus, (node + 1) * plant.gpus):
            yield Made(gpus[i], "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", LINK_S + 3.0, 0.3, 0.8)
        for i in range(node * plant.rails, (node + 1) * plant.rails):
            point = "node_infiniband_port_data_transmitted_bytes_total"
            yield Made(nics[i], point, LINK_S + 3.0, 0.3 * LINK_RATE, 0.8 * LINK_RATE)


def _trip(plant: Plant, job: int) -> Iterator[Made]:
    """No voltage at the transformer; its UPS is on battery, then all below falls silent."""
    layout, assets = plant.layout, plant.layout.assets
    name = tripped(plant)
    _, loop = layout.where(name)
    yield Made(name, "Output_Voltage", TRIP_S, 0.0, 415.0)
    yield Made(assets["ups"][loop], "Input_Voltage", TRIP_S, 0.0, 415.0)
    yield Made(assets["ups"][loop], "On_Battery_Status", TRIP_S, 1.0, 0.0)
    below = np.flatnonzero((layout.node_loop == loop) & (layout.node_job != job))
    for node in below.tolist():
        parts = (assets[kind][node * n + i] for kind, n in _parts(plant) for i in range(n))
        for part in (assets["node"][node], *parts):
            yield Made(part, "", TRIP_S + SIGHT_S, 30.0, 1.0, AnomalyKind.SILENCE)


def _parts(plant: Plant) -> tuple[tuple[str, int], ...]:
    return ("gpu", plant.gpus), ("ib", plant.rails)


def _noise(plant: Plant, rng: np.random.Generator) -> Iterator[Made]:
    """Let a GPU here and there be a little warmer."""
    gpus = plant.layout.assets["gpu"]
    for i in rng.permutation(len(gpus)).tolist():
        at_s = float(rng.uniform(0.0, 30.0))
        yield Made(gpus[i], "DCGM_FI_DEV_GPU_TEMP", at_s, 71.0, 66.0)
