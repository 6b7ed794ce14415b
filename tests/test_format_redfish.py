"""Redfish resources: what is measured, whose it is, and when."""

import json
from math import isfinite

import pytest
from facility import T0_MS, T0_NS, about, assert_golden, assert_well_formed, told, whys
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.formats.redfish import STATES, Redfish
from schemas.golden.redfish import GOLDEN_REDFISH
from schemas.telemetry import Quality, Why

CDU = "/redfish/v1/ThermalEquipment/CDUs/1"
NOT_A_NUMBER = int(Quality.NOT_A_NUMBER)


def resource(uri=CDU, **properties):
    return json.dumps({"@odata.id": uri} | properties).encode()


def decode(*batch, times=True):
    return Redfish().decode(batch, [T0_MS] * len(batch) if times else None)


def points(*batch):
    """Return value and quality by point."""
    return {point: (value, mark) for _, point, _, value, mark in told(decode(*batch))}


@pytest.mark.parametrize("golden", GOLDEN_REDFISH, ids=lambda golden: golden.origin)
def test_the_specifications_own_examples_decode_as_they_say(golden):
    assert_golden(Redfish(), golden)
    assert Redfish().looks_like(golden.message)


# --- laws

units = st.sampled_from(["Celsius", "kPa", "LitersPerMinute", "Percent", "Watts", "kW", "RPM"])


@given(st.dictionaries(units, st.floats(allow_nan=False)), st.booleans())
def test_every_measured_number_is_read_as_it_was_written(numbers, wrapped):
    sent = {f"Flow{unit}": {"Reading": n} if wrapped else n for unit, n in numbers.items()}
    found = points(resource(**sent))

    assert found == {
        f"Flow{unit}": (n, 0 if isfinite(n) else int(Quality.INFINITE))
        for unit, n in numbers.items()
    }


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_report_writes_numbers_as_text(number):
    values = [{"MetricId": "a", "MetricValue": repr(number)}]

    assert [one[3] for one in told(decode(resource(MetricValues=values)))] == [number]


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["Reading", "Status", "Health", "MetricValues", "Timestamp", "x"])
            | st.sampled_from(["@odata.id", "MetricValue", "MetricProperty", "PowerWatts"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(anything, max_size=4), st.data())
def test_any_resource_is_told_of_and_any_split_decodes_the_same(bodies, draw):
    batch = [resource(Body=body) for body in bodies]
    cut = draw.draw(st.integers(0, len(batch)))
    decoded, parts = decode(*batch), [decode(*batch[:cut]), decode(*batch[cut:])]

    assert_well_formed(decoded, len(batch))
    said = {*decoded.spans.message.tolist(), *(one.message for one in decoded.rejects)}
    assert said == set(range(len(batch)))
    assert repr([one for part in parts for one in told(part)]) == repr(told(decoded))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_message_spoils_no_other(draw):
    good = draw.draw(st.sampled_from([golden.message for golden in GOLDEN_REDFISH]))
    at = draw.draw(st.integers(0, len(good)))
    bad = good[:at] + draw.draw(st.binary(max_size=4)) + good[at + draw.draw(st.integers(0, 6)) :]
    clean = resource(PowerWatts=1)

    decoded = decode(clean, bad, clean)

    assert_well_formed(decoded, 3)
    assert told(decoded)[0] == told(decoded)[-1] == told(decode(clean))[0]


# --- traps


def test_ratings_limits_and_thresholds_are_no_measurements():
    sent = resource(
        RatedFlowLitersPerMinute=35,
        CoolingCapacityWatts=50_000,
        MaxAllowableOperatingValueCelsius=60,
        CapacityLiters=2,
        ReadingRangeMax=100,
        ReadingUnits="Cel",
        Coolant={"DensityKgPerCubicMeter": 1030, "AdditivePercent": 20},
        Thresholds={"UpperCritical": {"Reading": 80}},
        FlowLitersPerMinute={"Reading": 41, "Thresholds": {"UpperCritical": {"Reading": 80}}},
    )

    assert points(sent) == {"FlowLitersPerMinute": (41.0, 0)}


@pytest.mark.parametrize("reading", ["Null", "Out of range", True, "12"])
def test_a_reading_that_is_no_number_is_none(reading):
    assert points(resource(FlowLitersPerMinute={"Reading": reading})) == {
        "FlowLitersPerMinute": (None, NOT_A_NUMBER)
    }


def test_a_reading_of_null_is_missing():
    assert points(resource(PowerWatts={"Reading": None})) == {
        "PowerWatts": (None, int(Quality.MISSING))
    }


def test_words_of_state_are_codes():
    for word, code in (("OK", 0), ("Warning", 1), ("Critical", 2)):
        found = points(resource(DetectorState=word, Status={"Health": word, "State": "Absent"}))
        assert found == {
            "DetectorState": (code, 0),
            "Status/Health": (code, 0),
            "Status/State": (STATES["State"]["Absent"], 0),
        }
    assert points(resource(DetectorState="Leaking")) == {"DetectorState": (None, NOT_A_NUMBER)}


def test_all_parts_of_a_unit_are_one_asset():
    batch = [
        resource(f"{CDU}/Pumps/1", PumpSpeedPercent={"Reading": 1}),
        resource(f"{CDU}/EnvironmentMetrics", PowerWatts={"Reading": 2}),
        resource("/redfish/v1/Chassis/1/Sensors/Flow", Reading=3, ReadingUnits="L/min"),
        resource("/redfish/v1/Chassis/1/Thermal", Temperatures=[{"ReadingCelsius": 4}]),
    ]

    assert [one[:2] for one in told(decode(*batch))] == [
        ("ThermalEquipment/CDUs/1", "Pumps/1/PumpSpeedPercent"),
        ("ThermalEquipment/CDUs/1", "EnvironmentMetrics/PowerWatts"),
        ("Chassis/1", "Sensors/Flow"),
        ("Chassis/1", "Thermal/Temperatures/0/ReadingCelsius"),
    ]


def test_the_host_that_the_bridge_tells_keeps_equal_paths_apart():
    sent = resource("/redfish/v1/Chassis/1", PowerWatts=5)
    decoded = Redfish().decode([sent, sent], [T0_MS] * 2, about("bmc-1", "bmc-2"))

    assert [one[0] for one in told(decoded)] == ["bmc-1/Chassis/1", "bmc-2/Chassis/1"]


def test_expanded_members_are_read_as_if_they_came_alone():
    members = [
        {"@odata.id": f"{CDU}/Pumps/{i}", "PumpSpeedPercent": {"Reading": i}} for i in (1, 2)
    ]
    link = {"@odata.id": f"{CDU}/Pumps/3"}
    expanded = resource(f"{CDU}/Pumps", Members=[*members, link])

    alone = decode(*(json.dumps(member).encode() for member in members))
    assert told(decode(expanded)) == told(alone)


def test_the_time_is_the_documents_own_else_kafkas():
    own = resource(Reading=1, ReadingTime="2023-11-14T22:13:30Z")
    entry = {"MetricId": "a", "MetricValue": "1", "Timestamp": "2023-11-14T22:13:40Z"}
    report = resource(MetricValues=[entry, {"MetricId": "b", "MetricValue": "2"}])
    bad = resource(MetricValues=[entry | {"Timestamp": "soon"}])

    assert [one[2] - T0_NS for one in told(decode(own, report))] == [10**10, 2 * 10**10, 0]
    assert whys(decode(bad)) == [Why.BAD_TIME]
    assert whys(decode(resource(PowerWatts=1), times=False)) == [Why.BAD_TIME]


def test_a_report_reads_words_and_marks_what_is_none():
    values = [
        {"MetricProperty": f"{CDU}/LeakDetection/1#/DetectorState", "MetricValue": "Critical"},
        {"MetricProperty": f"{CDU}/Pumps/1#/PumpSpeedPercent/Reading", "MetricValue": "n/a"},
        {"MetricProperty": "sensor 7", "MetricId": "x", "MetricValue": "1_0"},
        {"MetricId": "y"},
        7,
    ]
    decoded = decode(resource(MetricValues=values))

    assert [one[1:2] + one[3:] for one in told(decoded)] == [
        ("LeakDetection/1/DetectorState", 2.0, 0),
        ("Pumps/1/PumpSpeedPercent", None, NOT_A_NUMBER),
        ("x", None, NOT_A_NUMBER),
    ]
    assert whys(decoded) == [Why.MISSING_FIELD, Why.WRONG_TYPE]


def test_what_is_no_measuring_resource_is_rejected():
    wrong = [resource(Name="x"), resource("elsewhere"), b"{}", b"[]", b"", resource(7)]

    assert whys(decode(*wrong)) == [
        Why.EMPTY,
        Why.BAD_NAME,
        Why.MISSING_FIELD,
        Why.WRONG_TYPE,
        Why.EMPTY,
        Why.BAD_NAME,
    ]


def test_deep_documents_end():
    body = b'{"@odata.id":"/redfish/v1/Chassis/1","a":' + b'{"a":' * 500 + b"1" + b"}" * 501

    assert whys(decode(body)) == [Why.TOO_LARGE]
