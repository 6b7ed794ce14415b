"""GPU points: DCGM's fields, under their own names, in DCGM's units but for MiB and mJ.

Sources: NVIDIA DCGM API reference, field identifiers; dcgm-exporter's counters files; NVLink and
PCIe capacities as NVIDIA's data sheets give them, of the fastest generation there is: a reading is
held against what no link can do.
"""

from collections.abc import Iterator
from typing import Final

from schemas.units.point import Point, PointKind, bare

PREFIX: Final = "DCGM_FI_"

NVLINK = 9e11
"""One way, a GPU: B200's 18 links."""
NVLINKS = 2 * NVLINK
LINK = 1e11
"""One NVLink of that generation, both ways."""
PCIE = 1.21e11
"""One way, Gen6 x16."""
MEBI: Final = 2.0**20
_COUNTER, _STATE = PointKind.COUNTER, PointKind.STATE


def is_dcgm(point: str) -> bool:
    """Say whether `point` is a field of DCGM, under its own name."""
    return bare(point).rpartition("/")[2].startswith(PREFIX)


def _counters(unit: str, *names: str) -> Iterator[Point]:
    for name in names:
        yield Point(name=PREFIX + name, unit=unit, kind=_COUNTER)


def _states(*names: str) -> Iterator[Point]:
    for name in names:
        yield Point(name=PREFIX + name, kind=_STATE)


def _gauges(unit: str, low: float, high: float, *names: str) -> Iterator[Point]:
    for name in names:
        yield Point(name=PREFIX + name, unit=unit, low=low, high=high)


def _mebibytes(*names: str) -> Iterator[Point]:
    for name in names:
        yield Point(name=PREFIX + name, unit="By", factor=MEBI)


def _bandwidth(name: str, capacity: float) -> Point:
    """Typed counter, behaves as a gauge: of MB/s as measured, of KB/s as maintainers said."""
    return Point(
        name=PREFIX + name, unit="B/s", factor=1e6, factors=(1e3, 1.0), capacity=capacity, bits=16
    )


def _bytes(name: str, capacity: float, factor: float = 1.0) -> Point:
    return Point(
        name=PREFIX + name, unit="B/s", low=0, high=2e12, bits=16, capacity=capacity, factor=factor
    )


DCGM: tuple[Point, ...] = (
    *_gauges("Cel", -20, 150, "DEV_GPU_TEMP", "DEV_MEMORY_TEMP"),
    *_gauges("W", 0, 2000, "DEV_POWER_USAGE", "DEV_POWER_USAGE_INSTANT"),
    *_gauges("W", 0, 2000, "DEV_ENFORCED_POWER_LIMIT", "DEV_POWER_MGMT_LIMIT*"),
    *_gauges("MHz", 0, 4000, "DEV_SM_CLOCK", "DEV_VIDEO_CLOCK"),
    *_gauges("MHz", 0, 8000, "DEV_MEM_CLOCK"),
    *_gauges("1", 0, 8, "DEV_PCIE_LINK_GEN", "DEV_PCIE_MAX_LINK_GEN"),
    *_gauges("1", 0, 32, "DEV_PCIE_LINK_WIDTH", "DEV_PCIE_MAX_LINK_WIDTH"),
    Point(name=PREFIX + "DEV_XID_ERRORS", low=0, high=65_535, kind=PointKind.LAST_EVENT),
    Point(name=PREFIX + "DEV_TOTAL_ENERGY_CONSUMPTION", unit="J", factor=1e-3, kind=_COUNTER),
    *_mebibytes("DEV_FB_FREE", "DEV_FB_USED", "DEV_FB_RESERVED", "DEV_FB_TOTAL"),
    *_mebibytes("DEV_BAR1_FREE", "DEV_BAR1_USED", "DEV_BAR1_TOTAL"),
    *_gauges("1", 0, 1, "DEV_FB_USED_PERCENT"),
    Point(name=PREFIX + "DEV_PCIE_REPLAY_COUNTER", unit="count", kind=_COUNTER, wraps=32),
    _bytes("DEV_PCIE_TX_THROUGHPUT", PCIE, 1e3),
    _bytes("DEV_PCIE_RX_THROUGHPUT", PCIE, 1e3),
    *_counters("count", "DEV_RETIRED_SBE", "DEV_RETIRED_DBE", "DEV_RETIRED_PENDING"),
    *_counters("count", "DEV_CORRECTABLE_REMAPPED_ROWS", "DEV_UNCORRECTABLE_REMAPPED_ROWS"),
    *_states("DEV_ROW_REMAP_FAILURE", "DEV_ROW_REMAP_PENDING", "DEV_VGPU_LICENSE_STATUS"),
    *_states("DEV_PSTATE", "DEV_CLOCKS_EVENT_REASONS"),
    Point(
        name=PREFIX + "DEV_CLOCK_THROTTLE_REASONS", canonical=PREFIX + "DEV_CLOCKS_EVENT_REASONS"
    ),
    _bandwidth("DEV_NVLINK_BANDWIDTH_TOTAL", NVLINKS),
    # of several fields, and of each lane
    *_counters("ns", "DEV_*_VIOLATION", "DEV_CLOCKS_EVENT_REASON*_NS"),
    *_counters("count", "DEV_ECC_SBE_*", "DEV_ECC_DBE_*"),
    *_gauges("%", 0, 100, "DEV_*_UTIL"),
    _bandwidth("DEV_NVLINK_BANDWIDTH_L*", LINK),
    Point(
        name=PREFIX + "DEV_NVLINK_COUNT_?X_BYTES_L*", unit="By", kind=_COUNTER, capacity=LINK / 2
    ),
    Point(name=PREFIX + "DEV_NVLINK_COUNT_?X_BYTES", unit="By", kind=_COUNTER, capacity=NVLINK),
    *_gauges("1", 0, 1, "DEV_NVLINK_COUNT_*_BER_FLOAT*"),
    *_states("DEV_NVLINK_COUNT_*_BER*"),  # mantissa and exponent in one number
    *_counters("count", "DEV_NVLINK_COUNT_*", "DEV_NVLINK_*_ERROR_COUNT_*"),
    *_gauges("1", 0, 1, "PROF_*_ACTIVE", "PROF_SM_OCCUPANCY"),
    _bytes("PROF_PCIE_?X_BYTES", PCIE),
    _bytes("PROF_NVLINK_?X_BYTES", NVLINK),
    # made by dcgm-exporter itself: counts in a window, and codes
    Point(name="DCGM_EXP_*_COUNT", unit="count"),
    Point(name="DCGM_EXP_*_STATUS", kind=_STATE),
)
"""Fields first, then families of them; the first that covers a name counts."""
