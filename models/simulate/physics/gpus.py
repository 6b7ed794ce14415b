"""GPUs: what jobs make of them, heat, throttling, NVLink, PCIe and memory errors.

Sizes are those of an 8-GPU node of 700 W GPUs.
"""

import numpy as np

from models.simulate.frame import Floats
from models.simulate.layout import Layout
from models.simulate.physics.moment import Moment, State
from models.simulate.workload import Demand

GPU_IDLE_W, GPU_BUSY_W, GPU_MOST_W = 90.0, 540.0, 700.0
GPU_KELVIN_PER_W = 0.068
THROTTLE_CEL = 85.0
THROTTLE_PER_K = 0.06
SM_CLOCK_MHZ = 1980.0
SW_THERMAL = 32.0  # DCGM clocks event reason: software thermal slowdown
NVLINK_BYTES, PCIE_BYTES = 2.4e11, 6.0e9  # B/s in full training
STORAGE_BYTES = 2.0e10
XID_NVLINK, XID_BUS, XID_DBE, XID_SBE = 74.0, 79.0, 48.0, 92.0
NOTICED, SEVERE = 0.05, 0.5  # share of lanes that is missed at once; that raises an XID
STEP_S = 1.5  # until a whole job has felt what one member does
STALLED = 1e-4  # of the speed: a job that waits for a member that is gone
ECC_SLOWS = 0.12  # of the speed, of a GPU that scrubs all the time
FAN_PATH = 0.35  # of the heat path, that fans give
GEN1_LOSES = 0.92  # of the bandwidth, beside Gen5
NVSWITCH_SHARE = 0.6  # of NVLink, that a switch in trouble takes


def per_gpu(layout: Layout, of_nodes: Floats) -> Floats:
    """Repeat the value of a node for each of its GPUs."""
    return np.repeat(of_nodes, layout.gpus)


def jobs(state: State, layout: Layout, demand: Demand, at: Moment) -> None:
    """Set the steps a second of each crew: all wait for the slowest GPU and the slowest link."""
    compute, nvlink, wire, pcie = demand.shares.T
    works = (1.0 - state["gpu.lost"]) * (1.0 - ECC_SLOWS * state["gpu.ecc"])
    works = works * (1.0 - state["gpu.hung"]) * (1.0 - state["gpu.hbm_lost"])
    able = layout.least(state["gpu.clock"] * works) * state["node.alive"]
    lanes = layout.least(1.0 - state["gpu.nvlink_lost"])
    lanes = lanes * (1.0 - NVSWITCH_SHARE * state["nvswitch.lost"])
    bus = layout.least((1.0 - state["gpu.pcie_lost"]) * (1.0 - GEN1_LOSES * state["gpu.pcie_slow"]))
    step = (
        compute / _slowest(state, layout, able)
        + nvlink / _slowest(state, layout, lanes)
        + wire / np.maximum(state["crew.fabric"], STALLED)
        + pcie / _slowest(state, layout, bus)
    )
    at.lag(state, "crew.rate", demand.compute / step, STEP_S)


def _slowest(state: State, layout: Layout, of_nodes: Floats) -> Floats:
    """Least value of each crew; a node that was drained is not waited for."""
    inside = np.where(state["node.drained"] > 0, 1.0, of_nodes)
    slowest: Floats = np.maximum(layout.slowest(inside), STALLED)
    return slowest


def activity(state: State, layout: Layout, demand: Demand, at: Moment) -> None:
    """Set what the profiling counters of each GPU see."""
    crew = layout.node_crew
    state["node.in"] = state["node.alive"] * (1.0 - state["node.drained"])
    there = 1.0 - state["gpu.lost"]
    work = per_gpu(layout, state["crew.rate"][crew] * state["node.in"])
    work = work * state["gpu.jitter"] * there
    storage = per_gpu(layout, demand.storage[crew]) * (1.0 - state["gpu.pcie_lost"])
    busy = work * per_gpu(layout, demand.shares[crew, 0]) / state["gpu.clock"]
    at.lag(state, "gpu.tensor", np.minimum(0.95 * busy, 1.0), 1.0)
    at.lag(state, "gpu.sm_active", np.minimum(1.15 * busy + 0.05 * work, 1.0), 1.0)
    at.lag(state, "gpu.dram", np.minimum(0.75 * busy, 1.0), 1.0)
    at.lag(state, "gpu.nvlink_tx", work * NVLINK_BYTES, 1.0)
    at.lag(state, "gpu.pcie_tx", work * PCIE_BYTES, 1.0)
    at.lag(state, "gpu.pcie_rx", work * PCIE_BYTES + storage * STORAGE_BYTES, 1.0)
    state["gpu.nvlink_rx"] = state["gpu.nvlink_tx"] * 0.98
    state["gpu.util"] = 100.0 * np.minimum(1.2 * state["gpu.sm_active"], 1.0)
    state["gpu.memory_used"] = 68_000.0 * per_gpu(layout, state["node.in"])


def heat(state: State, layout: Layout, at: Moment) -> None:
    """Power, temperature, throttling. The clock falls with every kelvin above the limit."""
    alive = per_gpu(layout, state["node.alive"]) * (1.0 - state["gpu.lost"])
    load = state["gpu.tensor"] / 0.7 * state["gpu.clock"] ** 2 * at.traits.gain["gpu.busy"]
    power = np.minimum((GPU_IDLE_W + GPU_BUSY_W * load) * alive, GPU_MOST_W)
    at.lag(state, "gpu.power", power, 1.0)
    left = (1.0 - state["gpu.cooling_lost"]) * (1.0 - state["gpu.paste_lost"])
    left = left * per_gpu(layout, 1.0 - FAN_PATH * state["node.fan_stuck"])
    path = GPU_KELVIN_PER_W * at.traits.gain["gpu.path"] * at.traits.gpu_path / left
    inlet = per_gpu(layout, state["node.inlet"])
    at.lag(state, "gpu.temp", inlet + path * state["gpu.power"], 14.0)
    memory = state["gpu.temp"] + 3.0 + 8.0 * state["gpu.dram"]
    at.lag(state, "gpu.memory_temp", memory, 10.0)
    too_hot = np.maximum(state["gpu.temp"] - THROTTLE_CEL, 0.0)
    at.lag(state, "gpu.clock", np.maximum(1.0 - THROTTLE_PER_K * too_hot, 0.3), 3.0)
    state["gpu.sm_clock"] = SM_CLOCK_MHZ * state["gpu.clock"]
    state["gpu.clock_reasons"] = np.where(too_hot > 0, SW_THERMAL, 0.0)
    state["gpu.thermal_violation"] += (too_hot > 0) * at.dt * 1e9
    state["gpu.energy"] += state["gpu.power"] * at.dt * 1e3


def errors(state: State, layout: Layout, at: Moment) -> None:
    """Errors, widths and XIDs of NVLink, PCIe and memory."""
    switch = per_gpu(layout, state["nvswitch.lost"])
    nvlink, pcie = state["gpu.nvlink_lost"], state["gpu.pcie_lost"]
    ecc, hbm = state["gpu.ecc"], state["gpu.hbm_lost"]
    gain = at.traits.gain["errors"] * at.dt
    state["gpu.nvlink_crc"] += (nvlink * 60.0 + switch * 6.0) * gain
    state["gpu.nvlink_recovery"] += (nvlink * 2.0 + switch * 0.2) * gain
    state["gpu.pcie_replays"] += pcie * 9.0 * gain
    state["gpu.sbe"] += (ecc * 40.0 + hbm * 15.0) * gain
    state["gpu.dbe"] += hbm * 0.5 * gain
    state["gpu.pcie_width"] = 2.0 ** np.floor(np.log2(16.0 * (1.0 - pcie)))
    state["gpu.pcie_gen"] = np.where(state["gpu.pcie_slow"] > SEVERE, 1.0, 5.0)
    state["nvswitch.errors"] += state["nvswitch.lost"] * 12.0 * gain
    at.lag(state, "nvswitch.temp", state["node.inlet"] + 25.0, 30.0)
    _last_xid(state)


def _last_xid(state: State) -> None:
    """Set the last XID of each GPU; it stays."""
    for knob, limit, xid in (
        ("gpu.ecc", NOTICED, XID_SBE),
        ("gpu.hbm_lost", NOTICED, XID_DBE),
        ("gpu.pcie_lost", SEVERE, XID_BUS),
        ("gpu.nvlink_lost", NOTICED, XID_NVLINK),
        ("gpu.lost", NOTICED, XID_BUS),
    ):
        state["gpu.xid"] = np.where(state[knob] > limit, xid, state["gpu.xid"])
