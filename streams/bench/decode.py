"""Nanoseconds a sample of each wire format, beside the fastest general decoder of the same bytes.

Both turn a message into float64 values in an array; ours also finds names, time and quality. They
take turns in one run, so that the same noise meets both. Time is this thread's processor time.
"""

import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from time import thread_time_ns
from typing import Annotated

import msgspec
import numpy as np
import pyarrow as pa
import typer
from prometheus_client.parser import text_string_to_metric_families

from models.simulate import Plant
from models.simulate.wire import Wire, messages
from schemas.formats import FORMATS, Decoder, decoders
from streams.bench.pinned import load, pinned

START_NS = 1_760_000_000_000_000_000
SECOND = 1_000_000_000
POINTS = 292  # of an 8 KB frame
ROWS = 10  # of a columnar message
CPUS = 48  # of a collectd host
MESSAGES = 200
HEADLINE = "native-json"

Batch = list[bytes]


class Frame(msgspec.Struct):
    """Native JSON, for the general decoder."""

    asset: str
    time: float
    values: dict[str, float | None]


class Columns(msgspec.Struct):
    """Native columnar JSON, for the general decoder."""

    asset: str
    points: list[str]
    times: list[float]
    values: list[list[float | None]]


class ValueList(msgspec.Struct):
    """One of collectd's value lists, for the general decoder."""

    values: list[float | None]
    time: float
    host: str
    plugin: str
    plugin_instance: str
    type: str
    type_instance: str


_FRAME = msgspec.json.Decoder(Frame)
_COLUMNS = msgspec.json.Decoder(Columns)
_VALUE_LISTS = msgspec.json.Decoder(list[ValueList])


def _of_frame(data: bytes) -> int:
    return np.array(list(_FRAME.decode(data).values.values()), np.float64).size


def _of_columns(data: bytes) -> int:
    return np.array(_COLUMNS.decode(data).values, np.float64).size


def _of_value_lists(data: bytes) -> int:
    found = _VALUE_LISTS.decode(data)
    return np.array([value for one in found for value in one.values], np.float64).size


def _of_text(data: bytes) -> int:
    families = text_string_to_metric_families(data.decode())
    return np.array([one.value for family in families for one in family.samples]).size


def _of_arrow(data: bytes) -> int:
    with pa.ipc.open_stream(data) as reader:
        table = reader.read_all()
    names = [name for name in table.column_names if name not in {"asset", "time"}]
    return sum(table[name].to_numpy().size for name in names)


GENERAL: dict[str, tuple[str, Callable[[bytes], int]]] = {
    "native-json": ("msgspec", _of_frame),
    "native-columnar": ("msgspec", _of_columns),
    "collectd-json": ("msgspec", _of_value_lists),
    "prometheus-text": ("prometheus_client", _of_text),
    "arrow-ipc": ("pyarrow", _of_arrow),
}
"""The general decoder of each format: its name, and how it reads a message; values read."""


def typical(name: str, seed: int) -> tuple[str, Batch]:
    """Return what a message of a format is here, in words, and `MESSAGES` of them."""
    rng = np.random.default_rng(seed)
    made = {
        "native-json": (f"one asset, {POINTS} points", _frames),
        "native-columnar": (f"one asset, {POINTS} points, {ROWS} times", _columns),
        "collectd-json": (f"one host, {CPUS} processors of 8 states", _value_lists),
        "prometheus-text": ("dcgm-exporter, 8 GPUs", _texts),
        "arrow-ipc": (f"wide, {ROWS} rows of {POINTS} points", _tables),
    }
    what, make = made[name]
    return what, [*make(rng, MESSAGES)]


def _frames(rng: np.random.Generator, count: int) -> Iterator[bytes]:
    for second in range(count):
        values = rng.normal(50.0, 10.0, POINTS).round(3).tolist()
        named = {f"DCGM_FI_DEV_FIELD_{i:03d}": value for i, value in enumerate(values)}
        time = START_NS // SECOND + second
        yield _json({"asset": "node-001/gpu0", "time": time, "values": named})


def _columns(rng: np.random.Generator, count: int) -> Iterator[bytes]:
    points = [f"DCGM_FI_DEV_FIELD_{i:03d}" for i in range(POINTS)]
    for message in range(count // ROWS):
        begin = START_NS // SECOND + message * ROWS
        values = rng.normal(50.0, 10.0, (ROWS, POINTS)).round(3).tolist()
        times = list(range(begin, begin + ROWS))
        yield _json({"asset": "node-001", "points": points, "times": times, "values": values})


def _value_lists(rng: np.random.Generator, count: int) -> Iterator[bytes]:
    states = ("user", "system", "nice", "idle", "wait", "interrupt", "softirq", "steal")
    for second in range(count // 2):
        yield _json(
            [
                {
                    "values": [round(float(rng.uniform(0, 100)), 4)],
                    "dstypes": ["gauge"],
                    "dsnames": ["value"],
                    "time": START_NS // SECOND + second + 0.5,
                    "interval": 10.0,
                    "host": "node-001",
                    "plugin": "cpu",
                    "plugin_instance": str(cpu),
                    "type": "percent",
                    "type_instance": state,
                }
                for cpu in range(CPUS)
                for state in states
            ]
        )


def _texts(rng: np.random.Generator, count: int) -> Iterator[bytes]:
    plant = Plant(seed=int(rng.integers(1 << 30)), nodes=1, gpus=8)
    for tick in plant.run(START_NS, count):
        for one in messages(tick, Wire.DCGM):
            if one.value.startswith(b"# HELP"):
                yield one.value


def _tables(rng: np.random.Generator, count: int) -> Iterator[bytes]:
    for message in range(count // ROWS):
        begin = START_NS + message * ROWS * SECOND
        times = pa.array(np.arange(ROWS) * SECOND + begin).cast(pa.timestamp("ns", "UTC"))
        values = rng.normal(50.0, 10.0, (POINTS, ROWS))
        points = {f"DCGM_FI_DEV_FIELD_{i:03d}": one for i, one in enumerate(values)}
        table = pa.table({"asset": ["node-001"] * ROWS, "time": times, **points})
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        yield sink.getvalue()


def _json(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


@dataclass(slots=True)
class Speed:
    """Our decoder of a format and the general one, turn by turn; ns a sample of each turn."""

    format: str
    what: str
    message_bytes: int
    samples: int
    """Of a message, about."""
    general: str
    ours_ns: list[float] = field(default_factory=list)
    general_ns: list[float] = field(default_factory=list)

    @property
    def ns(self) -> float:
        """A sample, in our decoder."""
        return median(self.ours_ns)

    @property
    def ratio(self) -> float:
        """How many times as fast as the general decoder ours is: the median of the turns."""
        return median(b / a for a, b in zip(self.ours_ns, self.general_ns, strict=True))

    def line(self) -> str:
        """Say it in one line."""
        return (
            f"{self.format:<16} {self.ns:7.1f} ns a sample, {1e3 / self.ns:6.2f} M samples/s; "
            f"{self.general} {median(self.general_ns):7.1f} ns: {self.ratio:5.2f} times as fast "
            f"({self.what}: {self.samples} samples, {self.message_bytes:,} bytes)"
        )


def measure(decoder: Decoder, seed: int, turns: int) -> Speed:
    """Let our decoder and the general one of a format take turns on the same messages."""
    what, batch = typical(decoder.name, seed)
    times = [START_NS // 1_000_000] * len(batch)
    name, general = GENERAL[decoder.name]
    samples = decoder.decode(batch, times).spans.values.size
    assert samples == sum(map(general, batch)), decoder.name  # noqa: S101 - the same work
    size = sum(map(len, batch)) // len(batch)
    speed = Speed(decoder.name, what, size, samples // len(batch), name)
    for _ in range(turns):
        speed.ours_ns.append(_timed(lambda: decoder.decode(batch, times)) / samples)
        speed.general_ns.append(_timed(lambda: [*map(general, batch)]) / samples)
    return speed


def _timed(work: Callable[[], object]) -> int:
    began = thread_time_ns()
    work()
    return thread_time_ns() - began


def run(
    *,
    seed: Annotated[int, typer.Option(min=0, help="Of the values.")] = 1,
    turns: Annotated[int, typer.Option(min=1, help="Of each decoder.")] = 15,
    name: Annotated[Sequence[str] | None, typer.Option("--format", help="Only these.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON a format.")] = False,
    fail_under: Annotated[
        float | None, typer.Option(help=f"Exit 1: {HEADLINE} not so many times as fast.")
    ] = None,
) -> None:
    """Decode typical messages of every format, beside the fastest general decoder."""
    with pinned() as cpu:
        made = decoders()
        wanted = list(dict.fromkeys([*(name or FORMATS), HEADLINE]))
        speeds = [measure(made[one], seed, turns) for one in wanted]
    headline = next(one for one in speeds if one.format == HEADLINE)
    if not as_json:
        typer.echo(f"one thread on processor {cpu}; {load()}")
    for one in speeds:
        typer.echo(msgspec.json.encode(one).decode() if as_json else one.line())
    if not as_json:
        typer.echo(f"decode: {headline.format} {headline.ratio:.2f} times as fast")
    if fail_under is not None and headline.ratio < fail_under:
        raise typer.Exit(1)
