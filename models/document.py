"""A saved state that is one JSON document: plain structs, which may hold pydantic models.

What it is of, a layout, stands in its manifest; `models.saved` puts its pieces under keys.
"""

import re
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, Final, NamedTuple, TypeVar, get_type_hints

import msgspec
from pydantic import BaseModel

from models.snapshot import Manifest, Snapshot, SnapshotError, chunked

Kind = TypeVar("Kind")
_MODULE: Final = re.compile(r"\b(?:[a-z_]\w*\.)+(?=[A-Z])")


class Stands(NamedTuple):
    """What a document is of, and up to where."""

    version: int
    layout: str
    offset: int
    generation: int
    partitions: int = 1
    topic: str = ""
    """Kafka's id of the topic whose offset it is."""


def layout(version: int, rows: Iterable[type], words: Any) -> str:  # noqa: ANN401 - whatever it is of
    """Return a digest of what is saved, and of the words that its numbers stand for.

    Types go without their modules: pydantic gives a generic one that of who asked for it first.
    """
    fields = [(row.__name__, get_type_hints(row)) for row in rows]
    text = _MODULE.sub("", repr((version, fields, words)))
    return blake2b(text.encode(), digest_size=8).hexdigest()


def snapshot(body: bytes, stands: Stands) -> Snapshot:
    """Return what is to be written of a document."""
    chunks = chunked(body)
    manifest = Manifest(
        **stands._asdict(),
        chunks=len(chunks),
        segments=0,
        sizes=[len(body)],
        sources=[],
        rules=[],
    )
    return Snapshot(manifest, chunks)


def check(manifest: Manifest, version: int, layout: str) -> None:
    """Raise `SnapshotError` where a document is of another build."""
    if (manifest.version, manifest.layout) != (version, layout):
        raise SnapshotError(
            f"saved state has layout {manifest.version}/{manifest.layout}, this build has "
            f"{version}/{layout}"
        )


def dump(what: Any) -> bytes:  # noqa: ANN401 - structs
    """Return it as JSON."""
    return _ENCODER.encode(what)


def load(data: bytes, kind: type[Kind]) -> Kind:
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
