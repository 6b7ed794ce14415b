"""What can break. A fault turns knobs of the physics; a new fault is a new row.

A knob is 0 when healthy. At severity 1, after the ramp, it stands at the value in the row.
"""

from models.simulate.fault_kinds.facility import FACILITY
from models.simulate.fault_kinds.links import LINKS
from models.simulate.fault_kinds.machines import GPUS, NODES
from models.simulate.fault_kinds.row import FaultKind, Sign

__all__ = ["DRIFT", "FAULTS", "KINDS_OF_FAULTS", "KNOBS", "SLOW", "STUCK", "FaultKind", "Sign"]

KNOBS: dict[str, str] = {
    "ib.error_rate": "ib",  # symbol errors a second
    "ib.lost": "ib",  # share of the bandwidth, by errors
    "ib.flap": "ib",  # > 0: goes down again and again
    "ib.narrow": "ib",  # share of lanes or speed that it came up without
    "ib.slow": "ib",  # share of the bandwidth that the NIC itself cannot take
    "uplink.error_rate": "uplink",
    "uplink.lost": "uplink",
    "uplink.flap": "uplink",
    "uplink.narrow": "uplink",
    "uplink.slow": "uplink",
    "spine.congestion": "spine",  # share of its capacity
    "gpu.cooling_lost": "gpu",  # share of the heat path
    "gpu.nvlink_lost": "gpu",  # share of the lanes
    "gpu.pcie_lost": "gpu",  # share of the lanes
    "gpu.pcie_slow": "gpu",  # > 0.5: trained at Gen1
    "gpu.paste_lost": "gpu",  # share of the heat path, on top
    "gpu.lost": "gpu",  # > 0.5: fell off the bus
    "gpu.hung": "gpu",  # > 0.5: neither works nor says anything new
    "gpu.ecc": "gpu",  # share of the time that goes into corrections
    "gpu.hbm_lost": "gpu",  # > 0.05: a bank of memory is broken
    "nvswitch.lost": "nvswitch",  # share of what it switches
    "node.fan_stuck": "node",  # 1: its fans stand nearly still
    "node.silent": "node",  # > 0.5: its agent is dead
    "node.skew": "node",  # s that its clock is ahead
    "rack.leak": "rack",  # share of its water that does not come back
    "rack.tripped": "rack",  # > 0: its breaker is open
    "pdu.tripped": "pdu",
    "cdu.pump_lost": "cdu",  # share of the pump
    "chiller.tripped": "chiller",  # share of the compressors
    "tower.fouling": "tower",  # approach that the fill has lost, relative
    "tower.stuck": "tower",  # 1: the fan stands at its lowest speed
    "pump.clogging": "pump",  # of the strainer: share of the flow that it takes
    "pump.cavitation": "pump",  # share of the impeller that works in vapour
    "ups.ageing": "ups",  # share of the charge that the battery does not hold at full load
    "ups.rectifier_lost": "ups",  # > 0.05: the battery carries the load
    "transformer.sag": "transformer",  # share of the voltage
    "transformer.hot": "transformer",  # share of its own cooling
    "utility.sag": "utility",  # share of the voltage
}
"""Each knob and the kind of asset that has it."""


STUCK, DRIFT = "sensor_stuck", "sensor_drift"

FAULTS: dict[str, FaultKind] = {
    **LINKS,
    **GPUS,
    **NODES,
    **FACILITY,
    STUCK: FaultKind("", (), 0.0, (), "a sensor repeats one value"),
    DRIFT: FaultKind("", (), 240.0, (), "a sensor strays from the truth; nothing else moves"),
}

_DAY_S = 86_400.0
SLOW: dict[str, FaultKind] = {
    "tower_fouling": FaultKind(
        "tower", (("tower.fouling", 1.2),), 10 * _DAY_S, (), "scale grows in a tower over days"
    ),
    "strainer_clogging": FaultKind(
        "pump", (("pump.clogging", 0.5),), 10 * _DAY_S, (), "a strainer clogs over days"
    ),
    "battery_ageing": FaultKind(
        "ups", (("ups.ageing", 0.4),), 10 * _DAY_S, (), "a battery holds less every day"
    ),
    "paste_drying": FaultKind(
        "gpu", (("gpu.paste_lost", 0.6),), 10 * _DAY_S, (), "a GPU's paste dries over days"
    ),
    "link_decay": FaultKind(
        "ib", (("ib.error_rate", 20.0),), 10 * _DAY_S, (), "a link's errors grow over days"
    ),
}
"""What breaks so slowly that it can be seen coming; nothing is visible at once."""
KINDS_OF_FAULTS = FAULTS | SLOW
