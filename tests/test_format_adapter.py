"""prometheus-kafka-adapter: one-sample messages in batches, and what the adapter does to them."""

import json
from datetime import UTC, datetime
from math import inf, isnan

import pytest
from facility import assert_golden, assert_well_formed, by_message, told, whys
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.formats.adapter import PrometheusAdapter
from schemas.formats.labels import meaning
from schemas.golden.adapter import GOLDEN_ADAPTER
from schemas.telemetry import Quality, Why

DECODER = PrometheusAdapter()
GOOD = GOLDEN_ADAPTER[0].message
UP = {"__name__": "up", "instance": "node-1:9100"}

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)
labels = st.dictionaries(
    st.sampled_from(["instance", "job", "gpu", "timestamp", "value", "x"]),
    st.one_of(
        texts, st.sampled_from(['"value":"1"', '","value":"2', "\\", "2024-01-01T00:00:00Z"])
    ),
    max_size=4,
)
numbers = st.one_of(
    st.floats().map(repr),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda one: f"{one:f}"),
    st.integers(-(2**64), 2**64).map(str),
    st.sampled_from(["+Inf", "-Inf", "NaN", "Inf", "1.", ".5", "1e5", "0x1", "", " 1", "1_0"]),
    st.sampled_from(["null", "NULL", "nan", "Infinity", "-Infinity", "1e400", "-1e-400"]),
)
seconds = st.integers(0, 7_258_118_399)


def message(value="1", second=1_700_000_000, labels=UP, order="labels name timestamp value"):
    time = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    said = {
        "labels": labels,
        "name": labels.get("__name__", "m"),
        "timestamp": time,
        "value": value,
    }
    return json.dumps({key: said[key] for key in order.split()}, separators=(",", ":")).encode()


samples = st.builds(
    message,
    numbers,
    seconds,
    labels,
    st.sampled_from(["labels name timestamp value", "timestamp value name labels"]),
)


def decode(*batch):
    decoded = DECODER.decode(list(batch))
    assert_well_formed(decoded, len(batch))
    return decoded


@settings(deadline=None)
@given(st.floats(allow_nan=False), seconds, labels)
def test_what_the_adapter_writes_of_a_sample_is_read(value, second, there):
    text = {inf: "+Inf", -inf: "-Inf"}.get(value) or f"{value:.400f}"
    batch = [message(text, second, {"__name__": "up", **there})] * 2
    asset, point = meaning("up", there)

    for one in (*told(decode(*batch)), *told(decode(*batch))):
        assert one[:4] == (asset, point, second * 10**9, value)


@settings(deadline=None)
@given(st.lists(samples, max_size=6), st.integers(0, 6))
def test_any_split_of_a_batch_decodes_the_same_with_and_without_memory(batch, cut):
    fresh = PrometheusAdapter().decode(batch)
    decode(*batch)
    parts = [decode(*batch[:cut]), decode(*batch[cut:])]

    assert repr([row for part in parts for row in told(part)]) == repr(told(fresh))
    assert [one[1:] for part in parts for one in part.rejects] == [one[1:] for one in fresh.rejects]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_message_spoils_no_other_and_memory_does_not_change_its_meaning(data):
    good = data.draw(samples)
    decode(good, good)
    at = data.draw(st.integers(0, len(good)))
    put = data.draw(
        st.one_of(st.binary(max_size=3), st.sampled_from([b'"', b"\\", b'"value":"1"']))
    )
    bad = good[:at] + put + good[at + data.draw(st.integers(0, 5)) :]
    decoded = decode(GOOD, bad, GOOD)
    alone = PrometheusAdapter().decode([bad])

    assert repr([one[1:] for one in by_message(decoded) if one[0] == 1]) == repr(told(alone))
    assert whys(decoded) == whys(alone)


@settings(deadline=None)
@given(st.text(alphabet="0123456789-:TZ", min_size=20, max_size=20))
def test_a_compiled_time_is_the_general_one(text):
    first = message()
    decode(first, first)
    other = first.replace(b"2023-11-14T22:13:20Z", text.encode())

    assert told(decode(other)) == told(PrometheusAdapter().decode([other]))


@pytest.mark.parametrize("golden", GOLDEN_ADAPTER, ids=lambda golden: golden.origin)
def test_golden_messages_decode_as_documented(golden):
    for _ in range(3):
        assert_golden(DECODER, golden)


@pytest.mark.parametrize(
    ("text", "value", "quality"),
    [
        ("NaN", None, Quality.NOT_A_NUMBER),
        ("+Inf", inf, Quality.INFINITE),
        ("-Inf", -inf, Quality.INFINITE),
        ("9223372036854775807", 2.0**63, 0),
        ("-0", -0.0, 0),
        ("1" + "0" * 400, inf, Quality.INFINITE),
        ("one", None, Quality.NOT_A_NUMBER),
        ("1_0", None, Quality.NOT_A_NUMBER),
        ("", None, Quality.NOT_A_NUMBER),
        ("null", None, Quality.NOT_A_NUMBER),
        ("NULL", None, Quality.NOT_A_NUMBER),
        ("nan", None, Quality.NOT_A_NUMBER),
        ("Inf", inf, Quality.INFINITE),
        ("Infinity", None, Quality.NOT_A_NUMBER),
        ("-Infinity", None, Quality.NOT_A_NUMBER),
        (None, None, Quality.MISSING),
    ],
)
def test_values_are_texts_and_memory_does_not_change_them(text, value, quality):
    decode(message(), message())
    for _ in range(2):
        ((*_, found, mark),) = told(decode(message(text)))
        assert (repr(found), mark) == (repr(value), quality)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"", Why.EMPTY),
        (b"{", Why.NOT_JSON),
        (b"[]", Why.WRONG_TYPE),
        (b'{"name":"up"}', Why.MISSING_FIELD),
        (message(labels={"__name__": ""}), Why.BAD_NAME),
        (b'{"timestamp":"x","value":"1","name":"up"}', Why.BAD_TIME),
        (b'{"timestamp":"2024-02-30T00:00:00Z","value":"1","name":"up"}', Why.BAD_TIME),
        (b'{"timestamp":1,"value":"1","name":"up","labels":{"a":1}}', Why.BAD_NAME),
        (GOOD.replace(b"up", b"\xff"), Why.INVALID_UTF8),
    ],
)
def test_it_is_said_why_a_message_is_rejected(bad, why):
    assert whys(decode(bad, GOOD)) == [why]


def test_a_fraction_of_a_second_and_a_zone_are_read_too():
    times = ("2023-11-14T22:13:20.250Z", "2023-11-14T23:13:20+01:00")
    batch = [message().replace(b"2023-11-14T22:13:20Z", one.encode()) for one in times]

    assert [one[2] for one in told(decode(*batch))] == [
        1_700_000_000_250_000_000,
        1_700_000_000_000_000_000,
    ]


def test_a_label_that_looks_like_a_value_is_a_label():
    there = {"__name__": "up", "value": "7", "timestamp": "1980-01-01T00:00:00Z"}
    for value in (1.0, 2.0, 3.0):
        ((_, point, time_ns, found, _),) = told(decode(message(str(value), labels=there)))
        assert (found, time_ns) == (value, 1_700_000_000 * 10**9)
        assert 'value="7"' in point


def test_many_series_are_forgotten_before_they_fill_the_memory(monkeypatch):
    monkeypatch.setattr("schemas.formats.parts.MOST_BYTES", 20_000)
    decoder = PrometheusAdapter()
    for turn in range(20):
        batch = [message(str(i), labels={**UP, "x": f"{turn}-{i}"}) for i in range(50)]
        assert [one[3] for one in told(decoder.decode(batch))] == [*range(50)]
        assert not isnan(told(decoder.decode(batch))[0][3])
        assert len(decoder._book.names.assets) <= 51  # noqa: SLF001 - what is remembered
        assert decoder._book.names.memory_bytes < 60_000  # noqa: SLF001 - what is remembered
