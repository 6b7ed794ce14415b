"""What GPUs, nodes, NICs and switches measure."""

from models.simulate.kinds.sensor import BYTES, COUNT, Sensor

GPU = (
    Sensor("DCGM_FI_DEV_GPU_TEMP", "gpu.temp", "Cel", 0, 120, 0, 0.3),
    Sensor("DCGM_FI_DEV_MEMORY_TEMP", "gpu.memory_temp", "Cel", 0, 125, 0, 0.3),
    Sensor("DCGM_FI_DEV_POWER_USAGE", "gpu.power", "W", 0, 1000, 3, 4.0),
    Sensor("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "gpu.energy", "mJ", 0, BYTES, 0, counter=True),
    Sensor("DCGM_FI_DEV_SM_CLOCK", "gpu.sm_clock", "MHz", 0, 2500, 0),
    Sensor("DCGM_FI_DEV_GPU_UTIL", "gpu.util", "%", 0, 100, 0, 0.6),
    Sensor("DCGM_FI_DEV_FB_USED", "gpu.memory_used", "MiBy", 0, 81_559, 0, 20.0),
    Sensor("DCGM_FI_PROF_SM_ACTIVE", "gpu.sm_active", "1", 0, 1, 6, 0.008),
    Sensor("DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", "gpu.tensor", "1", 0, 1, 6, 0.008),
    Sensor("DCGM_FI_PROF_DRAM_ACTIVE", "gpu.dram", "1", 0, 1, 6, 0.008),
    Sensor("DCGM_FI_PROF_NVLINK_TX_BYTES", "gpu.nvlink_tx", "B/s", 0, 4.5e11, 0, 1.5e9),
    Sensor("DCGM_FI_PROF_NVLINK_RX_BYTES", "gpu.nvlink_rx", "B/s", 0, 4.5e11, 0, 1.5e9),
    Sensor("DCGM_FI_PROF_PCIE_TX_BYTES", "gpu.pcie_tx", "B/s", 0, 6.4e10, 0, 6e7),
    Sensor("DCGM_FI_PROF_PCIE_RX_BYTES", "gpu.pcie_rx", "B/s", 0, 6.4e10, 0, 6e7),
    Sensor("DCGM_FI_DEV_PCIE_LINK_WIDTH", "gpu.pcie_width", "count", 0, 16, 0),
    Sensor("DCGM_FI_DEV_PCIE_REPLAY_COUNTER", "gpu.pcie_replays", "count", 0, COUNT, 0, 0.0, True),
    Sensor("DCGM_FI_DEV_XID_ERRORS", "gpu.xid", "count", 0, 1000, 0),
    Sensor(
        "DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL",
        "gpu.nvlink_crc",
        "count",
        0,
        COUNT,
        0,
        counter=True,
    ),
    Sensor(
        "DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL",
        "gpu.nvlink_recovery",
        "count",
        0,
        COUNT,
        0,
        counter=True,
    ),
    Sensor(
        "DCGM_FI_DEV_THERMAL_VIOLATION", "gpu.thermal_violation", "ns", 0, BYTES, 0, counter=True
    ),
    Sensor("DCGM_FI_DEV_CLOCKS_EVENT_REASONS", "gpu.clock_reasons", "count", 0, 511, 0),
    Sensor("DCGM_FI_DEV_ECC_SBE_VOL_TOTAL", "gpu.sbe", "count", 0, COUNT, 0, counter=True),
    Sensor("DCGM_FI_DEV_ECC_DBE_VOL_TOTAL", "gpu.dbe", "count", 0, COUNT, 0, counter=True),
    Sensor("DCGM_FI_DEV_PCIE_LINK_GEN", "gpu.pcie_gen", "count", 0, 6, 0),
)


def port(end: str, link: str) -> tuple[Sensor, ...]:
    """List what one end of an InfiniBand link counts, under the names of node_exporter."""

    def count(name: str, quantity: str, high: float = COUNT) -> Sensor:
        unit = "By" if high == BYTES else "count"
        return Sensor(
            f"node_infiniband_{name}_total", f"{end}.{quantity}", unit, 0, high, 0, 0.0, True
        )

    return (
        Sensor("node_infiniband_state_id", f"{link}.state", "count", 0, 5, 0),
        Sensor("node_infiniband_rate_bytes_per_second", f"{link}.rate", "B/s", 0, 1e11, 0),
        count("port_data_transmitted_bytes", "tx", BYTES),
        count("port_data_received_bytes", "rx", BYTES),
        count("symbol_error", "symbol_errors"),
        count("port_errors_received", "receive_errors"),
        count("link_error_recovery", "recoveries"),
        count("link_downed", "downs"),
        count("port_transmit_wait", "wait"),
    )


NODE = (
    Sensor("Inlet_Air_Temperature", "node.inlet", "Cel", -10, 80, 1, 0.12),
    Sensor("Outlet_Air_Temperature", "node.outlet", "Cel", -10, 110, 1, 0.15),
    Sensor("Fan_Speed", "node.fan", "%", 0, 100, 1, 0.4),
    Sensor("Active_Power", "node.kilowatts", "kW", 0, 1e6, 3, 0.015),
)
NVSWITCH = (
    Sensor("Temperature", "nvswitch.temp", "Cel", 0, 120, 0, 0.3),
    Sensor(
        "DCGM_FI_DEV_NVSWITCH_NON_FATAL_ERRORS", "nvswitch.errors", "count", 0, COUNT, 0, 0.0, True
    ),
)


def switch(kind: str) -> tuple[Sensor, ...]:
    """List what a leaf or a spine measures; its wait is that of all its ports."""
    return (
        Sensor("Temperature", f"{kind}.temp", "Cel", 0, 120, 0, 0.3),
        Sensor("PortXmitWait", f"{kind}.wait", "count", 0, BYTES, 0, 0.0, True),
    )
