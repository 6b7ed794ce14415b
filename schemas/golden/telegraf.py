"""Telegraf's JSON, as its serializer's page shows it."""

from schemas.formats.base import Golden

_ORIGIN = "influxdata/telegraf (MIT), plugins/serializers/json/README.md"
_METRIC = (
    b'{"fields":{"field_1":30,"field_2":4,"field_N":59,"n_images":660},"name":"docker",'
    b'"tags":{"host":"raynor"},"timestamp":1458229140}'
)
_NS = 1_458_229_140 * 10**9
_SAMPLES = tuple(
    ("raynor", f"docker.{field}", _NS, value, 0)
    for field, value in (
        ("field_1", 30.0),
        ("field_2", 4.0),
        ("field_N", 59.0),
        ("n_images", 660.0),
    )
)

GOLDEN_TELEGRAF: tuple[Golden, ...] = (
    Golden(f"{_ORIGIN}, standard form", _METRIC + b"\n", _SAMPLES),
    Golden(
        f"{_ORIGIN}, batch format: the same metric twice",
        b'{"metrics":[' + _METRIC + b"," + _METRIC + b"]}",
        _SAMPLES,
    ),
)
