"""What a run published, and how two runs compare."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
from aiokafka import ConsumerRecord

from models import bits
from schemas.events import Kind
from schemas.settings import Topics
from streams.bench.faults.feed import Sample


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run published, by id."""

    frames: dict[str, bytes]
    events: dict[str, bytes]
    samples: dict[Sample, int]
    """How often each sample is in a frame."""
    conflicts: int = 0
    """Messages of one id with different bytes."""
    copies: int = 0
    """Messages beyond the first of their id: at-least-once showing."""


@dataclass(slots=True)
class Report:
    """The comparison."""

    kind: str
    seed: int
    disturbances: int = 0
    sent: int = 0
    lost: int = 0
    invented: int = 0
    different: int = 0
    """Frames and events that the quiet run and the run without a broker have otherwise, or not."""
    copies: int = 0
    frames: int = 0
    events: int = 0
    seconds: float = 0.0

    @property
    def wrong(self) -> int:
        """Samples lost or invented, and ids that differ."""
        return self.lost + self.invented + self.different

    def line(self) -> str:
        """Say it in one line."""
        return (
            f"{self.kind}: {self.disturbances} disturbances, {self.sent} samples sent, "
            f"{self.lost} lost, {self.invented} invented; {self.frames} frames and {self.events} "
            f"events, {self.different} different; {self.copies} copies of known ids; "
            f"{self.seconds:.0f} s"
        )


def outcome(found: dict[str, list[ConsumerRecord]], names: Topics, latest_ns: int) -> Outcome:
    """Sort what was published by id. Events later than the last sample are left out.

    Those come of silence, which goes on for as long as one cares to wait. Progress is left out: it
    says how far event time was when a block ended, and blocks are cut as time passes.
    """
    frames = [(_frame_id(one), one.value) for one in found[names.bits]]
    events = [
        (event_id(one.value), one.value)
        for name in (names.anomalies, names.alerts)
        for one in found[name]
        if not is_progress(one.value) and not is_later(one.value, latest_ns)
    ]
    kept = _first(frames), _first(events)
    conflicts = _conflicts(frames, kept[0]) + _conflicts(events, kept[1])
    copies = len(frames) + len(events) - len(kept[0]) - len(kept[1])
    return Outcome(*kept, samples_of(kept[0].values()), conflicts, copies)


def _first(pairs: list[tuple[str, bytes]]) -> dict[str, bytes]:
    return dict(reversed(pairs))


def _conflicts(pairs: list[tuple[str, bytes]], kept: dict[str, bytes]) -> int:
    return sum(kept[one] != value for one, value in pairs)


def _frame_id(record: ConsumerRecord) -> str:
    return str(dict(record.headers)["ce_id"], "ascii")


def event_id(value: bytes) -> str:
    """Return the id of an event."""
    return str(msgspec.json.decode(value)["id"])


def is_progress(value: bytes) -> bool:
    """Say whether an event tells how far event time has come, and no more."""
    return bool(msgspec.json.decode(value)["type"] == Kind.PROGRESS)


def is_later(value: bytes, latest_ns: int) -> bool:
    """Say whether an event is of a time after `latest_ns`."""
    time = datetime.fromisoformat(msgspec.json.decode(value)["time"])
    return time.timestamp() * 1e9 > latest_ns


def samples_of(frames: Iterable[bytes]) -> dict[Sample, int]:
    """Count how often each sample is in a frame."""
    samples: dict[Sample, int] = {}
    reader, frames = bits.Reader(), list(frames)
    for data in frames:
        reader.learn(data)
    for data in frames:
        frame = reader.decode(data)
        asset, points = frame.names.asset, frame.names.points
        times = frame.samples.times_ns[frame.samples.row]
        for point, time in zip(frame.samples.point.tolist(), times.tolist(), strict=True):
            key = (asset, points[point], time)
            samples[key] = samples.get(key, 0) + 1
    return samples


def compare(report: Report, sent: dict[Sample, int], first: Outcome, *others: Outcome) -> None:
    """Fill the report from what was sent, the disturbed run, and runs that must equal it."""
    report.sent = len(sent)
    report.lost = len(sent.keys() - first.samples.keys())
    report.invented = sum(n - sent.get(key, 0) for key, n in first.samples.items())
    report.different = first.conflicts + sum(differences(first, other) for other in others)
    report.copies, report.frames, report.events = first.copies, len(first.frames), len(first.events)


def differences(one: Outcome, other: Outcome) -> int:
    """Count the ids that only one has, or that have other bytes; and conflicts within `other`."""
    count = other.conflicts
    for mine, its in ((one.frames, other.frames), (one.events, other.events)):
        count += len(mine.keys() ^ its.keys())
        count += sum(mine[key] != its[key] for key in mine.keys() & its.keys())
    return count
