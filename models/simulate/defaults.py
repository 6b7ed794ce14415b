"""Ranges and rules that fit the simulated plant; `deploy/settings.yaml` says the same."""

from models.simulate.kinds import KINDS, Sensor
from schemas.trigger import Rule, Severity
from schemas.units import LEVEL_BITS, Point, PointKind

RATE_BITS = 16
"""Width of the level code of byte rates, which span many orders of magnitude."""

_LAST_XID = "DCGM_FI_DEV_XID_ERRORS"
_STATES = frozenset(
    (
        *("DCGM_FI_DEV_CLOCKS_EVENT_REASONS", "node_infiniband_state_id"),
        *("Breaker_Status", "Leak_Alarm"),
    )
)


def default_points() -> tuple[Point, ...]:
    """Return one declared point a name; a name of several kinds spans them all."""
    found: dict[str, Point] = {}
    for sensor in (sensor for sensors in KINDS.values() for sensor in sensors):
        known = found.get(sensor.point)
        low = min(sensor.low, known.low) if known and known.low is not None else sensor.low
        high = max(sensor.high, known.high) if known and known.high is not None else sensor.high
        bits = RATE_BITS if sensor.unit == "B/s" else LEVEL_BITS
        found[sensor.point] = Point(
            name=sensor.point, unit=sensor.unit, low=low, high=high, bits=bits, kind=_kind(sensor)
        )
    return tuple(found.values())


def _kind(sensor: Sensor) -> PointKind:
    if sensor.point in _STATES:
        return PointKind.STATE
    if sensor.point == _LAST_XID:
        return PointKind.LAST_EVENT
    return PointKind.COUNTER if sensor.counter else PointKind.GAUGE


def default_rules() -> tuple[Rule, ...]:
    """Return limits that a healthy plant keeps at every hour of the day; of counters a second."""
    return (
        Rule(
            name="gpu-hot",
            point="DCGM_FI_DEV_GPU_TEMP",
            above=85,
            clear=82,
            for_s=10,
            severity=Severity.CRITICAL,
            summary="{asset} has been over 85 Cel for 10 s ({value}): it throttles",
        ),
        Rule(
            name="gpu-xid",
            point=_LAST_XID,
            above=0,
            summary="{asset} reported XID {value}",
        ),
        Rule(
            name="nvlink-errors",
            point="DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL",
            above=0,
            summary="{asset} counts NVLink CRC errors: {value}",
        ),
        Rule(
            name="infiniband-errors",
            point="node_infiniband_symbol_error_total",
            above=0,
            summary="{asset} counts InfiniBand symbol errors: {value}",
        ),
        Rule(
            name="infiniband-down",
            point="node_infiniband_state_id",
            below=4,
            severity=Severity.CRITICAL,
            summary="{asset} is not active (state {value})",
        ),
        Rule(
            name="chilled-water-warm",
            point="Leaving_Chilled_Water_Temperature",
            asset="chiller-*",
            above=12,
            clear=10,
            for_s=30,
            severity=Severity.CRITICAL,
            summary="{asset} delivers water of {value}, over 12 for 30 s",
        ),
        Rule(
            name="ups-on-battery",
            point="On_Battery_Status",
            asset="ups-*",
            above=0.5,
            severity=Severity.CRITICAL,
            summary="{asset} runs on its battery",
        ),
        Rule(
            name="pump-vibrates",
            point="Vibration",
            asset="pump-*",
            above=4.5,
            clear=4,
            for_s=10,
            summary="{asset} vibrates with {value}",
        ),
    )
