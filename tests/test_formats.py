"""Laws that every decoder keeps, and one golden message of each format."""

import io
import json
from functools import cache
from math import inf, isnan, nan

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import ipc

from schemas.formats import DECODERS, FORMATS, GENERIC, by_content_type, decoders, detect, format_of
from schemas.formats.arrow_size import decoded_size
from schemas.golden import GOLDEN as DOCUMENTED
from schemas.telemetry import About, Quality, Source, Why
from streams.bench.fuzz.check import SILENT

T0 = 1_700_000_000
NS = T0 * 10**9


def as_ipc(table, new=ipc.new_stream, compression=None):
    sink = io.BytesIO()
    with new(sink, table.schema, options=ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table)
    return sink.getvalue()


WIDE = pa.table({"asset": ["a", "b"], "time": [T0, T0 + 1], "p": [1.5, None], "q": [2, 3]})
LONG = pa.table(
    {
        "asset": ["a", "a", "b", "a"],
        "point": ["p", "q", "p", "p"],
        "time": pa.array([NS, NS, NS, NS + 10**9], pa.timestamp("ns", tz="UTC")),
        "value": [1.5, 2.5, 3.5, nan],
    }
)
COLLECTD = {
    "values": [0.5, 2],
    "dstypes": ["derive", "derive"],
    "dsnames": ["read", "write"],
    "time": T0 + 0.25,
    "interval": 10.0,
    "host": "node-1",
    "plugin": "disk",
    "plugin_instance": "sda",
    "type": "disk_ops",
    "type_instance": "",
}
GPU = 'gpu="3",UUID="GPU-1",device="nvidia3",hostname="node-1"'
DCGM = f"""# HELP DCGM_FI_DEV_GPU_TEMP GPU temperature (in C).
# TYPE DCGM_FI_DEV_GPU_TEMP gauge
DCGM_FI_DEV_GPU_TEMP{{{GPU},pci_bus_id="00:1",modelName="H200"}} 41 {T0}000
DCGM_FI_DEV_XID_ERRORS{{{GPU},err_code="0"}} 0
node_load1{{instance="node-2:9100",job="x"}} 2.5
up NaN
"""
JSON = b'{"asset": "a", "time": 1700000000, "values": {"p": 1.5, "q": null}}'
TIMES = b'"times":[1700000000,"2023-11-14T22:13:21Z"]'
GOLDEN = {
    "native-json": JSON,
    "native-columnar": b'{"asset":"a","points":["p","q"],%s,"values":[[1,2.5],[null,-4]]}' % TIMES,
    "collectd-json": json.dumps([COLLECTD, COLLECTD | {"plugin_instance": "sdb"}]).encode(),
    "prometheus-text": DCGM.encode(),
    "arrow-ipc": as_ipc(WIDE),
}
GOLDEN = {name: goldens[0].message for name, goldens in DOCUMENTED.items()} | GOLDEN
SUBJECTS = {name: goldens[0].subject for name, goldens in DOCUMENTED.items()}
every = pytest.mark.parametrize("name", FORMATS)


@cache
def decoder(name):
    return DECODERS[name]()


def decode(name, *batch):
    about = About(Source("raw", 0, "life-1"), range(len(batch)), [SUBJECTS[name]] * len(batch))
    return decoder(name).decode(list(batch), [T0 * 1000] * len(batch), about)


def rows(decoded):
    """List (message, asset, time, {point: value}, qualities) of every span."""
    spans = decoded.spans
    return [
        (
            int(spans.message[i]),
            spans.assets[spans.asset[i]],
            int(spans.time_ns[i]),
            dict(
                zip(
                    spans.shapes[spans.shape[i]],
                    spans.values[spans.start[i] : spans.start[i + 1]].tolist(),
                    strict=True,
                )
            ),
            spans.quality[spans.start[i] : spans.start[i + 1]].tolist(),
        )
        for i in range(len(spans))
    ]


def assert_well_formed(decoded, messages):
    spans = decoded.spans
    lengths = [len(spans.shapes[i]) for i in spans.shape]
    assert np.diff(spans.start).tolist() == lengths
    assert spans.start[0] == 0
    assert spans.start[-1] == len(spans.values) == len(spans.quality)
    assert (np.diff(spans.message) >= 0).all()
    assert all(0 <= i < messages for i in spans.message)
    assert len(spans.asset) == len(spans.time_ns) == len(spans) == len(spans.shape)
    assert spans.message.dtype == spans.asset.dtype == spans.shape.dtype == np.int32
    assert spans.time_ns.dtype == spans.start.dtype == np.int64
    assert (spans.values.dtype, spans.quality.dtype) == (np.float64, np.uint16)
    assert all(0 <= i < len(spans.assets) for i in spans.asset)
    assert len(set(spans.assets)) == len(spans.assets)
    for value, mark in zip(spans.values.tolist(), spans.quality.tolist(), strict=True):
        assert isnan(value) == bool(mark & (Quality.MISSING | Quality.NOT_A_NUMBER))
        assert (value in (inf, -inf)) == bool(mark & Quality.INFINITE)
    for one in decoded.rejects:
        assert 0 <= one.message < messages
        assert 0 < len(one.detail) <= 200
        assert one.detail.isprintable()


@every
@settings(max_examples=150, deadline=None)
@given(batch=st.lists(st.binary(max_size=80), max_size=4))
def test_any_bytes_are_decoded_or_rejected(name, batch):
    decoded = decode(name, *batch)

    assert_well_formed(decoded, len(batch))
    told = {*decoded.spans.message.tolist(), *(one.message for one in decoded.rejects)}
    assert name in SILENT or told == set(range(len(batch)))


@every
@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_a_damaged_message_spoils_no_other(name, data):
    good = GOLDEN[name]
    at = data.draw(st.integers(0, len(good)))
    put = data.draw(st.one_of(st.binary(max_size=4), st.sampled_from([b"null", b"NaN", b"1e400"])))
    bad = good[:at] + put + good[at + data.draw(st.integers(0, 6)) :]

    decoded = decode(name, good, bad, good)

    assert_well_formed(decoded, 3)
    alone = [row[1:] for row in rows(decode(name, good))]
    assert repr([row[1:] for row in rows(decoded) if row[0] == 0]) == repr(alone)
    assert repr([row[1:] for row in rows(decoded) if row[0] == 2]) == repr(alone)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("name", ["native-json", "native-columnar", "collectd-json"])
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_value_anywhere_in_json_is_decoded_or_rejected(name, data):
    document = json.loads(GOLDEN[name])
    entry = document[0] if isinstance(document, list) else document
    entry[data.draw(st.sampled_from(sorted(entry)))] = data.draw(json_values)

    assert_well_formed(decode(name, json.dumps(document).encode()), 1)


@every
@pytest.mark.parametrize(
    "bomb",
    [
        b"",
        b" ",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'{"asset":"a","time":1,"values":{"p":' + b"9" * 10_000 + b"}}",
        b'{"asset":"\\ud800","time":1,"values":{"p":1}}',
        b'{"asset":"' + b"x" * 513 + b'","time":1,"values":{"p":1}}',
        b"\xff\xff\xff\xff" + b"\x00" * 100,
        b"ARROW1\x00\x00" + b"\xff" * 200,
        b"a{" + b'\\"' * 5000 + b"} 1",
        b"a" * 1_000_000,
        b'x{l="' + b"\\" * 8000 + b'"} 1',
    ],
    ids=lambda data: ascii(data[:12]),
)
def test_bombs_end_as_rejects(name, bomb):
    decoded = decode(name, bomb)

    assert_well_formed(decoded, 1)
    assert decoded.rejects or decoded.spans.quality.any()


@every
def test_each_format_is_detected_and_made_by_name(name):
    assert detect(GOLDEN[name]) == name
    assert decoders()[name].name == name
    for content_type in decoder(name).content_types:
        assert by_content_type(f"{content_type.upper()}; version=0.0.4") == name


@every
@pytest.mark.parametrize("generic", ["application/json; charset=utf-8", "text/plain", "Text/Plain"])
def test_a_content_type_that_many_formats_go_by_leaves_it_to_the_bytes(name, generic):
    assert format_of(generic, GOLDEN[name]) == name


@every
def test_a_content_type_of_one_format_decides_whatever_the_bytes(name):
    own = next(one for one in decoder(name).content_types if one not in GENERIC)

    assert format_of(own, b"anything") == name
    assert format_of("", GOLDEN[name]) == name


def test_bytes_that_tell_nothing_are_of_the_format_that_a_generic_content_type_means_most():
    assert format_of("application/json", b'{"x": 1}') == "native-json"
    assert format_of("text/plain; version=0.0.4", b"# hello\nup 1\n") == "prometheus-text"
    assert format_of("application/octet-stream", b"# hello\nup 1\n") is None


@given(st.binary(max_size=200))
def test_detection_is_total(data):
    assert detect(data) in (*FORMATS, None)
    assert by_content_type(data.decode("latin-1")) in (*FORMATS, None)


def test_native_json_reads_the_golden_message():
    ((message, asset, time_ns, values, quality),) = rows(decode("native-json", JSON))

    assert (message, asset, time_ns, values["p"]) == (0, "a", NS, 1.5)
    assert quality == [Quality.GOOD, Quality.MISSING]


@pytest.mark.parametrize(
    ("text", "value", "quality"),
    [
        ("null", nan, Quality.MISSING),
        ("NaN", nan, Quality.NOT_A_NUMBER),
        ('"5"', nan, Quality.NOT_A_NUMBER),
        ("true", nan, Quality.NOT_A_NUMBER),
        ("{}", nan, Quality.NOT_A_NUMBER),
        ("Infinity", inf, Quality.INFINITE),
        ("-1e400", -inf, Quality.INFINITE),
        ("1" + "0" * 5000, inf, Quality.INFINITE),
        ("18446744073709551617", 2.0**64, Quality.GOOD),
    ],
)
def test_a_bad_sample_gets_its_code_and_the_good_ones_pass(text, value, quality):
    message = f'{{"asset":"a","time":{T0},"values":{{"x":1,"p":{text},"y":2}}}}'.encode()
    decoded = decode("native-json", message)
    ((_, _, _, values, marks),) = rows(decoded)

    assert repr(list(values.values())) == repr([1.0, value, 2.0])
    assert marks == [0, quality, 0]
    assert not decoded.rejects


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (b"", Why.EMPTY),
        (b"{", Why.NOT_JSON),
        (b'{"asset":"\xff","time":1,"values":{"p":1}}', Why.INVALID_UTF8),
        (b"[1]", Why.WRONG_TYPE),
        (b'{"asset":"a","time":1}', Why.MISSING_FIELD),
        (b'{"asset":"","time":1,"values":{"p":1}}', Why.BAD_NAME),
        (b'{"asset":"a\\n","time":1,"values":{"p":1}}', Why.BAD_NAME),
        (b'{"asset":7,"time":1,"values":{"p":1}}', Why.WRONG_TYPE),
        (b'{"asset":"a","time":-1,"values":{"p":1}}', Why.BAD_TIME),
        (b'{"asset":"a","time":1,"values":{}}', Why.EMPTY),
        (b'{"asset":"a","time":1,"values":[1]}', Why.WRONG_TYPE),
    ],
)
def test_native_json_says_why_a_message_is_rejected(message, why):
    decoded = decode("native-json", message)

    assert [one.why for one in decoded.rejects] == [why]
    assert len(decoded.spans) == 0


def test_a_bad_point_name_rejects_that_point_only():
    decoded = decode("native-json", b'{"asset":"a","time":1,"values":{"":1,"p":2}}')

    assert [row[3] for row in rows(decoded)] == [{"p": 2.0}]
    assert [one.why for one in decoded.rejects] == [Why.BAD_NAME]


def test_columnar_rows_are_spans_and_a_short_row_rejects_itself_only():
    message = b'{"asset":"a","points":["p","q"],"times":[1,2,3],"values":[[1,2],[3],[5,"x"]]}'
    decoded = decode("native-columnar", message)

    assert [(row[2], row[4]) for row in rows(decoded)] == [
        (10**9, [0, 0]),
        (3 * 10**9, [0, Quality.NOT_A_NUMBER]),
    ]
    assert [one.why for one in decoded.rejects] == [Why.WRONG_LENGTH]
    assert len(rows(decode("native-columnar", GOLDEN["native-columnar"]))) == 2


def test_collectd_entries_of_one_host_and_time_are_one_span():
    decoded = decode("collectd-json", GOLDEN["collectd-json"])

    assert [row[1:4] for row in rows(decoded)] == [
        (
            "node-1",
            NS + 250_000_000,
            {
                f"disk-{disk}/disk_ops/{way}": v
                for disk in ("sda", "sdb")
                for way, v in (("read", 0.5), ("write", 2.0))
            },
        )
    ]


def test_a_bad_collectd_entry_rejects_itself_only():
    load = COLLECTD | {"dsnames": ["value"], "values": [None], "plugin_instance": "", "plugin": "l"}
    message = json.dumps([load, COLLECTD | {"values": [1]}, 5, COLLECTD | {"time": "x"}]).encode()
    decoded = decode("collectd-json", message)

    assert [list(row[3]) for row in rows(decoded)] == [["l/disk_ops"]]
    assert decoded.spans.quality.tolist() == [Quality.MISSING]
    whys = [one.why for one in decoded.rejects]
    assert whys == [Why.WRONG_LENGTH, Why.WRONG_TYPE, Why.BAD_TIME]


def test_exposition_lines_become_points_of_gpus_hosts_and_instances():
    assert [row[1:4] for row in rows(decode("prometheus-text", GOLDEN["prometheus-text"]))][:2] == [
        (
            "node-1/gpu3",
            NS,
            {"DCGM_FI_DEV_GPU_TEMP": 41.0, "DCGM_FI_DEV_XID_ERRORS": 0.0},
        ),
        ("node-2", NS, {'node_load1{job="x"}': 2.5}),
    ]


def test_a_bad_line_rejects_itself_only_and_nan_is_marked():
    text = b'a 1\nb{x="1} 2\n# TYPE c counter\n'
    text += b'c{z="}\\"",y=" "} 3 # {t="1"} 9\nnot a line\nd NaN\n9 9\n'
    decoded = decode("prometheus-text", text)
    ((_, asset, _, values, quality),) = rows(decoded)

    assert asset == "prometheus"
    assert list(values) == ["a", 'c{y=" ",z="}\\""}', "d"]
    assert quality == [0, 0, Quality.NOT_A_NUMBER]
    assert [one.detail[:6] for one in decoded.rejects] == ["line 2", "line 5", "line 7"]


def test_a_line_time_is_in_milliseconds_and_in_open_metrics_in_seconds():
    assert rows(decode("prometheus-text", b"a 1 1700000000500\n"))[0][2] == NS + 5 * 10**8
    assert rows(decode("prometheus-text", b"a 1 1700000000.5\n# EOF\n"))[0][2] == NS + 5 * 10**8


def test_without_any_time_a_line_is_rejected():
    decoded = decoder("prometheus-text").decode([b"a 1"], None)

    assert [one.why for one in decoded.rejects] == [Why.BAD_TIME]


@pytest.mark.parametrize("new", [ipc.new_stream, ipc.new_file])
@pytest.mark.parametrize("compression", [None, "zstd", "lz4"])
def test_arrow_is_read_wide_and_long(new, compression):
    wide = rows(decode("arrow-ipc", as_ipc(WIDE, new, compression)))
    long = rows(decode("arrow-ipc", as_ipc(LONG, new, compression)))

    assert [row[1:3] for row in wide] == [("a", NS), ("b", NS + 10**9)]
    assert [row[4] for row in wide] == [[0, 0], [Quality.MISSING, 0]]
    assert wide[0][3] == {"p": 1.5, "q": 2.0}
    assert [row[1:3] for row in long] == [("a", NS), ("b", NS), ("a", NS + 10**9)]
    assert long[0][3] == {"p": 1.5, "q": 2.5}
    assert long[2][4] == [Quality.NOT_A_NUMBER]


def test_bad_arrow_rows_are_rejected_and_the_others_read():
    bad = pa.table({"asset": ["a", None, "c"], "time": [T0, T0, -5], "p": [1.0, 2.0, 3.0]})
    decoded = decode("arrow-ipc", as_ipc(bad))

    assert [row[1] for row in rows(decoded)] == ["a"]
    assert [one.why for one in decoded.rejects] == [Why.BAD_NAME, Why.BAD_TIME]


def test_an_arrow_bomb_is_refused_before_it_is_decoded():
    n = 40_000_000
    zeros = pa.array(np.zeros(n // 8, np.int64))
    batch = pa.record_batch({"asset": zeros, "time": zeros})
    small = as_ipc(pa.Table.from_batches([batch] * 5), compression="zstd")

    assert len(small) < 1_000_000
    assert decoded_size(small) >= 5 * 2 * n
    assert [one.why for one in decode("arrow-ipc", small).rejects] == [Why.TOO_LARGE]
