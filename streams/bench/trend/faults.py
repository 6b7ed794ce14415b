"""Slow faults with a known time of arrival: a plant, once as it is and once as it is seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np

from models.simulate import Course, Fault, Plant
from models.simulate.frame import Tick
from schemas.telemetry import Floats
from schemas.trigger import Rule

DAY_S = 86_400.0
NODES_A_LOOP = 64
_SOME = 12  # GPUs and links of a loop
START_NS = 1_767_225_600 * 10**9
"""2026-01-01T00:00:00Z."""


class Watched(NamedTuple):
    """A signal that a slow fault brings to its limit."""

    fault: str
    point: str
    rule: Rule


def _rule(fault: str, asset: str, point: str, **limit: float) -> Watched:
    return Watched(fault, point, Rule(name=f"{fault}-{point}", asset=asset, point=point, **limit))


WATCHED = (
    _rule("tower_fouling", "tower-*", "Fan_Speed", above=95.0),
    _rule("tower_fouling", "tower-*", "Leaving_Condenser_Water_Temperature", above=30.0),
    _rule("strainer_clogging", "pump-*", "Differential_Pressure", above=240.0),
    _rule("strainer_clogging", "pump-*", "Water_Flow", below=13.5),
    _rule("battery_ageing", "ups-*", "Battery_Charge_Level", below=80.0),
    _rule("paste_drying", "*/gpu*", "DCGM_FI_DEV_GPU_TEMP", above=78.0),
    _rule("link_decay", "*/ib*", "node_infiniband_symbol_error_total", above=10.0),
)
RULES = tuple(one.rule for one in WATCHED)
_BROKEN = {
    "tower_fouling": "tower-{loop}",
    "strainer_clogging": "pump-{loop}",
    "battery_ageing": "ups-{loop}",
    "paste_drying": "node-{node:02d}/gpu0",
    "link_decay": "node-{other:02d}/ib0",
}


@dataclass(frozen=True, slots=True)
class Size:
    """How much is simulated."""

    loops: int
    """Cooling loops of 64 nodes; each has one fault of each kind."""
    days: int
    step_s: float


def plant(seed: int, size: Size, *, healthy: bool = False) -> Plant:
    """Return a plant in which everything of a loop that can break slowly does so, once."""
    rng = np.random.default_rng([seed, 11])
    faults = [_fault(rng, *what) for what in product(_BROKEN, range(size.loops))]
    broken = () if healthy else tuple(faults)
    return Plant(seed=seed, nodes=NODES_A_LOOP * size.loops, gpus=1, faults=broken)


def _fault(rng: np.random.Generator, kind: str, loop: int) -> Fault:
    first = loop * NODES_A_LOOP + 1
    asset = _BROKEN[kind].format(loop=loop + 1, node=first, other=first + 1)
    start_s, ramp_s = DAY_S * rng.uniform(2.5, 5.0), DAY_S * rng.uniform(8.0, 16.0)
    course = Course(ramp_s, rng.uniform(0.7, 1.5), rng.uniform(0.0, 0.06), int(rng.integers(2**31)))
    return Fault(kind, asset, start_s, 1e9, course=course)


class Seen(NamedTuple):
    """What some signals were, tick by tick."""

    keys: list[tuple[str, str]]
    """Asset and point."""
    times: Floats
    """(n,), s since the start."""
    sent: Floats
    """(n, keys); of a counter its count."""
    values: Floats
    """(n, keys); of a counter its change a second."""


def signals(one: Plant) -> list[tuple[str, str]]:
    """Return asset and point of all that the faults of a plant bring to a limit."""
    return [
        (fault.asset, watched.point)
        for fault in one.faults
        for watched in WATCHED
        if watched.fault == fault.kind
    ]


def healthy_signals(size: Size) -> list[tuple[str, str]]:
    """Return asset and point of signals of the same sorts, some of each loop."""
    firsts = [NODES_A_LOOP * loop + 1 for loop in range(size.loops)]
    nodes = [first + i for first in firsts for i in range(_SOME)]
    assets = {
        "tower-*": [f"tower-{loop + 1}" for loop in range(size.loops)],
        "pump-*": [f"pump-{loop + 1}" for loop in range(size.loops)],
        "ups-*": [f"ups-{loop + 1}" for loop in range(size.loops)],
        "*/gpu*": [f"node-{node:02d}/gpu0" for node in nodes],
        "*/ib*": [f"node-{node:02d}/ib0" for node in nodes],
    }
    return [(asset, one.point) for one in WATCHED for asset in assets[one.rule.asset]]


def look(one: Plant, keys: list[tuple[str, str]], size: Size) -> Seen:
    """Run a plant and read `keys` of it."""
    ticks = one.run(START_NS, size.days * DAY_S, size.step_s)
    sent = np.array(list(_read(ticks, keys)))
    values = sent.copy()
    for i, (_, point) in enumerate(keys):
        if point.endswith("_total"):
            values[1:, i] = np.diff(sent[:, i]) / size.step_s
            values[0, i] = 0.0
    return Seen(keys, np.arange(len(sent), dtype=np.float64) * size.step_s, sent, values)


def _read(ticks: Iterator[Tick], keys: list[tuple[str, str]]) -> Iterator[list[float]]:
    where: list[tuple[int, int, int]] = []
    for tick in ticks:
        if not where:
            at = {
                (asset, point): (t, row, column)
                for t, table in enumerate(tick.tables)
                for row, asset in enumerate(table.assets)
                for column, point in enumerate(table.points)
            }
            where = [at[key] for key in keys]
        yield [float(tick.tables[t].values[row, column]) for t, row, column in where]


def limit_of(point: str) -> tuple[float, int]:
    """Return the limit of a point, and on which side it is: 1 above, -1 below."""
    rule = next(one.rule for one in WATCHED if one.point == point)
    return rule.limit, 1 if rule.above is not None else -1


def arrivals(truth: Seen, step_s: float) -> Floats:
    """Return when the means of hours come to their limits, (keys,), s; infinity: never.

    Between the middles of two hours the mean is taken to move in a straight line.
    """
    a_hour = round(3600.0 / step_s)
    hours = truth.values[: len(truth.values) // a_hour * a_hour]
    means = hours.reshape(-1, a_hour, len(truth.keys)).mean(axis=1)
    found = np.full(len(truth.keys), np.inf)
    for i, (_, point) in enumerate(truth.keys):
        limit, side = limit_of(point)
        past = np.flatnonzero(side * (means[:, i] - limit) >= 0.0)
        if len(past) and past[0] > 0:
            before, now = means[past[0] - 1 : past[0] + 1, i]
            found[i] = 3600.0 * (past[0] - 0.5 + (limit - before) / (now - before))
    return found
