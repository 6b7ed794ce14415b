"""Which GPU an index means: learned where labels tell index and UUID together.

So `gpu_uuid="GPU-a"` alone is about the asset that `gpu="0",UUID="GPU-a"` named before it. A
message is read with what stood up to its own offset in its partition, so that reading a topic again
gives the same. An index that means another GPU than before is told, once for each pair. Bounded.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import msgspec
import numpy as np

from schemas.formats.labels import Gpu
from schemas.telemetry import About, Health, Kept, Source, Spans

HOSTS = 65_536
"""Hosts that one process knows."""
CHANGES = 256
"""Pairs of index and UUID that are learned of a host in one life of a partition."""
CHECK = "gpu identity"

_BY_UUID = re.compile(r"(.+)/(GPU-[^/]+)(/nvlink[0-9]+)?")
_MEND = "see whether the GPU was replaced or the driver numbered anew; what was before is another's"

Told = dict[str, tuple[Gpu, ...]]
"""What one message tells, by host."""


class Change(NamedTuple):
    """From `offset` on the GPU `uuid` is `path`."""

    offset: int
    path: str
    uuid: str


class Record(NamedTuple):
    """What is kept of a host."""

    topic: str
    partition: int
    epoch: str
    host: str
    changes: list[Change]


class Named(NamedTuple):
    """Spans with the assets that they are about, and what was learned."""

    spans: Spans
    kept: list[Kept]
    health: list[Health]


@dataclass(slots=True)
class Host:
    """What is known of a host."""

    epoch: str = ""
    changes: list[Change] = field(default_factory=list)
    """By offset."""
    now: dict[str, str] = field(default_factory=dict)
    """Path by UUID, after all changes."""
    heard: Sequence[Gpu] = ()
    """What was learned last; told again, it is no news."""

    @property
    def last(self) -> int:
        """The offset of the last change."""
        return self.changes[-1].offset if self.changes else -1

    def path(self, uuid: str, offset: int) -> str | None:
        """Return what a GPU goes by in the message at `offset`."""
        if offset >= self.last:
            return self.now.get(uuid)
        older = (c.path for c in reversed(self.changes) if c.offset <= offset and c.uuid == uuid)
        return next(older, None)

    def learn(self, offset: int, told: Sequence[Gpu]) -> bool:
        """Take what the message at `offset`, behind all changes, tells; say whether it was new."""
        self.heard = told
        new = [one for one in told if self.now.get(one.uuid) != one.path]
        new = new[: CHANGES - len(self.changes)]
        self.changes += [Change(offset, one.path, one.uuid) for one in new]
        self.now.update((one.uuid, one.path) for one in new)
        return bool(new)

    def moves(self, offset: int) -> list[tuple[str, str]]:
        """Return the paths that mean another GPU from `offset` on than before, and words on it."""
        before = [one for one in self.changes if one.offset < offset]
        found = []
        for change in (one for one in self.changes if one.offset == offset):
            was = next((c.uuid for c in reversed(before) if c.path == change.path), change.uuid)
            from_ = next((c.path for c in reversed(before) if c.uuid == change.uuid), None)
            words = [f"{change.uuid} has this index now"]
            words += [f"{was} had it"] if was != change.uuid else []
            words += [f"it was {from_}"] if from_ else []
            if len(words) > 1:
                found.append((change.path, "; ".join(words)))
        return found


class Gpus:
    """All that one process knows, for one format."""

    def __init__(self, format_: str) -> None:
        self._format = format_
        self._hosts: dict[tuple[str, int, str], Host] = {}

    def named(self, spans: Spans, told: Mapping[int, Told], about: About) -> Named:
        """Learn what messages tell, and name assets that are known by UUID alone.

        `told`: by message, in order.
        """
        kept: dict[str, Kept] = {}
        health: list[Health] = []
        for message, by_host in told.items():
            offset = about.offsets[message]
            for name, gpus in by_host.items():
                host = self._host(about.source, name)
                if host is None or (gpus is host.heard and offset > host.last):
                    continue
                if offset > host.last and host.learn(offset, gpus):
                    one = self._kept(about.source, name, host)
                    kept[one.key] = one._replace(message=message)
                if offset <= host.last:
                    health += _moved(message, name, host.moves(offset), spans)
        return Named(self._renamed(spans, about), [*kept.values()], health)

    def recall(self, kept: Iterable[Kept]) -> None:
        """Take what any process kept, where it is newer than what is known."""
        for one in kept:
            record = _record(one)
            if record is None:
                continue
            host = self._host(Source(*record[:3]), record.host)
            if host is not None and record.changes[-1].offset > host.last:
                host.changes = list(record.changes)
                host.now = {change.uuid: change.path for change in record.changes}
                host.heard = ()

    def _host(self, source: Source, name: str) -> Host | None:
        """Return what is known of a host in this life of its partition; None: there is no room."""
        key = (source.topic, source.partition, name)
        found = self._hosts.get(key)
        if found is None and len(self._hosts) >= HOSTS:
            return None
        if found is None or found.epoch != source.epoch:
            found = self._hosts[key] = Host(source.epoch)
        return found

    def _kept(self, source: Source, name: str, host: Host) -> Kept:
        record = Record(*source, name, host.changes)
        key = f"{self._format}|{source.topic}|{source.partition}|{name}"
        return Kept(key, msgspec.msgpack.encode(record))

    def _renamed(self, spans: Spans, about: About) -> Spans:
        """Name the assets that are known by UUID alone, as of each message."""
        parts = {
            i: found
            for i, asset in enumerate(spans.assets)
            if "/GPU-" in asset and (found := _BY_UUID.fullmatch(asset))
        }
        if not parts:
            return spans
        numbers = {name: number for number, name in enumerate(spans.assets)}
        asset = spans.asset.copy()
        for i in np.flatnonzero(np.isin(asset, [*parts])).tolist():
            name, uuid, rest = parts[int(asset[i])].groups()
            host = self._hosts.get((about.source.topic, about.source.partition, name))
            path = host and host.path(uuid, about.offsets[int(spans.message[i])])
            if host and path and host.epoch == about.source.epoch:
                asset[i] = numbers.setdefault(f"{name}/{path}{rest or ''}", len(numbers))
        return replace(spans, assets=[*numbers], asset=asset)


def agreed(gpus: Iterable[Gpu]) -> Told:
    """Return what is told, but what contradicts itself: an index or a UUID that means two."""
    found = sorted({*gpus})
    paths = Counter((one.host, one.path) for one in found)
    uuids = Counter((one.host, one.uuid) for one in found)
    told: dict[str, list[Gpu]] = {}
    for one in found:
        if paths[one.host, one.path] == uuids[one.host, one.uuid] == 1:
            told.setdefault(one.host, []).append(one)
    return {host: tuple(some) for host, some in told.items()}


def _moved(
    message: int, host: str, moves: Iterable[tuple[str, str]], spans: Spans
) -> Iterator[Health]:
    """Tell of each path that means another GPU. The time is the message's first span's."""
    for path, words in moves:
        yield Health(
            message=message,
            asset=f"{host}/{path}",
            check=CHECK,
            time_ns=int(spans.time_ns[np.searchsorted(spans.message, message)]),
            healthy=False,
            fatal=False,
            text=words,
            action=_MEND,
            codes=(),
            entities=(),
        )


def _record(kept: Kept) -> Record | None:
    """Read what was kept; None when it is damaged."""
    try:
        record = msgspec.msgpack.decode(kept.value, type=Record)
    except (msgspec.DecodeError, ValueError):
        return None
    offsets = [change.offset for change in record.changes]
    sound = 0 < len(offsets) <= CHANGES and offsets == sorted(offsets) and offsets[0] >= 0
    return record if sound else None
