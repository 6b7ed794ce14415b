"""What can break. A fault turns knobs of the physics; a new fault is a new row here.

A knob is 0 when healthy. At severity 1, after the ramp, it stands at the value in the row.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from models.simulate.frame import Floats
from models.simulate.layout import Layout

KNOBS: dict[str, str] = {
    "ib.error_rate": "ib",  # symbol errors a second
    "ib.lost": "ib",  # share of the bandwidth
    "ib.flap": "ib",  # > 0: goes down again and again
    "gpu.cooling_lost": "gpu",  # share of the heat path
    "gpu.nvlink_lost": "gpu",  # share of the lanes
    "gpu.pcie_lost": "gpu",  # share of the lanes
    "gpu.paste_lost": "gpu",  # share of the heat path, on top
    "tower.fouling": "tower",  # approach that the fill has lost, relative
    "tower.stuck": "tower",  # 1: the fan stands at its lowest speed
    "pump.clogging": "pump",  # of the strainer: share of the flow that it takes
    "ups.ageing": "ups",  # share of the charge that the battery does not hold at full load
    "pump.cavitation": "pump",  # share of the impeller that works in vapour
    "ups.rectifier_lost": "ups",  # > 0.05: the battery carries the load
    "transformer.sag": "transformer",  # share of the voltage
}
"""Each knob and the kind of asset that has it."""


class Sign(NamedTuple):
    """A point that moves visibly, no later than `within_s` after the fault began, at severity 1."""

    where: str
    """A key of RELATIONS."""
    point: str
    within_s: float


class FaultKind(NamedTuple):
    """What a kind of fault does."""

    asset_kind: str
    """Kind of the asset that breaks; empty: any."""
    knobs: tuple[tuple[str, float], ...]
    ramp_s: float
    signs: tuple[Sign, ...]


@dataclass(frozen=True)
class Course:
    """How a fault comes on, from its beginning until it stands at its severity."""

    ramp_s: float = 0.0
    """How long that takes; 0: as the kind of fault says."""
    bend: float = 1.0
    """Power of the time: 1 is steady, more begins slowly, less begins fast."""
    rough: float = 0.0
    """How far it strays from that, as a Brownian bridge does: standard deviation half way, times 2,
    in severities."""
    seed: int = 0
    """Of the straying."""

    def come(self, share: float) -> float:
        """Say how far it has come, 0..1, when `share` of the ramp is over.

        A Brownian bridge by its Karhunen-Loeve sum, so it is the same whenever it is asked.
        """
        straight = float(share**self.bend)
        if self.rough == 0.0:
            return straight
        waves = np.arange(1, _WAVES + 1) * math.pi
        strays = np.random.default_rng([self.seed, 3]).standard_normal(_WAVES)
        bridge = math.sqrt(2.0) * float(np.sum(strays * np.sin(waves * share) / waves))
        return min(max(straight + self.rough * bridge, 0.0), 1.0)


_WAVES = 64


@dataclass(frozen=True)
class Fault:
    """One thing that breaks for a while."""

    kind: str
    asset: str
    start_s: float
    """Since the start of the run."""
    duration_s: float
    severity: float = 1.0
    """0 (excluded) .. 1."""
    point: str = ""
    """Of a sensor that sticks; empty: the first noisy one."""
    course: Course = Course()

    def __post_init__(self) -> None:
        if self.kind not in KINDS_OF_FAULTS:
            raise ValueError(f"fault kind {self.kind!r} is none of {', '.join(KINDS_OF_FAULTS)}")
        if not (0 < self.severity <= 1 and self.start_s >= 0 and self.duration_s > 0):
            raise ValueError(f"{self}: severity must be in (0, 1], start >= 0, duration > 0")

    def strength(self, elapsed_s: float) -> float:
        """Say how far the fault has come, 0..severity, `elapsed_s` after the start of the run."""
        since = elapsed_s - self.start_s
        if not 0 <= since < self.duration_s:
            return 0.0
        ramp_s = self.course.ramp_s or KINDS_OF_FAULTS[self.kind].ramp_s
        return self.severity * self.course.come(min(1.0, (since + 1.0) / (ramp_s + 1.0)))


_BYTES_OUT = "node_infiniband_port_data_transmitted_bytes_total"
_SYMBOLS = "node_infiniband_symbol_error_total"
_TENSOR = "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE"

FAULTS: dict[str, FaultKind] = {
    "ib_errors": FaultKind(
        "ib",
        (("ib.error_rate", 40.0), ("ib.lost", 0.7)),
        20.0,
        (
            Sign("itself", _SYMBOLS, 10),
            Sign("other_end", _SYMBOLS, 10),
            Sign("job_links", _BYTES_OUT, 60),
            Sign("job_gpus", _TENSOR, 60),
        ),
    ),
    "ib_flap": FaultKind(
        "ib",
        (("ib.flap", 1.0), ("ib.error_rate", 4.0)),
        0.0,
        (
            Sign("itself", "node_infiniband_link_downed_total", 45),
            Sign("other_end", "node_infiniband_link_downed_total", 45),
            Sign("itself", "node_infiniband_state_id", 45),
            Sign("job_gpus", _TENSOR, 45),
        ),
    ),
    "gpu_cooling": FaultKind(
        "gpu",
        (("gpu.cooling_lost", 0.6),),
        30.0,
        (
            Sign("itself", "DCGM_FI_DEV_GPU_TEMP", 40),
            Sign("itself", "DCGM_FI_DEV_THERMAL_VIOLATION", 90),
            Sign("itself", "DCGM_FI_DEV_SM_CLOCK", 90),
            Sign("job_gpus", _TENSOR, 120),
        ),
    ),
    "nvlink_lanes": FaultKind(
        "gpu",
        (("gpu.nvlink_lost", 0.8),),
        2.0,
        (
            Sign("itself", "DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL", 10),
            Sign("itself", "DCGM_FI_DEV_XID_ERRORS", 10),
            Sign("job_gpus", "DCGM_FI_PROF_NVLINK_TX_BYTES", 30),
        ),
    ),
    "pcie_lanes": FaultKind(
        "gpu",
        (("gpu.pcie_lost", 0.875),),
        0.0,
        (
            Sign("itself", "DCGM_FI_DEV_PCIE_LINK_WIDTH", 5),
            Sign("itself", "DCGM_FI_DEV_PCIE_REPLAY_COUNTER", 10),
            Sign("job_gpus", _TENSOR, 30),
        ),
    ),
    "tower_fan_stuck": FaultKind(
        "tower",
        (("tower.stuck", 1.0),),
        0.0,
        (
            Sign("itself", "Fan_Speed", 20),
            Sign("itself", "Leaving_Condenser_Water_Temperature", 60),
            Sign("chillers", "Capacity_Used", 240),
            Sign("chillers", "Leaving_Chilled_Water_Temperature", 400),
            Sign("nodes_cooled", "Inlet_Air_Temperature", 500),
            Sign("gpus_cooled", "DCGM_FI_DEV_GPU_TEMP", 600),
        ),
    ),
    "pump_cavitation": FaultKind(
        "pump",
        (("pump.cavitation", 0.8),),
        60.0,
        (
            Sign("itself", "Vibration", 20),
            Sign("itself", "Differential_Pressure", 30),
            Sign("itself", "Water_Flow", 30),
            Sign("chillers", "Entering_Chilled_Water_Temperature", 90),
            Sign("nodes_cooled", "Inlet_Air_Temperature", 120),
        ),
    ),
    "ups_on_battery": FaultKind(
        "ups",
        (("ups.rectifier_lost", 1.0),),
        0.0,
        (
            Sign("itself", "On_Battery_Status", 5),
            Sign("itself", "Output_Voltage", 5),
            Sign("itself", "Battery_Charge_Level", 60),
        ),
    ),
    "feed_sag": FaultKind(
        "transformer",
        (("transformer.sag", 0.3),),
        30.0,
        (
            Sign("itself", "Output_Voltage", 10),
            Sign("itself", "Load_Current", 20),
            Sign("ups", "Input_Voltage", 10),
            Sign("ups", "On_Battery_Status", 40),
        ),
    ),
    "sensor_stuck": FaultKind("", (), 0.0, ()),
}

_DAY_S = 86_400.0
SLOW: dict[str, FaultKind] = {
    "tower_fouling": FaultKind("tower", (("tower.fouling", 1.2),), 10 * _DAY_S, ()),
    "strainer_clogging": FaultKind("pump", (("pump.clogging", 0.5),), 10 * _DAY_S, ()),
    "battery_ageing": FaultKind("ups", (("ups.ageing", 0.4),), 10 * _DAY_S, ()),
    "paste_drying": FaultKind("gpu", (("gpu.paste_lost", 0.6),), 10 * _DAY_S, ()),
    "link_decay": FaultKind("ib", (("ib.error_rate", 20.0),), 10 * _DAY_S, ()),
}
"""What breaks so slowly that it can be seen coming; nothing is visible at once."""
KINDS_OF_FAULTS = FAULTS | SLOW


def _nodes_cooled(layout: Layout, i: int) -> list[int]:
    return [n for n in range(layout.nodes) if layout.node_loop[n] == i]


def _job_nodes(layout: Layout, node: int) -> list[int]:
    return [n for n in range(layout.nodes) if layout.node_job[n] == layout.node_job[node]]


def _gpus(layout: Layout, nodes: Iterable[int]) -> list[str]:
    names = layout.assets["gpu"]
    return [names[n * layout.gpus + g] for n in nodes for g in range(layout.gpus)]


def _names(kind: str, layout: Layout, indices: Iterable[int]) -> list[str]:
    return [layout.assets[kind][i] for i in indices]


def _node_of(layout: Layout, kind: str, i: int) -> int:
    return i // layout.gpus if kind == "gpu" else i


RELATIONS: dict[str, Callable[[Layout, str, int], list[str]]] = {
    "itself": lambda layout, kind, i: _names(kind, layout, [i]),
    "other_end": lambda layout, _, i: _names("port", layout, [i]),
    "job_links": lambda layout, kind, i: _names(
        "ib", layout, _job_nodes(layout, _node_of(layout, kind, i))
    ),
    "job_gpus": lambda layout, kind, i: _gpus(
        layout, _job_nodes(layout, _node_of(layout, kind, i))
    ),
    "chillers": lambda layout, _, i: _names("chiller", layout, [i]),
    "ups": lambda layout, _, i: _names("ups", layout, [i]),
    "nodes_cooled": lambda layout, _, i: _names("node", layout, _nodes_cooled(layout, i)),
    "gpus_cooled": lambda layout, _, i: _gpus(layout, _nodes_cooled(layout, i)),
}
"""Who a fault reaches: (layout, kind and index of the broken asset) -> names."""


def check(faults: Iterable[Fault], layout: Layout) -> None:
    """Raise ValueError where a fault names an asset that is not there or cannot break so."""
    for fault in faults:
        kind, _ = layout.where(fault.asset)
        wanted = KINDS_OF_FAULTS[fault.kind].asset_kind
        if wanted and wanted != kind:
            raise ValueError(f"{fault.kind} happens to a {wanted}, and {fault.asset} is a {kind}")


def turn(
    knobs: Mapping[str, Floats], faults: Iterable[Fault], layout: Layout, elapsed_s: float
) -> None:
    """Set all knobs, in place, as the faults want them at `elapsed_s`; the strongest wins."""
    for values in knobs.values():
        values[:] = 0.0
    for fault in faults:
        strength = fault.strength(elapsed_s)
        _, i = layout.where(fault.asset)
        for knob, full in KINDS_OF_FAULTS[fault.kind].knobs:
            knobs[knob][i] = max(knobs[knob][i], strength * full)
