"""What `trigger` remembers, to bytes and back: plain data in JSON, with a layout that it is of."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, Final, TypeVar, get_args, get_type_hints

import msgspec
from pydantic import BaseModel

from models.snapshot import Manifest, Snapshot, SnapshotError, chunked
from models.trigger.memory import Memory
from schemas.trigger import Action, Stage, Why

VERSION: Final = 1
Saved = TypeVar("Saved", bound=msgspec.Struct)


class Standing(msgspec.Struct):
    """What is remembered, and up to which messages."""

    memory: Memory
    topics: dict[str, str]
    """Kafka's ids of the topics, by name."""
    offsets: dict[str, dict[int, int]]
    """Next offset, by topic and partition."""


def snapshot(standing: Standing, number: int, generation: int) -> Snapshot:
    """Return what is to be written. `number`: how many batches were taken in, ever."""
    body = dump(standing)
    chunks = chunked(body)
    manifest = Manifest(
        version=VERSION,
        layout=layout(),
        partitions=1,
        topic="",
        offset=number,
        generation=generation,
        chunks=len(chunks),
        segments=0,
        sizes=[len(body)],
        sources=[],
        rules=[],
    )
    return Snapshot(manifest, chunks)


def restored(manifest: Manifest, chunks: list[bytes]) -> Standing:
    """Rebuild what was saved. Raises `SnapshotError`."""
    if manifest.version != VERSION or manifest.layout != layout():
        raise SnapshotError(
            f"saved state has layout {manifest.version}/{manifest.layout}, this build has "
            f"{VERSION}/{layout()}"
        )
    return load(b"".join(chunks), Standing)


def layout() -> str:
    """Return a digest of what is saved and of the words in it."""
    words = [*Stage, *Why], [*Action.model_fields]
    rows = [(row.__name__, get_type_hints(row)) for row in _structs(Standing)]
    return blake2b(repr((VERSION, rows, words)).encode(), digest_size=8).hexdigest()


def _structs(found: Any) -> Iterator[type]:  # noqa: ANN401 - types
    """Yield all structs that one is made of."""
    if isinstance(found, type) and issubclass(found, msgspec.Struct):
        yield found
        for one in get_type_hints(found).values():
            yield from _structs(one)
    for one in get_args(found):
        yield from _structs(one)


def dump(what: Memory | Standing) -> bytes:
    """Return it as JSON."""
    return _ENCODER.encode(what)


def load(data: bytes, kind: type[Saved]) -> Saved:
    """Read it. Raises `SnapshotError`."""
    try:
        return msgspec.json.decode(data, type=kind, dec_hook=_model)
    except (msgspec.MsgspecError, ValueError) as error:
        raise SnapshotError(f"saved state cannot be read: {error}") from error


def _plain(value: Any) -> Any:  # noqa: ANN401 - msgspec's hook
    """Write a pydantic model as it writes itself."""
    if isinstance(value, BaseModel):
        return msgspec.Raw(value.model_dump_json().encode())
    raise NotImplementedError(type(value))


def _model(kind: type, value: Any) -> Any:  # noqa: ANN401 - msgspec's hook
    """Read a pydantic model as it reads itself."""
    if issubclass(kind, BaseModel):
        return kind.model_validate(value)
    raise NotImplementedError(kind)


_ENCODER: Final = msgspec.json.Encoder(enc_hook=_plain)
