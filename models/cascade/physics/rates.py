"""How often what breaks.

Of the order of published fleets (Llama Team 2024, The Llama 3 Herd of Models, table 5: 419
unexpected interruptions of 16,384 GPUs in 54 days, so 5e-4 a GPU and day); how that is split among
faults, and all rates of buildings, are estimates.
"""

from typing import Final

from schemas.cascade import AssetKind, Fault

COOLING: Final = (
    *(AssetKind.COOLING_TOWER, AssetKind.CHILLER, AssetKind.PUMP, AssetKind.VALVE),
    *(AssetKind.HEAT_EXCHANGER, AssetKind.CDU, AssetKind.CRAH),
)
FEEDING: Final = (
    *(AssetKind.UTILITY, AssetKind.TRANSFORMER, AssetKind.GENERATOR, AssetKind.SWITCHGEAR),
    *(AssetKind.BREAKER, AssetKind.UPS, AssetKind.BATTERY, AssetKind.PDU),
)


_FACILITY = {Fault.SENSOR: 1e-4, Fault.CLOCK: 1e-5}
_IT = {Fault.SENSOR: 3e-5, Fault.CLOCK: 2e-6}
_RARE = (Fault.UNKNOWN, Fault.WORKLOAD)
_COOLS = {Fault.COOLING: 5e-3, Fault.LEAK: 1e-4, **_FACILITY}
_FEEDS = {Fault.POWER: 3e-3, **_FACILITY}
RATES: dict[AssetKind, dict[Fault, float]] = {
    AssetKind.GPU: {Fault.COMPUTE: 3e-4, Fault.HEAT: 2e-4, Fault.LINK: 5e-5, **_IT},
    AssetKind.CPU: {Fault.COMPUTE: 2e-5, Fault.HEAT: 1e-5, **_IT},
    AssetKind.NVSWITCH: {Fault.COMPUTE: 2e-5, Fault.LINK: 1e-5, Fault.HEAT: 1e-5, **_IT},
    AssetKind.NODE: {Fault.HOST: 2e-4, Fault.HEAT: 1e-4, Fault.COMPUTE: 1e-4, **_IT}
    | {Fault.CLOCK: 5e-5, Fault.POWER: 2e-5, Fault.LEAK: 1e-5, Fault.WORKLOAD: 0.05},
    AssetKind.NIC: {Fault.LINK: 3e-5, Fault.HOST: 2e-5, **_IT},
    AssetKind.PORT: {Fault.LINK: 2e-5, Fault.CONGESTION: 2e-5, **_IT},
    AssetKind.SWITCH: {Fault.HOST: 2e-5, Fault.CONGESTION: 2e-4, Fault.HEAT: 1e-5, **_IT}
    | {Fault.POWER: 1e-5},
    AssetKind.RACK: {Fault.POWER: 3e-4, Fault.LEAK: 3e-4, Fault.COOLING: 1e-4, **_IT},
    AssetKind.STORAGE: {Fault.HOST: 1e-4, **_IT},
    AssetKind.JOB: {Fault.WORKLOAD: 1.0},
    AssetKind.PLACE: {},
    AssetKind.SENSOR: {Fault.SENSOR: 1e-4, Fault.CLOCK: 1e-5},
    AssetKind.OTHER: {fault: 1e-5 for fault in Fault if fault not in _RARE},
    **dict.fromkeys(COOLING, _COOLS),
    **dict.fromkeys(FEEDING, _FEEDS),
}
"""Faults a day of one asset, by its kind."""
EDGE_RATE = 3e-5
"""Faults a day of one link between ports."""
