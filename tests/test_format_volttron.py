"""VOLTTRON's `all` messages."""

import json
from math import isfinite

import pytest
from facility import T0_MS, T0_NS, about, assert_golden, assert_well_formed, told, whys
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.formats.volttron import Volttron
from schemas.golden.volttron import GOLDEN_VOLTTRON
from schemas.telemetry import Quality, Why

TOPIC = "devices/campus/building/ahu1/all"


def message(points, metadata=True):
    said = {name: {"units": "F", "tz": "UTC", "type": "float"} for name in points}
    return json.dumps([points, said] if metadata else points).encode()


def decode(*batch, subject=TOPIC, times=True):
    times_ms = [T0_MS] * len(batch) if times else None
    return Volttron().decode(batch, times_ms, about(*[subject] * len(batch)))


@pytest.mark.parametrize("golden", GOLDEN_VOLTTRON, ids=lambda golden: golden.origin)
def test_the_documentations_own_messages_decode_as_it_says(golden):
    assert_golden(Volttron(), golden)
    assert Volttron().looks_like(golden.message)


names = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=9)


@given(st.dictionaries(names, st.floats(allow_nan=False), min_size=1), st.booleans())
def test_every_point_is_read_as_it_was_written(points, metadata):
    assert told(decode(message(points, metadata))) == [
        ("campus/building/ahu1", name, T0_NS, n, 0 if isfinite(n) else int(Quality.INFINITE))
        for name, n in points.items()
    ]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_message_spoils_no_other(draw):
    good = message({"a": 1.5, "b": None})
    at = draw.draw(st.integers(0, len(good)))
    bad = good[:at] + draw.draw(st.binary(max_size=4)) + good[at + draw.draw(st.integers(0, 6)) :]

    decoded = decode(good, bad, good)

    assert_well_formed(decoded, 3)
    assert told(decoded)[:2] == told(decoded)[-2:] == told(decode(good))


@given(st.lists(st.binary(max_size=60)), st.text(max_size=30), st.booleans())
def test_any_bytes_under_any_topic_are_told_of(batch, subject, is_device):
    decoded = decode(*batch, subject=TOPIC if is_device else subject)

    assert_well_formed(decoded, len(batch))
    said = {*decoded.spans.message.tolist(), *(one.message for one in decoded.rejects)}
    assert said == set(range(len(batch)))


def test_binary_points_are_zero_and_one_and_texts_are_no_numbers():
    found = told(decode(message({"fan": True, "mode": "heat", "gone": None})))

    assert [one[3:] for one in found] == [
        (1.0, 0),
        (None, int(Quality.NOT_A_NUMBER)),
        (None, int(Quality.MISSING)),
    ]


def test_the_time_is_that_of_the_headers_else_kafkas():
    wrapped = json.dumps(
        {"headers": {"Date": "2023-11-14T22:13:30+00:00"}, "message": [{"a": 1}, {}]}
    ).encode()

    assert told(decode(wrapped))[0][2] == T0_NS + 10**10
    assert whys(decode(message({"a": 1}), times=False)) == [Why.BAD_TIME]
    assert not decode(wrapped, times=False).rejects


def test_only_the_all_topic_of_a_device_is_read():
    for subject in ("", "devices/x", "devices/all", "record/a/all", "devices/x/all/y"):
        assert whys(decode(message({"a": 1}), subject=subject)) == [Why.NO_SUBJECT]
    assert whys(Volttron().decode([b"[]"])) == [Why.NO_SUBJECT]


def test_a_bad_name_spoils_no_other_point():
    decoded = decode(message({"a": 1, "": 2, "\x01": 3}))

    assert whys(decoded) == [Why.BAD_NAME, Why.BAD_NAME]
    assert [one[1] for one in told(decoded)] == ["a"]


def test_what_has_no_points_is_rejected():
    assert whys(decode(b"[]", b"[[]]", b"[{}]", b"5", b"", b"{")) == [
        Why.WRONG_TYPE,
        Why.WRONG_TYPE,
        Why.EMPTY,
        Why.WRONG_TYPE,
        Why.EMPTY,
        Why.NOT_JSON,
    ]
