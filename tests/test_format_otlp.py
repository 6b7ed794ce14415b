"""OTLP metrics: the scanner against the protobuf runtime, JSON against protobuf, and the traps."""

import json
from functools import cache, partial
from itertools import accumulate
from math import inf, isnan, nan

import numpy as np
import pytest
from google.protobuf.json_format import MessageToDict, MessageToJson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.metrics import Observation
from opentelemetry.proto.metrics.v1.metrics_pb2 import MetricsData
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource

from schemas.formats import detect
from schemas.formats.otlp import loose
from schemas.formats.otlp.arrays import Arrays
from schemas.formats.otlp.known import Limits
from schemas.formats.otlp.points import PATIENCE
from schemas.formats.otlp.proto import OtlpProto, general
from schemas.formats.otlp.text import OtlpJson
from schemas.golden import GOLDEN
from schemas.telemetry import Decoded, Quality, SpansBuilder, Why

NS = 1_700_000_000 * 10**9
T0_MS = 1_600_000_000_000
CUMULATIVE, DELTA = 2, 1
LOST = Quality.STALE | Quality.MISSING


@cache
def proto():
    return OtlpProto()


@cache
def text():
    return OtlpJson()


def attribute(owner, key, value):
    one = owner.attributes.add(key=key)
    kind = {str: "string_value", bool: "bool_value", int: "int_value", float: "double_value"}
    setattr(one.value, kind[type(value)], value)


def message(*metrics, **resource):
    """Make a message of one resource; a metric is a function that fills one in."""
    data = MetricsData()
    one = data.resource_metrics.add()
    for key, value in resource.items():
        attribute(one.resource, key.replace("_", "."), value)
    scope = one.scope_metrics.add()
    for fill in metrics:
        fill(scope.metrics.add())
    return data


def gauge(name, value, time_ns=NS, flags=0, **attributes):
    return lambda metric: filled(metric, "gauge", name, value, (time_ns, flags, attributes))


def total(name, value, temporality=CUMULATIVE, monotonic=True, **attributes):
    def fill(metric):
        metric.sum.aggregation_temporality = temporality
        metric.sum.is_monotonic = monotonic
        filled(metric, "sum", name, value, (NS, 0, attributes))

    return fill


def filled(metric, kind, name, value, rest):
    metric.name = name
    time_ns, flags, attributes = rest
    point = getattr(metric, kind).data_points.add(time_unix_nano=time_ns, flags=flags)
    if value is not None:
        setattr(point, "as_int" if isinstance(value, int) else "as_double", value)
    for key, one in attributes.items():
        attribute(point, key.replace("_", "."), one)


def histogram(name, bounds, counts, temporality=CUMULATIVE, flags=0):
    def fill(metric):
        metric.name = name
        metric.histogram.aggregation_temporality = temporality
        metric.histogram.data_points.add(
            time_unix_nano=NS,
            count=sum(counts),
            sum=12.5,
            explicit_bounds=bounds,
            bucket_counts=counts,
            flags=flags,
        )

    return fill


def told(decoded):
    """List (asset, point, time, value, quality)."""
    spans = decoded.spans
    return [
        (
            spans.assets[spans.asset[i]],
            point,
            int(spans.time_ns[i]),
            float(spans.values[spans.start[i] + k]),
            int(spans.quality[spans.start[i] + k]),
        )
        for i in range(len(spans))
        for k, point in enumerate(spans.shapes[spans.shape[i]])
    ]


def points(data):
    """Decode a message by both formats; return its values by point."""
    by_proto = proto().decode([data.SerializeToString()], [T0_MS])
    by_json = text().decode([MessageToJson(data).encode()], [T0_MS])
    assert exactly(by_proto) == exactly(by_json)
    assert not by_proto.rejects
    return {point: value for _, point, _, value, _ in told(by_proto)}


def exactly(decoded):
    """Return all of an answer, to the bit; of NaN any."""
    spans = decoded.spans
    values = np.where(np.isnan(spans.values), nan, spans.values)
    arrays = (spans.message, spans.asset, spans.shape, spans.time_ns, spans.start, spans.quality)
    return (
        list(spans.assets),
        list(spans.shapes),
        [array.tolist() for array in arrays],
        values.tobytes(),
        [(one.message, one.why, one.detail) for one in decoded.rejects],
    )


def by_runtime(batch):
    """Decode by the protobuf runtime alone."""
    spans, rejects = SpansBuilder(), []
    for i, data in enumerate(batch):
        rejects += general(i, data, T0_MS, spans)
    return Decoded.of(spans, rejects)


names = st.sampled_from(["a", "hw.gpu.io", "b_total", "système", "", "c" * 600])
attributes = st.dictionaries(
    st.sampled_from(["hw.id", "gpu", "host.name", "hostname", "instance", "k", "hw.type"]),
    st.sampled_from(["", "0", "GPU-1", "node-1", 'q"', True, 7, 0.5]),
    max_size=3,
)
times = st.sampled_from([NS, NS, NS + 1, 0, 2**64 - 1])
values = st.one_of(
    st.none(),
    st.floats(),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([2**53 + 1, -0.0, 5e-324]),
)


@st.composite
def metrics(draw):
    """Fill a metric of any kind with data points."""
    name, kind = draw(names), draw(st.sampled_from(["gauge", "gauge", "sum", "histogram", "none"]))
    rows = draw(st.lists(st.tuples(values, times, st.sampled_from([0, 0, 1, 2]), attributes)))
    mode = draw(st.tuples(st.integers(0, 2), st.booleans()))
    bounds = draw(st.sampled_from([[], [1.0], [0.5, 1.0]]))

    def fill(metric):
        if kind in {"sum", "gauge"}:
            for value, *rest in rows:
                filled(metric, kind, name, value, rest)
        if kind == "sum":
            metric.sum.aggregation_temporality, metric.sum.is_monotonic = mode
        if kind == "histogram":
            histogram(name, bounds, [1] * draw(st.integers(0, 3)), mode[0])(metric)
        if draw(st.booleans()):
            metric.unit = "1"
            metric.metadata.add(key="prometheus.type")

    return fill


@st.composite
def messages(draw):
    """Make any message: several resources, scopes and metrics, as encoders write them."""
    data = MetricsData()
    for resource in draw(st.lists(attributes, max_size=3)):
        one = data.resource_metrics.add(schema_url=draw(st.sampled_from(["", "https://x"])))
        for key, value in resource.items():
            attribute(one.resource, key, value)
        for _ in range(draw(st.integers(0, 2))):
            scope = one.scope_metrics.add()
            scope.scope.name = draw(st.sampled_from(["", "library"]))
            for fill in draw(st.lists(metrics(), max_size=3)):
                fill(scope.metrics.add())
    return data


batches = st.lists(messages(), min_size=1, max_size=4)
quiet = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quiet
@given(batch=batches)
def test_the_scanner_answers_as_the_protobuf_runtime_does(batch):
    batch = [data.SerializeToString() for data in batch]
    expected = exactly(by_runtime(batch))

    assert exactly(OtlpProto().decode(batch, [T0_MS] * len(batch))) == expected
    assert exactly(proto().decode(batch, [T0_MS] * len(batch))) == expected
    assert exactly(proto().decode(batch, [T0_MS] * len(batch))) == expected


@quiet
@given(batch=batches, data=st.data())
def test_no_mutation_of_a_message_raises_or_is_read_otherwise_than_by_the_runtime(batch, data):
    batch = [one.SerializeToString() for one in batch]
    proto().decode(batch, [T0_MS] * len(batch))
    batch = [data.draw(mutations(one)) for one in batch]

    found = proto().decode(batch, [T0_MS] * len(batch))

    assert exactly(found) == exactly(by_runtime(batch))


@st.composite
def mutations(draw, data):
    """Change, drop, repeat or move a few bytes."""
    for _ in range(draw(st.integers(1, 3))):
        at, stop = sorted(draw(st.tuples(*[st.integers(0, len(data))] * 2)))
        new = draw(st.one_of(st.binary(max_size=4), st.just(data[at:stop] * 2), st.just(b"\xff")))
        data = data[:at] + new + data[draw(st.sampled_from([at, stop, at + 1])) :]
    return data


@given(data=st.binary(max_size=60), which=st.sampled_from([OtlpProto, OtlpJson]))
def test_any_bytes_give_spans_or_rejects(data, which):
    decoded = which().decode([data], [T0_MS])

    assert len(decoded.spans) or decoded.rejects


@quiet
@given(batch=batches, cut=st.integers(0, 4))
def test_a_batch_decodes_the_same_however_it_is_split(batch, cut):
    batch = [data.SerializeToString() for data in batch]
    whole = told(OtlpProto().decode(batch, [T0_MS] * len(batch)))
    parts = [batch[:cut], batch[cut:]]
    split = [told(proto().decode(part, [T0_MS] * len(part))) for part in parts]

    assert repr(split[0] + split[1]) == repr(whole)


@quiet
@given(batch=batches, snake=st.booleans())
def test_json_says_what_protobuf_says(batch, snake):
    written = partial(MessageToJson, preserving_proto_field_name=snake)
    as_json = [written(data).encode() for data in batch]
    found = text().decode(as_json, [T0_MS] * len(batch))

    assert repr(told(found)) == repr(told(by_runtime([data.SerializeToString() for data in batch])))


@quiet
@given(data=messages(), which=st.randoms(use_true_random=False))
def test_json_is_read_whatever_the_spelling_of_each_key(data, which):
    def respelt(one):
        if isinstance(one, list):
            return [respelt(item) for item in one]
        if not isinstance(one, dict):
            return one
        return {which.choice([key, snake(key)]): respelt(item) for key, item in one.items()}

    found = text().decode([json.dumps(respelt(MessageToDict(data))).encode()], [T0_MS])

    assert repr(told(found)) == repr(told(by_runtime([data.SerializeToString()])))


def snake(key):
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in key)


@given(
    table=st.dictionaries(
        st.sampled_from(["node-1", "node-2"]),
        st.dictionaries(st.sampled_from(["p", "q"]), st.floats(allow_nan=False), min_size=1),
        min_size=1,
    )
)
def test_what_is_encoded_is_what_is_decoded(table):
    data = MetricsData()
    for host, row in table.items():
        data.MergeFrom(message(*(gauge(p, v) for p, v in row.items()), host_name=host))

    found = told(proto().decode([data.SerializeToString()]))

    assert {(a, p): (t, v) for a, p, t, v, _ in found} == {
        (a, p): (NS, v) for a, row in table.items() for p, v in row.items()
    }


@given(order=st.permutations(["hw.id", "hw.type", "hw.name", "hw.parent", "hw.gpu.task"]))
def test_an_asset_is_the_same_whatever_the_order_of_attributes(order):
    texts = {"hw.id": "GPU-7", "hw.type": "gpu", "hw.name": "x", "hw.parent": "y"}
    data = message(gauge("hw.gpu.utilization", 0.5), host_name="node-1", service_name="s")
    (point,) = data.resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points
    for key in order:
        attribute(point, key, texts.get(key, "general"))

    ((asset, name, *_),) = told(proto().decode([data.SerializeToString()]))

    assert (asset, name) == ("node-1/GPU-7", 'hw.gpu.utilization{hw.gpu.task="general"}')


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ({}, "otlp"),
        ({"host.name": "node-1", "os.type": "linux"}, "node-1"),
        ({"host.name": "node-1", "service.name": "train"}, "node-1/train"),
        ({"host.name": "n", "service.name": "s", "service.instance.id": "7"}, "n/7"),
        ({"service.instance.id": "node-2:9100", "service.name": "node"}, "node-2:9100"),
        ({"host.name": "node-2", "service.instance.id": "node-2:9100"}, "node-2:9100"),
        (
            {"k8s.node.name": "n", "k8s.namespace.name": "ai", "k8s.pod.name": "p-0"},
            "n/ai/p-0",
        ),
        ({"k8s.namespace.name": "ai", "k8s.deployment.name": "d"}, "ai/d"),
        ({"host.name": "n", "process.executable.name": "x", "process.pid": 7}, "n/x/7"),
        ({"service.name": "unknown_service:python"}, "unknown_service:python"),
    ],
)
def test_a_resource_names_its_asset_from_the_outside_to_the_inside(resource, expected):
    data = message(gauge("p", 1.0))
    for key, value in reversed(resource.items()):
        attribute(data.resource_metrics[0].resource, key, value)

    ((asset, point, *_),) = told(proto().decode([data.SerializeToString()]))

    assert (asset, point) == (expected, "p")


def test_a_scraped_dcgm_exporter_means_what_it_means_in_prometheus_text():
    labels = {"gpu": "3", "UUID": "GPU-1", "hostname": "node-1", "modelName": "H200"}
    data = message(gauge("DCGM_FI_DEV_GPU_TEMP", 41.0, **labels), service_instance_id="x:9400")

    ((asset, point, *_),) = told(proto().decode([data.SerializeToString()]))

    assert (asset, point) == ("node-1/gpu3", "DCGM_FI_DEV_GPU_TEMP")


def test_a_gpu_whose_hw_id_is_its_index_is_the_one_that_dcgm_names():
    data = message(gauge("hw.gpu.utilization", 0.5, hw_id="3"), host_name="node-1")

    ((asset, *_),) = told(proto().decode([data.SerializeToString()]))

    assert asset == "node-1/gpu3"


def test_only_a_cumulative_monotonic_sum_is_named_as_a_counter():
    found = points(
        message(
            total("a", 1),
            total("b_total", 2),
            total("c_total", 3, DELTA),
            total("d", 4, monotonic=False),
            total("e", 5, temporality=0),
            gauge("f", 6),
        )
    )

    assert found == {"a_total": 1, "b_total": 2, "c_total_delta": 3, "d": 4, "e": 5, "f": 6}


@given(
    counts=st.lists(st.integers(0, 2**40), min_size=1, max_size=12),
    delta=st.booleans(),
)
def test_buckets_are_cumulative_and_bounded_as_in_prometheus(counts, delta):
    bounds = [0.25 * 2**i for i in range(len(counts) - 1)]
    found = points(message(histogram("h", bounds, counts, DELTA if delta else CUMULATIVE)))
    behind = "_delta" if delta else ""
    les = [*(repr(b).removesuffix(".0") for b in bounds), "+Inf"]

    assert found == {
        f"h_count{behind}": sum(counts),
        f"h_sum{behind}": 12.5,
    } | {
        f'h_bucket{behind}{{le="{le}"}}': count
        for le, count in zip(les, accumulate(counts), strict=True)
    }


@given(scale=st.integers(-2, 8), offset=st.integers(-40, 40))
def test_bounds_of_exponential_buckets_are_the_same_at_a_coarser_scale(scale, offset):
    def at(scale, offset):
        def fill(metric):
            metric.name = "h"
            metric.exponential_histogram.aggregation_temporality = CUMULATIVE
            point = metric.exponential_histogram.data_points.add(time_unix_nano=NS, count=9)
            point.scale = scale
            point.zero_count = 2
            point.positive.offset = offset
            point.positive.bucket_counts.extend([3])
            point.negative.offset = offset
            point.negative.bucket_counts.extend([4])

        return {name for name in points(message(fill)) if "bucket" in name}

    coarse, fine = at(scale, offset), at(scale + 1, 2 * offset + 1)

    assert len(coarse) == len(fine) == 4
    assert len(coarse & fine) == 3  # the upper bound of the negative bucket is another


def test_a_summary_gives_count_sum_and_quantiles():
    def fill(metric):
        metric.name = "s"
        point = metric.summary.data_points.add(time_unix_nano=NS, count=3, sum=1.5)
        point.quantile_values.add(quantile=0.99, value=0.75)

    assert points(message(fill)) == {"s_count": 3, "s_sum": 1.5, 's{quantile="0.99"}': 0.75}


def test_no_recorded_value_is_stale_and_missing():
    data = message(gauge("a", 1.5, flags=1), gauge("b", None), gauge("c", 2.5, flags=2))
    data.MergeFrom(message(histogram("h", [1.0], [0, 0], flags=1)))

    for decoded in (
        proto().decode([data.SerializeToString()]),
        text().decode([MessageToJson(data).encode()]),
    ):
        marks = {point: (value, mark) for _, point, _, value, mark in told(decoded)}
        assert isnan(marks["a"][0])
        assert marks["a"][1] == marks["h_count"][1] == marks['h_bucket{le="1"}'][1] == LOST
        assert marks["b"][1] == Quality.MISSING
        assert marks["c"] == (2.5, Quality.GOOD)


def test_integers_come_as_text_or_number_and_beyond_2_to_the_53():
    largest = 9_223_372_036_854_775_794  # as DCGM prints NOT_SUPPORTED
    for written in (f'"{largest}"', f"{largest}"):
        data = json_of(f'{{"asInt":{written},"timeUnixNano":"{NS}"}}')
        assert told(text().decode([data])) == [("otlp", "p", NS, float(largest), 0)]


def json_of(*points):
    metric = f'{{"name":"p","gauge":{{"dataPoints":[{",".join(points)}]}}}}'
    return f'{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{metric}]}}]}}]}}'.encode()


@pytest.mark.parametrize(
    ("written", "value", "mark"),
    [
        ('"NaN"', nan, Quality.NOT_A_NUMBER),
        ("NaN", nan, Quality.NOT_A_NUMBER),
        ('"-Infinity"', -inf, Quality.INFINITE),
        ("Infinity", inf, Quality.INFINITE),
        ('"1.5"', 1.5, Quality.GOOD),
        ("1e3", 1000.0, Quality.GOOD),
        ("null", nan, Quality.MISSING),
    ],
)
def test_json_values_are_read_in_all_their_spellings(written, value, mark):
    for name in ("asDouble", "as_double"):
        data = json_of(f'{{"{name}":{written},"timeUnixNano":{NS}}}')
        ((*_, found, quality),) = told(text().decode([data]))
        assert (repr(found), quality) == (repr(value), mark)


def test_a_bad_data_point_spoils_no_other_in_json():
    good, bad = f'{{"asDouble":1.5,"timeUnixNano":"{NS}"}}', '{"asDouble":"x"}'
    late = '{"asDouble":2.5,"timeUnixNano":"99999999999999999999"}'

    found = text().decode([json_of(bad, good, late, "7")])

    assert told(found) == [("otlp", "p", NS, 1.5, 0)]
    assert [one.why for one in found.rejects] == [Why.WRONG_TYPE] * 3


def test_a_data_point_without_time_takes_the_messages_time_or_is_rejected():
    data = message(gauge("a", 1.5, time_ns=0), gauge("b", 2.5)).SerializeToString()

    assert told(proto().decode([data], [T0_MS]))[0][2] == T0_MS * 10**6
    assert [one.why for one in proto().decode([data]).rejects] == [Why.BAD_TIME]
    assert [point for _, point, *_ in told(proto().decode([data]))] == ["b"]


def test_of_two_samples_of_one_point_in_a_message_both_are_kept():
    data = message(
        gauge("DCGM_FI_DEV_GPU_TEMP", 1.0, gpu="0", hostname="n", pod="a"),
        gauge("DCGM_FI_DEV_GPU_TEMP", 2.0, gpu="0", hostname="n", pod="b"),
    )

    assert sorted(points(data).values()) == [1.0, 2.0]


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x0a\x05\x12",
        b"\x0b\x0b\x0b",
        b"\x0a\x7f" + b"\x12" * 10,
        b"\x0a" * 200,
        b"\x00",
    ],
    ids=["endless varint", "beyond the end", "groups", "lengths", "nesting", "field 0"],
)
def test_what_is_no_protobuf_is_rejected(data):
    assert [one.why for one in proto().decode([data]).rejects] == [Why.NOT_PROTOBUF]


def test_attributes_nested_too_deeply_are_rejected_in_both_forms():
    data = message(gauge("a", 1.0))
    (point,) = data.resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points
    value = point.attributes.add(key="k").value
    for _ in range(150):
        value = value.array_value.values.add()
    deep = '[{"key":"k","value":' + '{"arrayValue":{"values":[' * 5000 + "]}}" * 5000 + "}]"
    deep = json_of(f'{{"asDouble":1,"attributes":{deep}}}')

    assert [one.why for one in proto().decode([data.SerializeToString()]).rejects] == [
        Why.NOT_PROTOBUF
    ]
    assert text().decode([deep]).rejects[0].why in {Why.NOT_JSON, Why.WRONG_TYPE}


def test_more_buckets_than_any_histogram_has_are_rejected_alone():
    data = message(gauge("a", 1.0), histogram("h", [float(i) for i in range(3000)], [0] * 3001))

    found = proto().decode([data.SerializeToString()])

    assert [one.why for one in found.rejects] == [Why.TOO_LARGE]
    assert [point for _, point, *_ in told(found)] == ["a"]


@pytest.mark.parametrize("size", [1_000_000])
def test_a_message_of_a_million_wrong_parts_is_left_soon(size):
    data = message(lambda metric: metric.gauge.SetInParent())
    (metric,) = data.resource_metrics[0].scope_metrics[0].metrics
    metric.gauge.MergeFromString(b"\x0a\x00" * size)
    as_json = json_of(*["{}"] * size)

    for decoded in (
        proto().decode([data.SerializeToString()], [T0_MS]),
        text().decode([as_json], [T0_MS]),
        text().decode([json_of(*["7"] * size)]),
    ):
        assert decoded.rejects[-1].why is Why.TOO_LARGE
        assert len(decoded.rejects) <= PATIENCE + 2


def many(size, description="", **resource):
    data = message(gauge("a", 1.0), **resource)
    (metric,) = data.resource_metrics[0].scope_metrics[0].metrics
    metric.description = description
    for i in range(size):
        attribute(metric.gauge.data_points.add(time_unix_nano=NS, as_double=1.0), "k", i)
    return data


@pytest.mark.parametrize(
    "resource",
    [
        {"host_name": "h" * 400_000},
        {"x": "h" * 400_000},
        {"h" * 400_000: "x"},
        {f"x{i}": "h" for i in range(20_000)},
    ],
    ids=["asset", "value", "key", "keys"],
)
def test_what_a_resource_says_at_length_is_refused_as_the_runtime_would(resource):
    data = many(5_000, **resource).SerializeToString()
    decoded = proto().decode([data])

    assert {one.why for one in decoded.rejects} == {Why.BAD_NAME, Why.TOO_LARGE}
    assert exactly(decoded) == exactly(by_runtime([data]))


def test_what_a_metric_says_at_length_and_names_nothing_is_no_harm():
    data, decoder = many(20_000, "d" * 2_000_000).SerializeToString(), OtlpProto()
    decoded = decoder.decode([data])

    assert not decoded.rejects


def test_what_is_long_and_names_nothing_does_no_harm():
    long = "x" * 100_000
    data = message(gauge("a", 1.0, hw_id="0", hw_model=long), host_name="n", host_note=long)

    assert [asset for asset, *_ in told(proto().decode([data.SerializeToString()]))] == ["n/0"]
    assert points(data) == {"a": 1.0}


def test_texts_and_triples_are_looked_up_each_in_their_own_index():
    known = Arrays().known

    assert not np.shares_memory(known.text_index, known.triple_index)


def test_memory_is_bounded_and_forgetting_changes_nothing():
    small = OtlpProto(Limits(memory_bytes=4096))
    for i in range(64):
        batch = [message(gauge(f"p{i}", 1.0, k=f"{j}")).SerializeToString() for j in range(8)]
        assert exactly(small.decode(batch)) == exactly(by_runtime(batch))

    assert small.remembers < 64 * 8


def test_an_unknown_field_is_skipped():
    data = message(gauge("a", 1.5)).SerializeToString()
    beyond = data + b"\xfa\x3f\x03abc"

    assert told(proto().decode([beyond])) == told(proto().decode([data]))


def test_gauges_and_sums_as_encoders_write_them_need_no_slow_reader(monkeypatch):
    data = message(gauge("a", 1.5, k="v"), gauge("b", 2, flags=1), total("c", 3), host_name="n")
    data.MergeFrom(message(total("d", -3, monotonic=False), service_name="s"))
    monkeypatch.setattr(loose, "read", None)
    monkeypatch.setattr("schemas.formats.otlp.proto.general", None)

    assert len(points(data)) == 4


@pytest.mark.parametrize("name", ["otlp-json", "otlp-proto"])
def test_golden_messages_decode_as_documented_and_are_detected(name):
    decoder = {"otlp-json": text, "otlp-proto": proto}[name]()
    for golden in GOLDEN[name]:
        assert told(decoder.decode([golden.message])) == list(golden.samples)
        assert detect(golden.message) == name


def test_no_other_formats_golden_message_is_taken_for_otlp():
    for name, goldens in GOLDEN.items():
        for golden in goldens:
            if not name.startswith("otlp"):
                assert not proto().looks_like(golden.message)
                assert not text().looks_like(golden.message)


def measured():
    """Measure with OpenTelemetry's SDK; return what its own encoder makes of it."""
    reader = InMemoryMetricReader()
    exponential = View(
        instrument_name="exponential", aggregation=ExponentialBucketHistogramAggregation()
    )
    resource = Resource.create({"host.name": "node-1", "service.instance.id": "7"})
    provider = MeterProvider([reader], resource=resource, views=[exponential])
    meter = provider.get_meter("test")
    counter = meter.create_counter("requests", unit="1")
    lag = meter.create_histogram("lag", unit="s", explicit_bucket_boundaries_advisory=[0.1, 1.0])
    sizes = meter.create_histogram("exponential")
    observed = [Observation(0.5, {"hw.id": "GPU-1", "hw.type": "gpu"})]
    meter.create_observable_gauge("hw.gpu.utilization", [lambda _: observed])
    meter.create_up_down_counter("queue").add(-3)
    for i in range(4):
        counter.add(2, {"route": "/"})
        lag.record(0.05 * 4**i)
        sizes.record(2.0**i)
    encoded = encode_metrics(reader.get_metrics_data())
    provider.shutdown()
    return encoded


def test_what_the_sdk_measured_and_its_encoder_wrote_is_read():
    encoded = measured()
    found = proto().decode([encoded.SerializeToString()])
    values = {(asset, point): value for asset, point, _, value, _ in told(found)}

    assert not found.rejects
    assert values["node-1/7", 'requests_total{route="/"}'] == 8
    assert values["node-1/7", "queue"] == -3
    assert values["node-1/GPU-1", "hw.gpu.utilization"] == 0.5
    assert values["node-1/7", "lag_count"] == 4
    assert [values["node-1/7", f'lag_bucket{{le="{le}"}}'] for le in ("0.1", "1", "+Inf")] == [
        1,
        3,
        4,
    ]
    assert values["node-1/7", "exponential_count"] == 4
    assert values["node-1/7", 'exponential_bucket{le="+Inf"}'] == 4
    assert told(text().decode([json.dumps(MessageToDict(encoded)).encode()])) == told(found)
    assert detect(encoded.SerializeToString()) == "otlp-proto"


def test_data_that_is_text_is_rejected_and_the_next_metric_is_read():
    points = '{"dataPoints":[{"asDouble":1,"timeUnixNano":"5"}]}'
    metrics = f'[{{"name":"a","sum":"none"}},{{"name":"b","gauge":{points}}}]'
    text = f'{{"resourceMetrics":[{{"resource":{{}},"scopeMetrics":[{{"metrics":{metrics}}}]}}]}}'
    decoded = OtlpJson().decode([text.encode()])

    assert [one.why for one in decoded.rejects] == [Why.WRONG_TYPE]
    assert decoded.spans.values.tolist() == [1.0]
