"""One format at a time: our decoder and the general ones take turns, on new messages each turn."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from time import thread_time_ns
from typing import NamedTuple

import numpy as np

from schemas.formats import DECODERS, Decoder
from schemas.telemetry import About, Decoded, Source
from streams.bench.decode import packed, written
from streams.bench.decode.general import GENERAL, General
from streams.bench.decode.written import Maker, Wanted, Written

FIRST = 300
"""Samples, at least, of the first messages of a process."""
NEW = 50
"""Sources, at least, that are met for the first time in one batch."""
_SOURCE = Source("bench", 0, "epoch")
_MS = written.START_NS // 1_000_000


class Aim(NamedTuple):
    """Million samples/s a core that were asked for."""

    again: float
    new: float | None = None
    """Of a source that is met for the first time."""


AIMS = {
    "prometheus-text": Aim(5.0, 1.0),
    "native-json": Aim(20.0),
    "otlp-proto": Aim(1.5),
}


class Typical(NamedTuple):
    """What messages of a format are here."""

    what: str
    messages: int
    """Of a batch."""
    make: Maker


TYPICAL: dict[str, Typical] = {
    "native-json": Typical(f"one asset, {written.POINTS} points", 200, written.frames),
    "native-columnar": Typical(
        f"one asset, {written.POINTS} points, {written.ROWS} times", 20, written.columns
    ),
    "collectd-json": Typical(
        f"one host, {written.CPUS} processors of 8 states", 100, written.value_lists
    ),
    "prometheus-text": Typical(
        f"dcgm-exporter, {written.GPUS} GPUs of {written.FIELDS} fields", 100, written.scrapes
    ),
    "prometheus-remote-write": Typical(f"{packed.SERIES} series", 50, packed.remote),
    "prometheus-adapter-json": Typical("one sample", 2_000, written.one_samples),
    "telegraf-json": Typical("one metric of 10 fields", 1_000, written.telegraf),
    "influx-line": Typical("one line of 10 fields", 1_000, written.lines),
    "otlp-proto": Typical(f"{packed.DATA_POINTS} data points", 100, packed.otlp),
    "otlp-json": Typical(f"{packed.DATA_POINTS} data points", 50, packed.otlp_json),
    "sparkplug-b": Typical(f"NDATA, {packed.ALIASES} aliases", 500, packed.session),
    "dsx-bms": Typical("one value", 2_000, written.bms),
    "redfish-json": Typical("one connector, 3 readings", 500, written.resources),
    "volttron-all": Typical(f"one device, {written.DEVICE} points", 200, written.devices),
    "ufm-csv": Typical(f"{written.PORTS} ports of {written.COUNTERS} counters", 20, written.tables),
    "nvsentinel": Typical("one event", 500, written.events),
    "arrow-ipc": Typical(f"wide, {written.ROWS} rows of {written.POINTS} points", 20, packed.arrow),
}


@dataclass(slots=True)
class Speed:
    """A format; ns a sample of each turn. A health event counts as one sample."""

    format: str
    what: str
    message_bytes: int
    samples: float
    """Of a message."""
    general: str
    """The fastest one."""
    ours_ns: list[float] = field(default_factory=list)
    new_ns: list[float] = field(default_factory=list)
    """Messages of sources that are met for the first time, in a process that knows others."""
    cold_ns: list[float] = field(default_factory=list)
    """The first messages of a process."""
    general_ns: list[float] = field(default_factory=list)
    parse_ns: list[float] = field(default_factory=list)
    """The general decoder's parser alone: no value is looked at."""

    @property
    def ns(self) -> float:
        """A sample, in our decoder."""
        return median(self.ours_ns)

    @property
    def ratio(self) -> float:
        """How many times as fast as the general decoder ours is: the median of the turns."""
        return _ratio(self.general_ns, self.ours_ns)

    @property
    def parse_ratio(self) -> float:
        """As `ratio`, against parsing alone."""
        return _ratio(self.parse_ns, self.ours_ns)

    def figures(self) -> dict[str, float | str]:
        """Return what a program wants to know."""
        return {
            "format": self.format,
            "what": self.what,
            "message_bytes": self.message_bytes,
            "samples_a_message": self.samples,
            "ns_a_sample": self.ns,
            "ns_a_sample_new": median(self.new_ns),
            "ns_a_sample_cold": median(self.cold_ns),
            "samples_a_second": 1e9 / self.ns,
            "messages_a_second": 1e9 / (self.ns * self.samples),
            "general": self.general,
            "ns_a_sample_general": median(self.general_ns),
            "ns_a_sample_parse": median(self.parse_ns),
            "ratio": self.ratio,
            "ratio_parse": self.parse_ratio,
        }

    def line(self) -> str:
        """Say it in one line."""
        aim = AIMS.get(self.format)
        again = f" (aim {aim.again:g})" if aim else ""
        new = f" (aim {aim.new:g})" if aim and aim.new else ""
        return (
            f"{self.format:<23} {self.ns:7.1f} ns a sample, {1e3 / self.ns:6.2f} M samples/s"
            f"{again}, {1e6 / (self.ns * self.samples):8.1f} k messages/s; new source "
            f"{1e3 / median(self.new_ns):5.2f} M samples/s{new}, new process "
            f"{1e3 / median(self.cold_ns):5.2f}; {self.general} {median(self.general_ns):7.1f} ns, "
            f"{self.ratio:5.2f} times as fast (its parser alone {median(self.parse_ns):.1f} ns, "
            f"{self.parse_ratio:.2f}); {self.what}: {self.message_bytes:,} bytes"
        )


def _ratio(some: Sequence[float], ours: Sequence[float]) -> float:
    return median(a / b for a, b in zip(some, ours, strict=True))


def measure(decoder: Decoder, seed: int, turns: int, messages: int | None = None) -> Speed:
    """Let our decoder and the general ones take turns; `messages`: of a batch."""
    typical, rng = TYPICAL[decoder.name], np.random.default_rng(seed)
    count = messages or typical.messages
    warm = [*typical.make(Wanted(rng, 0, count))]
    samples = told(decode(decoder, warm, 0))
    data = [one.data for one in warm]
    for one in GENERAL[decoder.name]:
        assert samples == one.values(data).size, one.name  # noqa: S101 - the same work
    general = _fastest(GENERAL[decoder.name], data)
    size = sum(map(len, data)) // count
    speed = Speed(decoder.name, typical.what, size, samples / count, general.name)
    for turn in range(1, turns + 1):
        batch = [*typical.make(Wanted(rng, turn, count))]
        _turn(speed, decoder, general, batch, turn)
        new = [*_new(typical, rng, turn, -(-FIRST // max(samples // count, 1)))]
        began = thread_time_ns()
        decoded = decode(decoder, new, turn * count)
        speed.new_ns.append((thread_time_ns() - began) / told(decoded))
    return speed


def _new(typical: Typical, rng: np.random.Generator, turn: int, messages: int) -> Iterator[Written]:
    """Yield the first message of each of many sources."""
    for i in range(max(messages, min(typical.messages, NEW))):
        yield from typical.make(Wanted(rng, turn, 1, f"node-{turn}-{i}"))


def _fastest(some: Sequence[General], data: list[bytes]) -> General:
    return min(some, key=lambda one: min(_timed(one.values, data) for _ in range(3)))


def _turn(
    speed: Speed, decoder: Decoder, general: General, batch: list[Written], turn: int
) -> None:
    """Measure all on messages that nobody has seen."""
    data, samples = [one.data for one in batch], speed.samples * len(batch)
    at = turn * len(batch)
    speed.ours_ns.append(_timed(lambda _: decode(decoder, batch, at), data) / samples)
    speed.general_ns.append(_timed(general.values, data) / samples)
    speed.parse_ns.append(_timed(general.parsed, data) / samples)
    some = batch[: -(-FIRST // max(int(speed.samples), 1))]
    fresh = DECODERS[decoder.name]()
    spent = _timed(lambda _: decode(fresh, some, at), data)
    speed.cold_ns.append(spent / (speed.samples * len(some)))


def decode(decoder: Decoder, batch: Sequence[Written], offset: int) -> Decoded:
    """Decode messages as ingest does."""
    about = About(_SOURCE, range(offset, offset + len(batch)), [one.subject for one in batch])
    return decoder.decode([one.data for one in batch], [_MS] * len(batch), about)


def told(decoded: Decoded) -> int:
    """Count what was told: samples, and health events."""
    return decoded.spans.values.size + len(decoded.health)


def _timed(work: Callable[[list[bytes]], object], data: list[bytes]) -> int:
    began = thread_time_ns()
    work(data)
    return thread_time_ns() - began
