"""Exposition text as the format's own pages show it."""

from math import inf

from schemas.formats.base import Golden
from schemas.golden.dcgm import GOLDEN_DCGM
from schemas.golden.node_exporter import GOLDEN_NODE_EXPORTER
from schemas.golden.ufm import GOLDEN_UFM_TEXT

_PAGE = "prometheus.io/docs/instrumenting/exposition_formats, text format example; CC BY 4.0"
_OPEN = "OpenMetrics 1.0, overall structure and exemplars; values of the specification"
_MS = 1_700_000_000_000
_NS = _MS * 10**6
_LINE_NS = 1_395_066_363_000 * 10**6
_MSDOS = (
    "msdos_file_access_time_seconds"
    r'{error="Cannot find file:\n\"FILE.TXT\"",path="C:\\DIR\\FILE.TXT"}'
)
_OPEN_NS = 1_520_430_000_123 * 10**6

GOLDEN_PROMETHEUS = (
    Golden(
        _PAGE,
        rb"""# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} \
1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47
""".replace(b"\\\n", b""),
        (
            ("prometheus", 'http_requests_total{code="200",method="post"}', _LINE_NS, 1027.0, 0),
            ("prometheus", 'http_requests_total{code="400",method="post"}', _LINE_NS, 3.0, 0),
            (
                "prometheus",
                _MSDOS,
                _NS,
                1_458_255_915.0,
                0,
            ),
            ("prometheus", "metric_without_timestamp_and_labels", _NS, 12.47, 0),
        ),
        time_ms=_MS,
    ),
    Golden(
        _OPEN,
        b"""# TYPE foo histogram
foo_bucket{le="0.1"} 8 # {} 0.054
foo_bucket{le="1"} 11 # {trace_id="KOO5S4vxi0o"} 0.67
foo_bucket{le="+Inf"} 17 # {trace_id="oHg5SJYRHA0"} 9.8 1520879607.789
foo_count 17 1520430000.123
foo_sum 324789.3 1520430000.123
limit +Inf
# EOF
""",
        (
            ("prometheus", 'foo_bucket{le="0.1"}', _NS, 8.0, 0),
            ("prometheus", 'foo_bucket{le="1"}', _NS, 11.0, 0),
            ("prometheus", 'foo_bucket{le="+Inf"}', _NS, 17.0, 0),
            ("prometheus", "limit", _NS, inf, 4),
            ("prometheus", "foo_count", _OPEN_NS, 17.0, 0),
            ("prometheus", "foo_sum", _OPEN_NS, 324_789.3, 0),
        ),
        time_ms=_MS,
    ),
    *GOLDEN_DCGM,
    *GOLDEN_NODE_EXPORTER,
    *GOLDEN_UFM_TEXT,
)
