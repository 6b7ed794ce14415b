"""DSX Exchange BMS: values and metadata by their MQTT topics."""

import json
from math import isfinite

import pytest
from facility import T0_MS, T0_NS, about, assert_golden, assert_well_formed, told, whys
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.formats.dsx import Dsx, describe
from schemas.golden.dsx import GOLDEN_DSX
from schemas.telemetry import Kept, Quality, Why

POWER = "BMS/v1/PUB/Value/Rack/RackPower/site1/row3/rack05/power"
METADATA = POWER.replace("Value", "Metadata")
UNCERTAIN = int(Quality.UNCERTAIN)


def value(number=32.5, timestamp=T0_MS, quality=1, **more):
    return json.dumps({"value": number, "timestamp": timestamp, "quality": quality} | more).encode()


def metadata(**fields):
    return json.dumps({"objectType": "Rack", "pointType": "RackPower"} | fields).encode()


def decode(*messages, subject=POWER):
    return Dsx().decode(messages, None, about(*[subject] * len(messages)))


def one(*args, **more):
    """Return value and quality of the one sample of a message."""
    return told(decode(value(*args, **more)))[0][3:]


@pytest.mark.parametrize("golden", GOLDEN_DSX, ids=lambda golden: golden.origin)
def test_the_guides_own_messages_decode_as_it_says(golden):
    assert_golden(Dsx(), golden)
    assert Dsx().looks_like(golden.message)


# --- laws


@given(st.lists(st.tuples(st.floats(allow_nan=False), st.integers(10**12, 4 * 10**12))))
def test_every_value_and_time_is_read_as_it_was_written(pairs):
    decoded = decode(*(value(number, at) for number, at in pairs))

    marks = [0 if isfinite(number) else int(Quality.INFINITE) for number, _ in pairs]
    assert [one[2:] for one in told(decoded)] == [
        (at * 10**6, number, mark) for (number, at), mark in zip(pairs, marks, strict=True)
    ]
    assert_well_formed(decoded, len(pairs))


@given(st.data())
def test_any_split_of_a_batch_decodes_the_same(draw):
    pieces = st.sampled_from([value(1), value(None), value(2, quality=0), b"", metadata(), b"{"])
    batch = draw.draw(st.lists(pieces, min_size=1, max_size=8))
    cut = draw.draw(st.integers(0, len(batch)))

    parts = [decode(*part) for part in (batch[:cut], batch[cut:])]

    assert [one for part in parts for one in told(part)] == told(decode(*batch))
    assert [why for part in parts for why in whys(part)] == whys(decode(*batch))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_message_spoils_no_other(draw):
    good = draw.draw(st.sampled_from([value(), metadata(engUnit="kW")]))
    at = draw.draw(st.integers(0, len(good)))
    put = draw.draw(st.one_of(st.binary(max_size=4), st.sampled_from([b"null", b"1e400", b"[[["])))
    bad = good[:at] + put + good[at + draw.draw(st.integers(0, 6)) :]
    subject = draw.draw(st.sampled_from([POWER, METADATA]))

    decoded = Dsx().decode([value(), bad, value()], None, about(POWER, subject, POWER))

    assert_well_formed(decoded, 3)
    assert told(decoded)[0] == told(decoded)[-1] == told(decode(value()))[0]


@given(st.lists(st.binary(max_size=60)), st.text(max_size=40), st.booleans())
def test_any_bytes_under_any_topic_are_told_of(batch, path, is_value):
    subject = f"BMS/v1/PUB/{'Value' if is_value else 'Metadata'}/CDU/Status/{path}"
    decoded = decode(*batch, subject=subject)

    assert_well_formed(decoded, len(batch))
    assert len(decoded.spans) + len(decoded.rejects) + len(decoded.kept) == len(batch)


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_two_points_never_become_one(one, other):
    subjects = [f"BMS/v1/PUB/Value/CDU/Status/{path}" for path in (one, other)]
    found = told(Dsx().decode([value(), value()], None, about(*subjects)))

    if len(found) == 2 and one != other:
        assert found[0][:2] != found[1][:2]


# --- traps


@pytest.mark.parametrize(
    ("path", "asset", "rest"),
    [
        (
            "CDU/LiquidFlow/DC01/DataHall_A/POD_03/CDU-02/SecLoop/Flow",
            "DC01/DataHall_A/POD_03/CDU-02",
            "SecLoop/Flow",
        ),
        ("CDU/LiquidFlow/pod1/cdu01/loop2/flow", "pod1/cdu01", "loop2/flow"),
        ("PowerMeter/ActivePower/DH3/RPP02-1-MBKR/kW", "DH3/RPP02-1-MBKR", "kW"),
        ("UPS/Status/site/groups/ups7/status", "site/groups/ups7", "status"),
        ("Valve/ValvePosition/hall/rackrow/valve/position", "hall/rackrow/valve", "position"),
        ("Rack/RackPower/hall/row/name/power", "hall/row/name", "power"),
        ("Rack/RackPower/RACK05_POWER", "RACK05_POWER", ""),
    ],
)
def test_the_asset_is_the_object_that_the_path_names(path, asset, rest):
    decoded = decode(value(), subject=f"BMS/v1/PUB/Value/{path}")

    point = path.split("/")[1]
    assert told(decoded)[0][:2] == (asset, f"{point}/{rest}" if rest else point)


def test_values_do_not_depend_on_metadata_that_came_before():
    decoder = Dsx()
    alone = told(decode(value()))
    decoder.decode([metadata(rackLocationId="R5", engUnit="W")], None, about(METADATA))

    assert told(decoder.decode([value()], None, about(POWER))) == alone


def test_a_value_of_an_integration_is_a_value():
    subject = "BMS/v1/MEPAI/Value/CDU/LiquidTemperatureSpRequest/site1/row3/cdu5/tempSpReq"

    assert told(decode(value(18), subject=subject)) == [
        ("site1/row3/cdu5", "LiquidTemperatureSpRequest/tempSpReq", T0_NS, 18.0, 0)
    ]


def test_only_quality_one_is_trusted():
    assert one(5) == (5.0, 0)
    for quality in (0, 2, -1, 192, True, None, "1"):
        assert one(5, quality=quality) == (5.0, UNCERTAIN)


def test_null_is_missing_whatever_its_quality():
    assert one(None) == (None, int(Quality.MISSING))
    assert one(None, quality=0) == (None, int(Quality.MISSING) | UNCERTAIN)


def test_text_and_booleans_are_no_numbers():
    assert one("32.5") == one(True) == (None, int(Quality.NOT_A_NUMBER))


def test_a_value_without_its_fields_or_time_is_rejected():
    wrong = [
        b'{"value":1,"timestamp":1}',
        value(timestamp=-5),
        value(timestamp="soon"),
        b"[1]",
        b"",
    ]

    assert whys(decode(*wrong)) == [
        Why.MISSING_FIELD,
        Why.BAD_TIME,
        Why.BAD_TIME,
        Why.WRONG_TYPE,
        Why.EMPTY,
    ]


def test_without_a_topic_of_the_bus_nothing_can_be_said():
    assert whys(Dsx().decode([value()])) == [Why.NO_SUBJECT]
    for subject in (
        "",
        "BMS/v1/PUB/Value/Rack/RackPower",
        "BMS/v1/PUB/Value/Rack//a/b",
        "x/" + POWER,
    ):
        assert whys(decode(value(), subject=subject)) == [Why.NO_SUBJECT]


def test_metadata_is_kept_with_the_names_that_values_get():
    sent = metadata(
        engUnit="kW", rackLocationId="rack-5", servesId=["A1", "A2"], processArea=["x"], vendor=1
    )
    decoded = decode(sent, subject=METADATA)

    kept = decoded.kept[0]
    assert not decoded.rejects
    assert not told(decoded)
    assert kept.key == f"dsx-bms|{METADATA}"
    said = describe(kept)
    assert (said.asset, said.point) == told(decode(value()))[0][:2]
    assert (said.eng_unit, said.rack_location_id, said.serves_id) == ("kW", "rack-5", ["A1", "A2"])


def test_states_are_kept_with_their_texts():
    states = [{"value": 0, "text": "NoLeak"}, {"value": 1, "text": "Leak"}]
    kept = decode(metadata(stateText=states), subject=METADATA).kept[0]

    assert [(state.value, state.text) for state in describe(kept).state_text] == [
        (0, "NoLeak"),
        (1, "Leak"),
    ]


def test_metadata_has_a_unit_or_states_but_not_both():
    both = metadata(engUnit="kW", stateText=[{"value": 0, "text": "off"}])

    assert whys(decode(both, b"{", b"", b"[]", subject=METADATA)) == [
        Why.WRONG_TYPE,
        Why.NOT_JSON,
        Why.EMPTY,
        Why.WRONG_TYPE,
    ]
    assert not decode(metadata(), subject=METADATA).rejects


def test_what_others_kept_is_no_metadata():
    assert describe(Kept("sparkplug-b|x", b"{}")) is None
    assert describe(Kept("dsx-bms|x", b"{")) is None
