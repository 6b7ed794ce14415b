"""Influx line protocol: what an independent writer wrote, and the traps of its syntax."""

from math import inf

import pytest
from facility import T0_MS, T0_NS, assert_golden, assert_well_formed, by_message, told, whys
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.formats import detect, series
from schemas.formats.influx import InfluxLine
from schemas.formats.series import Labels
from schemas.formats.telegraf_names import series_of
from schemas.golden.influx import GOLDEN_INFLUX
from schemas.telemetry import Quality, Why

DECODER = InfluxLine()
GOOD = GOLDEN_INFLUX[0].message

text = st.text("aB 3é,=.:/{}'", min_size=1, max_size=7).map(lambda one: f"x{one}y")
values = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.text('a", =\\', max_size=5),
)
lines = st.tuples(
    text,
    st.dictionaries(text, text, max_size=3),
    st.dictionaries(text, values, min_size=1, max_size=4),
    st.integers(10**17, 7_258_118_399_999_999_999),
)


def escaped(name, special):
    return "".join("\\" + one if one in special else one for one in name)


def written(value, unsigned=False):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value}{'u' if unsigned and value >= 0 else 'i'}"
    if isinstance(value, float):
        return repr(value)
    inside = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inside}"'


def line(one):
    measurement, tags, fields, time_ns = one
    head = escaped(measurement, ", ") + "".join(
        f",{escaped(key, ',= ')}={escaped(tag, ',= ')}" for key, tag in tags.items()
    )
    inside = ",".join(f"{escaped(key, ',= ')}={written(one)}" for key, one in fields.items())
    return f"{head} {inside} {time_ns}"


def expected(many):
    found = {}
    for measurement, tags, fields, time_ns in many:
        for field, value in fields.items():
            if not isinstance(value, str):
                meaning = series_of(measurement, field, Labels(tags))
                found[meaning.asset, meaning.point, time_ns] = float(value)
    return found


def decode(*batch, times=None):
    decoded = DECODER.decode(list(batch), times)
    assert_well_formed(decoded, len(batch))
    return decoded


@settings(deadline=None)
@given(st.lists(lines, min_size=1, max_size=5))
def test_what_is_written_is_read(many):
    data = "\n".join(map(line, many)).encode()

    for decoded in (decode(data), decode(data)):
        assert {one[:3]: one[3] for one in told(decoded)} == expected(many)
        assert whys(decoded) == ([] if expected(many) else [Why.EMPTY])


@settings(deadline=None)
@given(st.lists(lines.map(line), max_size=6), st.integers(0, 6))
def test_any_split_of_a_batch_decodes_the_same_with_and_without_memory(many, cut):
    batch = [one.encode() for one in many]
    fresh = InfluxLine().decode(batch)
    parts = [decode(*batch[:cut]), decode(*batch[cut:])]

    assert [row for part in parts for row in told(part)] == told(fresh)
    assert [one[1:] for part in parts for one in part.rejects] == [one[1:] for one in fresh.rejects]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_message_spoils_no_other(data):
    good = data.draw(st.one_of(lines.map(line).map(str.encode), st.just(GOOD)))
    at = data.draw(st.integers(0, len(good)))
    put = data.draw(st.one_of(st.binary(max_size=3), st.sampled_from([b'"', b"\\", b"=", b"\n"])))
    bad = good[:at] + put + good[at + data.draw(st.integers(0, 5)) :]
    decoded = decode(GOOD, bad, GOOD)

    for message in (0, 2):
        assert [one[1:] for one in by_message(decoded) if one[0] == message] == told(decode(GOOD))
    assert {one[0] for one in by_message(decoded)} | {one.message for one in decoded.rejects} == {
        0,
        1,
        2,
    }


@pytest.mark.parametrize("golden", GOLDEN_INFLUX, ids=lambda golden: golden.origin)
def test_golden_messages_decode_as_documented(golden):
    assert_golden(DECODER, golden)


@pytest.mark.parametrize(
    ("value", "number", "quality"),
    [
        ("1i", 1.0, 0),
        ("-5i", -5.0, 0),
        ("9223372036854775807i", 2.0**63, 0),
        ("18446744073709551615u", 2.0**64, 0),
        ("1.", 1.0, 0),
        (".5", 0.5, 0),
        ("+1", 1.0, 0),
        ("1e400", inf, Quality.INFINITE),
        ("t", 1.0, 0),
        ("FALSE", 0.0, 0),
        ("true", 1.0, 0),
        ("NaN", None, Quality.NOT_A_NUMBER),
    ],
)
def test_kinds_of_values(value, number, quality):
    ((_, _, _, found, mark),) = told(decode(f"m f={value} {T0_NS}".encode()))

    assert (found, mark) == (number, quality)


@pytest.mark.parametrize(
    "bad",
    [
        b"m",
        b"m ",
        b"m f",
        b"m f=",
        b"m =1",
        b"m f=1.5i",
        b"m f=0x1",
        b'm f="open',
        b"m f=1,",
        b"m f g=1",
        b"m,t f=1",
        b"m,=v f=1",
        b",t=v f=1",
        b"m f=1 2023-11-14",
        b"m f=1 1 1",
        b"m f=1 -1",
        b"m\xff f=1",
        b"m,a=\xff f=1",
        b"m f\xff=1",
    ],
)
def test_a_bad_line_rejects_itself_only(bad):
    stamped = bad if bad.rstrip()[-1:].isdigit() and b" 1" in bad else bad + b" %d" % T0_NS
    decoded = decode(b"a f=1 %d\n%s\nb f=2 %d" % (T0_NS, stamped, T0_NS), times=[T0_MS])

    assert [one[1] for one in told(decoded)] == ["a.f", "b.f"]
    assert len(decoded.rejects) == 1


def test_a_line_without_a_time_takes_kafkas_and_without_that_is_rejected():
    assert [one[2] for one in told(decode(b"m f=1", b"m f=2", times=[T0_MS, T0_MS + 1]))] == [
        T0_NS,
        T0_NS + 10**6,
    ]
    assert whys(decode(b"m f=1", times=[-1])) == whys(decode(b"m f=1")) == [Why.BAD_TIME]


@pytest.mark.parametrize("digits", [10, 13, 16, 19])
def test_times_are_known_by_their_size(digits):
    time = str(T0_NS)[:digits]

    assert told(decode(f"m f=1 {time}".encode()))[0][2] == T0_NS


def test_text_fields_are_passed_over_and_alone_they_are_a_reject():
    uptime = b'system,host=a uptime_format="1 day, 2:03",note="a\nb",uptime=5i %d' % T0_NS

    assert told(decode(uptime)) == [("a", "system.uptime", T0_NS, 5.0, 0)]
    assert whys(decode(b'system,host=a uptime_format="1 day" 1')) == [Why.EMPTY]


def test_lines_of_one_asset_and_time_become_one_span_and_comments_nothing():
    decoded = decode(b"# c\n\n  a,host=h f=1 5\r\nb,host=h g=2 5\nb,host=i g=3 5\n")

    assert [decoded.spans.shapes[i] for i in decoded.spans.shape] == [("a.f", "b.g"), ("b.g",)]


def test_what_telegraf_took_from_prometheus_keeps_its_name():
    lines = b"DCGM_FI_DEV_GPU_TEMP,gpu=0,hostname=n gauge=41 5\nprometheus,host=n up=1 5"

    assert [one[:2] for one in told(decode(lines))] == [
        ("n/gpu0", "DCGM_FI_DEV_GPU_TEMP"),
        ("n", "up"),
    ]


def test_the_tags_of_a_line_are_read_once_for_all_its_fields(monkeypatch):
    read = []
    place = series.place
    monkeypatch.setattr(series, "place", lambda *of: read.append(of) or place(*of))
    fields = ",".join(f"f{i}={i}" for i in range(100))
    good, bad = (f"m,host=h,t={'x' * n} {fields} {T0_NS}".encode() for n in (9, 9_999))
    decoded = InfluxLine().decode([good, bad])

    assert len(told(decoded)) == 100
    assert [(one.message, one.why) for one in decoded.rejects] == [(1, Why.BAD_NAME)]
    assert len(read) == 2


@pytest.mark.parametrize(
    "other", [b"up 1", b'a{x="1"} 2', b"a 1 2", b'{"a":1}', b"[1]", b"a,b\n1,2", b"\x0a\x08 a=1"]
)
def test_other_text_is_not_taken_for_lines(other):
    assert detect(other) != "influx-line"
