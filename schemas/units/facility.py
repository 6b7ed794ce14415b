"""Facility points: Brick classes without their `_Sensor`, in W, J, Pa, Cel, V, A, Hz, % and L/min.

Liquid flows stay in L/min, the unit of both published schemas (DSX, Redfish); air flows are m3/h.
`Supply_` and `Return_` are of the loop, as both schemas say it (Brick since 1.3 says `Leaving_` and
`Entering_`, which depends on the end). Sources: DSX Exchange BMS schema, whose units are enforced
for racks and suggestions elsewhere; Redfish ThermalEquipment and the OCP CDU profile 1.0.
"""

from collections.abc import Iterator

from schemas.units.point import Point, PointKind

KILO = 1e3
KILOWATT_HOUR = 3.6e6
"""In J."""
CUBIC_FOOT_A_MINUTE = 1.69901079552
"""In m3/h: 0.3048 ** 3 * 60."""

_UNITS: dict[str, tuple[str, ...]] = {
    "Cel": (
        *("Supply_Water_Temperature", "Return_Water_Temperature", "Water_Temperature"),
        *("Water_Differential_Temperature", "Air_Temperature", "Temperature"),
    ),
    "Pa": (
        *("Water_Differential_Pressure", "Water_Differential_Pressure_Setpoint"),
        *("Supply_Water_Pressure", "Return_Water_Pressure", "Water_Pressure", "Air_Pressure"),
    ),
    "L/min": ("Water_Flow", "Rated_Water_Flow"),
    "m3/h": ("Air_Flow",),
    "W": ("Active_Power", "Thermal_Power"),
    "VA": ("Apparent_Power",),
    "V": ("Voltage",),
    "A": ("Current", "Current_Limit", "Phase_Current"),
    "Hz": ("Frequency",),
    "1": ("Power_Factor",),
    "%": (
        *("Valve_Position", "Damper_Position", "Relative_Humidity"),
        *("Pump_Speed_Percent", "Fluid_Level"),
    ),
    "rpm": ("Pump_Rotational_Speed", "Fan_Rotational_Speed"),
}
_RANGES: dict[str, tuple[float, float]] = {
    "Cel": (-60, 200),
    "Hz": (0, 500),
    "1": (-1, 1),
    "%": (0, 100),
}
"""By unit; others may be anything."""

_STATES = (
    *("Leak_Alarm", "Leak_Sensor_Failure_Alarm", "Tray_Leak_Alarm"),
    *("Leak_Detector_State", "Status", "Availability_Status"),
)

_DSX: dict[str, str | tuple[str, float]] = {
    "RackLiquidSupplyTemperature": "Supply_Water_Temperature",
    "RackLiquidReturnTemperature": "Return_Water_Temperature",
    "RackLiquidFlow": "Water_Flow",
    "RackLiquidDifferentialPressure": ("Water_Differential_Pressure", KILO),
    "RackLiquidDifferentialPressureSp": ("Water_Differential_Pressure_Setpoint", KILO),
    "RackControlValvePosition": "Valve_Position",
    "RackPower": ("Active_Power", KILO),
    "RackLeakDetect": "Leak_Alarm",
    "RackLeakSensorFault": "Leak_Sensor_Failure_Alarm",
    "RackLeakDetectTray": "Tray_Leak_Alarm",
    "PowerFactor": "Power_Factor",
    "ApparentPower": ("Apparent_Power", KILO),
    "ActivePower": ("Active_Power", KILO),
    "CurrentLimit": "Current_Limit",
    "PhaseCurrent": "Phase_Current",
    "LiquidTemperature": "Water_Temperature",
    "LiquidDifferentialPressure": ("Water_Differential_Pressure", KILO),
    "LiquidFlow": "Water_Flow",
    "LiquidPressure": ("Water_Pressure", KILO),
    "AirTemperature": "Air_Temperature",
    "AirFlow": ("Air_Flow", CUBIC_FOOT_A_MINUTE),
    "AirPressure": "Air_Pressure",
    "AirRelativeHumidity": "Relative_Humidity",
    "ValvePosition": "Valve_Position",
    "PumpSpeed": "Pump_Rotational_Speed",
    "FanSpeed": "Fan_Rotational_Speed",
    "DamperPosition": "Damper_Position",
    "LeakDetect": "Leak_Alarm",
    "Available": "Availability_Status",
}

_REDFISH: dict[str, str | tuple[str, float]] = {
    "FlowLitersPerMinute": "Water_Flow",
    "RatedFlowLitersPerMinute": "Rated_Water_Flow",
    "SupplyTemperatureCelsius": "Supply_Water_Temperature",
    "ReturnTemperatureCelsius": "Return_Water_Temperature",
    "DeltaTemperatureCelsius": "Water_Differential_Temperature",
    "SupplyPressurekPa": ("Supply_Water_Pressure", KILO),
    "ReturnPressurekPa": ("Return_Water_Pressure", KILO),
    "DeltaPressurekPa": ("Water_Differential_Pressure", KILO),
    "HeatRemovedkW": ("Thermal_Power", KILO),
    "PumpSpeedPercent": "Pump_Speed_Percent",
    "FluidLevelPercent": "Fluid_Level",
    "DetectorState": "Leak_Detector_State",
    "PowerWatts": "Active_Power",
    "PowerConsumedWatts": "Active_Power",
    "EnergykWh": ("Active_Energy", KILOWATT_HOUR),
    "HumidityPercent": "Relative_Humidity",
    "TemperatureCelsius": "Temperature",
    "redfish_thermal_temperatures_reading_celsius": "Temperature",
    "redfish_thermal_fans_reading_rpm": "Fan_Rotational_Speed",
    "redfish_power_powercontrol_power_consumed_watts": "Active_Power",
}


def _canonical() -> Iterator[Point]:
    for unit, names in _UNITS.items():
        low, high = _RANGES.get(unit, (None, None))
        for name in names:
            yield Point(name=name, unit=unit, low=low, high=high)
    for name in _STATES:
        yield Point(name=name, kind=PointKind.STATE)
    yield Point(name="Active_Energy", unit="J", kind=PointKind.COUNTER)


def _senders(table: dict[str, str | tuple[str, float]]) -> Iterator[Point]:
    units = {point.name: point.unit for point in _canonical()}
    for sender, target in table.items():
        name, factor = target if isinstance(target, tuple) else (target, 1.0)
        yield Point(name=sender, canonical=name, unit=units[name], factor=factor)


FACILITY: tuple[Point, ...] = (
    *_canonical(),
    *_senders(_DSX),
    *_senders(_REDFISH),
    # Whole families, in the units of the sender
    Point(name="*/Status/State", kind=PointKind.STATE),
    Point(name="*/Status/Health", kind=PointKind.STATE),
    Point(name="*_Temperature*", unit="Cel", low=-60, high=200),
    Point(name="*_Humidity*", unit="%", low=0, high=100),
    Point(name="*_Valve_Position*", unit="%", low=0, high=100),
    Point(name="*_Frequency*", unit="Hz", low=0, high=500),
)
