"""Host points: node_exporter's names, OpenTelemetry's `hw.*` and `system.*`, collectd's types.

node_exporter's and OpenTelemetry's names say unit and kind by their form; collectd's are its own
identifiers (types.db gives the unit). collectd's write_kafka tells counters as rates already, but
with `StoreRates false`: so they are gauges a second here.
"""

from collections.abc import Iterator

from schemas.units.point import Point, PointKind

_COUNTER, _STATE = PointKind.COUNTER, PointKind.STATE


def _counters(unit: str, *names: str) -> Iterator[Point]:
    for name in names:
        yield Point(name=name, unit=unit, kind=_COUNTER)


def _gauges(unit: str, *names: str) -> Iterator[Point]:
    for name in names:
        yield Point(name=name, unit=unit)


_OTEL: tuple[Point, ...] = (
    Point(
        name='hw.gpu.utilization{*hw.gpu.task="decoder"*}',
        canonical="DCGM_FI_DEV_DEC_UTIL",
        unit="%",
        factor=100,
    ),
    Point(
        name='hw.gpu.utilization{*hw.gpu.task="encoder"*}',
        canonical="DCGM_FI_DEV_ENC_UTIL",
        unit="%",
        factor=100,
    ),
    Point(name="hw.gpu.utilization", canonical="DCGM_FI_DEV_GPU_UTIL", unit="%", factor=100),
    Point(name="hw.gpu.memory.usage", canonical="DCGM_FI_DEV_FB_USED", unit="By"),
    Point(name="hw.gpu.memory.limit", canonical="DCGM_FI_DEV_FB_TOTAL", unit="By"),
    Point(name="hw.gpu.memory.utilization", unit="1", low=0, high=1),
    *_counters("By", "hw.gpu.io", "hw.network.io", "system.network.io", "system.disk.io"),
    *_counters("count", "hw.errors", "hw.network.packets", "system.network.packets"),
    *_counters("count", "system.network.errors", "system.network.dropped"),
    *_counters("J", "hw.energy"),
    *_counters("s", "system.cpu.time"),
    Point(name="hw.power", canonical="Active_Power", unit="W"),
    Point(name="hw.temperature", canonical="Temperature", unit="Cel"),
    Point(name="hw.voltage", canonical="Voltage", unit="V"),
    Point(name="hw.fan.speed", canonical="Fan_Rotational_Speed", unit="rpm"),
    Point(name="hw.status", kind=_STATE),
    *_gauges("1", "system.cpu.utilization", "system.memory.utilization"),
    *_gauges("By", "system.memory.usage", "system.filesystem.usage"),
    Point(name="system.cpu.load_average.1m", canonical="node_load1", unit="1"),
    Point(name="system.cpu.load_average.5m", canonical="node_load5", unit="1"),
    Point(name="system.cpu.load_average.15m", canonical="node_load15", unit="1"),
)

_PROMETHEUS: tuple[Point, ...] = (
    *_gauges("1", "node_load1", "node_load5", "node_load15"),
    Point(name="node_hwmon_temp_celsius", unit="Cel", low=-60, high=200),
    Point(name="node_thermal_zone_temp", unit="Cel", low=-60, high=200),
    *_gauges("Hz", "node_cpu_scaling_frequency_hertz"),
    *_gauges("s", "node_boot_time_seconds", "node_time_seconds"),
    *_counters("count", "node_intr_total", "node_context_switches_total", "node_forks_total"),
    *_counters("By", "node_*_bytes_total", "*_bytes_total"),
    *_counters("s", "node_*_seconds_total", "*_seconds_total"),
    *_counters("J", "*_joules_total"),
    *_counters("count", "*_total", "node_vmstat_pg*", "node_vmstat_pswp*", "*_bucket"),
    *_gauges("By", "node_*_bytes"),
    *_gauges("Cel", "*_celsius"),
    *_gauges("W", "*_watts"),
    *_gauges("V", "*_volts"),
    *_gauges("rpm", "*_rpm"),
    *_gauges("s", "node_*_seconds"),
)

_COLLECTD: tuple[Point, ...] = (
    Point(name="*/percent-*", unit="%", low=0, high=100.1),
    *_gauges("1", "load/load/*term"),
    *_gauges("By", "memory/memory-*", "swap*/swap-*", "df-*/df_complex-*"),
    *_gauges("B/s", "*/if_octets/?x", "*/disk_octets/*"),
    *_gauges("count/s", "*/if_packets/?x", "*/if_errors/?x", "*/if_dropped/?x", "*/disk_ops/*"),
    *_gauges("count/s", "*/contextswitch", "*/fork_rate"),
    Point(name="sensors-*/temperature-*", unit="Cel", low=-273.15, high=1e3),
    Point(name="thermal-*/temperature", unit="Cel", low=-273.15, high=1e3),
    *_gauges("rpm", "sensors-*/fanspeed-*"),
    *_gauges("V", "sensors-*/voltage-*"),
    *_gauges("W", "*/power-*"),
    *_gauges("s", "uptime/uptime"),
    *_gauges("count", "users/users", "*/ps_state-*", "*/ps_count/*"),
)

HOST: tuple[Point, ...] = (*_OTEL, *_PROMETHEUS, *_COLLECTD)
