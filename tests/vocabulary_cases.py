"""What agents send, and what it goes by from ingest on: a line a sample, by agent.

Sent name, sent value, canonical name (`=`: as sent), value (`=`: as sent), unit, kind. Source: each
agent's own documentation of its names and units.
"""

from typing import NamedTuple

import numpy as np

from models.names import Config
from models.telemetry import Judge
from schemas.telemetry import Quality, SpansBuilder
from schemas.units import PointKind


class Case(NamedTuple):
    """One sample of an agent, before and after."""

    agent: str
    sent: str
    value: float
    name: str
    canonical: float
    unit: str
    kind: PointKind


_TABLE = """
# dcgm-exporter
DCGM_FI_DEV_SM_CLOCK | 1980 | = | = | MHz | gauge
DCGM_FI_DEV_MEM_CLOCK | 2619 | = | = | MHz | gauge
DCGM_FI_DEV_GPU_TEMP | 61 | = | = | Cel | gauge
DCGM_FI_DEV_MEMORY_TEMP | 70 | = | = | Cel | gauge
DCGM_FI_DEV_POWER_USAGE | 690.5 | = | = | W | gauge
DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION | 1234000 | = | 1234 | J | counter
DCGM_FI_DEV_GPU_UTIL | 98 | = | = | % | gauge
DCGM_FI_DEV_MEM_COPY_UTIL | 40 | = | = | % | gauge
DCGM_FI_DEV_ENC_UTIL | 0 | = | = | % | gauge
DCGM_FI_DEV_FB_FREE | 1 | = | 1048576 | By | gauge
DCGM_FI_DEV_FB_USED | 81559 | = | 85520809984 | By | gauge
DCGM_FI_DEV_FB_RESERVED | 512 | = | 536870912 | By | gauge
DCGM_FI_DEV_PCIE_REPLAY_COUNTER | 3 | = | = | count | counter
DCGM_FI_DEV_PCIE_LINK_GEN | 5 | = | = | 1 | gauge
DCGM_FI_DEV_PCIE_LINK_WIDTH | 16 | = | = | 1 | gauge
DCGM_FI_DEV_XID_ERRORS | 79 | = | = | - | last_event
DCGM_FI_DEV_POWER_VIOLATION | 7 | = | = | ns | counter
DCGM_FI_DEV_THERMAL_VIOLATION | 7 | = | = | ns | counter
DCGM_FI_DEV_SYNC_BOOST_VIOLATION | 7 | = | = | ns | counter
DCGM_FI_DEV_BOARD_LIMIT_VIOLATION | 7 | = | = | ns | counter
DCGM_FI_DEV_LOW_UTIL_VIOLATION | 7 | = | = | ns | counter
DCGM_FI_DEV_RELIABILITY_VIOLATION | 7 | = | = | ns | counter
DCGM_FI_DEV_CLOCKS_EVENT_REASON_SW_POWER_CAP_NS | 7 | = | = | ns | counter
DCGM_FI_DEV_ECC_SBE_VOL_TOTAL | 7 | = | = | count | counter
DCGM_FI_DEV_ECC_DBE_VOL_TOTAL | 7 | = | = | count | counter
DCGM_FI_DEV_ECC_SBE_AGG_TOTAL | 7 | = | = | count | counter
DCGM_FI_DEV_RETIRED_SBE | 7 | = | = | count | counter
DCGM_FI_DEV_RETIRED_DBE | 7 | = | = | count | counter
DCGM_FI_DEV_RETIRED_PENDING | 7 | = | = | count | counter
DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS | 7 | = | = | count | counter
DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS | 7 | = | = | count | counter
DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL | 7 | = | = | count | counter
DCGM_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_L17 | 7 | = | = | count | counter
DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_L0 | 7 | = | = | count | counter
DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL | 7 | = | = | count | counter
DCGM_FI_DEV_NVLINK_COUNT_RX_PACKETS | 7 | = | = | count | counter
DCGM_FI_DEV_NVLINK_COUNT_RX_SYMBOL_ERRORS | 7 | = | = | count | counter
DCGM_FI_DEV_NVLINK_COUNT_FEC_HISTORY_0 | 7 | = | = | count | counter
DCGM_FI_DEV_NVLINK_COUNT_FEC_HISTORY_15 | 7 | = | = | count | counter
DCGM_FI_DEV_NVLINK_COUNT_LINK_RECOVERY_FAILED_EVENTS | 7 | = | = | count | counter
DCGM_FI_DEV_NVLINK_COUNT_RX_BYTES | 7 | = | = | By | counter
DCGM_FI_DEV_NVLINK_COUNT_TX_BYTES | 7 | = | = | By | counter
DCGM_FI_DEV_ROW_REMAP_FAILURE | 0 | = | = | - | state
DCGM_FI_DEV_NVLINK_COUNT_SYMBOL_BER_FLOAT | 1e-15 | = | = | 1 | gauge
DCGM_FI_DEV_NVLINK_COUNT_EFFECTIVE_BER | 3855 | = | = | - | state
DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL | 202000 | = | 202000000000.0 | B/s | gauge
DCGM_FI_PROF_GR_ENGINE_ACTIVE | 0.5 | = | = | 1 | gauge
DCGM_FI_PROF_SM_ACTIVE | 0.5 | = | = | 1 | gauge
DCGM_FI_PROF_SM_OCCUPANCY | 0.5 | = | = | 1 | gauge
DCGM_FI_PROF_PIPE_TENSOR_ACTIVE | 0.5 | = | = | 1 | gauge
DCGM_FI_PROF_PCIE_TX_BYTES | 5000000000.0 | = | = | B/s | gauge
DCGM_FI_PROF_PCIE_RX_BYTES | 5000000000.0 | = | = | B/s | gauge
DCGM_FI_PROF_NVLINK_TX_BYTES | 5000000000.0 | = | = | B/s | gauge
DCGM_FI_PROF_NVLINK_RX_BYTES | 5000000000.0 | = | = | B/s | gauge
DCGM_FI_DEV_CLOCKS_EVENT_REASONS | 4 | = | = | - | state
DCGM_FI_DEV_CLOCK_THROTTLE_REASONS | 4 | DCGM_FI_DEV_CLOCKS_EVENT_REASONS | = | - | state
DCGM_EXP_XID_ERRORS_COUNT{xid="79"} | 1 | = | = | count | gauge
DCGM_EXP_GPU_HEALTH_STATUS{health_watch="PCIE"} | 0 | = | = | - | state
# dcgm-exporter through an OpenTelemetry Collector
DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION_total | 2000 | DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION | 2 | J | counter
DCGM_FI_DEV_POWER_VIOLATION_total | 9 | DCGM_FI_DEV_POWER_VIOLATION | = | ns | counter
# node_exporter
node_infiniband_port_data_received_bytes_total | 400 | PortRcvData | = | By | counter
node_infiniband_port_data_transmitted_bytes_total | 400 | PortXmitData | = | By | counter
node_infiniband_port_packets_received_total | 3 | PortRcvPkts | = | count | counter
node_infiniband_port_packets_transmitted_total | 3 | PortXmitPkts | = | count | counter
node_infiniband_rate_bytes_per_second | 50000000000.0 | = | = | B/s | gauge
node_infiniband_state_id | 4 | PortState | = | - | state
node_infiniband_physical_state_id | 5 | PortPhysicalState | = | - | state
node_infiniband_link_downed_total | 1 | LinkDownedCounter | = | count | counter
node_infiniband_link_error_recovery_total | 1 | LinkErrorRecoveryCounter | = | count | counter
node_infiniband_symbol_error_total | 1 | SymbolErrorCounter | = | count | counter
node_infiniband_local_link_integrity_errors_total | 1 | LocalLinkIntegrityErrors | = | count | counter
node_infiniband_excessive_buffer_overrun_errors_total | 1 | ExcessiveBufferOverrunErrors | = | count | counter
node_infiniband_port_errors_received_total | 1 | PortRcvErrors | = | count | counter
node_infiniband_port_discards_transmitted_total | 1 | PortXmitDiscards | = | count | counter
node_infiniband_port_transmit_wait_total | 1 | PortXmitWait | = | count | counter
node_infiniband_port_receive_remote_physical_errors_total | 1 | PortRcvRemotePhysicalErrors | = | count | counter
node_infiniband_vl15_dropped_total | 1 | VL15Dropped | = | count | counter
node_infiniband_packet_sequence_errors_total | 1 | = | = | count | counter
node_cpu_seconds_total{cpu="0",mode="idle"} | 9.5 | = | = | s | counter
node_network_receive_bytes_total{device="eth0"} | 9 | = | = | By | counter
node_memory_MemFree_bytes | 9 | = | = | By | gauge
node_load1 | 0.5 | = | = | 1 | gauge
node_hwmon_temp_celsius{sensor="temp1"} | 40 | = | = | Cel | gauge
# Telegraf
infiniband_port_xmit_data | 100 | PortXmitData | 400 | By | counter
infiniband_port_rcv_data | 100 | PortRcvData | 400 | By | counter
port_rcv_data{device="mlx5_0",port="1"} | 100 | PortRcvData{device="mlx5_0",port="1"} | 400 | By | counter
infiniband_symbol_error | 2 | SymbolErrorCounter | = | count | counter
infiniband_VL15_dropped | 2 | VL15Dropped | = | count | counter
infiniband_port_xmit_wait | 2 | PortXmitWait | = | count | counter
infiniband_packet_seq_err | 2 | node_infiniband_packet_sequence_errors_total | = | count | counter
redfish_thermal_temperatures_reading_celsius{name="CPU1"} | 44 | Temperature{name="CPU1"} | = | Cel | gauge
redfish_thermal_fans_reading_rpm | 9000 | Fan_Rotational_Speed | = | rpm | gauge
# UFM
PortXmitDataExtended | 100 | PortXmitData | 400 | By | counter
PortRcvDataExtended | 100 | PortRcvData | 400 | By | counter
SymbolErrorCounterExtended | 1 | SymbolErrorCounter | = | count | counter
LinkErrorRecoveryCounterExtended | 1 | LinkErrorRecoveryCounter | = | count | counter
LinkDownedCounterExtended | 1 | LinkDownedCounter | = | count | counter
PortRcvErrorsExtended | 1 | PortRcvErrors | = | count | counter
PortXmitWaitExtended | 1 | PortXmitWait | = | count | counter
eff_ber | 1e-12 | Effective_BER | = | 1 | gauge
raw_ber | 1e-08 | Raw_BER | = | 1 | gauge
Lane3Grade | 200 | = | = | 1 | gauge
# OTLP, semantic conventions
hw.gpu.utilization | 0.5 | DCGM_FI_DEV_GPU_UTIL | 50 | % | gauge
hw.gpu.utilization{hw.gpu.task="decoder"} | 0.25 | DCGM_FI_DEV_DEC_UTIL{hw.gpu.task="decoder"} | 25 | % | gauge
hw.gpu.memory.usage | 1000000000.0 | DCGM_FI_DEV_FB_USED | = | By | gauge
hw.gpu.io_total{network.io.direction="receive"} | 5 | hw.gpu.io{network.io.direction="receive"} | = | By | counter
hw.errors_total{error.type="ecc"} | 5 | hw.errors{error.type="ecc"} | = | count | counter
system.cpu.load_average.1m | 5 | node_load1 | = | 1 | gauge
# collectd
cpu/percent-active | 12 | = | = | % | gauge
load/load/shortterm | 1 | = | = | 1 | gauge
memory/memory-used | 1000000000.0 | = | = | By | gauge
interface-eth0/if_octets/rx | 1000000.0 | = | = | B/s | gauge
processes/ps_state-running | 2 | = | = | count | gauge
thermal-thermal_zone0/temperature | 44 | = | = | Cel | gauge
# DSX Exchange
RackLiquidSupplyTemperature | 32.5 | Supply_Water_Temperature | = | Cel | gauge
RackLiquidReturnTemperature | 40 | Return_Water_Temperature | = | Cel | gauge
RackLiquidFlow | 80 | Water_Flow | = | L/min | gauge
RackLiquidDifferentialPressure | 120 | Water_Differential_Pressure | 120000 | Pa | gauge
RackControlValvePosition | 55 | Valve_Position | = | % | gauge
RackPower/power | 130 | Active_Power/power | 130000 | W | gauge
RackLeakDetect | 0 | Leak_Alarm | = | - | state
LiquidTemperature/secondaryLoop/supplyTemp | 30 | Water_Temperature/secondaryLoop/supplyTemp | = | Cel | gauge
ApparentPower | 2 | Apparent_Power | 2000 | VA | gauge
PowerFactor | 0.97 | Power_Factor | = | 1 | gauge
AirRelativeHumidity | 40 | Relative_Humidity | = | % | gauge
AirFlow | 1000 | Air_Flow | 1699.01079552 | m3/h | gauge
PumpSpeed | 2900 | Pump_Rotational_Speed | = | rpm | gauge
# Redfish, OCP CDU
FlowLitersPerMinute | 41 | Water_Flow | = | L/min | gauge
SupplyTemperatureCelsius | 28 | Supply_Water_Temperature | = | Cel | gauge
Loops/1/ReturnTemperatureCelsius/Reading | 42 | Loops/1/Return_Water_Temperature | = | Cel | gauge
DeltaTemperatureCelsius | 14 | Water_Differential_Temperature | = | Cel | gauge
SupplyPressurekPa | 803 | Supply_Water_Pressure | 803000 | Pa | gauge
HeatRemovedkW | 21.5 | Thermal_Power | 21500 | W | gauge
Pumps/1/PumpSpeedPercent | 60 | Pumps/1/Pump_Speed_Percent | = | % | gauge
Pumps/1/Status/Health | 1 | = | = | - | state
FluidLevelPercent | 90 | Fluid_Level | = | % | gauge
PowerWatts | 900 | Active_Power | = | W | gauge
EnergykWh | 2 | Active_Energy | 7200000 | J | counter
HumidityPercent | 40 | Relative_Humidity | = | % | gauge
# Sparkplug, a device that uses DSX's words
Rack 7/RackPower | 1 | Rack 7/Active_Power | 1000 | W | gauge
Supply Voltage | 12.1 | = | = | - | gauge
"""  # noqa: E501 - a table


def cases() -> list[Case]:
    """Read the table."""
    found: list[Case] = []
    agent = ""
    for line in _TABLE.strip().splitlines():
        if line.startswith("#"):
            agent = line[2:]
            continue
        sent, value, name, canonical, unit, kind = line.split(" | ")
        after = value if canonical == "=" else canonical
        name = sent if name == "=" else name
        unit = "" if unit == "-" else unit
        found.append(Case(agent, sent, float(value), name, float(after), unit, PointKind(kind)))
    return found


def spans_of(*shapes_and_values, quality=None):
    builder = SpansBuilder()
    for i, (shape, values) in enumerate(shapes_and_values):
        builder.add(0, f"asset-{i % 3}", tuple(shape), i, list(values), quality)
    return builder.build()


def judged(spans, judge=None):
    return (judge or Judge(Config())).judge(spans, np.array([-1]))


def told(point, value, mark=0, *, points=()):
    """Return name, value and quality of one sample from ingest on."""
    spans = judged(spans_of(([point], [value]), quality=[mark]), Judge(Config(points=points)))
    return spans.shapes[0][0], float(spans.values[0]), Quality(int(spans.quality[0]))


def rows(spans):
    """Return every sample: asset, time, point, bits of its value, quality."""
    bits = spans.values.view(np.int64)
    return [
        (
            spans.assets[spans.asset[i]],
            int(spans.time_ns[i]),
            point,
            int(bits[spans.start[i] + k]),
            int(spans.quality[spans.start[i] + k]),
        )
        for i in range(len(spans))
        for k, point in enumerate(spans.shapes[spans.shape[i]])
    ]
