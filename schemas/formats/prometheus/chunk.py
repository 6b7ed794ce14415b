"""A part of a batch: scanned, its unusual lines read by Python, its lines laid out as spans."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from schemas.formats.base import reject
from schemas.formats.pieces import AFTER, START
from schemas.formats.prometheus.gathered import Gathered
from schemas.formats.prometheus.layouts import Wrongs, arranged, grouped
from schemas.formats.prometheus.lines import Wrong, parse_line
from schemas.formats.prometheus.places import Layout, Limits, Places
from schemas.formats.prometheus.scan import (
    OWN_TIME,
    READ,
    UNREAD,
    UNUSUAL,
    WRONG,
    Messages,
    rows,
    scan,
)
from schemas.formats.prometheus.texts import number_of
from schemas.formats.words import Bytes
from schemas.telemetry import Ints, Reject, Why
from schemas.times import END_NS

_BEHIND = b"\n" + b" " * AFTER
SMALLEST_LINE = 2
"""Bytes, with what ends it."""
PART_BYTES = 1 << 19
"""Messages are read in parts of about this size."""
SECOND, MILLI = 10**9, 10**6
TOLD = 1_024
"""Bad lines of a message that are told of one by one."""
END_BYTES = 64
"""At the end of a message, where OpenMetrics has its `# EOF`."""
NO_TIME = Wrong(Why.BAD_TIME, "neither the line nor its message has a time")


class Scratch:
    """Room to read a part in, used again and again."""

    def __init__(self, size: int = 2 * PART_BYTES) -> None:
        self.text = bytearray(size)
        self.buffer: Bytes = np.frombuffer(self.text, np.uint8)
        self.rows = rows(size // SMALLEST_LINE)

    def holding(self, batch: Sequence[bytes], size: int) -> "Scratch":
        """Write messages of `size` bytes together here, or where there is room for them."""
        needed = START + size + len(batch) + len(_BEHIND)
        if needed > len(self.text):
            return Scratch(needed).holding(batch, size)
        at = START
        for data in batch:
            end = at + len(data)
            self.text[at:end] = data
            self.text[end : end + len(_BEHIND)] = _BEHIND
            at = end + 1
        return self


class Chunk:
    """Messages to be read together, from the first one on that is not yet done."""

    def __init__(
        self, batch: Sequence[bytes], times_ms: Ints, first: int, scratch: Scratch
    ) -> None:
        lengths = np.fromiter(map(len, batch), np.int64, len(batch))
        scratch = scratch.holding(batch, int(lengths.sum()))
        self._text, self._buffer, self._rows = scratch.text, scratch.buffer, scratch.rows
        self._messages = _messages(batch, lengths, times_ms)
        self._first = first
        self._wrongs: dict[int, Wrongs] = {}
        self.done = 0
        self.failures = 0
        """How often in a row there was no room for the next message."""

    @property
    def is_done(self) -> bool:
        """Whether all is read."""
        return self.done == self._messages.stop.size

    @property
    def needs(self) -> Limits:
        """What is enough for all of it."""
        size = int(self._messages.stop[-1])
        lines = self._text.count(b"\n", 0, size) + 2
        return Limits(lines, lines, size // 8 + lines, size)

    def read(self, places: Places, gathered: Gathered) -> list[Reject]:
        """Read messages for as long as `places` has room; their spans go to `gathered`."""
        begin, self._wrongs = self.done, {}
        known = (places.names, places.blocks)
        end = int(scan(self._buffer, known, self._messages, begin, self._rows))
        end = self._read_unusual(places, begin, end)
        self.failures = 0 if end > begin else self.failures + 1
        self.done = end
        found = dict(self._layouts(places, begin, end))
        first = self._messages.first[[*found]].tolist() if found else []
        layouts = list(zip(first, found.values(), strict=True))
        gathered.add(places, [self._first + m for m in found], layouts, self._rows)
        silent = set(range(begin, end)) - found.keys() - self._wrongs.keys()
        return self._rejects(silent)

    def _read_unusual(self, places: Places, begin: int, end: int) -> int:
        """Let Python read what the scanner left; returns how far there was room."""
        if not (self._messages.flags[begin:end] & UNUSUAL).any():
            return end
        for m in begin + np.flatnonzero(self._messages.flags[begin:end] & UNUSUAL):
            lo, hi = self._messages.first[m : m + 2].tolist()
            for i in lo + np.flatnonzero(self._rows.state[lo:hi] == UNREAD):
                wrong = self._read_line(places, int(m), int(i))
                if wrong:
                    self._rows.state[i] = WRONG
                    self._wrongs.setdefault(int(m), []).append((int(self._rows.start[i]), wrong))
                elif min(self._rows.name[i], self._rows.block[i]) < 0:
                    self._wrongs.pop(int(m), None)
                    return int(m)
        return end

    def _read_line(self, places: Places, m: int, i: int) -> Wrong | None:
        """Read the line of row `i`; numbers below 0: there is no room."""
        start = int(self._rows.start[i])
        line = bytes(self._text[start : self._text.index(b"\n", start)])
        found = parse_line(line, int(self._messages.unit_ns[m]))
        if isinstance(found, Wrong):
            return found
        time_ns = self._messages.time_ns[m] if found.time_ns is None else found.time_ns
        if time_ns < 0:
            return NO_TIME
        to = self._rows
        to.name[i] = number_of(places.names, found.name)
        to.block[i] = number_of(places.blocks, found.block)
        to.value[i], to.quality[i] = found.value, found.quality
        to.time_ns[i], to.state[i] = time_ns, READ
        self._messages.flags[m] |= OWN_TIME if found.time_ns is not None else 0
        return None

    def _layouts(self, places: Places, begin: int, end: int) -> Iterator[tuple[int, Layout]]:
        """Lay out every message that has samples."""
        edges = self._messages.first[begin : end + 1].tolist()
        names, blocks = self._rows.name[: edges[-1]], self._rows.block[: edges[-1]]
        heads = (names.astype(np.int64) << 32) | blocks
        flags = self._messages.flags[begin:end].tolist()
        for m, mark, lo, hi in zip(range(begin, end), flags, edges, edges[1:], strict=False):
            key = heads[lo:hi].tobytes() if m not in self._wrongs else b""
            layout = places.layouts.get(key)
            if layout is None or (mark & OWN_TIME and not layout.fits(self._rows.time_ns[lo:hi])):
                layout = self._new_layout(places, m, key)
            if layout.order.size:
                yield m, layout

    def _new_layout(self, places: Places, m: int, key: bytes) -> Layout:
        """Lay out a message; what is wrong with its lines is noted. No key: some are wrong."""
        lo, hi = self._messages.first[m : m + 2].tolist()
        times = self._rows.time_ns[lo:hi]
        if key and key not in places.layouts:
            layout = arranged(places, self._rows.name[lo:hi], self._rows.block[lo:hi])
            if layout:
                places.remember(key, layout)
                if layout.fits(times):
                    return layout
        layout, wrongs = grouped(places, self._rows, lo, hi)
        if wrongs:
            self._wrongs.setdefault(m, []).extend(wrongs)
        elif key and key not in places.layouts and (times == times[0]).all():
            places.remember(key, layout)
        return layout

    def _rejects(self, silent: set[int]) -> list[Reject]:
        """Tell what is wrong with messages, in their order."""
        rejects: list[Reject] = []
        for m in sorted(silent | self._wrongs.keys()):
            wrongs = sorted(self._wrongs.get(m, []))
            who, at = self._first + m, int(self._messages.stop[m - 1]) + 1 if m else START
            line = 1
            for start, one in wrongs[:TOLD]:
                line, at = line + self._text.count(b"\n", at, start), start
                rejects.append(reject(who, one.why, f"line {line}: {one.detail}"))
            if not wrongs:
                rejects.append(reject(who, Why.EMPTY, "no sample line"))
            if len(wrongs) > TOLD:
                more = f"and {len(wrongs) - TOLD} more lines"
                rejects.append(reject(who, wrongs[TOLD][1].why, more))
        return rejects


def _messages(batch: Sequence[bytes], lengths: Ints, times_ms: Ints) -> Messages:
    """Say where messages stand in the text of a chunk, and what times mean in them."""
    ends = [data[-END_BYTES:].rstrip().endswith(b"# EOF") for data in batch]
    believed = (times_ms >= 0) & (times_ms < END_NS // MILLI)
    return Messages(
        stop=START - 1 + (lengths + 1).cumsum(),
        time_ns=np.where(believed, times_ms, -1) * MILLI,
        unit_ns=np.where(ends, SECOND, MILLI),
        first=np.zeros(len(batch) + 1, np.int64),
        flags=np.zeros(len(batch), np.int8),
    )


def parts(batch: Sequence[bytes]) -> list[slice]:
    """Cut a batch into parts of about `PART_BYTES`."""
    sizes = np.fromiter(map(len, batch), np.int64, len(batch)).cumsum() // PART_BYTES
    edges = [0, *(np.flatnonzero(np.diff(sizes)) + 1).tolist(), len(batch)] if batch else []
    return [slice(a, b) for a, b in pairwise(edges)]
