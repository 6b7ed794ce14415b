"""What can break in a specimen, how it shows, and who follows: names, points and units."""

from typing import Final, NamedTuple

from schemas.cascade import AssetKind, EdgeKind, Fault, Medium


class Signal(NamedTuple):
    """A point of an asset."""

    point: str
    unit: str
    usual: float
    """Where it is as a rule."""


class Trouble(NamedTuple):
    """One kind of incident."""

    fault: Fault
    kind: AssetKind
    name: str
    """Of the cause; `{}` are numbers."""
    other: str = ""
    """The other end of a link."""
    medium: Medium | None = None
    signal: Signal = Signal("temp", "Cel", 40.0)
    via: EdgeKind = EdgeKind.FEEDS


TROUBLES: Final = (
    Trouble(
        *(Fault.LINK, AssetKind.SWITCH, "leaf-{}/p{}", "node-{:03d}/nic{}", Medium.INFINIBAND),
        Signal("symbol_error", "1/s", 0.0),
        EdgeKind.LINKS,
    ),
    Trouble(
        *(Fault.LINK, AssetKind.GPU, "node-{:03d}/gpu{}", "node-{:03d}/nvswitch{}", Medium.NVLINK),
        Signal("DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL", "1/s", 0.0),
        EdgeKind.LINKS,
    ),
    Trouble(
        *(Fault.COMPUTE, AssetKind.GPU, "node-{:03d}/gpu{}"),
        signal=Signal("DCGM_FI_DEV_ECC_DBE_VOL_TOTAL", "count", 0.0),
        via=EdgeKind.RUNS,
    ),
    Trouble(
        *(Fault.HEAT, AssetKind.NODE, "r{:02d}.node{}"),
        signal=Signal("fan_speed", "rpm", 9_000.0),
        via=EdgeKind.CONTAINS,
    ),
    Trouble(
        *(Fault.COOLING, AssetKind.CHILLER, "hall-{}/chiller-{}"),
        signal=Signal("Chilled_Water_Supply_Temperature", "Cel", 17.0),
        via=EdgeKind.COOLS,
    ),
    Trouble(
        *(Fault.COOLING, AssetKind.COOLING_TOWER, "bldg{}-tower-{}"),
        signal=Signal("fan_speed", "%", 62.0),
        via=EdgeKind.COOLS,
    ),
    Trouble(
        *(Fault.LEAK, AssetKind.CDU, "cdu_{}_{}"),
        signal=Signal("leak_detected", "1", 0.0),
        via=EdgeKind.COOLS,
    ),
    Trouble(
        *(Fault.POWER, AssetKind.UPS, "ups-{}-{}"),
        signal=Signal("output_voltage", "V", 415.0),
    ),
    Trouble(
        *(Fault.POWER, AssetKind.PDU, "row{}/pdu-{}"),
        signal=Signal("active_power", "kW", 112.0),
    ),
    Trouble(
        *(Fault.CONGESTION, AssetKind.SWITCH, "spine-{}-{}"),
        signal=Signal("PortXmitWait", "1/s", 1_200.0),
        via=EdgeKind.LINKS,
    ),
    Trouble(
        *(Fault.HOST, AssetKind.NODE, "node-{:03d}-{}"),
        signal=Signal("node_load1", "", 12.0),
        via=EdgeKind.CONTAINS,
    ),
)
FOLLOWS: Final = (
    (AssetKind.GPU, "node-{:03d}/gpu{}", Signal("DCGM_FI_DEV_GPU_TEMP", "Cel", 61.0)),
    (AssetKind.GPU, "node-{:03d}/gpu{}", Signal("DCGM_FI_DEV_POWER_USAGE", "W", 540.0)),
    (AssetKind.GPU, "node-{:03d}/gpu{}", Signal("DCGM_FI_PROF_SM_OCCUPANCY", "1", 0.71)),
    (AssetKind.NIC, "node-{:03d}/nic{}", Signal("rcv_data", "By/s", 2.4e10)),
    (AssetKind.CDU, "cdu-{}-{}", Signal("supply_flow", "L/min", 480.0)),
    (AssetKind.RACK, "r{:02d}.rack{}", Signal("inlet_temp", "Cel", 23.0)),
    (AssetKind.JOB, "job-{}{}", Signal("steps", "1/s", 1.8)),
)
