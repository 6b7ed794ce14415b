"""Influx line protocol, as Telegraf's and InfluxDB's pages show it."""

from schemas.formats.base import Golden

_COUNTERS = {
    "port_xmit_data": 85378896588,
    "VL15_dropped": 0,
    "port_rcv_packets": 34914071,
    "port_rcv_data": 34600185253,
    "port_xmit_discards": 0,
    "link_downed": 0,
    "port_xmit_wait": 0,
    "port_xmit_packets": 82002535,
}
_FIELDS = ",".join(f"{name}={value}i" for name, value in _COUNTERS.items())
_TIME_NS = 1_737_652_060_000_000_000

GOLDEN_INFLUX: tuple[Golden, ...] = (
    Golden(
        "influxdata/telegraf (MIT), plugins/inputs/infiniband/README.md: counters of a port; "
        "port_xmit_data and port_rcv_data are words of 4 bytes",
        f"infiniband,device=mlx5_bond_0,host=hop-r640-12,port=1 {_FIELDS} {_TIME_NS}\n".encode(),
        tuple(
            ("hop-r640-12/mlx5_bond_0/p1", f"infiniband.{name}", _TIME_NS, float(value), 0)
            for name, value in _COUNTERS.items()
        ),
    ),
    Golden(
        "docs.influxdata.com, InfluxDB 1, line protocol reference: kinds of values, escapes",
        b"weather,location=us\\,midwest temperature=82 1465839830100400200\n"
        b"weather,location=us-midwest temperature=82i,humidity=71u,too_hot=true,"
        b'text="too \\"hot\\""'
        b" 1465839830100400200\n",
        (
            (
                "prometheus",
                'weather.temperature{location="us,midwest"}',
                1465839830100400200,
                82.0,
                0,
            ),
            (
                "prometheus",
                'weather.temperature{location="us-midwest"}',
                1465839830100400200,
                82.0,
                0,
            ),
            ("prometheus", 'weather.humidity{location="us-midwest"}', 1465839830100400200, 71.0, 0),
            ("prometheus", 'weather.too_hot{location="us-midwest"}', 1465839830100400200, 1.0, 0),
        ),
    ),
)
