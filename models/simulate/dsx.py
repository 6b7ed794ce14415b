"""Power and cooling as a building management system tells of them: DSX Exchange, BMS event bus 1.0.

One message a point: `BMS/v1/PUB/Value/{objectType}/{pointType}/{tagPath}`, in the schema's units.
UPS and transformers have no points of their own there: their power comes through power meters.
"""

import json
import math
from collections.abc import Iterator
from typing import NamedTuple

from models.simulate.frame import Frame

LITRES_A_MINUTE = 1000.0 / 60.0
"""In 1 m3/h."""
PUMP_RPM, FAN_RPM = 36.0, 12.0
"""Of a speed of 1 %."""
MILLI_NS = 1_000_000
_DECIMALS = 6


class Place(NamedTuple):
    """Where a point stands on the bus."""

    object_type: str
    point_type: str
    under: str = ""
    """What follows the asset in the tagPath."""
    factor: float = 1.0


_POWER = {"Active_Power": Place("PowerMeter", "ActivePower")}
PLACES: dict[str, dict[str, Place]] = {
    "utility": {
        **_POWER,
        "Voltage": Place("PowerMeter", "Voltage"),
        "Frequency": Place("PowerMeter", "Frequency"),
    },
    "transformer": {
        **_POWER,
        "Output_Voltage": Place("PowerMeter", "Voltage"),
        "Load_Current": Place("PowerMeter", "Current"),
        "Output_Frequency": Place("PowerMeter", "Frequency"),
        "Top_Oil_Temperature": Place("Sensor", "LiquidTemperature", "oil"),
    },
    "ups": {
        **_POWER,
        "Input_Voltage": Place("PowerMeter", "Voltage", "input"),
        "Output_Voltage": Place("PowerMeter", "Voltage", "output"),
        "Battery_Charge_Level": Place("UPS", "GenericPoint", "charge"),
        "On_Battery_Status": Place("UPS", "Status", "battery"),
        "Load_Level": Place("UPS", "GenericPoint", "load"),
    },
    "pdu": {
        **_POWER,
        "Input_Voltage": Place("PowerMeter", "Voltage"),
        "Load_Current": Place("PowerMeter", "Current"),
        "Breaker_Status": Place("Breaker", "Status", "breaker"),
    },
    "tower": {
        **_POWER,
        "Leaving_Condenser_Water_Temperature": Place(
            "CoolingTower", "LiquidTemperature", "leaving"
        ),
        "Entering_Condenser_Water_Temperature": Place(
            "CoolingTower", "LiquidTemperature", "entering"
        ),
        "Outside_Air_Wet_Bulb_Temperature": Place("CoolingTower", "AirTemperature", "wetBulb"),
        "Fan_Speed": Place("CoolingTower", "FanSpeed", "", FAN_RPM),
    },
    "chiller": {
        **_POWER,
        "Leaving_Chilled_Water_Temperature": Place("Chiller", "LiquidTemperature", "leaving"),
        "Entering_Chilled_Water_Temperature": Place("Chiller", "LiquidTemperature", "entering"),
        "Chilled_Water_Temperature_Setpoint": Place("Chiller", "LiquidTemperature", "setpoint"),
        "Capacity_Used": Place("Chiller", "GenericPoint", "capacityUsed"),
    },
    "pump": {
        **_POWER,
        "Pump_Speed": Place("Pump", "PumpSpeed", "", PUMP_RPM),
        "Water_Flow": Place("Pump", "LiquidFlow", "", LITRES_A_MINUTE),
        "Differential_Pressure": Place("Pump", "LiquidDifferentialPressure"),
        "Vibration": Place("Pump", "GenericPoint", "vibration"),
    },
    "cdu": {
        **_POWER,
        "Supply_Water_Temperature": Place("CDU", "LiquidTemperature", "supply"),
        "Return_Water_Temperature": Place("CDU", "LiquidTemperature", "return"),
        "Water_Flow": Place("CDU", "LiquidFlow", "", LITRES_A_MINUTE),
        "Pump_Speed": Place("CDU", "PumpSpeed", "", PUMP_RPM),
        "Differential_Pressure": Place("CDU", "LiquidDifferentialPressure"),
    },
    "rack": {
        "Inlet_Air_Temperature": Place("Sensor", "AirTemperature", "inlet"),
        "Supply_Water_Temperature": Place("Rack", "RackLiquidSupplyTemperature"),
        "Return_Water_Temperature": Place("Rack", "RackLiquidReturnTemperature"),
        "Water_Flow": Place("Rack", "RackLiquidFlow", "", LITRES_A_MINUTE),
        "Active_Power": Place("Rack", "RackPower"),
        "Breaker_Status": Place("Breaker", "Status", "breaker"),
        "Leak_Alarm": Place("Rack", "RackLeakDetect"),
    },
}
"""By kind and point."""


def dsx(kind: str, frame: Frame) -> Iterator[tuple[bytes, bytes]]:
    """Yield topic on the bus and message of each sample of an asset; a missing one has none."""
    for point, value in zip(frame.points, frame.values, strict=True):
        if not math.isnan(value):
            place = PLACES[kind][point]
            yield topic(place, frame.asset).encode(), _value(place, value, frame.time_ns)


def topic(place: Place, asset: str) -> str:
    """Return the topic of a point of an asset."""
    path = f"{asset}/{place.under}" if place.under else asset
    return f"BMS/v1/PUB/Value/{place.object_type}/{place.point_type}/{path}"


def _value(place: Place, value: float, time_ns: int) -> bytes:
    told = {
        "value": round(value * place.factor, _DECIMALS),
        "timestamp": time_ns // MILLI_NS,
        "quality": 1,
    }
    return json.dumps(told, separators=(",", ":")).encode()
