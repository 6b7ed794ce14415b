"""The simulated plant as a whole: its graph, its size, what spreads, schedules, wires."""

import math
from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from facility import about, by_message

from models.simulate import (
    FAULTS,
    KINDS_OF_FAULTS,
    Change,
    Drain,
    Fault,
    Plant,
    Witness,
    by_rates,
    drains,
    mixed,
    truth,
    witness,
)
from models.simulate.kinds import FACILITY, KINDS
from models.simulate.placement import place
from models.simulate.reach import crews_of
from models.simulate.wire import Wire, messages
from schemas.cascade.site import EdgeKind, Medium, Pattern
from schemas.formats.dsx import Dsx
from schemas.formats.prometheus import Prometheus

START_NS = 1_700_000_000_000_000_000
WAIT = "node_infiniband_port_transmit_wait_total"
TENSOR = "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE"
ERRORS = {
    s.point
    for sensors in KINDS.values()
    for s in sensors
    if "error" in s.point or "ECC" in s.point or "REPLAY" in s.point or "downed" in s.point
}


@cache
def graph(plant):
    parts = plant.site()
    assets = {asset.name: asset for part in parts for asset in part.assets}
    return assets, [edge for part in parts for edge in part.edges]


@cache
def effects_of(kind, asset, nodes=4, rails=1):
    plant = Plant(seed=11, nodes=nodes, rails=rails, faults=(Fault(kind, asset, 30.0, 600.0),))
    return truth(plant, START_NS, 180.0, 2.0)[0]


@pytest.mark.parametrize("plant", [Plant(), Plant(seed=2, nodes=70, gpus=4, rails=2)])
def test_a_site_has_every_end_of_an_edge_and_every_asset_that_speaks(plant):
    assets, edges = graph(plant)
    (tick,) = plant.run(START_NS, 1)

    assert {end for e in edges for end in (e.source, e.target)} <= assets.keys()
    assert {frame.asset for frame in tick.frames()} <= assets.keys()
    silent = assets.keys() - {frame.asset for frame in tick.frames()}
    assert {name.split("-")[0] for name in silent} == {"job"}
    assert sum(len(part.assets) for part in plant.site()) == len(assets)


def test_every_gpu_is_linked_cooled_and_has_one_job():
    plant = Plant(seed=2, nodes=40, gpus=8, rails=4)
    _, edges = graph(plant)
    gpus = set(plant.layout.assets["gpu"])
    links = [e for e in edges if e.kind is EdgeKind.LINKS]

    for medium in (Medium.NVLINK, Medium.PCIE):
        assert Counter(e.source for e in links if e.medium is medium) == dict.fromkeys(gpus, 1)
    for kind in (EdgeKind.RUNS, EdgeKind.COOLS):
        found = Counter(e.target for e in edges if e.kind is kind)
        assert {gpu: found[gpu] for gpu in gpus} == dict.fromkeys(gpus, 1)
    assert all(e.capacity for e in links)


@pytest.mark.parametrize("kind", [EdgeKind.FEEDS, EdgeKind.COOLS])
def test_every_node_is_reached_from_the_grid_and_from_a_tower(kind):
    plant = Plant(seed=2, nodes=70, gpus=4, rails=2)
    _, edges = graph(plant)
    below = defaultdict(set)
    for edge in edges:
        if edge.kind is kind:
            below[edge.source].add(edge.target)
    todo = {"utility-1"} if kind is EdgeKind.FEEDS else {"tower-1", "tower-2"}
    reached = set()
    while todo:
        reached |= todo
        todo = {under for one in todo for under in below[one]} - reached

    assert set(plant.layout.assets["node"]) <= reached


def test_a_hundred_thousand_gpus_have_a_layout_and_a_site():
    plant = Plant(seed=1, nodes=12_500, gpus=8, rails=8)
    counts = {kind: len(names) for kind, names in plant.layout.assets.items()}
    first = next(plant.parts())

    assert counts["gpu"] == counts["ib"] == counts["port"] == 100_000
    assert counts["rack"] == 3_125
    assert counts["uplink"] == counts["spineport"] > 10_000
    assert len({name for names in plant.layout.assets.values() for name in names}) == sum(
        counts.values()
    )
    assert "utility-1" in {asset.name for asset in first.assets}
    assert {*plant.layout.placement.patterns} == {Pattern.RING, Pattern.TREE, Pattern.INDEPENDENT}


@pytest.mark.parametrize("nodes", [1, 3, 32, 33, 500])
@pytest.mark.parametrize("seed", [0, 1])
def test_every_node_has_a_job_and_a_place_in_it(nodes, seed):
    found = place(nodes, seed)

    assert sorted(found.order) == list(range(nodes))
    assert sorted(set(found.job)) == list(range(len(found.patterns)))
    assert (np.diff(found.job[found.order]) >= 0).all()


def test_plants_of_other_seeds_have_other_delays_and_other_places_of_jobs():
    one, other = (Plant(seed=seed, nodes=100).layout for seed in (1, 2))

    assert all(0.8 <= pace <= 1.2 for pace in one.traits.pace.values())
    assert one.traits.pace != other.traits.pace
    assert one.node_job.tolist() != other.node_job.tolist()


def test_power_is_kept_all_the_way_up():
    plant = Plant(seed=5, nodes=70, gpus=4, noisy=False)
    *_, (_, state) = plant.states(START_NS, 20, 1.0)
    layout = plant.layout
    racks = np.bincount(layout.rack_pdu, state["rack.power"])
    pdus = np.bincount(layout.pdu_loop, state["pdu.power"])
    cooling = sum(state[f"{kind}.power"] for kind in ("chiller", "tower", "pump"))
    cooling = cooling + np.bincount(layout.cdu_loop, state["cdu.power"])

    assert state["rack.power"].sum() == pytest.approx(state["node.power"].sum() / 1000)
    assert state["pdu.power"] == pytest.approx(racks / 0.98)
    assert state["ups.power"] == pytest.approx(pdus)
    assert state["transformer.power"] == pytest.approx(pdus / 0.96 + cooling)
    assert state["utility.power"] == pytest.approx(state["transformer.power"].sum() / 0.99)


def test_a_healthy_plant_stays_steady_and_counts_no_errors():
    ticks = list(Plant(seed=6, nodes=40, gpus=2, noisy=False).run(START_NS, 3600, 60.0))
    for first, last in zip(ticks[0].tables, ticks[-1].tables, strict=True):
        for i, point in enumerate(first.points):
            moved = np.abs(last.values[:, i] - first.values[:, i]).max()
            if point in ERRORS:
                assert moved == 0, (first.kind, point)
            elif "Water_Temperature" in point or "Inlet" in point or "Pressure" in point:
                assert moved <= max(1.5, 0.1 * first.values[:, i].max()), (first.kind, point)


@pytest.mark.parametrize("kind", ["ib_errors", "ib_degraded", "ib_slow"])
def test_those_that_follow_a_slow_link_wait_and_count_no_errors(kind):
    answer = effects_of(kind, "node-02/ib0")
    ends = {answer.cause, answer.other_end}
    moved = {(e.asset, e.point) for e in answer.effects if e.asset not in ends}

    assert {point for _, point in moved} & ERRORS == set()
    assert {(f"node-0{n}/ib0", WAIT) for n in (1, 3)} <= moved
    assert {(f"node-0{n}/gpu0", TENSOR) for n in (1, 2, 3)} <= moved
    assert answer.other_end == "leaf-1/p2"


def test_a_slow_spine_makes_only_jobs_that_cross_it_wait():
    answer = effects_of("spine_congested", "spine-1", nodes=70)
    plant = Plant(seed=11, nodes=70)
    crossing = set(crews_of(plant.layout, "spine", 0).tolist())
    slow = {e.asset for e in answer.effects if e.point == TENSOR}
    crews = {int(plant.layout.node_crew[plant.layout.where(gpu)[1] // 8]) for gpu in slow}

    assert crews
    assert crews <= crossing
    assert {e.point for e in answer.effects} & ERRORS == set()


def test_a_job_that_stalls_takes_load_from_rack_pdu_ups_and_transformer():
    answer = effects_of("gpu_lost", "node-02/gpu3")
    fell = [e.asset for e in answer.effects if e.point == "Active_Power"]

    assert {"node-01", "rack-1", "pdu-1", "ups-1", "transformer-1", "utility-1"} <= set(fell)
    assert answer.effects[0].asset == "node-02/gpu3"


@pytest.mark.parametrize(
    ("kind", "asset"), [("rack_trip", "rack-1"), ("pdu_trip", "pdu-1"), ("node_silent", "node-02")]
)
def test_a_node_without_power_or_agent_is_not_heard_and_comes_back(kind, asset):
    plant = Plant(seed=1, faults=(Fault(kind, asset, 5.0, 10.0),))
    heard = [{f.asset for f in tick.frames()} for tick in plant.run(START_NS, 20)]
    gone = [all("node-02" not in name for name in names) for names in heard]

    assert gone == [5 <= i < 15 for i in range(20)]


def test_a_gpu_off_the_bus_tells_its_xid_and_nothing_else():
    plant = Plant(seed=1, faults=(Fault("gpu_lost", "node-02/gpu3", 2.0, 10.0),))
    *_, tick = plant.run(START_NS, 5)
    (frame,) = (f for f in tick.frames() if f.asset == "node-02/gpu3")
    told = {p: v for p, v in zip(frame.points, frame.values, strict=True) if not math.isnan(v)}

    assert told == {"DCGM_FI_DEV_XID_ERRORS": 79.0}


def test_a_gpu_that_hangs_repeats_what_it_said_last():
    plant = Plant(seed=1, faults=(Fault("gpu_hung", "node-02/gpu3", 2.0, 10.0),))
    frames = [
        tuple(f.values)
        for tick in plant.run(START_NS, 14)
        for f in tick.frames()
        if f.asset == "node-02/gpu3"
    ]

    assert len(set(frames[1:12])) == 1
    assert len(set(frames)) == 4


def test_a_skewed_clock_dates_all_of_its_node_wrongly_and_nothing_else():
    plant = Plant(seed=1, faults=(Fault("clock_skew", "node-02", 0.0, 10.0),))
    (tick,) = plant.run(START_NS, 1)
    ahead = {f.asset: (f.time_ns - START_NS) / 1e9 for f in tick.frames()}

    assert {asset for asset, s in ahead.items() if s} == {
        asset for asset in ahead if asset.startswith("node-02")
    }
    assert ahead["node-02"] == 120.0


def test_dark_signals_are_never_told_and_are_the_share_that_was_asked_for():
    ticks = list(Plant(seed=1, dark=0.2).run(START_NS, 5))
    masks = [np.concatenate([np.isnan(table.values).ravel() for table in t.tables]) for t in ticks]

    assert 0.15 < masks[0].mean() < 0.25
    assert all((mask == masks[0]).all() for mask in masks)


def test_a_drained_node_ends_its_job_which_soon_runs_without_it():
    plant = Plant(seed=3, planned=(Drain("node-02", 60.0, 900.0),), noisy=False)
    gpu = {0: "node-01/gpu0", 1: "node-02/gpu0"}
    at = {name: plant.layout.where(name)[1] for name in gpu.values()}
    seen = [
        {name: float(state["gpu.tensor"][i]) for name, i in at.items()}
        for _, state in plant.states(START_NS, 600, 5.0)
    ]

    assert seen[20]["node-01/gpu0"] < 0.01
    assert seen[-1]["node-01/gpu0"] > 0.3
    assert seen[-1]["node-02/gpu0"] < 0.01
    assert truth(plant, START_NS, 100, 5.0) == ()


def test_one_pass_witnesses_what_each_fault_does_by_itself():
    faults = (
        Fault("ib_errors", "node-02/ib0", 20.0, 30.0),
        Fault("node_silent", "node-04", 30.0, 20.0),
        Fault("sensor_drift", "chiller-1", 40.0, 90.0),
    )
    plant = Plant(seed=9, faults=faults)
    found = defaultdict(list)
    for tick, step in witness(plant, START_NS, 120, 2.0, after_s=20.0):
        for fault, effect in step:
            assert effect.onset_s == (tick.time_ns - START_NS) / 1e9
            found[fault].append(effect)

    for one in faults:
        (alone,) = truth(Plant(seed=9, faults=(one,)), START_NS, 120, 2.0)
        until = one.start_s + one.duration_s
        assert {e for e in alone.effects if e.onset_s < until} == {
            e for e in found[one] if e.onset_s < until
        }
    assert {e.how for e in found[faults[1]]} == {Change.SILENT}


def told(tick):
    """Return a tick as bytes."""
    return [(table.kind, table.values.tobytes(), table.ahead_ns is None) for table in tick.tables]


def test_a_branch_is_the_plant_that_had_its_faults_from_the_beginning():
    faults = Fault("gpu_hung", "node-02/gpu1", 8.0, 9.0), Fault("ib_flap", "node-03/ib0", 12.0, 9.0)
    lies = Fault("sensor_stuck", "chiller-1", 11.0, 9.0), Fault("clock_skew", "node-01", 13.0, 9.0)
    well = Witness.of(Plant(seed=5, missing=0.1, dark=0.1), START_NS, 1.0)
    for _ in range(8):
        well.step()

    for some in (faults, lies):
        branch = well.branch(some)
        whole = Witness.of(Plant(seed=5, missing=0.1, dark=0.1, faults=some), START_NS, 1.0)
        for _ in range(8):
            whole.step()
        for _ in range(16):
            (tick, found), (other, also) = branch.step(), whole.step()
            assert (told(tick), found) == (told(other), also)


def test_a_branch_leaves_what_it_came_from_as_it_was():
    well, alone = (Witness.of(Plant(seed=5), START_NS, 1.0) for _ in range(2))
    branch = well.branch((Fault("node_silent", "node-02", 1.0, 5.0),))
    for _ in range(8):
        branch.step()

    for _ in range(4):
        (tick, found), (other, _) = well.step(), alone.step()
        assert (told(tick), found) == (told(other), ())


def test_a_mixed_schedule_has_all_kinds_with_gaps_and_pairs_far_from_each_other():
    plant = Plant(seed=1, nodes=130, rails=8)
    faults = mixed(np.random.default_rng(1), plant, 96, gap_s=600.0, pairs=0.3)
    begun, pairs = [], []
    for one, other in pairwise(faults):
        end_s = one.start_s + one.duration_s
        (begun if other.start_s >= end_s + 600.0 else pairs).append((one, other))

    assert {fault.kind for fault in faults} == set(FAULTS)
    assert len(begun) + len(pairs) == len(faults) - 1
    assert 5 < len(pairs) < 60
    for pair in pairs:
        one, other = (
            {*crews_of(plant.layout, *plant.layout.where(fault.asset)).tolist()} for fault in pair
        )
        assert one.isdisjoint(other)
    Plant(seed=1, nodes=130, rails=8, faults=faults)


def test_faults_come_as_often_as_in_the_published_fleet():
    plant = Plant(seed=1, nodes=2048, rails=8)
    faults = by_rates(np.random.default_rng(1), plant, 54 * 24)
    gpu = [fault for fault in faults if KINDS_OF_FAULTS[fault.kind].asset_kind == "gpu"]

    assert 0.301 + 0.172 - 0.1 < len(gpu) / 419 < 0.301 + 0.172 + 0.25
    assert [f.start_s for f in faults] == sorted(f.start_s for f in faults)
    assert 16 < len(drains(np.random.default_rng(1), plant, 54 * 24)) < 50


def decoded(plant):
    """Read a tick as ingest would: (asset, point, value) by the form it came in."""
    (tick,) = plant.run(START_NS, 1)
    sent = list(messages(tick, Wire.AGENTS))
    bus = [m for m in sent if m.key.startswith(b"BMS")]
    texts = [m for m in sent if m.value.startswith(b"#")]
    found = []
    for decoder, some in ((Dsx(), bus), (Prometheus(), texts)):
        keys = [m.key.decode() for m in some]
        times = [START_NS // 10**6] * len(some)
        result = decoder.decode([m.value for m in some], times, about(*keys))
        assert not result.rejects
        found.append([(one[1], one[2], one[4]) for one in by_message(result)])
    return tick, found


def test_what_agents_write_is_read_back_under_names_of_the_site():
    plant = Plant(seed=1, nodes=2, gpus=4, rails=2)
    assets, _ = graph(plant)
    known = {alias for asset in assets.values() for alias in (asset.name, *asset.aliases)}
    tick, (bus, texts) = decoded(plant)

    assert {asset for found in (bus, texts) for asset, *_ in found} <= known
    facility = sum(t.values.size for t in tick.tables if t.kind in FACILITY)
    scraped = sum(t.values.size for t in tick.tables if t.kind in ("gpu", "ib"))
    assert (len(bus), len(texts)) == (facility, scraped)
    nics = next(t for t in tick.tables if t.kind == "ib")
    told = {(asset, point): value for asset, point, value in texts}
    for asset, values in zip(nics.assets, nics.values, strict=True):
        assert [told[f"{asset}/p1", point] for point in nics.points] == values.tolist()
    assert len({one[:2] for one in bus}) == len(bus)
