"""Bit frames for people and programs."""

from collections.abc import Iterator
from typing import Any

from rich.table import Table

from models.bits import Frame
from schemas import bits
from streams.cli.console import moment
from streams.cli.plain import plain

STATUS = {
    "valid": bits.VALID,
    "fresh": bits.FRESH,
    "in_range": bits.IN_RANGE,
    "rising": bits.RISING,
    "falling": bits.FALLING,
    "high": bits.HIGH,
    "low": bits.LOW,
    "anomalous": bits.ANOMALOUS,
}
"""Names of the status bits, lowest first."""
KINDS = ("grid", "binary", "decimal", "exact")
"""Names of how values became codes."""
Sample = tuple[str, int, float | None, int]


def samples(frame: Frame) -> Iterator[Sample]:
    """Yield time, index of the point, value (None where there is none) and status of each."""
    taken = frame.samples
    times = [moment(time) for time in taken.times_ns.tolist()]
    columns = (taken.row, taken.point, taken.values, taken.status)
    for row, point, value, status in zip(*(c.tolist() for c in columns), strict=True):
        yield times[row], point, value if status & bits.VALID else None, status


def names(status: int) -> list[str]:
    """Name the bits of a status byte."""
    return [name for name, bit in STATUS.items() if status & bit]


def quality(frame: Frame) -> float:
    """Return the share of samples that are valid, fresh and in range, 0..1."""
    status = frame.samples.status
    return float((status & bits.GOOD == bits.GOOD).mean()) if len(status) else 0.0


def document(frame: Frame) -> dict[str, Any]:
    """Return a frame as plain JSON values."""
    said, scales = frame.names, frame.scales
    columns = (scales["kind"].tolist(), frame.bounds.tolist(), scales["exponent"].tolist())
    points = [
        {"name": name, "unit": unit, "scale": KINDS[kind], "within": bound, "exponent": e}
        for name, unit, kind, bound, e in zip(said.points, said.units, *columns, strict=True)
    ]
    covers = {field: getattr(frame.covers, field) for field in frame.covers.__struct_fields__}
    return {
        "asset": said.asset,
        "cell": said.cell,
        "covers": covers,
        "quality": round(quality(frame), 4),
        "points": points,
        "samples": [
            {"time": time, "point": said.points[p], "value": value, "status": names(status)}
            for time, p, value, status in samples(frame)
        ],
    }


def summary(frame: Frame, size: int) -> str:
    """Say a frame of `size` bytes in one line."""
    said, taken = frame.names, frame.samples
    n = len(taken.status)
    odd = int((taken.status & bits.ANOMALOUS > 0).sum())
    covers = frame.covers
    parts = [
        f"{said.asset}: {n} samples of {len(said.points)} points at {len(taken.times_ns)} times",
        f"{8 * size / max(n, 1):.1f} bits a sample",
        f"from {covers.topic}/{covers.partition}@{covers.first_offset}..{covers.last_offset}",
    ]
    return plain(", ".join(parts + ([f"{odd} anomalous"] if odd else [])))


def table(frame: Frame) -> Table:
    """Lay a frame out as a table, a row a sample."""
    said = frame.names
    grid = Table("time", "point", "value", "unit", "status", title=plain(said.asset))
    grid.columns[2].justify = "right"
    for time, p, value, status in samples(frame):
        shown = "-" if value is None else f"{value:.6g}"
        row = (time, said.points[p], shown, said.units[p], " ".join(names(status)))
        grid.add_row(*map(plain, row), style="red" if status & bits.ANOMALOUS else "")
    return grid
