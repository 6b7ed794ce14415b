"""What each kind of asset measures: one row a point, from physics to print."""

from models.simulate.kinds.facility import (
    CDU,
    CHILLER,
    PDU,
    PUMP,
    RACK,
    TOWER,
    TRANSFORMER,
    UPS,
    UTILITY,
)
from models.simulate.kinds.machines import GPU, NODE, NVSWITCH, port, switch
from models.simulate.kinds.sensor import Sensor

KINDS: dict[str, tuple[Sensor, ...]] = {
    "utility": UTILITY,
    "transformer": TRANSFORMER,
    "ups": UPS,
    "pdu": PDU,
    "tower": TOWER,
    "chiller": CHILLER,
    "pump": PUMP,
    "cdu": CDU,
    "rack": RACK,
    "node": NODE,
    "nvswitch": NVSWITCH,
    "gpu": GPU,
    "ib": port("ib", "ib"),
    "port": port("port", "ib"),
    "uplink": port("uplink", "uplink"),
    "spineport": port("spineport", "uplink"),
    "leaf": switch("leaf"),
    "spine": switch("spine"),
}
"""Every kind of asset, in the order in which a tick lists them."""

FACILITY = frozenset(
    ("utility", "transformer", "ups", "pdu", "tower", "chiller", "pump", "cdu", "rack")
)
"""Kinds that a building management system reports; GPU nodes and switches report the others."""
HOSTED = ("node", "nvswitch", "gpu", "ib")
"""Kinds that the agent of a node reports: they fall silent with it."""

__all__ = ["FACILITY", "GPU", "HOSTED", "KINDS", "Sensor"]
