"""How the plant moves: first-order lags between load, heat, water and power.

The state is a dict of arrays, one value an asset; keys are `kind.quantity`. Every function changes
the state in place, for one step of `dt` seconds; lags are exact, so the step may be long.
Sizes are those of an 8-GPU node of 700 W GPUs on NDR InfiniBand.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.simulate.frame import Floats
from models.simulate.layout import Layout
from models.simulate.workload import Demand, daylight

State = dict[str, Floats]
Flags = npt.NDArray[np.bool_]


class Moment(NamedTuple):
    """When a step is, and how long."""

    time_s: float
    """Since 1970 UTC."""
    dt: float


GPU_IDLE_W, GPU_BUSY_W = 90.0, 540.0
GPU_KELVIN_PER_W = 0.068
THROTTLE_CEL = 85.0
THROTTLE_PER_K = 0.06
SM_CLOCK_MHZ = 1980.0
SW_THERMAL = 32.0  # DCGM clocks event reason: software thermal slowdown
NVLINK_BYTES, FABRIC_BYTES, PCIE_BYTES = 2.4e11, 3.2e10, 6.0e9  # B/s in full training
STORAGE_BYTES = 2.0e10
LINK_RATE = 5.0e10  # NDR, 400 Gb/s
FLAP_S, FLAP_DOWN_S = 40.0, 8.0
BROKEN_LINK = 0.02  # of the bandwidth: retries over another path
ACTIVE, DOWN = 4.0, 1.0  # port states
XID_NVLINK, XID_PCIE = 74.0, 79.0
NOTICED, SEVERE = (
    0.05,
    0.5,
)  # share of lanes, or of a rectifier, that is missed at once; that raises an XID
AIR_OVER_WATER_K = 15.0
SETPOINT_CEL, CONDENSER_CEL = 7.0, 28.0
LOOP_K_PER_S = 0.2  # of a loop that loses all its cooling at rated load
MAINS_V, UPS_V, TRANSFER = 415.0, 400.0, 0.88
RATED = 1.15  # of a loop and of a UPS, over the greatest heat of its nodes
TOWER_K, STUCK_AIR = 9.0, 0.06  # approach at rated load; airflow of a fan that is stuck
BATTERY_S = 1200.0  # at full load


def lag(state: State, key: str, target: Floats, tau_s: float, dt: float) -> None:
    """Move a quantity towards its target as a first-order lag does."""
    state[key] += (target - state[key]) * -np.expm1(-dt / tau_s)


def fabric(state: State, at: Moment) -> None:
    """Bandwidth, state and errors of each InfiniBand link, the same at both ends."""
    down = (state["ib.flap"] > 0) & (at.time_s % FLAP_S < FLAP_DOWN_S)
    fell = down & (state["ib.state"] == ACTIVE)
    rose = ~down & (state["ib.state"] == DOWN)
    errors = state["ib.error_rate"] * at.dt * ~down
    state["ib.state"] = np.where(down, DOWN, ACTIVE)
    state["ib.rate"] = np.where(down, 0.0, LINK_RATE)
    state["ib.bandwidth"] = np.where(down, BROKEN_LINK, 1.0 - state["ib.lost"])
    for end in ("ib", "port"):
        state[f"{end}.symbol_errors"] += errors
        state[f"{end}.receive_errors"] += errors * 0.25
        state[f"{end}.recoveries"] += rose
        state[f"{end}.downs"] += fell


def jobs(state: State, layout: Layout, demand: Demand) -> None:
    """Set the steps a second of each job: all wait for the slowest GPU and the slowest link."""
    compute, nvlink, wire, pcie = demand.shares.T
    step = (
        compute / layout.slowest(state["gpu.clock"])
        + nvlink / layout.slowest(1.0 - state["gpu.nvlink_lost"])
        + wire / layout.slowest(state["ib.bandwidth"])
        + pcie / layout.slowest(1.0 - state["gpu.pcie_lost"])
    )
    state["job.rate"] = demand.compute / step


def gpu_activity(state: State, layout: Layout, demand: Demand, at: Moment) -> None:
    """Set what the profiling counters of each GPU see."""
    job = layout.gpu_job
    rate = state["job.rate"][job] * state["gpu.jitter"]
    work = rate * state["node.alive"][layout.gpu_node]
    storage = demand.storage[job] * (1.0 - state["gpu.pcie_lost"])
    busy = work * demand.shares[job, 0] / state["gpu.clock"]
    lag(state, "gpu.tensor", np.minimum(0.95 * busy, 1.0), 1.0, at.dt)
    lag(state, "gpu.sm_active", np.minimum(1.15 * busy + 0.05 * work, 1.0), 1.0, at.dt)
    lag(state, "gpu.dram", np.minimum(0.75 * busy, 1.0), 1.0, at.dt)
    lag(state, "gpu.nvlink_tx", work * NVLINK_BYTES, 1.0, at.dt)
    lag(state, "gpu.pcie_tx", work * PCIE_BYTES, 1.0, at.dt)
    lag(state, "gpu.pcie_rx", work * PCIE_BYTES + storage * STORAGE_BYTES, 1.0, at.dt)
    state["gpu.nvlink_rx"] = state["gpu.nvlink_tx"] * 0.98
    state["gpu.util"] = 100.0 * np.minimum(1.2 * state["gpu.sm_active"], 1.0)
    state["gpu.memory_used"] = 68_000.0 * state["node.alive"][layout.gpu_node]


def gpu_heat(state: State, layout: Layout, at: Moment) -> None:
    """Power, temperature, throttling. The clock falls with every kelvin above the limit."""
    alive = state["node.alive"][layout.gpu_node]
    load = state["gpu.tensor"] / 0.7 * state["gpu.clock"] ** 2
    power = np.minimum((GPU_IDLE_W + GPU_BUSY_W * load) * alive, 700.0)
    lag(state, "gpu.power", power, 1.0, at.dt)
    left = (1.0 - state["gpu.cooling_lost"]) * (1.0 - state["gpu.paste_lost"])
    path = GPU_KELVIN_PER_W / left
    inlet = state["node.inlet"][layout.gpu_node]
    lag(state, "gpu.temp", inlet + path * state["gpu.power"], 14.0, at.dt)
    memory = state["gpu.temp"] + 3.0 + 8.0 * state["gpu.dram"]
    lag(state, "gpu.memory_temp", memory, 10.0, at.dt)
    too_hot = np.maximum(state["gpu.temp"] - THROTTLE_CEL, 0.0)
    lag(state, "gpu.clock", np.maximum(1.0 - THROTTLE_PER_K * too_hot, 0.3), 3.0, at.dt)
    state["gpu.sm_clock"] = SM_CLOCK_MHZ * state["gpu.clock"]
    state["gpu.clock_reasons"] = np.where(too_hot > 0, SW_THERMAL, 0.0)
    state["gpu.thermal_violation"] += (too_hot > 0) * at.dt * 1e9
    state["gpu.energy"] += state["gpu.power"] * at.dt * 1e3


def gpu_links(state: State, at: Moment) -> None:
    """Errors, widths and XIDs of NVLink and PCIe."""
    nvlink, pcie = state["gpu.nvlink_lost"], state["gpu.pcie_lost"]
    state["gpu.nvlink_crc"] += nvlink * 60.0 * at.dt
    state["gpu.nvlink_recovery"] += nvlink * 2.0 * at.dt
    state["gpu.pcie_replays"] += pcie * 9.0 * at.dt
    state["gpu.pcie_width"] = 2.0 ** np.floor(np.log2(16.0 * (1.0 - pcie)))
    xid = np.where(nvlink > NOTICED, XID_NVLINK, np.where(pcie > SEVERE, XID_PCIE, 0.0))
    state["gpu.xid"] = np.where(xid > 0, xid, state["gpu.xid"])  # the last one stays


def traffic(state: State, layout: Layout, demand: Demand, at: Moment) -> None:
    """Bytes through the links; a ring sends as much as it receives."""
    job = layout.node_job
    uses = demand.shares[job, 2] > 0
    wanted = np.where(uses, FABRIC_BYTES, 0.01 * FABRIC_BYTES) * state["node.alive"]
    sent = state["job.rate"][job] * wanted * at.dt
    for out, into in (("ib.tx", "ib.rx"), ("port.rx", "port.tx")):
        state[out] += sent
        state[into] += 0.99 * sent
    queue = uses * (1.0 / state["ib.bandwidth"] - 1.0) * 1e6 * at.dt
    state["ib.wait"] += queue
    state["port.wait"] += queue


def nodes(state: State, layout: Layout, at: Moment) -> None:
    """Heat of each node, and the air that takes it away."""
    loop = layout.node_loop
    hottest = state["gpu.temp"].reshape(layout.nodes, layout.gpus).mean(axis=1)
    lag(state, "node.fan", np.clip(25.0 + 1.1 * (hottest - 40.0), 20.0, 100.0), 15.0, at.dt)
    own = (900.0 + 6.0 * state["node.fan"]) * state["node.alive"]
    state["node.power"] = layout.per_node(state["gpu.power"]) + own
    state["node.kilowatts"] = state["node.power"] / 1000.0
    exchange = AIR_OVER_WATER_K / state["pump.flow_ratio"] ** 0.6
    lag(state, "node.inlet", (state["chiller.leaving"] + exchange)[loop], 45.0, at.dt)
    rise = state["node.power"] / (7.0 * state["node.fan"])
    lag(state, "node.outlet", state["node.inlet"] + rise, 20.0, at.dt)


def cooling(state: State, layout: Layout, at: Moment) -> None:
    """Chilled water, condenser water, tower. Ratios are to the rated load of a loop."""
    rated = RATED * layout.peak_kw
    heat = layout.per_loop(state["node.power"]) / 1000.0
    _pump(state, heat, rated)
    hot = np.maximum(state["tower.leaving"] - CONDENSER_CEL - 1.0, 0.0)
    able = np.clip(1.0 - 0.035 * hot, 0.2, 1.0)
    state["chiller.excess"] += LOOP_K_PER_S * (heat / rated - able) * at.dt
    state["chiller.excess"] = np.clip(state["chiller.excess"], 0.0, 40.0)
    state["chiller.leaving"] = SETPOINT_CEL + state["chiller.excess"]
    entering = state["chiller.leaving"] + 0.86 * heat / state["pump.flow"]
    lag(state, "chiller.entering", entering, 20.0, at.dt)
    cooled = np.minimum(heat, able * rated)
    state["chiller.used"] = 100.0 * cooled / (able * rated)
    cop = np.clip(6.0 - 0.12 * (state["tower.leaving"] - CONDENSER_CEL), 2.0, 7.0)
    state["chiller.power"] = cooled / cop
    _tower(state, (cooled + state["chiller.power"]) / (1.2 * rated), rated, at)


def _pump(state: State, heat: Floats, rated: Floats) -> None:
    works = 1.0 - 0.6 * state["pump.cavitation"]
    clogging = state["pump.clogging"]
    speed = np.clip(0.6 + 0.4 * heat / rated, 0.6, 1.0)
    state["pump.flow_ratio"] = works * speed * (1.0 - clogging) / 0.85
    state["pump.speed"] = 100.0 * speed
    state["pump.flow"] = works * speed * rated * 0.143 * (1.0 - clogging)
    state["pump.pressure"] = 240.0 * (works * speed) ** 2 * (1.0 + 0.8 * clogging)
    state["pump.vibration"] = 1.2 * speed + 7.0 * state["pump.cavitation"]
    state["pump.power"] = 0.03 * rated * speed**3 * (1.0 - 0.3 * state["pump.cavitation"])


def _tower(state: State, load: Floats, rated: Floats, at: Moment) -> None:
    """Leaving water stands above the wet bulb by `TOWER_K x load / airflow^0.8`."""
    wet_bulb = 14.0 + 6.0 * daylight(at.time_s - 1800.0)
    kelvin = TOWER_K * (1.0 + state["tower.fouling"])
    wanted = np.clip((kelvin * load / (CONDENSER_CEL - wet_bulb)) ** 1.25, 0.1, 1.0)
    stuck = state["tower.stuck"]
    air = (1.0 - stuck) * wanted + stuck * STUCK_AIR
    lag(state, "tower.fan", 100.0 * air, 8.0, at.dt)
    approach = kelvin * load / (state["tower.fan"] / 100.0) ** 0.8
    leaving = np.minimum(wet_bulb + approach, 65.0)
    lag(state, "tower.leaving", leaving, 120.0, at.dt)
    state["tower.entering"] = state["tower.leaving"] + 5.5 * load
    state["tower.wet_bulb"] = np.full_like(load, wet_bulb)
    state["tower.power"] = 0.02 * rated * (state["tower.fan"] / 100.0) ** 3


def power(state: State, layout: Layout, at: Moment) -> None:
    """From the mains through the UPS to the nodes; cooling hangs on the mains directly."""
    useful = layout.per_loop(state["node.power"]) / 1000.0
    rated = RATED * layout.peak_kw
    alive = _ups(state, useful, rated, at)
    state["node.alive"] = alive[layout.node_loop].astype(np.float64)
    from_mains = useful / 0.96 * (1.0 - state["ups.on_battery"])
    total = from_mains + state["chiller.power"] + state["tower.power"] + state["pump.power"]
    load = total / (1.5 * layout.peak_kw)
    state["transformer.power"] = total
    state["transformer.voltage"] = MAINS_V * (1.0 - 0.02 * load) * (1.0 - state["transformer.sag"])
    amps = 1000.0 * total / (np.sqrt(3.0) * 0.97 * state["transformer.voltage"])
    state["transformer.current"] = amps
    state["transformer.frequency"] = np.full_like(total, 50.0)
    lag(state, "transformer.oil", 30.0 + 35.0 * load**1.6, 1800.0, at.dt)


def _ups(state: State, useful: Floats, rated: Floats, at: Moment) -> Flags:
    """Carry the load from the mains or the battery; returns whether the output is alive."""
    lost = state["ups.rectifier_lost"]
    state["ups.input"] = state["transformer.voltage"].copy()
    battery = (state["ups.input"] < TRANSFER * MAINS_V) | (lost > NOTICED)
    use = 100.0 * useful / rated / BATTERY_S * (1.0 + lost) * at.dt
    charge = state["ups.charge"] + np.where(battery, -use, 0.01 * at.dt)
    holds = 100.0 * (1.0 - state["ups.ageing"] * (0.4 + 0.6 * useful / rated))
    state["ups.charge"] = np.clip(charge, 0.0, holds)
    state["ups.on_battery"] = battery.astype(np.float64)
    alive = ~battery | (state["ups.charge"] > 0)
    droop = battery * (0.015 + 0.06 * (1.0 - state["ups.charge"] / 100.0))
    state["ups.output"] = UPS_V * (1.0 - droop) * alive
    state["ups.power"] = useful
    state["ups.load"] = 100.0 * useful / rated
    alive_now: Flags = alive
    return alive_now


def step(state: State, layout: Layout, demand: Demand, at: Moment) -> None:
    """Move the whole plant on by one step."""
    fabric(state, at)
    jobs(state, layout, demand)
    gpu_activity(state, layout, demand, at)
    gpu_heat(state, layout, at)
    gpu_links(state, at)
    traffic(state, layout, demand, at)
    nodes(state, layout, at)
    cooling(state, layout, at)
    power(state, layout, at)
