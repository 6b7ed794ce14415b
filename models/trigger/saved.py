"""What `trigger` remembers, to bytes and back: plain data in JSON, with a layout that it is of."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, Final, get_args, get_type_hints

import msgspec
from pydantic import BaseModel

from models.snapshot import SnapshotError
from models.trigger.memory import Memory
from schemas.trigger import Action, Stage, Why

VERSION: Final = 1


def layout() -> str:
    """Return a digest of what is saved and of the words in it."""
    words = [*Stage, *Why], [*Action.model_fields]
    rows = [(row.__name__, get_type_hints(row)) for row in _structs(Memory)]
    return blake2b(repr((VERSION, rows, words)).encode(), digest_size=8).hexdigest()


def _structs(found: Any) -> Iterator[type]:  # noqa: ANN401 - types
    """Yield all structs that one is made of."""
    if isinstance(found, type) and issubclass(found, msgspec.Struct):
        yield found
        for one in get_type_hints(found).values():
            yield from _structs(one)
    for one in get_args(found):
        yield from _structs(one)


def dump(memory: Memory) -> bytes:
    """Return it as JSON."""
    return _ENCODER.encode(memory)


def load(data: bytes) -> Memory:
    """Read it. Raises `SnapshotError`."""
    try:
        return _DECODER.decode(data)
    except (msgspec.MsgspecError, ValueError) as error:
        raise SnapshotError(f"saved state cannot be read: {error}") from error


def plain(value: Any) -> Any:  # noqa: ANN401 - msgspec's hook
    """Write a pydantic model as it writes itself."""
    if isinstance(value, BaseModel):
        return msgspec.Raw(value.model_dump_json().encode())
    raise NotImplementedError(type(value))


def model(kind: type, value: Any) -> Any:  # noqa: ANN401 - msgspec's hook
    """Read a pydantic model as it reads itself."""
    if issubclass(kind, BaseModel):
        return kind.model_validate(value)
    raise NotImplementedError(kind)


_ENCODER: Final = msgspec.json.Encoder(enc_hook=plain)
_DECODER: Final = msgspec.json.Decoder(Memory, dec_hook=model)
