"""What Sparkplug's births said, for the messages after them: names by alias, and datatypes.

A message is read with the latest birth before its own offset, so that reading a topic again gives
the same bits. The last births of a node or device are kept without a gap between them; older ones,
met again in a replay, serve until the next one and are kept by nobody. All of it is bounded.
"""

import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from schemas.formats.sparkplug_values import OTHER
from schemas.telemetry import Kept, Shape, Source

FORMAT = "sparkplug-b"
BIRTHS = 32
"""Births that are kept of a node or device."""
METRICS = 16_384
"""Metrics that one birth may name; those that are kept together name at most twice as many."""
NODE_METRICS = 65_536
"""Metrics of a node with its devices: a death tells of all of them."""
MEMBERS = 65_536
"""Nodes and devices that one process knows."""
ALL_METRICS = 1_048_576
"""Metrics that one process knows."""
RECORD_BYTES = 32 * 1024 * 1024
"""A kept record, uncompressed."""

_NUMBERS = range(1, OTHER)
_COMMANDS = ("Node Control/", "Device Control/")
_PREFIX = f"{FORMAT}|"

Row = tuple[str, int | None, int]
"""A metric as its birth says: name, alias, datatype."""


class Table:
    """What one birth names."""

    __slots__ = ("aliases", "points", "rows", "types")

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = tuple(rows)
        self.types = {name: measured(name, datatype) for name, _, datatype in rows}
        self.aliases = {
            alias: (name, self.types[name]) for name, alias, _ in rows if alias is not None
        }
        self.points: Shape = tuple(
            name for name, datatype in self.types.items() if datatype != OTHER
        )


class Birth(NamedTuple):
    """One birth."""

    offset: int
    session: int
    """Its `bdSeq`; -1: none."""
    table: Table


class Member(NamedTuple):
    """A node, or a device of it."""

    node: str
    """GROUP/EDGE."""
    device: str = ""

    @property
    def asset(self) -> str:
        """GROUP/EDGE[/DEVICE]."""
        return f"{self.node}/{self.device}" if self.device else self.node


class Record(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a member."""

    topic: str
    partition: int
    epoch: str
    node: str
    device: str
    tables: list[list[Row]]
    births: list[tuple[int, int, int]]
    """Offset, session, index of the table; in order."""


def measured(name: str, datatype: int) -> int:
    """Return the datatype of a measurement; `OTHER`: a text, a command, the session's number."""
    is_number = datatype in _NUMBERS and name != "bdSeq"
    return datatype if is_number and not name.startswith(_COMMANDS) else OTHER


@dataclass(slots=True)
class Births:
    """The births of one member in one life of a partition."""

    epoch: str
    known: list[Birth] = field(default_factory=list)
    """The last ones, by offset; none is missing between them."""
    passing: Birth | None = None
    """Older than these: met in a replay, good until the next."""

    def before(self, offset: int) -> Birth | None:
        """Return the latest birth before `offset`."""
        known = self.known
        if known and known[-1].offset < offset:
            return known[-1]
        place = bisect_left(known, offset, key=lambda birth: birth.offset)
        if place:
            return known[place - 1]
        return self.passing if self.passing and self.passing.offset < offset else None

    def add(self, birth: Birth) -> bool:
        """Remember a birth; say whether it is one of the kept."""
        known = self.known
        if known and birth.offset < known[0].offset:
            self.passing = birth
            return False
        place = bisect_left(known, birth.offset, key=lambda one: one.offset)
        if place == len(known) or known[place].offset != birth.offset:
            known.insert(place, self._shared(birth))
        while len(known) > BIRTHS or self.metrics > 2 * METRICS:
            del known[0]
        return True

    def _shared(self, birth: Birth) -> Birth:
        """Let equal tables be one."""
        same = (one.table for one in self.known if one.table.rows == birth.table.rows)
        return birth._replace(table=next(same, birth.table))

    @property
    def metrics(self) -> int:
        """How many metrics the tables hold."""
        return sum({id(one.table): len(one.table.rows) for one in self.known}.values())


@dataclass(slots=True)
class Node:
    """A node and its devices."""

    members: dict[str, Births] = field(default_factory=dict)
    """By device; the node itself is the empty one."""

    def latest(self, device: str, epoch: str, offset: int) -> Birth | None:
        """Return a member's latest birth before `offset`; a node's birth ends its devices'."""
        own, found = self._before("", epoch, offset), self._before(device, epoch, offset)
        return None if found and own and found.offset < own.offset else found

    def _before(self, device: str, epoch: str, offset: int) -> Birth | None:
        births = self.members.get(device)
        return births.before(offset) if births and births.epoch == epoch else None

    def room(self, device: str) -> int:
        """Return how many metrics a new birth may name."""
        others = (b for name, b in self.members.items() if name != device and b.known)
        return NODE_METRICS - sum(len(births.known[-1].table.rows) for births in others)


class Memory:
    """All births that one process knows."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[str, int, str], Node] = {}
        self._members = self._metrics = 0

    def latest(self, source: Source, member: Member, offset: int) -> Birth | None:
        """Return the latest birth of a member before `offset`."""
        node = self._nodes.get((source.topic, source.partition, member.node))
        return node.latest(member.device, source.epoch, offset) if node else None

    def alive(self, source: Source, node: str, offset: int) -> Iterator[tuple[Member, Birth]]:
        """List a node and its devices that are born in its session, with their births."""
        found = self._nodes.get((source.topic, source.partition, node), Node())
        for device in found.members:
            birth = found.latest(device, source.epoch, offset)
            if birth:
                yield Member(node, device), birth

    def add(self, source: Source, member: Member, birth: Birth) -> tuple[bool, Kept | None]:
        """Remember a birth: whether there was room, and what is to be kept of its member."""
        node = self._node((source.topic, source.partition, member.node), member.device)
        if node is None or len(birth.table.rows) > min(METRICS, node.room(member.device)):
            return False, None
        births = self._births(node, source.epoch, member.device)
        before = births.metrics
        if self._metrics - before + len(birth.table.rows) > ALL_METRICS:
            return False, None
        kept = births.add(birth)
        self._metrics += births.metrics - before
        return True, _kept(source, member, births) if kept else None

    def recall(self, kept: Iterable[Kept]) -> None:
        """Take what was kept by any process. What was only passing is forgotten.

        To be called, with nothing if need be, whenever partitions come: others may have read them.
        """
        for node in self._nodes.values():
            for births in node.members.values():
                births.passing = None
        for one in kept:
            record = _record(one)
            if record and record.births:
                self._take(record)

    def _node(self, key: tuple[str, int, str], device: str) -> Node | None:
        """Return the node that a member belongs to; None when there is no room for the member."""
        node = self._nodes.get(key)
        if node and device in node.members:
            return node
        if self._members >= MEMBERS:
            return None
        return node or self._nodes.setdefault(key, Node())

    def _births(self, node: Node, epoch: str, device: str) -> Births:
        """Return a member's births in this life of the partition; those of another are dropped."""
        births = node.members.get(device)
        if births is None or births.epoch != epoch:
            self._members += births is None
            self._metrics -= births.metrics if births else 0
            births = node.members[device] = Births(epoch)
        return births

    def _take(self, record: Record) -> None:
        """Take a record, unless what is known is as new."""
        node = self._node((record.topic, record.partition, record.node), record.device)
        if node is None:
            return
        births = self._births(node, record.epoch, record.device)
        if births.known and births.known[-1].offset >= record.births[-1][0]:
            return
        tables = list(map(Table, record.tables))
        self._metrics -= births.metrics
        births.known = [Birth(at, session, tables[i]) for at, session, i in record.births]
        self._metrics += births.metrics


def _kept(source: Source, member: Member, births: Births) -> Kept:
    tables = {id(one.table): one.table for one in births.known}
    index = {key: i for i, key in enumerate(tables)}
    record = Record(
        *source,
        *member,
        [list(table.rows) for table in tables.values()],
        [(one.offset, one.session, index[id(one.table)]) for one in births.known],
    )
    key = f"{_PREFIX}{source.topic}|{source.partition}|{member.asset}"
    return Kept(key, zlib.compress(msgspec.msgpack.encode(record)))


def _record(kept: Kept) -> Record | None:
    """Read what was kept; None when it is damaged."""
    try:
        unpacked = zlib.decompressobj().decompress(kept.value, RECORD_BYTES)
        record = msgspec.msgpack.decode(unpacked, type=Record)
    except (zlib.error, msgspec.DecodeError, ValueError):
        return None
    offsets = [offset for offset, _, _ in record.births]
    sound = all(0 <= i < len(record.tables) for _, _, i in record.births)
    return record if sound and offsets == sorted(set(offsets)) else None
