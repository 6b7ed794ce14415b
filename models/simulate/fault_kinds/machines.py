"""What can break in GPUs, nodes and racks."""

from models.simulate.fault_kinds.row import (
    INLET,
    KILOWATTS,
    STATE,
    TEMP,
    TENSOR,
    VIOLATION,
    XID,
    FaultKind,
    Sign,
)

GPUS: dict[str, FaultKind] = {
    "gpu_cooling": FaultKind(
        "gpu",
        (("gpu.cooling_lost", 0.6),),
        30.0,
        (
            Sign("itself", TEMP, 40),
            Sign("itself", VIOLATION, 90),
            Sign("itself", "DCGM_FI_DEV_SM_CLOCK", 90),
            Sign("job_gpus", TENSOR, 120),
        ),
        "a GPU loses contact with its cooler: it throttles, its job waits",
    ),
    "nvlink_lanes": FaultKind(
        "gpu",
        (("gpu.nvlink_lost", 0.8),),
        2.0,
        (
            Sign("itself", "DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL", 10),
            Sign("itself", XID, 10),
            Sign("job_gpus", "DCGM_FI_PROF_NVLINK_TX_BYTES", 30),
        ),
        "a GPU loses NVLink lanes: CRC errors, XID 74",
    ),
    "pcie_lanes": FaultKind(
        "gpu",
        (("gpu.pcie_lost", 0.875),),
        0.0,
        (
            Sign("itself", "DCGM_FI_DEV_PCIE_LINK_WIDTH", 5),
            Sign("itself", "DCGM_FI_DEV_PCIE_REPLAY_COUNTER", 10),
            Sign("job_gpus", TENSOR, 30),
        ),
        "a GPU's PCIe falls from 16 lanes to 2: replays",
    ),
    "pcie_gen": FaultKind(
        "gpu",
        (("gpu.pcie_slow", 1.0),),
        0.0,
        (Sign("itself", "DCGM_FI_DEV_PCIE_LINK_GEN", 5), Sign("job_gpus", TENSOR, 30)),
        "a GPU's PCIe falls from Gen5 to Gen1: no errors, its job waits",
    ),
    "gpu_lost": FaultKind(
        "gpu",
        (("gpu.lost", 1.0),),
        0.0,
        (
            Sign("itself", "", 2),
            Sign("itself", XID, 5),
            Sign("job_others", TENSOR, 30),
            Sign("rack", KILOWATTS, 60),
        ),
        "a GPU falls off the bus, XID 79: its samples stop, its job stalls",
    ),
    "gpu_hung": FaultKind(
        "gpu",
        (("gpu.hung", 1.0),),
        0.0,
        (Sign("itself", "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", 5), Sign("job_others", TENSOR, 30)),
        "a GPU hangs: its samples repeat, its job stalls",
    ),
    "ecc_storm": FaultKind(
        "gpu",
        (("gpu.ecc", 1.0),),
        20.0,
        (
            Sign("itself", "DCGM_FI_DEV_ECC_SBE_VOL_TOTAL", 10),
            Sign("itself", XID, 20),
            Sign("job_gpus", TENSOR, 60),
        ),
        "a GPU corrects memory errors all the time, XID 92",
    ),
    "hbm_failure": FaultKind(
        "gpu",
        (("gpu.hbm_lost", 1.0),),
        4.0,
        (
            Sign("itself", "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL", 20),
            Sign("itself", XID, 10),
            Sign("job_gpus", TENSOR, 30),
        ),
        "a GPU's memory fails, XID 48: double bit errors, its job stalls",
    ),
}
NODES: dict[str, FaultKind] = {
    "nvswitch_errors": FaultKind(
        "nvswitch",
        (("nvswitch.lost", 1.0),),
        5.0,
        (
            Sign("itself", "DCGM_FI_DEV_NVSWITCH_NON_FATAL_ERRORS", 10),
            Sign("node_gpus", "DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL", 20),
            Sign("job_gpus", "DCGM_FI_PROF_NVLINK_TX_BYTES", 40),
        ),
        "a node's NVSwitch drops flits: all its GPUs are slow",
    ),
    "node_fan_stuck": FaultKind(
        "node",
        (("node.fan_stuck", 1.0),),
        5.0,
        (
            Sign("itself", "Fan_Speed", 20),
            Sign("itself", "Outlet_Air_Temperature", 60),
            Sign("node_gpus", TEMP, 60),
        ),
        "a node's fans stand still: its GPUs get hot",
    ),
    "node_silent": FaultKind(
        "node",
        (("node.silent", 1.0),),
        0.0,
        (Sign("itself", "", 2), Sign("node_gpus", "", 2)),
        "a node's agent dies: nothing is heard, the job goes on",
    ),
    "clock_skew": FaultKind(
        "node",
        (("node.skew", 120.0),),
        0.0,
        (Sign("itself", "", 2),),
        "a node's clock is two minutes ahead",
    ),
    "rack_trip": FaultKind(
        "rack",
        (("rack.tripped", 1.0),),
        0.0,
        (
            Sign("itself", "Breaker_Status", 5),
            Sign("itself", KILOWATTS, 10),
            Sign("rack_nodes", "", 5),
            Sign("rack_ports", STATE, 5),
            Sign("pdu", KILOWATTS, 10),
        ),
        "a rack's breaker opens: its nodes fall silent, their jobs stall",
    ),
    "rack_leak": FaultKind(
        "rack",
        (("rack.leak", 1.0),),
        30.0,
        (
            Sign("itself", "Leak_Alarm", 15),
            Sign("itself", "Water_Flow", 20),
            Sign("cdu", "Differential_Pressure", 30),
            Sign("rack_nodes", INLET, 150),
        ),
        "a rack loses water: leak alarm, less flow, warmer nodes",
    ),
}
