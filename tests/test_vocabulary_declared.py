"""Points that users declare: in front of the table, refused where they contradict themselves."""

import pytest
from pydantic import ValidationError
from vocabulary_cases import judged, rows, spans_of, told

from models.names import Config
from models.telemetry import Judge
from models.telemetry import judge as judging
from schemas.telemetry import Quality
from schemas.units import Point, PointKind, Table

CONVERTED = Quality.CONVERTED


def test_a_users_point_goes_before_the_built_in_one():
    points = (Point(name="RackPower", unit="kW", low=0, high=200),)

    assert told("RackPower", 130.0, points=points) == ("RackPower", 130.0, Quality.GOOD)
    assert told("RackPower", 250.0, points=points)[2] == Quality.OUT_OF_RANGE


def test_a_users_point_without_a_unit_only_adds_to_the_built_in_one():
    points = (Point(name="DCGM_FI_DEV_FB_USED", bits=16), Point(name="RackPower", low=0, high=1e6))
    known = Config(points=points).known("DCGM_FI_DEV_FB_USED")

    assert (known.unit, known.width) == ("By", 16)
    assert told("DCGM_FI_DEV_FB_USED", 1.0, points=points)[1] == 2**20
    assert told("RackPower", 1.0, points=points) == ("Active_Power", 1000.0, CONVERTED)


def test_a_users_counter_needs_not_be_said_to_be_one_where_the_table_knows():
    points = (
        Point(name="node_infiniband_symbol_error_total", unit="count", low=0, high=1e15),
        Point(name="DCGM_FI_DEV_XID_ERRORS", unit="count", low=0, high=1000),
        Point(name="DCGM_FI_PROF_NVLINK_TX_BYTES", unit="B/s", low=0, high=4.5e11),
    )
    config = Config(points=points)

    assert config.known("node_infiniband_symbol_error_total").kind is PointKind.COUNTER
    assert config.known("DCGM_FI_DEV_XID_ERRORS").kind is PointKind.LAST_EVENT
    assert config.known("DCGM_FI_PROF_NVLINK_TX_BYTES").capacity == 9e11
    assert told("node_infiniband_symbol_error_total", 1.0, points=points)[0] == points[0].name


def test_a_users_wildcard_keeps_what_it_stood_for():
    points = (
        Point(name="rack_*_kw", canonical="Active_Power_Rack_*", unit="W", factor=1000),
        Point(name="t?_?", canonical="Room_*_Temperature_*", unit="Cel", low=0, high=50),
    )

    assert told("rack_17_kw", 2.0, points=points) == ("Active_Power_Rack_17", 2000.0, CONVERTED)
    assert told('t1_b{x="y"}', 2.0, points=points)[0] == 'Room_1_Temperature_b{x="y"}'
    assert Config(points=points).known("Active_Power_Rack_17").unit == "W"
    assert Config(points=points).known("Room_1_Temperature_b").high == 50


def test_a_built_in_name_is_not_told_as_a_point_that_a_user_counts_in_another_unit():
    points = (Point(name="Active_Power", unit="kW", low=0, high=500),)

    assert told("RackPower", 130.0, points=points) == ("RackPower", 130.0, Quality.GOOD)


WRONG = {
    "factor or shift without unit": {"factor": 1000},
    "factors without capacity": {"unit": "B/s", "factors": [1000]},
    "is in factors too": {"unit": "B/s", "factor": 4, "factors": [4, 1], "capacity": 1},
    "does not wrap": {"wraps": 32},
    "loops": {"name": "x*", "canonical": "x*y", "unit": "W"},
    "differ in wildcards": {"name": "rack_*", "canonical": "Rack"},
    "goes with `*`": {"name": "rack[12]", "canonical": "Rack"},
    "has labels": {"canonical": 'Rack{a="b"}'},
    "low 3.0 is not below high 1.0": {"low": 3, "high": 1},
}


@pytest.mark.parametrize("trouble", WRONG)
def test_a_point_that_contradicts_itself_is_refused_in_one_line(trouble):
    with pytest.raises(ValidationError) as caught:
        Point.model_validate({"name": "x"} | WRONG[trouble])
    message = caught.value.errors()[0]["msg"]

    assert trouble in message
    assert "\n" not in message


def test_a_canonical_name_that_goes_by_yet_another_is_found():
    a, b = Point(name="a", canonical="b"), Point(name="b", canonical="c")

    assert list(Table((a, b)).chains()) == [(0, "c")]
    assert list(Table((Point(name="a", canonical="RackPower"),)).chains()) == [(0, "Active_Power")]
    assert not list(Table((b,)).chains())


def test_a_unit_that_is_not_that_of_the_canonical_point_is_found():
    wrong = Point(name="a", canonical="Active_Power", unit="kW")
    right = Point(name="b", canonical="Active_Power", unit="W", factor=1000)

    assert list(Table((right, wrong)).strays()) == [(1, "W")]
    assert list(Table((wrong,)).strays()) == [(0, "W")]
    assert told("a", 130.0, points=(wrong,)) == ("a", 130.0, Quality.GOOD)
    assert told("RackPower", 130.0, points=(wrong,)) == ("Active_Power", 130_000.0, CONVERTED)


def test_a_flood_of_names_is_forgotten_in_time(monkeypatch):
    monkeypatch.setattr(judging, "_MOST_KNOWN", 10)
    judge = Judge(Config())
    for batch in range(20):
        shapes = [(f"RackPower{{n={batch}-{i}}}", "x", "DCGM_FI_DEV_GPU_TEMP") for i in range(5)]
        spans = judged(spans_of(*((shape, [1.0, 2.0, 2.0**47]) for shape in shapes)), judge)

        assert spans.quality.tolist() == [CONVERTED, 0, Quality.MISSING | Quality.BLANK] * 5
    assert len(judge.vocabulary) <= 10 + 15


def test_what_is_remembered_changes_no_result():
    judge = Judge(Config())
    first = spans_of((["RackPower", "a"], [1.0, 2.0]))
    judged(spans_of((["b", "DCGM_FI_DEV_FB_USED"], [1.0, 2.0])), judge)

    assert rows(judged(first, judge)) == rows(judged(first))
