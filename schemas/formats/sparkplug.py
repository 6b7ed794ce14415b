"""Format `sparkplug-b`: Eclipse Sparkplug 3.0, payload B, with the MQTT topic it was published to.

Sources: Sparkplug 3.0.0 specification, chapters 4 (topics), 5 (births and deaths) and 6 (payloads);
Eclipse Tahu's sparkplug_b.proto. The asset is GROUP/EDGE[/DEVICE], the point the metric's name.

All messages of an edge node must stand in one partition: births tell what later aliases mean.
Births and data become samples; deaths make everything that the last birth named stale. Commands,
states of hosts and deaths of an older session (`bdSeq`) say nothing and are no mistakes.
"""

# ruff: noqa: ANN401 - protobuf has no types

import re
from collections.abc import Iterable, Sequence
from math import nan
from typing import Any, NamedTuple

from google.protobuf.message import DecodeError

from schemas.formats.base import is_name, quoted, reject
from schemas.formats.sparkplug_births import FORMAT, Birth, Member, Memory, Row, Table, measured
from schemas.formats.sparkplug_payload import Payload
from schemas.formats.sparkplug_values import OTHER, datatype_in_birth, datatype_of, value_of
from schemas.telemetry import About, Decoded, Kept, Quality, Reject, Source, SpansBuilder, Why
from schemas.times import END_NS, to_ns

REMEMBERED = 65_536
"""Topics and names whose meaning is remembered; a bounded memory that changes no result."""

_LOST = int(Quality.MISSING | Quality.STALE)
_STARTS = re.compile(rb"\x08[\x80-\xff]{5}[\x01-\x7f][\x12\x18]")
"""A payload's time in ms, as senders write it first, and its metrics or sequence number."""
_MS = range(10**11, END_NS // 10**6)
_SILENT = ("NCMD", "DCMD")

Group = dict[str, tuple[float, int]]
"""Value and quality by point, at one time."""


class Address(NamedTuple):
    """What an MQTT topic says."""

    verb: str
    """NBIRTH, NDATA, ..; empty: nothing to be read."""
    member: Member


class Read(NamedTuple):
    """One message on its way."""

    message: int
    address: Address
    payload: Any
    kafka_ns: int | None
    source: Source
    offset: int

    @property
    def sent_ns(self) -> int | None:
        """When it was sent, or else written."""
        return _ns(self.payload.timestamp) if self.payload.timestamp else self.kafka_ns


class Out(NamedTuple):
    """What a batch becomes."""

    spans: SpansBuilder
    rejects: list[Reject]
    kept: list[Kept]


class Sparkplug:
    """Decodes Sparkplug B. Remembers births, and has them kept."""

    name = FORMAT
    content_types = ("application/vnd.eclipse.sparkplug.b",)

    def __init__(self) -> None:
        self._births = Memory()
        self._addresses: dict[str, Address | None] = {}
        self._names: dict[bytes, str | None] = {}

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch. `about` is needed: it has the topics and the offsets."""
        out = Out(SpansBuilder(), [], [])
        for message, data in enumerate(batch):
            address = self._address(about.subjects[message]) if about else None
            if about is None or address is None:
                subject = quoted(about.subjects[message]) if about else "none"
                out.rejects.append(
                    reject(message, Why.NO_SUBJECT, f"no Sparkplug topic: {subject}")
                )
            elif address.verb:
                kafka_ns = to_ns(times_ms[message]) if times_ms and times_ms[message] > 0 else None
                payload = Payload()
                read = Read(
                    message, address, payload, kafka_ns, about.source, about.offsets[message]
                )
                self._parse(read, data, out)
        return Decoded(out.spans.build(), out.rejects, out.kept)

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be a payload that begins with its time."""
        return bool(_STARTS.match(data))

    def recall(self, kept: Iterable[Kept]) -> None:
        """Take births that any process kept."""
        self._births.recall(kept)

    def _parse(self, read: Read, data: bytes, out: Out) -> None:
        try:
            read.payload.ParseFromString(data)
        except DecodeError as error:
            out.rejects.append(reject(read.message, Why.NOT_PROTOBUF, str(error)))
            return
        verb = read.address.verb
        if verb.endswith("DEATH"):
            self._death(read, out)
        elif not read.payload.metrics:
            out.rejects.append(reject(read.message, Why.EMPTY, "the payload has no metric"))
        elif verb.endswith("BIRTH"):
            self._birth(read, out)
        else:
            self._data(read, out)

    def _birth(self, read: Read, out: Out) -> None:
        """Remember what a birth names, and add its samples."""
        rows: list[Row] = []
        groups: dict[int, Group] = {}
        session = -1
        for metric in read.payload.metrics:
            name, datatype = self._name(metric.name), datatype_in_birth(metric)
            if name is None:
                out.rejects.append(reject(read.message, Why.BAD_NAME, quoted_bytes(metric.name)))
                continue
            if name == "bdSeq":
                session = metric.long_value or metric.int_value
            rows.append((name, metric.alias if metric.HasField("alias") else None, datatype))
            self._put(read, metric, (name, measured(name, datatype)), groups, out)
        fits, kept = self._births.add(
            read.source, read.address.member, Birth(read.offset, session, Table(rows))
        )
        if kept:
            out.kept.append(kept._replace(message=read.message))
        if not fits:
            detail = f"a birth of {len(rows)} metrics: no room to remember them"
            out.rejects.append(reject(read.message, Why.TOO_MANY_SIGNALS, detail))
        _add(read, groups, out)

    def _data(self, read: Read, out: Out) -> None:
        """Add the samples of a message whose metrics may have nothing but an alias."""
        birth = self._births.latest(read.source, read.address.member, read.offset)
        groups: dict[int, Group] = {}
        for metric in read.payload.metrics:
            named = self._named(metric, birth)
            if isinstance(named, tuple):
                self._put(read, metric, named, groups, out)
            else:
                out.rejects.append(reject(read.message, named, _lacking(metric, read, named)))
        _add(read, groups, out)

    def _named(self, metric: Any, birth: Birth | None) -> tuple[str, int] | Why:
        """Return a metric's name and datatype, or why it has none."""
        if not metric.name:
            if not metric.HasField("alias"):
                return Why.MISSING_FIELD
            named = birth.table.aliases.get(metric.alias) if birth else None
            return named or Why.NO_BIRTH
        name = self._name(metric.name)
        if name is None:
            return Why.BAD_NAME
        datatype = datatype_of(metric, birth.table.types.get(name) if birth else None)
        return Why.NO_BIRTH if datatype is None else (name, measured(name, datatype))

    def _death(self, read: Read, out: Out) -> None:
        """Make all that is known of a node or device stale."""
        member = read.address.member
        if member.device:
            birth = self._births.latest(read.source, member, read.offset)
            dying = [(member, birth)] if birth else []
            time_ns = read.sent_ns
        else:
            dying = list(self._births.alive(read.source, member.node, read.offset))
            time_ns = read.kafka_ns or read.sent_ns  # written by the broker; signed at connect
            if _is_of_older_session(read.payload, dying):
                return
        if time_ns is None:
            out.rejects.append(reject(read.message, Why.BAD_TIME, "a death without a time"))
            return
        if not dying:
            detail = f"a death of {quoted(member.asset)}: no birth before it in its partition"
            out.rejects.append(reject(read.message, Why.NO_BIRTH, detail))
        for one, birth in dying:
            points = birth.table.points
            if points:
                lost = [nan] * len(points), [_LOST] * len(points)
                out.spans.add(read.message, one.asset, points, time_ns, *lost)

    def _put(
        self, read: Read, metric: Any, named: tuple[str, int], groups: dict[int, Group], out: Out
    ) -> None:
        """Put a measured metric into the group of its time."""
        name, datatype = named
        if datatype == OTHER:
            return
        time_ns = _ns(metric.timestamp) if metric.timestamp else read.sent_ns
        if time_ns is None:
            detail = (
                f"{quoted(name)}: {metric.timestamp or 'neither it nor its message has a time'}"
            )
            out.rejects.append(reject(read.message, Why.BAD_TIME, detail))
            return
        groups.setdefault(time_ns, {})[name] = value_of(metric, datatype)

    def _name(self, name: bytes) -> str | None:
        """Return a metric's name; None when it can be none."""
        if name not in self._names:
            if len(self._names) >= REMEMBERED:
                self._names.clear()
            text = name.decode(errors="surrogateescape")
            self._names[name] = text if is_name(text) else None
        return self._names[name]

    def _address(self, subject: str) -> Address | None:
        """Return what an MQTT topic says; None when it is none of Sparkplug's."""
        if subject not in self._addresses:
            if len(self._addresses) >= REMEMBERED:
                self._addresses.clear()
            self._addresses[subject] = _parsed(subject)
        return self._addresses[subject]


def quoted_bytes(name: bytes) -> str:
    """Return a sender's bytes as text for a person."""
    return quoted(name.decode(errors="replace"))


def _ns(time: int) -> int | None:
    """Return a time, in ms as the specification says, in ns; other units are told by their size."""
    return time * 10**6 if _MS.start <= time < _MS.stop else to_ns(time)


def _parsed(subject: str) -> Address | None:
    parts = subject.split("/")
    if parts[0] == "STATE" or parts[:2] == ["spBv1.0", "STATE"]:
        return Address("", Member(""))
    if len(parts) not in {4, 5} or parts[0] != "spBv1.0" or not is_name(subject):
        return None
    _, group, verb, edge, *device = parts
    verbs = (
        ("DBIRTH", "DDATA", "DDEATH", "DCMD") if device else ("NBIRTH", "NDATA", "NDEATH", "NCMD")
    )
    if verb not in verbs or not all((group, edge, *device)):
        return None
    return Address("" if verb in _SILENT else verb, Member(f"{group}/{edge}", *device))


def _is_of_older_session(payload: Any, dying: list[tuple[Member, Birth]]) -> bool:
    """Say whether a death belongs to a connection before the one that is born now."""
    deaths = [m.long_value or m.int_value for m in payload.metrics if m.name == b"bdSeq"]
    births = [birth.session for member, birth in dying if not member.device]
    return bool(deaths and births and births[0] >= 0 and deaths[0] != births[0])


def _lacking(metric: Any, read: Read, why: Why) -> str:
    if why is Why.MISSING_FIELD:
        return "a metric with neither name nor alias"
    if why is Why.BAD_NAME:
        return quoted_bytes(metric.name)
    what = quoted_bytes(metric.name) if metric.name else f"alias {metric.alias}"
    where = f"offset {read.offset} of partition {read.source.partition}"
    return f"{what} of {quoted(read.address.member.asset)}: no birth before {where}"


def _add(read: Read, groups: dict[int, Group], out: Out) -> None:
    """Add a span for each time, good ones without marks."""
    for time_ns, found in groups.items():
        values = [value for value, _ in found.values()]
        marks = [mark for _, mark in found.values()]
        asset = read.address.member.asset
        out.spans.add(
            read.message, asset, tuple(found), time_ns, values, marks if any(marks) else None
        )
