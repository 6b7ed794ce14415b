"""Saved states of one partition as keys and values: what a writer puts there, and which one holds.

Each writer writes under a token of its own: names (which only grow), chunks (two generations take
turns), then the manifest, and at last it deletes what stood there when it began. A writer that was
paused and comes back may add to what was deleted: so a state holds only where all its pieces are
there, and of those the one at the highest offset, as the state at an offset is the same whoever
computed it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from models.snapshot import Manifest, Snapshot, SnapshotError

Pairs = Sequence[tuple[bytes, bytes | None]]
"""Keys with their values, in the order in which they are written; None deletes."""
_MANIFEST: Final = b"/manifest"


class Saved(NamedTuple):
    """A saved state with all its pieces."""

    manifest: Manifest
    chunks: list[bytes]
    segments: list[bytes]


def pairs(snapshot: Snapshot, token: str, old: Sequence[bytes] = ()) -> Pairs:
    """Return what a writer writes; `old`: keys that are deleted once the snapshot stands."""
    side = snapshot.manifest.generation % 2
    return [
        *((_name(token, "names", i), data) for i, data in snapshot.segments.items()),
        *((_name(token, side, i), data) for i, data in enumerate(snapshot.chunks)),
        (token.encode() + _MANIFEST, msgspec.json.encode(snapshot.manifest)),
        *((key, None) for key in old),
    ]


def latest(stored: Mapping[bytes, bytes], topic: str = "") -> Saved | None:
    """Return the whole saved state that stands furthest; None where there is none.

    `topic`: Kafka's id of `readings` now; a state of an earlier life of it holds only where there
    is none of this one. Raises `SnapshotError` where one cannot be read.
    """
    whole = list(_whole(stored))
    now = [one for one in whole if one.manifest.topic == topic]
    return max(now or whole, key=lambda one: one.manifest.offset, default=None)


def _whole(stored: Mapping[bytes, bytes]) -> Iterator[Saved]:
    for key in sorted(key for key in stored if key.endswith(_MANIFEST)):
        manifest = _manifest(stored[key])
        token = key.removesuffix(_MANIFEST).decode()
        chunks = _pieces(stored, token, manifest.generation % 2, manifest.chunks)
        segments = _pieces(stored, token, "names", manifest.segments)
        if len(chunks) == manifest.chunks and len(segments) == manifest.segments:
            yield Saved(manifest, chunks, segments)


def _manifest(data: bytes) -> Manifest:
    try:
        return msgspec.json.decode(data, type=Manifest)
    except msgspec.MsgspecError as error:
        raise SnapshotError(f"saved state is of another version: {error}") from error


def _pieces(stored: Mapping[bytes, bytes], token: str, kind: str | int, count: int) -> list[bytes]:
    keys = [_name(token, kind, i) for i in range(count)]
    return [stored[key] for key in keys if key in stored]


def _name(token: str, kind: str | int, number: int) -> bytes:
    return f"{token}/{kind}/{number}".encode()
