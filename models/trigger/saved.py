"""What `trigger` remembers, to bytes and back: plain data in JSON, with a layout that it is of."""

from collections.abc import Iterator
from typing import Any, Final, get_args, get_type_hints

import msgspec

from models import document
from models.document import dump, load
from models.snapshot import Manifest, Snapshot
from models.trigger.memory import Memory
from schemas.trigger import Action, Stage, Why

__all__ = ["Standing", "dump", "layout", "load", "restored", "snapshot"]

VERSION: Final = 1
_BEFORE: Final = frozenset({"ea8b872bcc4b1f50"})
"""Layouts of builds before this one: what their states lack has defaults (proposals, so far)."""


class Standing(msgspec.Struct):
    """What is remembered, and up to which messages."""

    memory: Memory
    topics: dict[str, str]
    """Kafka's ids of the topics, by name."""
    offsets: dict[str, dict[int, int]]
    """Next offset, by topic and partition."""


def snapshot(standing: Standing, number: int, generation: int) -> Snapshot:
    """Return what is to be written. `number`: how many batches were taken in, ever."""
    stands = document.Stands(VERSION, layout(), number, generation)
    return document.snapshot(dump(standing), stands)


def restored(manifest: Manifest, chunks: list[bytes]) -> Standing:
    """Rebuild what was saved. Raises `SnapshotError`."""
    known = manifest.layout if manifest.layout in _BEFORE else layout()
    document.check(manifest, VERSION, known)
    return load(b"".join(chunks), Standing)


def layout() -> str:
    """Return a digest of what is saved and of the words in it."""
    words = [*Stage, *Why], [*Action.model_fields]
    return document.layout(VERSION, _structs(Standing), words)


def _structs(found: Any) -> Iterator[type]:  # noqa: ANN401 - types
    """Yield all structs that one is made of."""
    if isinstance(found, type) and issubclass(found, msgspec.Struct):
        yield found
        for one in get_type_hints(found).values():
            yield from _structs(one)
    for one in get_args(found):
        yield from _structs(one)
