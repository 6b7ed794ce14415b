"""OTLP: the message of its own examples, as JSON and as protobuf."""

from google.protobuf import json_format
from opentelemetry.proto.metrics.v1.metrics_pb2 import MetricsData

from schemas.formats.base import Golden

_PAGE = "opentelemetry-proto (Apache-2.0), examples/metrics.json"
_NS = 1_544_712_660_300_000_000
_JSON = b"""{
  "resourceMetrics": [
    {
      "resource": {
        "attributes": [{"key": "service.name", "value": {"stringValue": "my.service"}}]
      },
      "scopeMetrics": [
        {
          "scope": {
            "name": "my.library",
            "version": "1.0.0",
            "attributes": [
              {"key": "my.scope.attribute", "value": {"stringValue": "some scope attribute"}}
            ]
          },
          "metrics": [
            {
              "name": "my.counter",
              "unit": "1",
              "description": "I am a Counter",
              "sum": {
                "aggregationTemporality": 1,
                "isMonotonic": true,
                "dataPoints": [
                  {
                    "asDouble": 5,
                    "startTimeUnixNano": "1544712660300000000",
                    "timeUnixNano": "1544712660300000000",
                    "attributes": [
                      {"key": "my.counter.attr", "value": {"stringValue": "some value"}}
                    ]
                  }
                ]
              }
            },
            {
              "name": "my.gauge",
              "unit": "1",
              "description": "I am a Gauge",
              "gauge": {
                "dataPoints": [
                  {
                    "asDouble": 10,
                    "timeUnixNano": "1544712660300000000",
                    "attributes": [
                      {"key": "my.gauge.attr", "value": {"stringValue": "some value"}}
                    ]
                  }
                ]
              }
            },
            {
              "name": "my.histogram",
              "unit": "1",
              "description": "I am a Histogram",
              "histogram": {
                "aggregationTemporality": 1,
                "dataPoints": [
                  {
                    "startTimeUnixNano": "1544712660300000000",
                    "timeUnixNano": "1544712660300000000",
                    "count": "2",
                    "sum": 2,
                    "bucketCounts": ["1", "1"],
                    "explicitBounds": [1],
                    "min": 0,
                    "max": 2,
                    "attributes": [
                      {"key": "my.histogram.attr", "value": {"stringValue": "some value"}}
                    ]
                  }
                ]
              }
            }
          ]
        }
      ]
    }
  ]
}"""
_OF_HISTOGRAM = 'my.histogram.attr="some value"'
_POINTS = (
    ('my.counter_delta{my.counter.attr="some value"}', 5.0),
    ('my.gauge{my.gauge.attr="some value"}', 10.0),
    (f"my.histogram_count_delta{{{_OF_HISTOGRAM}}}", 2.0),
    (f"my.histogram_sum_delta{{{_OF_HISTOGRAM}}}", 2.0),
    (f"my.histogram_min_delta{{{_OF_HISTOGRAM}}}", 0.0),
    (f"my.histogram_max_delta{{{_OF_HISTOGRAM}}}", 2.0),
    (f'my.histogram_bucket_delta{{le="1",{_OF_HISTOGRAM}}}', 1.0),
    (f'my.histogram_bucket_delta{{le="+Inf",{_OF_HISTOGRAM}}}', 2.0),
)
_TOLD = tuple(("my.service", point, _NS, value, 0) for point, value in _POINTS)

GOLDEN_OTLP_JSON: tuple[Golden, ...] = (Golden(_PAGE, _JSON, _TOLD),)
GOLDEN_OTLP_PROTO: tuple[Golden, ...] = (
    Golden(
        f"{_PAGE}, as protobuf",
        json_format.Parse(_JSON, MetricsData()).SerializeToString(),
        _TOLD,
    ),
)
