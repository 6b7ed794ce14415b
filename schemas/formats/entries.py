"""JSON whose messages hold entries, each of one asset at one time; shapes of entries remembered.

An entry like one seen before is read by the compiled scanner: the text between its numbers is the
same. Most likely it is like the one that came after the entry before it the last time. Any other is
read by the general parser, whose answer is remembered. What is answered never depends on what is
remembered. Memory is bounded as in `shapes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, cast

import numpy as np

from schemas.formats.base import parse_json, reject
from schemas.formats.entries_scan import Rows, room, scan
from schemas.formats.entry import Entry, Good, Wrong, good_of
from schemas.formats.parts import Names, Parts, spans_of
from schemas.formats.pieces import FIRST, SKIP, START, TIME, cut, keys_of
from schemas.formats.shapes import (
    DEEPEST,
    Answer,
    Limits,
    Trials,
    agrees,
    depth,
    joined,
    numbered,
    output,
    pieces_of,
)
from schemas.formats.store import Run, Store
from schemas.formats.words import Bytes
from schemas.telemetry import Decoded, Floats, Indices, Ints, Marks, Reject, Why

LIMITS = Limits()
_OPEN = ord("{")


class Form(Protocol):
    """A format whose messages hold entries."""

    def inside(self, data: bytes) -> tuple[int, int] | None:
        """Return where the entries begin and end, a comma between them; None: not as usual."""

    def entries(self, document: object) -> list[Any] | Wrong:
        """Return the entries of a message."""

    def read(self, entry: Any) -> list[Entry] | Wrong:  # noqa: ANN401 - JSON
        """Read one entry; more than one where it is about more than one asset."""


class Found(NamedTuple):
    """What the scanner found: a row an entry. `template` -1: not known."""

    rows: Rows
    template: Indices
    time_ns: Ints
    values: Floats
    quality: Marks


@dataclass(slots=True)
class Slow:
    """What was read the general way. Samples are numbered behind the scanner's."""

    begin: int
    parts: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)
    """Row in whose place it stands, message, asset, kind, time, first sample."""
    values: list[float] = field(default_factory=list)
    quality: list[int] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    """Messages that were read as a whole."""
    mark: tuple[int, int, int] = (-1, 0, 0)
    """The message that is read now; parts and rejects before it."""

    def turn_to(self, message: int) -> None:
        """Begin with a message, if that is another one."""
        if message != self.mark[0]:
            self.mark = message, len(self.parts), len(self.rejects)

    def undo(self) -> None:
        """Take back what was read of this message: it is read as a whole."""
        self.broken.append(self.mark[0])
        del self.parts[self.mark[1] :], self.rejects[self.mark[2] :]

    def add(self, place: tuple[int, int], names: Names, good: Good) -> None:
        """Add an entry's part. `place`: row and message."""
        if good.points:
            first = self.begin + len(self.values)
            kind = names.kind(good.points, good.wholes)
            self.parts.append((*place, names.asset(good.asset), kind, good.time_ns, first))
            self.values += good.values
            self.quality += good.quality


class Entries:
    """Reads messages of one form; remembers shapes of entries."""

    def __init__(self, form: Form, limits: Limits = LIMITS) -> None:
        self._form, self._limits = form, limits
        self._names = Names()
        self._forget()

    def _forget(self) -> None:
        self._names.forget()
        self._trials = Trials()
        self._store = Store(self._limits.templates)
        self._after = np.full(self._limits.templates, -1, np.int32)
        self._meant = np.zeros((self._limits.templates, 2), np.int32)
        """Asset and kind of each template."""

    def decode(self, batch: Sequence[bytes]) -> Decoded:
        """Decode a batch. A bad entry rejects that entry only."""
        if self._trials.is_crowded(self._store, self._limits) or self._names.is_full:
            self._forget()
        buffer = joined(batch)
        ends = np.fromiter(map(len, batch), np.int64, len(batch)).cumsum() + START
        inside = np.array([self._form.inside(one) or (0, 0) for one in batch], np.int64)
        inside = inside.reshape(-1, 2)
        begins = np.concatenate(([START], ends))[:-1, None]
        inside += np.where(inside[:, 1:] > 0, begins, 0)
        most = int(np.count_nonzero(buffer == _OPEN)) + len(batch)
        rows, out = room(most), output(most, len(buffer))
        used, samples = scan(self._store.arena, self._after, buffer, inside, (rows, out))
        found = Found(
            Rows(rows.message[:used], rows.edges[:used], rows.first[:used], rows.before),
            out.template[:used],
            out.time_ns[:used],
            out.values[:samples],
            out.quality[:samples],
        )
        slow = self._slowly(batch, buffer, found)
        return self._told(len(batch), found, slow)

    def _slowly(self, batch: Sequence[bytes], buffer: Bytes, found: Found) -> Slow:
        """Read what the scanner does not know."""
        slow, rows = Slow(len(found.values)), found.rows
        firsts = np.searchsorted(rows.message, np.arange(len(batch)))
        for row in np.flatnonzero(found.template < 0).tolist():
            message, (begin, end) = int(rows.message[row]), rows.edges[row].tolist()
            if slow.broken[-1:] == [message]:
                continue
            slow.turn_to(message)
            text = buffer[begin:end].tobytes()
            document, failed = parse_json(message, text)
            if failed:
                slow.undo()
                self._all((row, message), batch[message], slow)
            else:
                good = self._entry((row, message), document, int(row - firsts[message]), slow)
                if good:
                    self._learn(text, good)
        return slow

    def _all(self, place: tuple[int, int], data: bytes, slow: Slow) -> None:
        """Read a whole message whose entries cannot be told apart, or are no JSON."""
        document, failed = parse_json(place[1], data)
        entries = [] if failed else self._form.entries(document)
        if failed or isinstance(entries, tuple):
            slow.rejects.append(failed or reject(place[1], *cast("Wrong", entries)))
            return
        for i, entry in enumerate(entries):
            self._entry(place, entry, i, slow)

    def _entry(self, place: tuple[int, int], document: object, i: int, slow: Slow) -> Good | None:
        """Read one entry; None: it is bad, or of more than one asset."""
        entries = self._form.read(document)
        goods = [entries] if isinstance(entries, tuple) else [*map(good_of, entries)]
        for good in goods:
            if isinstance(good, Good):
                slow.add(place, self._names, good)
            else:
                slow.rejects.append(reject(place[1], good[0], f"[{i}]: {good[1]}"))
        only = goods[0] if len(goods) == 1 else None
        return only if isinstance(only, Good) else None

    def _told(self, messages: int, found: Found, slow: Slow) -> Decoded:
        """Put together what was found in both ways."""
        known = np.flatnonzero(found.template >= 0)
        known = known[~np.isin(found.rows.message[known], slow.broken)]
        meant = self._meant[found.template[known]]
        rows = found.rows
        more = np.array(slow.parts, np.int64).reshape(-1, 6).T
        order = np.argsort(np.concatenate((known, more[0])), kind="stable")
        fast = (rows.message[known], *meant.T, found.time_ns[known], rows.first[known])
        columns: list[Any] = [
            np.concatenate((one, other.astype(one.dtype)))[order]
            for one, other in zip(fast, more[1:], strict=True)
        ]
        values = np.concatenate((found.values, np.array(slow.values)))
        quality = np.concatenate((found.quality, np.array(slow.quality, np.uint16)))
        message, asset, kind, time_ns, first = columns
        parts = Parts(message, asset, kind, time_ns, first, values, quality)
        spans = spans_of(self._names, parts)
        told = {*spans.message.tolist(), *(one.message for one in slow.rejects)}
        nothing = [reject(i, Why.EMPTY, "no sample") for i in range(messages) if i not in told]
        rejects = sorted(slow.rejects + nothing, key=lambda one: one.message)
        return Decoded(spans, rejects)

    def _learn(self, text: bytes, good: Good) -> None:
        """Remember the shape of an entry, the second time it comes."""
        buffer = joined([text])
        slots, key = cut(buffer, START + len(text))
        if self._trials.is_due(key, self._store, self._limits):
            self._try(buffer, text, (slots - START).tolist(), good)

    def _try(self, buffer: Bytes, text: bytes, slots: Sequence[Sequence[int]], good: Good) -> None:
        pieces = pieces_of(text, slots)
        roles = self._roles(pieces, good)
        if roles is None:
            return
        keys = keys_of(buffer, START + len(text), len(pieces))
        if not self._store.has_room(len(keys)):
            return
        head, body = Run(pieces[:1], roles[:1]), Run(pieces[1:], roles[1:])
        template = self._store.add(good.asset, good.points, head, body)
        self._meant[template] = (
            self._names.asset(good.asset),
            self._names.kind(good.points, good.wholes),
        )
        answer = Answer(good.time_ns, good.values, good.quality)
        if agrees(self._store, template, buffer, len(text), answer):
            self._store.publish(template, keys)

    def _roles(self, pieces: Sequence[bytes], good: Good) -> list[int] | None:
        """Say what each slot is; None when that cannot be told.

        Each is replaced by its number: what is then read as time or value tells where it stood.
        """
        document, failed = parse_json(0, numbered(pieces))
        entries = () if failed else self._form.read(document)
        if isinstance(entries, tuple) or len(entries) != 1 or depth(pieces) > DEEPEST:
            return None
        (entry,) = entries
        sources = [entry.time, *entry.values]
        if entry[:3] != good[:3] or set(map(type, sources)) != {int}:
            return None
        roles = [SKIP] * len(pieces)
        for role, source in enumerate(cast("list[int]", sources), TIME):
            if roles[source] != SKIP:
                return None
            roles[source] = role
        return [FIRST, *roles[1:]]
