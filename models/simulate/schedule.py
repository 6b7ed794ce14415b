"""When what breaks: as often as in published fleets, or all kinds alike.

Source of the rates: Dubey et al. (2024), The Llama 3 Herd of Models, table 5: 419 unexpected
interruptions of 16,384 H100 in 54 days, of which 30.1 % faulty GPUs, 17.2 % HBM3 and 8.4 % switches
or cables. The smaller shares were not checked against the table, how shares are split among kinds
here is a guess, and rates of power and cooling are assumed. Software, and what has no counterpart
here, is left out.
"""

from collections.abc import Iterator

import numpy as np

from models.simulate.fault_kinds import FAULTS
from models.simulate.faults import Drain, Fault
from models.simulate.layout import Layout
from models.simulate.plant import Plant
from models.simulate.reach import crews_of

A_GPU_HOUR = 419 / (16_384 * 54 * 24)
"""Unexpected interruptions."""
SHARES: dict[str, float] = {
    # faulty GPU, 30.1 %
    "gpu_lost": 0.151,
    "nvlink_lanes": 0.07,
    "pcie_lanes": 0.05,
    "pcie_gen": 0.03,
    # HBM3 17.2 %, SRAM 4.5 %, GPU system processor 4.1 %, thermal interface 1.4 %
    "hbm_failure": 0.172,
    "ecc_storm": 0.045,
    "gpu_hung": 0.041,
    "gpu_cooling": 0.014,
    # switch or cable 8.4 %, NIC 1.7 %
    "ib_errors": 0.03,
    "ib_flap": 0.024,
    "ib_degraded": 0.01,
    "uplink_errors": 0.01,
    "uplink_flap": 0.006,
    "spine_congested": 0.004,
    "ib_slow": 0.017,
    # power supply 0.7 %, chassis 0.5 %, IO board 0.5 %
    "rack_trip": 0.007,
    "node_fan_stuck": 0.005,
    "nvswitch_errors": 0.005,
}
"""Of all interruptions."""
A_YEAR: dict[str, float] = {
    "node_silent": 0.2,
    "clock_skew": 0.05,
    "rack_leak": 0.02,
    "pdu_trip": 0.05,
    "cdu_pump": 0.3,
    "chiller_trip": 0.5,
    "tower_fan_stuck": 0.4,
    "tower_scaled": 0.1,
    "pump_cavitation": 0.4,
    "ups_on_battery": 0.3,
    "feed_sag": 0.3,
    "transformer_hot": 0.1,
    "grid_sag": 1.0,
}
"""Assumed: a single asset, in a year."""
_YEAR_H = 8766.0
_TRIES = 50
HOST_MAINTENANCE = 0.076
WORK_S = 3600.0
LASTS_S = (600.0, 1800.0)
LEAST_SEVERITY = 0.5


def by_rates(
    rng: np.random.Generator, plant: Plant, hours: float, *, faster: float = 1.0
) -> tuple[Fault, ...]:
    """Draw faults as often as fleets have them, or `faster` times that; in order of time."""
    layout = plant.layout
    found: list[Fault] = []
    for kind, an_hour in rates(layout).items():
        for _ in range(int(rng.poisson(an_hour * hours * faster))):
            start_s = float(rng.uniform(0.0, 3600.0 * hours))
            found.append(_drawn(rng, layout, kind, start_s))
    return tuple(sorted(found, key=lambda fault: fault.start_s))


def rates(layout: Layout) -> dict[str, float]:
    """Return how often each kind of fault happens in a whole plant, an hour."""
    gpus = layout.nodes * layout.gpus
    assets = {kind: len(layout.assets[FAULTS[kind].asset_kind]) for kind in A_YEAR}
    return {
        **{kind: share * A_GPU_HOUR * gpus for kind, share in SHARES.items()},
        **{kind: a_year * assets[kind] / _YEAR_H for kind, a_year in A_YEAR.items()},
    }


def mixed(
    rng: np.random.Generator, plant: Plant, hours: float, *, gap_s: float, pairs: float = 0.0
) -> tuple[Fault, ...]:
    """Draw all kinds equally often, `gap_s` between the end of one and the next.

    `pairs`: share of them that come with a second fault at the same time, in a place that has no
    job, loop or feed in common with the first.
    """
    layout, found, at_s = plant.layout, list[Fault](), gap_s
    kinds = _in_turn(rng, layout)
    while at_s + LASTS_S[1] < 3600.0 * hours:
        one = _drawn(rng, layout, next(kinds), at_s)
        found.append(one)
        if rng.random() < pairs:
            found += _elsewhere(rng, layout, one, next(kinds))
        at_s = max(each.start_s + each.duration_s for each in found) + gap_s
    return tuple(found)


def drains(rng: np.random.Generator, plant: Plant, hours: float) -> tuple[Drain, ...]:
    """Draw planned work on nodes: as often as that fleet's 7.6 % of host maintenance."""
    often = HOST_MAINTENANCE * A_GPU_HOUR * plant.layout.nodes * plant.layout.gpus * hours
    nodes, found = plant.layout.assets["node"], list[Drain]()
    for _ in range(int(rng.poisson(often))):
        node = nodes[int(rng.integers(len(nodes)))]
        found.append(Drain(node, float(rng.uniform(0.0, 3600.0 * hours)), WORK_S))
    return tuple(sorted(found, key=lambda one: one.start_s))


def _in_turn(rng: np.random.Generator, layout: Layout) -> Iterator[str]:
    """Yield every kind once, in some order, again and again."""
    kinds = [kind for kind, of in FAULTS.items() if layout.assets.get(of.asset_kind or "chiller")]
    while True:
        yield from (kinds[i] for i in rng.permutation(len(kinds)))


def _drawn(rng: np.random.Generator, layout: Layout, kind: str, start_s: float) -> Fault:
    """Let one thing break, anywhere it can, within LASTS_S and LEAST_SEVERITY."""
    of = FAULTS[kind].asset_kind or str(rng.choice(sorted(_with_sensors(layout))))
    asset = layout.assets[of][int(rng.integers(len(layout.assets[of])))]
    lasts_s, severity = float(rng.uniform(*LASTS_S)), float(rng.uniform(LEAST_SEVERITY, 1.0))
    return Fault(kind, asset, start_s, lasts_s, severity)


def _with_sensors(layout: Layout) -> list[str]:
    """List kinds that have a noisy sensor, which can stick or stray."""
    return [kind for kind in layout.assets if kind not in ("ib", "port", "uplink", "spineport")]


def _elsewhere(
    rng: np.random.Generator, layout: Layout, one: Fault, kind: str
) -> tuple[Fault, ...]:
    """Draw a second fault that touches no crew of the first; empty where there is no such place."""
    near = set(crews_of(layout, *layout.where(one.asset)).tolist())
    for _ in range(_TRIES):
        late_s = float(rng.uniform(0.0, 60.0))
        other = _drawn(rng, layout, kind, one.start_s + late_s)
        if near.isdisjoint(crews_of(layout, *layout.where(other.asset)).tolist()):
            return (other,)
    return ()
