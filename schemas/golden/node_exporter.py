"""node_exporter: lines of its InfiniBand collector."""

from schemas.formats.base import Golden

_FORM = "form of prometheus/node_exporter collector/fixtures/e2e-output.txt; Apache-2.0"
_SCRAPED = "the same as Prometheus' /federate gives it, with the target's labels and time"
_MS = 1_700_000_000_000
_NS = _MS * 10**6
_RECEIVED = "node_infiniband_port_data_received_bytes_total"
_RATE = "node_infiniband_rate_bytes_per_second"

GOLDEN_NODE_EXPORTER = (
    Golden(
        _FORM,
        b"""# HELP node_infiniband_port_data_received_bytes_total Data octets received on all links
# TYPE node_infiniband_port_data_received_bytes_total counter
node_infiniband_port_data_received_bytes_total{device="mlx4_0",port="1"} 1.8527668e+07
node_infiniband_port_data_received_bytes_total{device="mlx4_0",port="2"} 1.8527668e+07
# HELP node_infiniband_rate_bytes_per_second Maximum signal transfer rate
# TYPE node_infiniband_rate_bytes_per_second gauge
node_infiniband_rate_bytes_per_second{device="mlx4_0",port="1"} 5e+09
# HELP node_load1 1m load average.
# TYPE node_load1 gauge
node_load1 0.21
""",
        (
            ("prometheus/mlx4_0/p1", _RECEIVED, _NS, 18_527_668.0, 0),
            ("prometheus/mlx4_0/p1", _RATE, _NS, 5e9, 0),
            ("prometheus/mlx4_0/p2", _RECEIVED, _NS, 18_527_668.0, 0),
            ("prometheus", "node_load1", _NS, 0.21, 0),
        ),
        time_ms=_MS,
    ),
    Golden(
        _SCRAPED,
        b"""# TYPE node_infiniband_port_data_received_bytes_total untyped
node_infiniband_port_data_received_bytes_total{device="mlx5_0",instance="node-1:9100",\
job="node",port="1"} 1.8527668e+07 1700000000000
""",
        (("node-1/mlx5_0/p1", f'{_RECEIVED}{{job="node"}}', _NS, 18_527_668.0, 0),),
    ),
)
