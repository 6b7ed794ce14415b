"""Remote write: against protobuf's own runtime, and the traps of its senders."""

from math import inf, isnan, nan
from struct import pack, unpack

import pytest
from facility import assert_golden, assert_well_formed, by_message, told, whys
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_messages import WriteRequest, block, posted, request

from schemas.formats import detect
from schemas.formats.labels import meaning
from schemas.formats.remote_write import RemoteWrite
from schemas.formats.series import SeriesBook
from schemas.formats.snappy import MOST_BYTES, MOST_TIMES
from schemas.golden.remote_write import GOLDEN_REMOTE_WRITE
from schemas.telemetry import Quality, Why

T0_MS = 1_700_000_000_000
LOST = Quality.STALE | Quality.MISSING
(STALE,) = unpack("<d", pack("<Q", 0x7FF0000000000002))
UP = {"__name__": "up", "instance": "node-1:9100", "job": "node"}
GOOD = posted(request((UP, [(1.0, T0_MS)]), ({**UP, "mode": "x"}, [(2.5, T0_MS)])))

DECODER = RemoteWrite()

names = st.sampled_from(["up", "node_load1", "DCGM_FI_DEV_GPU_TEMP", "a:b", "é"])
labels = st.dictionaries(
    st.sampled_from(["instance", "job", "gpu", "hostname", "le", "x"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=9),
    max_size=5,
)
series = st.tuples(
    st.builds(lambda name, rest: {**rest, "__name__": name}, names, labels),
    st.lists(st.tuples(st.floats(), st.integers(0, 7_258_118_399_999)), max_size=3),
)
requests = st.lists(series, max_size=6).map(lambda many: request(*many))


def decode(*batch):
    decoded = DECODER.decode(list(batch))
    assert_well_formed(decoded, len(batch))
    return decoded


def expected(made):
    """Say what a request means; the last sample of a series and time counts."""
    found = {}
    for one in made.timeseries:
        there = {label.name: label.value for label in one.labels}
        asset, point = meaning(there.pop("__name__"), there)
        for sample in one.samples:
            key = asset, sample.timestamp * 10**6, point, tuple(sorted(there.items()))
            found[key] = None if isnan(sample.value) else sample.value
    return found


@settings(deadline=None)
@given(st.lists(requests, max_size=4))
def test_what_the_protobuf_runtime_writes_is_read(batch):
    decoded = decode(*map(posted, batch))

    for message, made in enumerate(batch):
        found = [one[1:] for one in by_message(decoded) if one[0] == message]
        wanted = expected(made)
        assert len(found) <= len(wanted)
        plain = {(a, p, t): v for (a, t, p, _), v in wanted.items()}
        if len(plain) == len(wanted):
            assert {(a, p, t): v for a, p, t, v, _ in found} == plain


@settings(deadline=None)
@given(st.lists(requests, max_size=5), st.integers(0, 5))
def test_any_split_of_a_batch_decodes_the_same_with_and_without_memory(batch, cut):
    messages = [posted(one) for one in batch]
    whole = [one[1:] for one in by_message(RemoteWrite().decode(messages))]
    parts = [*by_message(decode(*messages[:cut])), *by_message(decode(*messages[cut:]))]

    assert repr([one[1:] for one in parts]) == repr(whole)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_what_is_read_of_a_damaged_request_is_what_the_runtime_reads(data):
    good = data.draw(requests).SerializeToString()
    at = data.draw(st.integers(0, len(good)))
    bad = good[:at] + data.draw(st.binary(max_size=4)) + good[at + data.draw(st.integers(0, 4)) :]
    decoded = decode(block(bad), GOOD)

    assert [one[1:] for one in by_message(decoded) if one[0] == 1] == told(decode(GOOD))
    found = [one for one in by_message(decoded) if one[0] == 0 and not one[2].startswith("\x00")]
    try:
        made = WriteRequest.FromString(bad)
    except DecodeError:
        return
    if whys(decoded) == []:
        samples = sum(len(one.samples) + 2 * len(one.histograms) for one in made.timeseries)
        assert len(found) <= samples


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_are_rejected_or_read(data):
    decoded = decode(data, block(data), GOOD)

    assert told(decode(GOOD)) == [one[1:] for one in by_message(decoded) if one[0] == 2]


@pytest.mark.parametrize("golden", GOLDEN_REMOTE_WRITE, ids=lambda golden: golden.origin)
def test_golden_messages_decode_as_documented(golden):
    assert_golden(DECODER, golden)


def test_a_staleness_marker_is_stale_and_missing_and_another_nan_is_none():
    made = posted(request((UP, [(STALE, T0_MS)]), ({**UP, "x": "1"}, [(nan, T0_MS), (inf, 0)])))

    qualities = [one[-1] for one in told(decode(made))]
    assert qualities == [LOST, Quality.NOT_A_NUMBER, Quality.INFINITE]


def test_a_native_histogram_gives_count_and_sum_and_exemplars_give_nothing():
    made = request((UP, []))
    made.timeseries[0].histograms.add(count_int=7, sum=2.5, timestamp=T0_MS)
    made.timeseries[0].histograms.add(count_float=7.5, sum=STALE, timestamp=T0_MS + 1)
    made.timeseries[0].exemplars.add(value=3, timestamp=T0_MS)

    assert [one[1:] for one in told(decode(posted(made)))] == [
        ('up_count{job="node"}', T0_MS * 10**6, 7.0, 0),
        ('up_sum{job="node"}', T0_MS * 10**6, 2.5, 0),
        ('up_count{job="node"}', T0_MS * 10**6 + 10**6, None, LOST),
        ('up_sum{job="node"}', T0_MS * 10**6 + 10**6, None, LOST),
    ]


def test_a_request_of_metadata_alone_is_no_reject_and_an_empty_one_is():
    made = WriteRequest()
    made.metadata.add(metric_family_name="up", help="x")

    assert decode(posted(made)).rejects == []
    assert detect(posted(made)) == "prometheus-remote-write"
    assert whys(decode(block(b""))) == [Why.EMPTY]


def test_two_series_that_would_become_one_keep_their_labels():
    gpu = {"__name__": "DCGM_FI_DEV_GPU_TEMP", "hostname": "n", "gpu": "0"}
    one, other = gpu | {"pod": "a"}, gpu | {"pod": "b"}
    ((_, first, *_, a, _), (_, second, *_, b, _)) = told(
        decode(posted(request((one, [(1, T0_MS)]), (other, [(2, T0_MS)]))))
    )

    assert (first, a, b) == ("DCGM_FI_DEV_GPU_TEMP", 1.0, 2.0)
    assert 'pod="b"' in second


def test_bad_series_and_times_reject_themselves_only():
    made = request(({"job": "x"}, [(1, T0_MS)]), (UP, [(2, T0_MS), (3, -1), (4, 2**60)]))
    bad = block(made.SerializeToString().replace(b"job", b"j\xffb", 1))
    decoded = decode(posted(made), bad)

    assert [one[-2] for one in told(decoded)] == [2.0, 2.0]
    assert whys(decoded) == [Why.BAD_NAME, Why.BAD_TIME] * 2


def test_remote_write_2_is_rejected_with_what_to_do():
    (one,) = decode(block(b"\x22\x00\x22\x08__name__\x2a\x04\x0a\x02\x01\x01")).rejects

    assert one.why is Why.WRONG_TYPE
    assert "prometheus.WriteRequest" in one.detail


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        (b"\xff\xff\xff\xff\x0f", Why.NOT_SNAPPY),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", Why.NOT_SNAPPY),
        (b"\x80\x80\x80\x20", Why.NOT_SNAPPY),
        (b"\x01", Why.NOT_SNAPPY),
        (b"", Why.NOT_SNAPPY),
    ],
)
def test_a_lie_about_the_length_is_a_reject(claim, why):
    assert whys(decode(claim + GOOD[1:] if claim else b"", GOOD)) == [why]


def test_what_a_block_claims_is_checked_before_anything_is_allocated():
    size = MOST_BYTES // MOST_TIMES + 1000
    claim = bytes([MOST_BYTES + 1 & 127 | 128, 128, 128, 32])
    (one,) = decode(claim + b"\x00" * size).rejects

    assert one.why is Why.TOO_LARGE


def test_a_bomb_of_empty_samples_is_refused():
    bomb = block(b"\x0a" + b"\x80\x89\x7a" + b"\x12\x00" * 1_000_000)

    assert len(bomb) < 200_000
    assert whys(decode(bomb)) == [Why.TOO_LARGE]


def test_long_labels_are_read_once_for_each_kind_of_row_not_for_each_sample(monkeypatch):
    made = request(({**UP, "x": "x" * 250_000}, [(1.0, T0_MS)] * 5))
    for _ in range(80_000):
        made.timeseries[0].histograms.add()
    decoder, data, read, number = RemoteWrite(), posted(made), [], SeriesBook.number
    monkeypatch.setattr(SeriesBook, "number", lambda *given: read.append(1) or number(*given))
    first = decoder.decode([data])
    again = decoder.decode([data])

    assert len(read) == 3
    assert first.rejects == again.rejects
    assert whys(first) == [Why.BAD_NAME]
