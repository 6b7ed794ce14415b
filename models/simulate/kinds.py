"""What each kind of asset measures: one row a point, from physics to print."""

from typing import NamedTuple


class Sensor(NamedTuple):
    """One point of a kind of asset."""

    point: str
    quantity: str
    """Key in the state of the physics."""
    unit: str
    low: float
    high: float
    """Nothing outside low..high is ever printed."""
    decimals: int
    """As the real agent prints it."""
    noise: float = 0.0
    """Standard deviation, in `unit`."""
    counter: bool = False
    """Only grows."""


_COUNT = 1e15
_BYTES = 1e18

GPU = (
    Sensor("DCGM_FI_DEV_GPU_TEMP", "gpu.temp", "Cel", 0, 120, 0, 0.3),
    Sensor("DCGM_FI_DEV_MEMORY_TEMP", "gpu.memory_temp", "Cel", 0, 125, 0, 0.3),
    Sensor("DCGM_FI_DEV_POWER_USAGE", "gpu.power", "W", 0, 1000, 3, 4.0),
    Sensor("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "gpu.energy", "mJ", 0, _BYTES, 0, counter=True),
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
    Sensor("DCGM_FI_DEV_PCIE_REPLAY_COUNTER", "gpu.pcie_replays", "count", 0, _COUNT, 0, 0.0, True),
    Sensor("DCGM_FI_DEV_XID_ERRORS", "gpu.xid", "count", 0, 1000, 0),
    Sensor(
        "DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL",
        "gpu.nvlink_crc",
        "count",
        0,
        _COUNT,
        0,
        counter=True,
    ),
    Sensor(
        "DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL",
        "gpu.nvlink_recovery",
        "count",
        0,
        _COUNT,
        0,
        counter=True,
    ),
    Sensor(
        "DCGM_FI_DEV_THERMAL_VIOLATION", "gpu.thermal_violation", "ns", 0, _BYTES, 0, counter=True
    ),
    Sensor("DCGM_FI_DEV_CLOCKS_EVENT_REASONS", "gpu.clock_reasons", "count", 0, 511, 0),
)


def _port(end: str) -> tuple[Sensor, ...]:
    """One end of an InfiniBand link, under the names of node_exporter."""

    def count(name: str, quantity: str, high: float = _COUNT) -> Sensor:
        unit = "By" if high == _BYTES else "count"
        return Sensor(
            f"node_infiniband_{name}_total", f"{end}.{quantity}", unit, 0, high, 0, 0.0, True
        )

    return (
        Sensor("node_infiniband_state_id", "ib.state", "count", 0, 5, 0),
        Sensor("node_infiniband_rate_bytes_per_second", "ib.rate", "B/s", 0, 1e11, 0),
        count("port_data_transmitted_bytes", "tx", _BYTES),
        count("port_data_received_bytes", "rx", _BYTES),
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
TOWER = (
    Sensor("Leaving_Condenser_Water_Temperature", "tower.leaving", "Cel", 0, 80, 1, 0.05),
    Sensor("Entering_Condenser_Water_Temperature", "tower.entering", "Cel", 0, 90, 1, 0.05),
    Sensor("Outside_Air_Wet_Bulb_Temperature", "tower.wet_bulb", "Cel", -30, 40, 1, 0.05),
    Sensor("Fan_Speed", "tower.fan", "%", 0, 100, 1, 0.2),
    Sensor("Active_Power", "tower.power", "kW", 0, 1e6, 2, 0.01),
)
CHILLER = (
    Sensor("Leaving_Chilled_Water_Temperature", "chiller.leaving", "Cel", 0, 60, 1, 0.05),
    Sensor("Entering_Chilled_Water_Temperature", "chiller.entering", "Cel", 0, 90, 1, 0.05),
    Sensor("Chilled_Water_Temperature_Setpoint", "chiller.setpoint", "Cel", 0, 30, 1),
    Sensor("Capacity_Used", "chiller.used", "%", 0, 200, 1, 0.3),
    Sensor("Active_Power", "chiller.power", "kW", 0, 1e6, 2, 0.02),
)
PUMP = (
    Sensor("Pump_Speed", "pump.speed", "%", 0, 100, 1, 0.1),
    Sensor("Water_Flow", "pump.flow", "m3/h", 0, 1e5, 2, 0.02),
    Sensor("Differential_Pressure", "pump.pressure", "kPa", 0, 600, 1, 0.8),
    Sensor("Vibration", "pump.vibration", "mm/s", 0, 50, 2, 0.05),
    Sensor("Active_Power", "pump.power", "kW", 0, 1e6, 2, 0.01),
)
TRANSFORMER = (
    Sensor("Output_Voltage", "transformer.voltage", "V", 0, 600, 1, 0.4),
    Sensor("Load_Current", "transformer.current", "A", 0, 1e6, 1, 0.1),
    Sensor("Output_Frequency", "transformer.frequency", "Hz", 40, 70, 2, 0.01),
    Sensor("Active_Power", "transformer.power", "kW", 0, 1e6, 2, 0.03),
    Sensor("Top_Oil_Temperature", "transformer.oil", "Cel", -30, 150, 1, 0.06),
)
UPS = (
    Sensor("Input_Voltage", "ups.input", "V", 0, 600, 1, 0.4),
    Sensor("Output_Voltage", "ups.output", "V", 0, 600, 1, 0.2),
    Sensor("Battery_Charge_Level", "ups.charge", "%", 0, 100, 1),
    Sensor("On_Battery_Status", "ups.on_battery", "count", 0, 1, 0),
    Sensor("Load_Level", "ups.load", "%", 0, 200, 1, 0.1),
    Sensor("Active_Power", "ups.power", "kW", 0, 1e6, 2, 0.03),
)

KINDS: dict[str, tuple[Sensor, ...]] = {
    "transformer": TRANSFORMER,
    "ups": UPS,
    "tower": TOWER,
    "chiller": CHILLER,
    "pump": PUMP,
    "node": NODE,
    "gpu": GPU,
    "ib": _port("ib"),
    "port": _port("port"),
}
"""Every kind of asset, in the order in which a tick lists them."""

FACILITY = frozenset({"transformer", "ups", "tower", "chiller", "pump"})
"""Kinds that a building management system reports; GPU nodes and switches report the others."""
