"""The simulated plant: its laws, its faults, its bytes."""

import json
import math
from collections import defaultdict
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from models.simulate import FAULTS, Fault, Plant, default_points, default_rules, expected, truth
from models.simulate.kinds import KINDS
from models.simulate.wire import Wire, messages
from schemas.settings import Settings
from schemas.units import Point

START_NS = 1_700_000_000_000_000_000
DAY_S = 86_400
BROKEN = {
    "ib": "node-02/ib0",
    "gpu": "node-02/gpu3",
    "node": "node-02",
    "nvswitch": "node-02/nvswitch0",
    "uplink": "leaf-1/up1",
    "": "chiller-1",
}
KIND_NAMES = sorted(FAULTS)


def a_fault(kind, start_s=60.0, severity=1.0):
    wanted = FAULTS[kind].asset_kind
    return Fault(kind, BROKEN.get(wanted, f"{wanted}-1"), start_s, 900.0, severity)


def wire_bytes(plant, seconds, wire=Wire.NATIVE_JSON):
    return [m for tick in plant.run(START_NS, seconds) for m in messages(tick, wire)]


def samples(plant, seconds, step_s=1.0):
    for tick in plant.run(START_NS, seconds, step_s):
        for frame in tick.frames():
            for point, value in zip(frame.points, frame.values, strict=True):
                yield frame.asset, point, tick.time_ns, value


@cache
def what_happened(kind):
    plant = Plant(seed=3, faults=(a_fault(kind),))
    longest = max((sign.within_s for sign in FAULTS[kind].signs), default=70.0)
    step_s = 1.0 if longest <= 60 else 2.0
    (answer,) = truth(plant, START_NS, 60 + longest + 2, step_s)
    return plant, answer


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32), nodes=st.integers(1, 6), missing=st.sampled_from([0.0, 0.2]))
def test_the_same_seed_gives_the_same_bytes(seed, nodes, missing):
    plant = Plant(seed=seed, nodes=nodes, missing=missing)

    assert wire_bytes(plant, 3) == wire_bytes(replace(plant), 3)


def test_another_seed_gives_other_bytes():
    assert wire_bytes(Plant(seed=1), 2) != wire_bytes(Plant(seed=2), 2)


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_a_fault_changes_no_byte_before_it_begins(kind):
    healthy = Plant(seed=5, missing=0.01)
    broken = replace(healthy, faults=(a_fault(kind, start_s=8.0),))

    assert wire_bytes(healthy, 8) == wire_bytes(broken, 8)


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_values_stay_within_declared_ranges_whatever_breaks(kind):
    ranges = {point.name: (point.low, point.high) for point in default_points()}
    plant = Plant(seed=7, faults=(a_fault(kind, start_s=5.0),))

    outside = [
        (asset, point, value)
        for asset, point, _, value in samples(plant, 1500, 30.0)
        if not (math.isnan(value) or ranges[point][0] <= value <= ranges[point][1])
    ]

    assert outside == []


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_every_sign_of_a_fault_is_visible_in_time(kind):
    plant, answer = what_happened(kind)
    onset = {(effect.asset, effect.point): effect.onset_s for effect in answer.effects}

    late = [
        effect
        for effect in expected(plant, answer.fault)
        if onset.get((effect.asset, effect.point), math.inf) > effect.onset_s
    ]

    assert late == []


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_no_effect_comes_before_its_fault_and_the_cause_is_among_the_first(kind):
    _, answer = what_happened(kind)
    first = min(effect.onset_s for effect in answer.effects)

    assert first >= answer.fault.start_s
    assert any(e.asset == answer.cause and e.onset_s <= first + 5 for e in answer.effects)


def test_a_stuck_fan_reaches_water_air_and_gpus_in_this_order():
    _, answer = what_happened("tower_fan_stuck")
    way = [
        ("tower-1", "Fan_Speed"),
        ("tower-1", "Leaving_Condenser_Water_Temperature"),
        ("chiller-1", "Leaving_Chilled_Water_Temperature"),
        ("node-01", "Inlet_Air_Temperature"),
        ("node-01/gpu0", "DCGM_FI_DEV_GPU_TEMP"),
    ]
    onset = {(effect.asset, effect.point): effect.onset_s for effect in answer.effects}

    assert [onset[step] for step in way] == sorted({onset[step] for step in way})


def test_a_bad_link_slows_its_ring_and_not_the_other_job():
    _, answer = what_happened("ib_errors")
    tensor = "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE"
    slow = {e.asset.split("/")[0] for e in answer.effects if e.point == tensor}

    assert slow == {"node-01", "node-02", "node-03"}


def test_a_stuck_sensor_repeats_one_value_and_moves_nothing_else():
    point = "Entering_Chilled_Water_Temperature"
    fault = Fault("sensor_stuck", "chiller-1", 5.0, 50.0, point=point)
    plant = Plant(seed=5, faults=(fault,))

    held = [v for a, p, t, v in samples(plant, 60) if (a, p) == ("chiller-1", point)]
    differing = [
        ill[:2]
        for ill, well in zip(samples(plant, 60), samples(Plant(seed=5), 60), strict=True)
        if ill != well
    ]

    assert len(set(held[5:55])) == 1 < len(set(held))
    assert set(differing) == {("chiller-1", point)}


@cache
def watching(asset, point):
    return [
        rule
        for rule in default_rules()
        if fnmatchcase(point, rule.point) and fnmatchcase(asset, rule.asset)
    ]


def broken_rules(plant, seconds, step_s=1.0):
    """Rules that held for as long as they ask, on any signal."""
    since = {}
    for asset, point, time_ns, value in samples(plant, seconds, step_s):
        for rule in watching(asset, point):
            over = value > rule.above if rule.above is not None else value < rule.below
            began = since.setdefault((rule.name, asset, point), time_ns) if over else None
            if not over:
                since.pop((rule.name, asset, point), None)
            elif time_ns - began >= rule.for_s * 1e9:
                yield rule.name


@pytest.mark.parametrize("seed", [1, 2])
def test_a_healthy_plant_breaks_no_default_rule_all_day(seed):
    assert set(broken_rules(Plant(seed=seed), DAY_S, 60.0)) == set()


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("gpu_cooling", "gpu-hot"),
        ("nvlink_lanes", "gpu-xid"),
        ("nvlink_lanes", "nvlink-errors"),
        ("ib_errors", "infiniband-errors"),
        ("ib_flap", "infiniband-down"),
        ("tower_fan_stuck", "chilled-water-warm"),
        ("feed_sag", "ups-on-battery"),
        ("pump_cavitation", "pump-vibrates"),
    ],
)
def test_every_default_rule_is_broken_by_the_fault_it_is_for(kind, rule):
    assert rule in set(broken_rules(Plant(seed=4, faults=(a_fault(kind),)), 600, 2.0))


def test_counters_only_grow():
    counters = {s.point for sensors in KINDS.values() for s in sensors if s.counter}
    last = {}
    for asset, point, _, value in samples(Plant(seed=1, faults=(a_fault("ib_flap", 0.0),)), 60):
        if point in counters:
            assert value >= last.get((asset, point), 0.0)
            last[asset, point] = value


def test_a_name_has_one_unit_in_all_kinds():
    units = defaultdict(set)
    for sensor in (sensor for sensors in KINDS.values() for sensor in sensors):
        units[sensor.point].add(sensor.unit)

    assert {name: found for name, found in units.items() if len(found) > 1} == {}


def test_the_share_of_missing_samples_is_the_one_that_was_asked_for():
    values = [value for *_, value in samples(Plant(seed=1, missing=0.1), 30)]

    assert 0.08 < sum(map(math.isnan, values)) / len(values) < 0.12


def test_every_asset_lies_in_exactly_one_cell():
    plant = Plant(nodes=70)
    patterns = [pattern for cell in plant.cells() for pattern in cell.assets]

    for asset in (a for names in plant.layout.assets.values() for a in names):
        assert sum(fnmatchcase(asset, pattern) for pattern in patterns) == 1, asset


def test_all_wire_forms_carry_the_same_values():
    (tick,) = Plant(seed=1, missing=0.1).run(START_NS, 1)
    told = {m.key: json.loads(m.value) for m in messages(tick)}
    columns = {m.key: json.loads(m.value) for m in messages(tick, Wire.NATIVE_COLUMNAR)}
    gpu = next(frame for frame in tick.frames() if frame.asset == "node-03/gpu5")
    true = {p: None if math.isnan(v) else v for p, v in zip(gpu.points, gpu.values, strict=True)}
    told_gpu, columns_gpu = told[gpu.asset.encode()], columns[gpu.asset.encode()]

    assert told_gpu["values"] == true
    assert dict(zip(columns_gpu["points"], columns_gpu["values"][0], strict=True)) == true
    assert [told_gpu["time"]] == columns_gpu["times"] == [START_NS / 1e9]


def test_dcgm_text_has_one_line_for_every_sample_that_is_there():
    (tick,) = Plant(seed=1, missing=0.1).run(START_NS, 1)
    text = next(m for m in messages(tick, Wire.DCGM) if m.key == b"node-03" and m.value[:1] == b"#")
    gpu = next(frame for frame in tick.frames() if frame.asset == "node-03/gpu5")
    lines = [x for x in text.value.decode().splitlines() if 'gpu="5"' in x and x[0] != "#"]
    found = {line.split("{")[0]: float(line.rsplit(" ", 1)[1]) for line in lines}

    assert found == {p: v for p, v in zip(gpu.points, gpu.values, strict=True) if not math.isnan(v)}
    assert all('Hostname="node-03"' in line for line in lines)


@pytest.mark.parametrize(
    ("kind", "asset"), [("ib_errors", "tower-1"), ("ib_errors", "node-99/ib0"), ("rust", "tower-1")]
)
def test_a_fault_that_cannot_be_is_refused(kind, asset):
    with pytest.raises(ValueError, match=r"ib_errors happens|no asset|none of"):
        Plant(faults=(Fault(kind, asset, 0.0, 1.0),))


def test_the_example_settings_are_those_of_the_plant():
    file = Path(__file__).parent.parent / "deploy" / "settings.yaml"
    found = Settings.model_validate(yaml.safe_load(file.read_text()))

    assert found.rules == default_rules()
    watts = Point(name="Active_Power", unit="W", low=0, high=1e9, factor=1000)
    points = (watts if one.name == watts.name else one for one in default_points())
    assert found.points == tuple(points)  # in the vocabulary's unit, as rules.yaml wants it
    assert found.site.cells == Plant().cells()
