"""Telegraf's JSON: fields, tags, times of any unit; remembered shapes change nothing."""

import json
from math import inf

import pytest
from facility import T0_NS, assert_golden, assert_well_formed, by_message, told, whys
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.formats import series
from schemas.formats.series import Labels
from schemas.formats.telegraf import TelegrafJson
from schemas.formats.telegraf_names import series_of
from schemas.golden.telegraf import GOLDEN_TELEGRAF
from schemas.telemetry import Quality, Why

DECODER = TelegrafJson()
GOOD = GOLDEN_TELEGRAF[0].message
CPU = {
    "fields": {"usage_user": 1.5, "usage_idle": 98},
    "name": "cpu",
    "tags": {"host": "a", "cpu": "cpu0"},
    "timestamp": 1_700_000_000,
}

names = st.text('abcé_ 1"\\', min_size=1, max_size=6)
values = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**63), 2**63),
    st.booleans(),
    st.sampled_from(["text", "12", ""]),
)
metrics = st.fixed_dictionaries(
    {
        "fields": st.dictionaries(names, values, min_size=1, max_size=4),
        "name": names,
        "tags": st.dictionaries(st.sampled_from(["host", "cpu", "x"]), names, max_size=3),
        "timestamp": st.integers(10**9, 7_258_118_399),
    }
)
messages = st.one_of(
    metrics, st.lists(metrics, min_size=1, max_size=4).map(lambda many: {"metrics": many})
)


def written(document, separators=(",", ":")):
    return json.dumps(document, separators=separators, sort_keys=True).encode()


def decode(*batch):
    decoded = DECODER.decode(list(batch))
    assert_well_formed(decoded, len(batch))
    return decoded


def expected(document):
    found = {}
    for one in document.get("metrics", [document]):
        for field, value in one["fields"].items():
            if not isinstance(value, str):
                meaning = series_of(one["name"], field, Labels(one["tags"]))
                found[meaning.asset, meaning.point, one["timestamp"] * 10**9] = float(value)
    return found


@settings(deadline=None)
@given(messages, st.sampled_from([(",", ":"), (", ", ": ")]))
def test_what_telegraf_writes_is_read_however_often_it_comes(document, separators):
    for _ in range(4):
        decoded = decode(written(document, separators))
        assert {one[:3]: one[3] for one in told(decoded)} == expected(document)
        assert whys(decoded) == ([] if expected(document) else [Why.EMPTY])


@settings(deadline=None)
@given(st.lists(messages.map(written), max_size=4), st.integers(0, 4))
def test_any_split_of_a_batch_decodes_the_same_with_and_without_memory(batch, cut):
    fresh = TelegrafJson().decode(batch)
    decode(*batch)
    decode(*batch)
    parts = [decode(*batch[:cut]), decode(*batch[cut:])]

    assert [row for part in parts for row in told(part)] == told(fresh)
    assert [one[1:] for part in parts for one in part.rejects] == [one[1:] for one in fresh.rejects]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_message_spoils_no_other_and_memory_does_not_change_its_meaning(data):
    good = written(data.draw(messages))
    decode(good, good, good)
    at = data.draw(st.integers(0, len(good)))
    put = data.draw(st.one_of(st.binary(max_size=3), st.sampled_from([b"null", b"{", b"]", b","])))
    bad = good[:at] + put + good[at + data.draw(st.integers(0, 5)) :]
    decoded = decode(GOOD, bad, GOOD)
    alone = TelegrafJson().decode([bad])

    assert [one[1:] for one in by_message(decoded) if one[0] == 1] == told(alone)
    assert whys(decoded) == whys(alone)


@pytest.mark.parametrize("golden", GOLDEN_TELEGRAF, ids=lambda golden: golden.origin)
def test_golden_messages_decode_as_documented(golden):
    decoded = decode(golden.message)
    if golden is GOLDEN_TELEGRAF[0]:
        assert_golden(DECODER, golden)
    assert [*{one[1] for one in told(decoded)}] == [*{one[1] for one in golden.samples}]


@pytest.mark.parametrize("scale", [1, 10**3, 10**6, 10**9])
def test_the_unit_of_a_time_is_known_by_its_size(scale):
    message = written(CPU | {"timestamp": 1_700_000_000 * scale})

    for _ in range(4):
        assert {one[2] for one in told(decode(message))} == {T0_NS}


def test_infiniband_words_are_named_so_that_they_can_be_told():
    tags = {"host": "n", "device": "mlx5_0", "port": "1"}
    message = CPU | {"name": "infiniband", "fields": {"port_xmit_data": 5}, "tags": tags}

    assert told(decode(written(message)))[0][:2] == ("n/mlx5_0/p1", "infiniband.port_xmit_data")


def test_booleans_are_numbers_texts_are_passed_over_and_alone_rejected():
    mixed = written(CPU | {"fields": {"ok": True, "text": "x", "off": False, "no": None}})

    for _ in range(3):
        assert [one[-2:] for one in told(decode(mixed))] == [
            (None, Quality.MISSING),
            (0, 0),
            (1, 0),
        ]
    assert whys(decode(written(CPU | {"fields": {"text": "x"}}))) == [Why.EMPTY]


def test_a_bad_metric_of_a_batch_rejects_itself_only():
    bad = [CPU | {"timestamp": -1}, {"name": "x"}, 5, CPU | {"tags": {"a": 1}}, CPU | {"name": ""}]
    message = written({"metrics": [CPU, *bad, CPU | {"tags": {"host": "b"}}]})

    for _ in range(3):
        decoded = decode(message)
        assert len(told(decoded)) == 4
        assert whys(decoded) == [
            Why.BAD_TIME,
            Why.MISSING_FIELD,
            Why.WRONG_TYPE,
            Why.WRONG_TYPE,
            Why.BAD_NAME,
        ]
        assert [one.detail[:3] for one in decoded.rejects] == ["[1]", "[2]", "[3]", "[4]", "[5]"]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"", Why.EMPTY),
        (b"{", Why.NOT_JSON),
        (b"[]", Why.WRONG_TYPE),
        (b'{"metrics":[]}', Why.EMPTY),
        (b'{"metrics":{}}', Why.WRONG_TYPE),
        (b'{"metrics":[{]}', Why.NOT_JSON),
        (written(CPU).replace(b"cpu", b"\xff"), Why.INVALID_UTF8),
    ],
)
def test_it_is_said_why_a_message_is_rejected(bad, why):
    assert whys(decode(bad, GOOD)) == [why]


@pytest.mark.parametrize(("text", "value"), [("1e400", inf), ("-0.0", -0.0), ("1e5", 1e5)])
def test_unusual_numbers_are_read_as_the_general_parser_does(text, value):
    usual = written(CPU)
    decode(usual, usual, usual)

    assert repr(told(decode(usual.replace(b"1.5", text.encode())))[1][3]) == repr(value)


@pytest.mark.parametrize("long", [{}, {"tags": {"t": "x" * 9_999}}])
def test_the_tags_of_a_metric_are_read_once_for_all_its_fields(long, monkeypatch):
    read = []
    place = series.place
    monkeypatch.setattr(series, "place", lambda *of: read.append(of) or place(*of))
    many = CPU | {"fields": {f"f{i}": i for i in range(100)}} | long
    decoded = TelegrafJson().decode([written(many)])

    assert whys(decoded) == [Why.BAD_NAME] * bool(long)
    assert len(read) == 1


def test_a_metric_of_a_long_name_is_rejected_without_a_look_at_its_tags(monkeypatch):
    monkeypatch.setattr(series, "place", None)

    assert whys(TelegrafJson().decode([written(CPU | {"name": "x" * 9_999})])) == [Why.BAD_NAME]
