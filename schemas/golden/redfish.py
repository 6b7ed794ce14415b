"""Redfish: the resources of OCP's CDU specification, and a MetricReport of DMTF's."""

from schemas.formats.base import Golden

_OCP = "OCP Coolant Distribution Unit API v1.0.0 (OCP), usage example"
_DMTF = "DMTF DSP2046, Redfish resource examples, MetricReport"
_TIME_MS = 1_700_000_000_000
_TIME_NS = _TIME_MS * 10**6
_CDU = "ThermalEquipment/CDUs/1"

_CONNECTOR = b"""{"@odata.id": "/redfish/v1/ThermalEquipment/CDUs/1/PrimaryCoolantConnectors/1",
"@odata.type": "#CoolantConnector.v1_0_2.CoolantConnector", "Id": "1",
"Name": "Primary Side Connector 1", "Status": {"State": "Enabled", "Health": "OK"},
"CoolantConnectorType": "Pair", "Coolant": {"CoolantType": "Water",
"SpecificHeatkJoulesPerKgK": 3.974, "DensityKgPerCubicMeter": 1030},
"RatedFlowLitersPerMinute": 35, "FlowLitersPerMinute": {"Reading": 41,
"DataSourceUri": "/redfish/v1/Chassis/1/Sensors/PrimaryFlow"},
"SupplyTemperatureCelsius": {"Reading": 28}, "ReturnTemperatureCelsius": {"Reading": 42},
"DeltaTemperatureCelsius": {"Reading": 14}, "SupplyPressurekPa": {"Reading": 803},
"ReturnPressurekPa": {"Reading": 936}, "DeltaPressurekPa": {"Reading": 133},
"HeatRemovedkW": {"Reading": 21.03}}"""
_READINGS = (
    ("Status/State", 0.0),
    ("Status/Health", 0.0),
    ("FlowLitersPerMinute", 41.0),
    ("SupplyTemperatureCelsius", 28.0),
    ("ReturnTemperatureCelsius", 42.0),
    ("DeltaTemperatureCelsius", 14.0),
    ("SupplyPressurekPa", 803.0),
    ("ReturnPressurekPa", 936.0),
    ("DeltaPressurekPa", 133.0),
    ("HeatRemovedkW", 21.03),
)
_PUMP = b"""{"@odata.id": "/redfish/v1/ThermalEquipment/CDUs/1/Pumps/1",
"@odata.type": "#Pump.v1_1_0.Pump", "Id": "1", "Name": "Secondary Side Pump",
"PumpType": "Liquid", "Status": {"State": "Enabled", "Health": "OK"}, "ServiceHours": 1344,
"PumpSpeedPercent": {"Reading": 38.5},
"Location": {"PartLocation": {"ServiceLabel": "Secondary Side Pump"}}}"""
_REPORT = b"""{"@odata.type": "#MetricReport.v1_5_0.MetricReport", "Id": "AvgPlatformPowerUsage",
"Name": "Average Platform Power Usage metric report", "MetricReportDefinition": {"@odata.id":
"/redfish/v1/TelemetryService/MetricReportDefinitions/AvgPlatformPowerUsage"}, "MetricValues": [
{"MetricId": "AverageConsumedWatts", "MetricValue": "100", "Timestamp":
"2016-11-08T12:25:00-05:00", "MetricProperty":
"/redfish/v1/Chassis/Tray_1/Power#/0/PowerConsumedWatts"},
{"MetricId": "AverageConsumedWatts", "MetricValue": "94", "Timestamp":
"2016-11-08T13:25:00-05:00", "MetricProperty":
"/redfish/v1/Chassis/Tray_1/Power#/0/PowerConsumedWatts"}],
"@odata.id": "/redfish/v1/TelemetryService/MetricReports/AvgPlatformPowerUsage"}"""

GOLDEN_REDFISH: tuple[Golden, ...] = (
    Golden(
        f"{_OCP}, get primary connector info",
        _CONNECTOR,
        tuple((_CDU, f"PrimaryCoolantConnectors/1/{p}", _TIME_NS, v, 0) for p, v in _READINGS),
        "",
        _TIME_MS,
    ),
    Golden(
        f"{_OCP}, get pump info; the bridge tells the host",
        _PUMP,
        (
            (f"cdu-a.example/{_CDU}", "Pumps/1/Status/State", _TIME_NS, 0.0, 0),
            (f"cdu-a.example/{_CDU}", "Pumps/1/Status/Health", _TIME_NS, 0.0, 0),
            (f"cdu-a.example/{_CDU}", "Pumps/1/ServiceHours", _TIME_NS, 1344.0, 0),
            (f"cdu-a.example/{_CDU}", "Pumps/1/PumpSpeedPercent", _TIME_NS, 38.5, 0),
        ),
        "cdu-a.example",
        _TIME_MS,
    ),
    Golden(
        _DMTF,
        _REPORT,
        (
            ("Chassis/Tray_1", "Power/0/PowerConsumedWatts", 1_478_625_900_000_000_000, 100.0, 0),
            ("Chassis/Tray_1", "Power/0/PowerConsumedWatts", 1_478_629_500_000_000_000, 94.0, 0),
        ),
    ),
)
