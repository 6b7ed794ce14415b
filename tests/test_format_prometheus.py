"""Exposition text: read as prometheus_client reads it, whatever is remembered, bad lines apart."""

import struct
from itertools import chain
from math import isnan

import pytest
from exposition import samples_of, whys
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from schemas.formats import detect
from schemas.formats.labels import meaning, whole
from schemas.formats.prometheus import Prometheus
from schemas.formats.prometheus.places import Limits
from schemas.golden.prometheus import GOLDEN_PROMETHEUS
from schemas.telemetry import About, Quality, Source, Why

T0 = 1_700_000_000_000
NS = T0 * 10**6
TINY = Limits(names=4, blocks=4, words=64, memory_bytes=2_000)
SMALL = Limits(names=512, blocks=512, words=8_192)
"""Quickly made."""
BLANK = 0x7FFFFFFFFFFFFFF0

names = st.sampled_from(["up", "a:b", "DCGM_FI_DEV_GPU_TEMP", "node_load1", "x_total", "x"])
label_names = st.sampled_from(["gpu", "Hostname", "hostname", "pod", "mode", "le", "instance"])
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=5
)
labels = st.dictionaries(label_names, texts, max_size=4)
numbers = st.one_of(
    st.floats().map(repr),
    st.integers().map(str),
    st.integers(10**7, 2**64).map(str),
    st.builds("{}.{}".format, st.integers(-(10**12), 10**12), st.integers(0, 10**12)),
    st.builds(
        "{}{:.3f}e{}".format, st.sampled_from("+-"), st.floats(0, 1e9), st.integers(-330, 310)
    ),
    st.floats(width=32).map("{:.6f}".format),
    st.sampled_from(["NaN", "+Inf", "-Inf", "Inf", "nan", "007", "+5", ".5", "5.", "-0", "1e400"]),
    st.integers(BLANK - 3, BLANK + 6).map(str),
)
series = st.tuples(names, labels, numbers)
times = st.one_of(st.none(), st.integers(T0, T0 + 3))


def escaped(text):
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def line(name, labels, value, time=None):
    inside = ",".join(f'{label}="{escaped(text)}"' for label, text in labels.items())
    head = f"{name}{{{inside}}}" if inside else name
    return f"{head} {value}" + (f" {time}" if time is not None else "")


def decode(*batch, decoder=None):
    data = [one.encode() if isinstance(one, str) else one for one in batch]
    return (decoder or Prometheus(SMALL)).decode(data, [T0] * len(data))


def facts(decoded):
    spans = decoded.spans
    bits = [struct.pack("<d", value) for value in spans.values.tolist()]
    told = [one[:4] for one in samples_of(decoded)]
    return told, bits, spans.quality.tolist(), [tuple(one) for one in decoded.rejects]


@settings(max_examples=400, deadline=None)
@given(text=numbers)
def test_a_value_is_the_float64_that_python_reads(text):
    cold = decode(f"x {text}\n")
    decoder = Prometheus(SMALL)
    decode("x 1\n", decoder=decoder)
    warm = decode(f"x {text}", decoder=decoder)

    assert facts(cold)[1] == facts(warm)[1] == [struct.pack("<d", float(text))]


@settings(max_examples=300, deadline=None)
@given(lines=st.lists(series, min_size=1, max_size=8))
def test_text_is_read_as_prometheus_client_reads_it(lines):
    text = "".join(f"{line(*one)}\n" for one in lines)
    expected = {}
    for one in lines:
        (found,) = [
            sample
            for family in text_string_to_metric_families(line(*one) + "\n")
            for sample in family.samples
        ]
        assert repr(abs(float(found.value))) == repr(abs(float(one[2])))
        head = (found.name, tuple(sorted(found.labels.items())))
        for way in (meaning, whole):
            at = way(found.name, found.labels)
            if expected.setdefault(at, (head, 0))[0] == head:
                expected[at] = head, float(one[2])
                break
    found = {(one[1], one[2]): one[4] for one in samples_of(decode(text))}

    assert repr(found) == repr({at: expected[at][1] for at in found})
    assert found.keys() == expected.keys()


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_cold_warm_and_tiny_memories_agree_on_any_mixture(data):
    lines = st.lists(st.tuples(series, times), max_size=6)
    odd = st.sampled_from(
        ["", "# TYPE x counter\n", "x 1 # {} 2\n", "bad\n", 'x{a="} 1\n', "# EOF"]
    )
    message = st.builds(
        lambda these, more: "".join(f"{line(*one, time)}\n" for one, time in these) + more,
        lines,
        odd,
    )
    pool = data.draw(st.lists(message, min_size=1, max_size=3))
    batches = data.draw(st.lists(st.lists(st.sampled_from(pool), max_size=5), max_size=5))
    lasting, tiny = Prometheus(SMALL), Prometheus(TINY)
    for batch in batches:
        expected = facts(decode(*batch))
        assert facts(decode(*batch, decoder=lasting)) == expected
        assert facts(decode(*batch, decoder=tiny)) == expected


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_split_of_a_batch_decodes_the_same(data):
    message = st.lists(series, max_size=4).map(lambda these: "\n".join(line(*one) for one in these))
    batch = data.draw(st.lists(message, max_size=6))
    at = data.draw(st.integers(0, len(batch)))
    one, other = decode(*batch[:at]), decode(*batch[at:])
    moved = [(message + at, *rest) for message, *rest in samples_of(other)]

    assert repr([*samples_of(one), *moved]) == repr(samples_of(decode(*batch)))


@pytest.fixture(scope="module")
def knowing():
    decoder = Prometheus()
    decoder.decode([golden.message for golden in GOLDEN_PROMETHEUS], [T0] * len(GOLDEN_PROMETHEUS))
    return decoder


@settings(max_examples=600, deadline=None)
@given(data=st.data())
def test_a_damaged_message_is_read_as_without_memory_and_spoils_no_other(knowing, data):
    good = data.draw(st.sampled_from(GOLDEN_PROMETHEUS)).message
    at = data.draw(st.integers(0, len(good)))
    put = data.draw(st.binary(max_size=4))
    bad = good[:at] + put + good[at + data.draw(st.integers(0, 9)) :]

    found = decode(good, bad, good, decoder=knowing)

    assert facts(found) == facts(decode(good, bad, good))
    alone = [one[1:] for one in samples_of(decode(good))]
    for message in (0, 2):
        here = [one[1:] for one in samples_of(found) if one[0] == message]
        assert repr(here) == repr(alone)


@pytest.mark.parametrize("golden", GOLDEN_PROMETHEUS, ids=lambda golden: golden.origin[:40])
def test_each_golden_message_is_read_and_detected(knowing, golden):
    for decoder in (Prometheus(SMALL), knowing):
        decoded = decoder.decode([golden.message], [golden.time_ms])
        assert repr([one[1:] for one in samples_of(decoded)]) == repr([*golden.samples])
        assert not decoded.rejects
    assert detect(golden.message) == "prometheus-text"


@given(at=st.integers(0, 3))
def test_each_sentinel_of_dcgm_has_its_own_quality(at):
    marks = (Quality.BLANK, Quality.NOT_FOUND, Quality.NOT_SUPPORTED, Quality.NOT_PERMISSIONED)

    assert samples_of(decode(f"x {BLANK + at}"))[0][4:] == (2.0**63, marks[at])
    assert samples_of(decode(f"x +{BLANK + at}"))[0][5] == 0
    assert samples_of(decode(f"x {BLANK + 4}"))[0][5] == 0


def test_pods_that_share_a_gpu_stay_apart():
    head = 'DCGM_FI_DEV_GPU_UTIL{gpu="0",Hostname="n",pod='
    text = f'{head}"a"}} 1\n{head}"b"}} 2\n{head}"c"}} 3\n{head}"b"}} 4\n'
    shared = 'DCGM_FI_DEV_GPU_UTIL{gpu="0",hostname="n",pod='
    decoder = Prometheus()

    for _ in range(3):
        found = samples_of(decode(text, decoder=decoder))
        assert [(one[2], one[4]) for one in found] == [
            ("DCGM_FI_DEV_GPU_UTIL", 1.0),
            (f'{shared}"b"}}', 4.0),
            (f'{shared}"c"}}', 3.0),
        ]


def test_lines_of_an_asset_at_other_times_are_spans_of_their_own():
    decoder = Prometheus()
    for first, second in ((T0, T0), (T0, T0 + 1), (T0 + 2, T0 + 2)):
        spans = decode(f"a 1 {first}\nb 2 {second}\n", decoder=decoder).spans
        assert spans.time_ns.tolist() == [time * 10**6 for time in dict.fromkeys((first, second))]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x", Why.NOT_PROMETHEUS),
        ("x one", Why.NOT_PROMETHEUS),
        ("x 1_0", Why.NOT_PROMETHEUS),
        ("x 0x10", Why.NOT_PROMETHEUS),
        ("9x 1", Why.NOT_PROMETHEUS),
        ("x{a=1} 1", Why.NOT_PROMETHEUS),
        ('x{a="1" b="2"} 1', Why.NOT_PROMETHEUS),
        ('x{a="1",a="2"} 1', Why.NOT_PROMETHEUS),
        ('x{"a",b="2"} 1', Why.NOT_PROMETHEUS),
        ('{b="2"} 1', Why.NOT_PROMETHEUS),
        ("x 1 soon", Why.NOT_PROMETHEUS),
        ("x 1 -3982045", Why.BAD_TIME),
        ("x 1 99999999999999999999", Why.BAD_TIME),
        ("x 1 NaN", Why.BAD_TIME),
        ('x{a="\x01"} 1', Why.BAD_NAME),
        ('x{instance="\x7f"} 1', Why.BAD_NAME),
        (f"{'x' * 513} 1", Why.BAD_NAME),
        (f'x{{a="{"y" * 600}"}} 1', Why.BAD_NAME),
        (f'x{{a="{"y" * 9000}"}} 1', Why.TOO_LARGE),
        (b'x{a="\xff"} 1', Why.INVALID_UTF8),
    ],
)
def test_a_bad_line_is_told_of_and_the_others_are_read(text, why):
    data = text if isinstance(text, bytes) else text.encode()
    decoder = Prometheus()
    for _ in range(3):
        decoded = decode(b"a 1\n" + data + b"\nb 2\n", decoder=decoder)
        assert whys(decoded) == [why]
        assert decoded.rejects[0].detail.startswith("line 2: ")
        assert [one[2] for one in samples_of(decoded)] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ('x{a="1",} 1', 'x{a="1"}'),
        ('x { a = "1" , b="2"} 1', 'x{a="1",b="2"}'),
        ("\tx\t1\r", "x"),
        ("x{}1", "x"),
        ('x{a="}\\"{,"} 1', 'x{a="}\\"{,"}'),
        ('{"a.b",c="1"} 1', 'a.b{c="1"}'),
        ('{"a.b"} 1', "a.b"),
        ('x{"a.b"="1"} 1', 'x{a.b="1"}'),
        ('x 1 # {t="1"} 9 1.5', "x"),
    ],
)
def test_unusual_forms_are_read(text, point):
    decoder = Prometheus()
    for _ in range(2):
        assert [one[2:5] for one in samples_of(decode(text, decoder=decoder))] == [(point, NS, 1.0)]


@given(time=st.floats(1e9, 7e9))
def test_a_time_of_open_metrics_is_in_seconds_to_the_microsecond(time):
    decoder = Prometheus(SMALL)
    for _ in range(2):
        (found,) = samples_of(decode(f"x 1 {time!r}\n# EOF\n", decoder=decoder))
        assert found[3] == round(time * 1e6) * 1000


def test_ten_thousand_bad_lines_are_told_of_briefly():
    decoded = decode("x\n" * 10_000 + "y 1\n")

    assert len(decoded.rejects) < 1_100
    assert [one[2] for one in samples_of(decoded)] == ["y"]


def test_a_message_larger_than_the_memory_is_read():
    text = "".join(f'x{{a="{i}"}} {i}\n' for i in range(5_000))
    decoder = Prometheus(TINY)
    small = 'x{a="1"} 1\n'
    decoded = decode(small, text, small, decoder=decoder)

    assert decoded.spans.values.tolist() == [1.0, *map(float, range(5_000)), 1.0]
    assert facts(decode(small, decoder=decoder)) == facts(decode(small))


def test_a_million_series_leave_memory_within_its_limit():
    decoder = Prometheus(Limits(names=64, blocks=1_024, words=16_384, memory_bytes=400_000))
    for i in range(100):
        decode("".join(f'x{{a="{i}-{k}"}} 1\n' for k in range(300)), decoder=decoder)
        known = decoder._places  # noqa: SLF001 - how much is remembered shows nowhere else
        assert known.memory_bytes < 700_000
        assert known.blocks.used[0] <= 1_024


def test_long_names_and_open_braces_end_as_rejects():
    for bomb in ("a" * 1_000_000, 'x{l="' + "\\" * 8_000 + '"} 1', "a{" * 100_000, "{" * 50_000):
        decoded = decode(bomb)
        assert decoded.rejects
        assert not len(decoded.spans)


def test_the_known_text_is_read_by_the_scanner_alone():
    text = "".join(chain.from_iterable(zip(*[iter(["# HELP x y\n", "x 1.5\n"])] * 2, strict=True)))
    decoder = Prometheus()
    decode(text, decoder=decoder)
    (layout,) = decoder._places.layouts.values()  # noqa: SLF001 - as above
    decode(text.replace("1.5", "-2e3"), decoder=decoder)

    assert [*decoder._places.layouts.values()] == [layout]  # noqa: SLF001 - as above
    assert not isnan(samples_of(decode(text, decoder=decoder))[0][4])


def test_what_names_no_host_is_about_who_published_it():
    text = b'up 1\nnode_infiniband_info{device="mlx5_0"} 1\nx{instance="c:1"} 2\n'
    about = About(Source("raw", 0, "e"), [0, 1, 2], ["host-1", "", "host-2"])
    spans = Prometheus().decode([text] * 3, [1, 2, 3], about).spans
    names = [spans.assets[a] for a in spans.asset]

    of = lambda host: {host, f"{host}/mlx5_0", "c:1"}  # noqa: E731 - three times the same
    told = [{n for n, m in zip(names, spans.message, strict=True) if m == i} for i in range(3)]
    assert told == [of("host-1"), of("prometheus"), of("host-2")]
