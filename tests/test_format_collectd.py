"""collectd's JSON: remembered entries change nothing; entries of a host and time are one span."""

import json

import pytest
from facility import assert_golden, assert_well_formed, by_message, told, whys
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.formats.collectd import Collectd
from schemas.formats.shapes import Limits
from schemas.golden.collectd import GOLDEN_COLLECTD
from schemas.telemetry import Quality, Why

DECODER = Collectd()
GOOD = GOLDEN_COLLECTD[0].message

names = st.sampled_from(["cpu", "disk", "sda", 'a"b', "é"])
numbers = st.one_of(
    st.floats(), st.integers(-(2**64), 2**64), st.none(), st.booleans(), st.just("x")
)
value_lists = st.integers(1, 3).flatmap(
    lambda n: st.fixed_dictionaries(
        {
            "values": st.lists(numbers, min_size=n, max_size=n),
            "dsnames": st.just(["value"] if n == 1 else [f"d{i}" for i in range(n)]),
            "time": st.one_of(
                st.integers(10**9, 2 * 10**9),
                st.floats(1e9, 2e9).map(lambda time: round(time, 3)),
            ),
            "interval": st.sampled_from([10, 10.0, 0.25]),
            "host": st.sampled_from(["a", "b"]),
            "plugin": names,
            "plugin_instance": st.sampled_from(["", "0"]),
            "type": names,
            "type_instance": st.sampled_from(["", "idle"]),
        }
    )
)
messages = st.builds(
    lambda many, separators: json.dumps(many, separators=separators).encode(),
    st.lists(value_lists, min_size=1, max_size=5),
    st.sampled_from([(",", ":"), (", ", ": ")]),
)


def decode(*batch):
    decoded = DECODER.decode(list(batch))
    assert_well_formed(decoded, len(batch))
    return decoded


@settings(max_examples=200, deadline=None)
@given(st.lists(messages, max_size=4), st.integers(0, 4))
def test_any_split_of_a_batch_decodes_the_same_with_and_without_memory(batch, cut):
    fresh = Collectd().decode(batch)
    for _ in range(3):
        decode(*batch)
    parts = [decode(*batch[:cut]), decode(*batch[cut:])]

    assert repr([row for part in parts for row in told(part)]) == repr(told(fresh))
    assert [one[1:] for part in parts for one in part.rejects] == [one[1:] for one in fresh.rejects]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_message_spoils_no_other_and_memory_does_not_change_its_meaning(data):
    good = data.draw(messages)
    decode(good, good, good)
    at = data.draw(st.integers(0, len(good)))
    put = data.draw(st.one_of(st.binary(max_size=3), st.sampled_from([b"null", b"{", b"]", b","])))
    bad = good[:at] + put + good[at + data.draw(st.integers(0, 5)) :]
    decoded = decode(GOOD, bad, GOOD)
    alone = Collectd().decode([bad])

    assert repr([one[1:] for one in by_message(decoded) if one[0] == 1]) == repr(told(alone))
    assert whys(decoded) == whys(alone)


@given(st.lists(messages, max_size=6))
@settings(deadline=None)
def test_a_small_memory_answers_as_a_large_one(batch):
    small = Collectd()
    small._entries.__init__(small, Limits(2, 500, 2))  # noqa: SLF001 - a smaller one

    for _ in range(4):
        assert repr(told(small.decode(batch))) == repr(told(decode(*batch)))


@pytest.mark.parametrize("golden", GOLDEN_COLLECTD, ids=lambda golden: golden.origin)
def test_golden_messages_decode_as_documented(golden):
    for _ in range(4):
        assert_golden(DECODER, golden)


def test_a_point_that_stands_twice_has_its_last_value():
    one = json.loads(GOOD)[0]
    message = json.dumps([one, one | {"type": "x"}, one | {"values": [7]}]).encode()

    for _ in range(4):
        assert [row[3] for row in told(decode(message))] == [7.0, 1901474177.0]


def test_an_entry_among_known_ones_may_be_anything():
    one = json.loads(GOOD)[0]
    decode(GOOD, GOOD, GOOD)
    odd = [one | {"values": [None]}, one | {"values": [1, 2]}, one | {"host": ""}, 5, {}]
    for entry, why in zip(
        odd, [None, Why.WRONG_LENGTH, Why.BAD_NAME, Why.WRONG_TYPE, Why.MISSING_FIELD], strict=True
    ):
        decoded = decode(json.dumps([one | {"host": "x"}, entry, one | {"host": "y"}]).encode())
        assert {row[0] for row in told(decoded)} >= {"x", "y"}
        assert whys(decoded) == ([why] if why else [])
    nulls = decode(json.dumps([odd[0]]).encode())
    assert [row[-1] for row in told(nulls)] == [Quality.MISSING]
