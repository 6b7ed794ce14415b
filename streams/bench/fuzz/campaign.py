"""Batches of mutated messages through one decoder, every answer checked against the laws.

In each batch stand sound messages too: their neighbours must not change what they say. Now and then
a batch is read again by decoders that remember nothing, whole and in halves: memory must not
change an answer either.
"""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getpagesize, getrusage
from time import thread_time

from schemas.formats import DECODERS, Decoder, detect
from schemas.formats.base import Golden, Remembers
from schemas.golden import GOLDEN
from schemas.golden.difference import expected, told
from schemas.telemetry import About, Decoded, Kept, Source, Spans
from streams.bench.fuzz.bombs import bombs
from streams.bench.fuzz.check import faults
from streams.bench.fuzz.mutate import mutated
from streams.bench.fuzz.seeds import Sent, seeds

BATCH = 250
"""Messages of a batch."""
SLOW_S = 10.0
"""Processor time of a batch that is a fault."""
GROWTH = 1 << 30
"""Bytes that this process may grow by, over what it had after every decoder's first batches."""
SHOWN = 1_000
"""Bytes of a message that is told of."""
_AGAIN = 16  # one batch in so many is read again, without memory
_SOURCE = Source("fuzz", 0, "epoch")


@dataclass(slots=True)
class Outcome:
    """What became of the messages of one format."""

    format: str
    messages: int = 0
    samples: int = 0
    rejects: int = 0
    spent_s: float = 0.0
    """Processor time in the decoder."""
    slowest_s: float = 0.0
    slowest: int = 0
    """Number of the slowest batch."""
    faults: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Say it in one line."""
        return (
            f"{self.format:<24} {self.messages:>9,} messages, {self.samples:>11,} samples, "
            f"{self.rejects:>9,} rejects, {1e6 * self.spent_s / max(self.messages, 1):6.1f} us a "
            f"message, slowest batch {self.slowest_s * 1e3:6.1f} ms (number {self.slowest}), "
            f"{len(self.faults)} faults"
        )


class Campaign:
    """Everything that is done to one decoder. The same seed makes the same batches."""

    def __init__(self, name: str, seed: int) -> None:
        self.outcome = Outcome(name)
        self._name, self._seed = name, seed
        self._decoder = DECODERS[name]()
        self._own = seeds(name)
        self._all = [one for other in DECODERS for one in seeds(other)]
        self._sound: tuple[Golden, ...] = GOLDEN.get(name, ())
        self._offset = 0

    def run(self, number: int) -> None:
        """Make a batch and check what becomes of it; batch 0 is the bombs."""
        rng = Random(f"{self._seed} {self._name} {number}")  # noqa: S311 - seeded on purpose
        batch = self._bombs() if number == 0 else self._batch(rng)
        for sent in batch:
            detect(sent.data)
        decoded = self._timed(batch, number)
        if decoded is None:
            return
        wrong = faults(self._name, decoded, len(batch)) or self._disturbed(decoded, batch)
        if not wrong and number % _AGAIN == 0:
            wrong = self._again(batch, decoded, rng)
        self.outcome.faults += [f"batch {number}: {one}" for one in wrong]
        self.outcome.samples += decoded.spans.values.size
        self.outcome.rejects += len(decoded.rejects)

    def _bombs(self) -> list[Sent]:
        subject = self._own[0].subject if self._own else ""
        return [Sent(data, subject) for data in bombs()]

    def _batch(self, rng: Random) -> list[Sent]:
        """Return mutated messages, one in four of another format, with sound ones among them."""
        batch = [
            mutated(rng, rng.choice(self._own if rng.randrange(4) else self._all), self._all)
            for _ in range(BATCH)
        ]
        sound = self._sound[: BATCH // 2]
        for at, golden in zip(rng.sample(range(BATCH), len(sound)), sound, strict=True):
            batch[at] = Sent(golden.message, golden.subject, golden.time_ms)
        return batch

    def _timed(self, batch: Sequence[Sent], number: int) -> Decoded | None:
        """Decode a batch; an error of any kind, or too much time, is a fault."""
        outcome, began = self.outcome, thread_time()
        outcome.messages += len(batch)
        try:
            decoded = decode(self._decoder, batch, self._offset)
        except Exception:  # noqa: BLE001 - it is what is looked for
            outcome.faults.append(f"batch {number}: {self._culprit(batch)}")
            outcome.faults.append(f"batch {number}: {traceback.format_exc(limit=-3)}")
            self._decoder = DECODERS[self._name]()
            return None
        spent = thread_time() - began
        self._offset += len(batch)
        outcome.spent_s += spent
        if number and spent > outcome.slowest_s:
            outcome.slowest_s, outcome.slowest = spent, number
        if spent > SLOW_S:
            outcome.faults.append(f"batch {number}: {spent:.1f} s")
            return None
        return decoded

    def _culprit(self, batch: Sequence[Sent]) -> str:
        """Return the first message that alone is an error, too."""
        for sent in batch:
            try:
                decode(DECODERS[self._name](), [sent], 0)
            except Exception as error:  # noqa: BLE001 - as above
                return f"{type(error).__name__} by {sent.data[:SHOWN]!r} from {sent.subject!a}"
        return "an error that no message makes alone"

    def _disturbed(self, decoded: Decoded, batch: Sequence[Sent]) -> list[str]:
        """Say which sound messages say something else than alone."""
        by_data = {(one.message, one.subject, one.time_ms): one for one in self._sound}
        at = {i: by_data[one] for i, one in enumerate(batch) if one in by_data}
        rejected = {one.message for one in decoded.rejects}
        return [
            f"a sound message among bad ones: {golden.origin}"
            for i, golden in at.items()
            if i in rejected
            or sorted(told(of_message(decoded.spans, i)), key=str) != expected(golden)
        ]

    def _again(self, batch: Sequence[Sent], decoded: Decoded, rng: Random) -> list[str]:
        """Compare with what decoders without memory make of a batch, whole and in halves."""
        fresh, halved, cut = (
            DECODERS[self._name](),
            DECODERS[self._name](),
            rng.randrange(len(batch)),
        )
        whole = rows(decode(fresh, batch, 0))
        halves = [
            *rows(decode(halved, batch[:cut], 0)),
            *rows(decode(halved, batch[cut:], cut), cut),
        ]
        found = [] if whole == halves else [f"split at {cut}: {_first(whole, halves)}"]
        if isinstance(self._decoder, Remembers):
            self._decoder.recall(_spoilt(decoded.kept, rng))
        elif whole != rows(decoded):
            found.append(f"memory changed an answer: {_first(whole, rows(decoded))}")
        return found


def decode(decoder: Decoder, batch: Sequence[Sent], offset: int) -> Decoded:
    """Decode messages as ingest does."""
    subjects = [one.subject for one in batch]
    about = About(_SOURCE, range(offset, offset + len(batch)), subjects)
    return decoder.decode([one.data for one in batch], [one.time_ms for one in batch], about)


def of_message(spans: Spans, message: int) -> Spans:
    """Return the spans of one message."""
    first, end = spans.message.searchsorted([message, message + 1]).tolist()
    return Spans(
        spans.assets,
        spans.shapes,
        spans.message[first:end],
        spans.asset[first:end],
        spans.shape[first:end],
        spans.time_ns[first:end],
        spans.start[first : end + 1],
        spans.values,
        spans.quality,
    )


def rows(decoded: Decoded, first: int = 0) -> list[tuple[object, ...]]:
    """List everything that an answer says, so that two can be compared; NaN is `nan`."""
    spans = decoded.spans
    edges = spans.start.tolist()
    columns = (spans.message + first, spans.asset, spans.shape, spans.time_ns)
    found: list[tuple[object, ...]] = [
        (
            message,
            spans.assets[asset],
            spans.shapes[shape],
            time_ns,
            str(spans.values[edges[i] : edges[i + 1]].tolist()),
            spans.quality[edges[i] : edges[i + 1]].tobytes(),
        )
        for i, (message, asset, shape, time_ns) in enumerate(
            zip(*(one.tolist() for one in columns), strict=True)
        )
    ]
    found += sorted((one.message + first, one.why, one.detail) for one in decoded.rejects)
    found += [(one.message + first, *one[1:]) for one in decoded.health]
    return sorted(found, key=lambda row: (row[0], len(row)))


def _first(some: Sequence[object], others: Sequence[object]) -> str:
    """Show where two lists differ first."""
    at = next(
        (i for i, pair in enumerate(zip(some, others, strict=False)) if pair[0] != pair[1]), -1
    )
    return (
        f"{len(some)} and {len(others)} rows; {str(some[at])[:400]!a} and {str(others[at])[:400]!a}"
    )


def _spoilt(kept: Sequence[Kept], rng: Random) -> list[Kept]:
    """Return what was kept, each also with a byte changed."""
    spoilt = list(kept)
    for one in kept:
        value = bytearray(one.value)
        value[rng.randrange(len(value))] ^= 1 << rng.randrange(8)
        spoilt.append(Kept(one.key, bytes(value)))
    return spoilt


def resident() -> int:
    """Return the bytes that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * getpagesize()


def most_resident() -> int:
    """Return the most bytes that this process ever held."""
    return getrusage(RUSAGE_SELF).ru_maxrss * 1024
