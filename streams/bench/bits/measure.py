"""Sizes and times of bits and of the other codecs, on the same values with the same bounds."""

from collections.abc import Callable, Iterator, Sequence
from time import thread_time_ns

import msgspec
import numpy as np

from models import bits
from models.bits import Reader, Samples
from models.packing import write
from models.packing.write import Columns, Points
from models.rows import SIGNAL
from models.rows import Table as Signals
from schemas.bits import GOOD, HALF, VALID, Names
from schemas.telemetry import Floats, Ints
from streams.bench.bits.codecs import Codec, codecs
from streams.bench.bits.sets import SECOND, START_NS, Table

SHARES = (0.005, 0.001, 0.0)
"""Of range: the bound; 0.0: lossless."""
_WIDTH = 16
_LEVELS = (1 << _WIDTH) - 1


class Result(msgspec.Struct, frozen=True):
    """One codec on one set."""

    set: str
    share: float
    codec: str
    samples: int
    bytes_a_sample: float
    encode_rate: float
    """Samples a second."""
    decode_rate: float

    def line(self) -> str:
        """Say it in one line."""
        bound = f"{self.share:.1%} of range" if self.share else "lossless"
        speed = ""
        if self.encode_rate:
            rates = self.encode_rate / 1e6, self.decode_rate / 1e6
            speed = f", {rates[0]:7.1f} M samples/s encoded, {rates[1]:7.1f} decoded"
        return (
            f"{self.set:<12} {bound:<13} {self.codec:<16} {self.bytes_a_sample:8.3f} bytes a "
            f"sample{speed}"
        )


def measure(name: str, tables: Sequence[Table], share: float, turns: int) -> Iterator[Result]:
    """Measure ours, then all others, on one set."""
    yield from _ours(name, tables, share, turns)
    signals = [column for table in tables for column in table.values.T]
    signals = [np.ascontiguousarray(column[np.isfinite(column)]) for column in signals]
    kept = [(values, bound_of(values, share)) for values in signals if len(values)]
    for codec in codecs(share):
        yield _other(name, kept, share, turns, codec)


def bound_of(values: Floats, share: float) -> float:
    """Return the bound of a signal; of one that never moves, a share of its value."""
    extent = float(values.max() - values.min()) or float(np.abs(values).max()) or 1.0
    return share * extent


def _other(
    name: str, kept: Sequence[tuple[Floats, float]], share: float, turns: int, codec: Codec
) -> Result:
    data = [codec.encode(*one) for one in kept]
    for one, (values, bound) in zip(data, kept, strict=True):
        away = float(np.abs(codec.decode(one, len(values)) - values).max())
        assert away <= bound * (1 + 1e-9) or not codec.bounded, (codec.name, away, bound)  # noqa: S101 - the same work
    n = sum(len(values) for values, _ in kept)
    encoded = _fastest(lambda: [codec.encode(*one) for one in kept], turns)
    read = [(one, len(values)) for one, (values, _) in zip(data, kept, strict=True)]
    decoded = _fastest(lambda: [codec.decode(*one) for one in read], turns)
    size = sum(map(len, data)) / n
    return Result(name, share, codec.name, n, size, 1e9 * n / encoded, 1e9 * n / decoded)


def _ours(name: str, tables: Sequence[Table], share: float, turns: int) -> Iterator[Result]:
    made = [(named(table, share), samples_of(table)) for table in tables]
    data = [bits.encode(names, (0, 1), samples) for names, samples in made]
    for one, (_, samples), table in zip(data, made, tables, strict=True):
        _check(one, samples, table, share)
    n = sum(int((samples.status & VALID > 0).sum()) for _, samples in made)
    jobs = [job(*one) for one in made]
    encoded = _fastest(lambda: [write.bodies(*one) for one in jobs], turns)
    decoded = _fastest(lambda: [Reader().decode(one) for one in data], turns)
    whole, said = sum(map(len, data)), sum(len(bits.names_bytes(names)) for names, _ in made)
    rates = 1e9 * n / encoded, 1e9 * n / decoded
    yield Result(name, share, "bits", n, (whole - said) / n, *rates)
    yield Result(name, share, "bits with names", n, whole / n, 0.0, 0.0)


def _check(data: bytes, samples: Samples, table: Table, share: float) -> None:
    got = bits.decode(data).samples
    assert got.status.tolist() == samples.status.tolist()  # noqa: S101 - the same work
    for p in range(len(table.points)):
        values = table.values[:, p]
        is_there = np.isfinite(values)
        if is_there.any():
            away = np.abs(got.values[got.point == p] - values)[is_there].max()
            assert away <= bound_of(values[is_there], share)  # noqa: S101 - the same work


def named(table: Table, share: float) -> Names:
    """Return names whose declared steps keep the bound of each signal."""
    low: list[float | None] = []
    high: list[float | None] = []
    for values in table.values.T:
        kept = values[np.isfinite(values)]
        least = float(kept.min()) if len(kept) else 0.0
        step = bound_of(kept, share) / HALF * (1 - 1e-9) if len(kept) and share else 1.0
        low.append(least)
        high.append(least + step * _LEVELS)
    n = len(low)
    widths = [_WIDTH if share else 0] * n
    points, units = list(table.points), [""] * n
    return Names(table.asset, table.asset, "bench", 0, "", points, units, low, high, widths)


def samples_of(table: Table) -> Samples:
    """Return a table as samples, one a second."""
    n_rows, n_points = table.values.shape
    row, point = np.divmod(np.arange(n_rows * n_points, dtype=np.int32), np.int32(n_points))
    values = table.values.reshape(-1)
    status = np.where(np.isfinite(values), GOOD, GOOD & ~VALID).astype(np.uint8)
    return Samples(START_NS + np.arange(n_rows) * SECOND, row, point, status, values)


def job(names: Names, samples: Samples) -> tuple[Columns, Points, Signals, Ints, Ints]:
    """Return what `write.bodies` takes."""
    n = len(names.points)
    told = np.zeros(n, np.int64)
    points = Points(*bits.columns_of(names), np.arange(n, dtype=np.int32), told)
    columns = Columns(samples.times_ns, samples.row, samples.point, samples.status, samples.values)
    ends = np.array([[0, 0, 0], [n, len(samples.times_ns), len(samples.row)]])
    return columns, points, np.zeros(n, SIGNAL), ends, np.array([[0, 0, 1]])


def _fastest(work: Callable[[], object], turns: int) -> int:
    spent = []
    for _ in range(turns):
        began = thread_time_ns()
        work()
        spent.append(thread_time_ns() - began)
    return min(spent)
