"""The readings block: the samples of one `readings` partition over a short linger, as Arrow IPC.

One row a span (one asset at one time), so any user reads it with pandas, polars or DuckDB:

| column | type | meaning |
|---|---|---|
| source | uint16 | index into `sources` of the metadata: raw topic, partition and epoch |
| offset | int64 | the raw message's offset |
| part | int32 | which span of that message this is; (offset, part) only grows within a source |
| asset | uint32 | index into `assets` of the metadata |
| shape | uint32 | index into `shapes` of the metadata: the names of the points |
| time | timestamp[ns, UTC] | event time |
| values | list<float64> | one a point; NaN where there is none |
| quality | list<uint16> | `Quality` bits; null where all samples of the span are good |

The schema's metadata key `alltobit` holds `Meta` as JSON. Ticks say how far a source has come.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas.telemetry import Floats, Indices, Ints, Marks, Shape, Source

VERSION: Final = 1
CONTENT_TYPE: Final = "application/vnd.apache.arrow.stream"
_KEY: Final = b"alltobit"
_NO_MARKS: Final = np.zeros(0, np.uint16)
_FAR_NS: Final = 8_000_000_000_000_000_000  # 2223: sums with any setting stay within int64
_FOREIGN: Final = (pa.ArrowException, KeyError, ValueError, msgspec.MsgspecError, OSError)


class BlockError(ValueError):
    """The bytes are no readings block of a version we know."""


class Tick(msgspec.Struct, frozen=True, array_like=True):
    """All messages of a source below `offset` have been written; event time there is `time_ns`."""

    source: int
    """Index into the block's sources."""
    offset: int
    """Next offset to be read."""
    time_ns: int
    """Latest event time seen at the source; 0 when none was."""
    silent_ns: int = 0
    """How long the source, read to its end, has been silent."""


class Meta(msgspec.Struct, frozen=True):
    """The dictionaries of a block."""

    version: int
    sources: list[tuple[str, int, str]]
    assets: list[str]
    shapes: list[str]
    """Digest of each shape: equal digests are equal shapes, in any block."""
    points: list[msgspec.Raw]
    """The point names of each shape, as a JSON array."""
    ticks: list[Tick] = []


@dataclass(frozen=True, slots=True)
class Block:
    """A block in columns; n spans, m samples. Shapes are given by digest and JSON names."""

    meta: Meta
    source: Indices
    offset: Ints
    part: Indices
    asset: Indices
    shape: Indices
    time_ns: Ints
    start: Ints
    values: Floats
    quality: Marks

    def __len__(self) -> int:
        return len(self.source)

    def sources(self) -> list[Source]:
        """Return the sources, by index."""
        return [Source(*one) for one in self.meta.sources]


def digest(points: Shape) -> str:
    """Name a shape by its content: 24 hex digits."""
    return blake2b("\x00".join(points).encode(), digest_size=12).hexdigest()


def names(points: msgspec.Raw) -> Shape:
    """Read the point names of one shape, unchecked."""
    return msgspec.json.decode(points, type=Shape)


def points(meta: Meta, shape: int) -> Shape:
    """Read the point names of a shape. Raises `BlockError` when its digest is another one's."""
    try:
        found = names(meta.points[shape])
        name = digest(found)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise BlockError(f"no names of points: {error}") from error
    if name != meta.shapes[shape]:
        raise BlockError(f"the points of shape {meta.shapes[shape]!r} have digest {name!r}")
    return found


_SCHEMA: Final = pa.schema(
    [
        ("source", pa.uint16()),
        ("offset", pa.int64()),
        ("part", pa.int32()),
        ("asset", pa.uint32()),
        ("shape", pa.uint32()),
        ("time", pa.timestamp("ns", "UTC")),
        ("values", pa.list_(pa.float64())),
        ("quality", pa.list_(pa.uint16())),
    ]
)


def encode(block: Block) -> bytes:
    """Write `block` as an Arrow IPC stream of one record batch."""
    starts = pa.array(block.start.astype(np.int32))
    if block.quality.any():
        quality = pa.ListArray.from_arrays(starts, pa.array(block.quality))
    else:
        quality = pa.nulls(len(block), pa.list_(pa.uint16()))
    columns = [
        pa.array(block.source.astype(np.uint16)),
        pa.array(block.offset),
        pa.array(block.part),
        pa.array(block.asset.astype(np.uint32)),
        pa.array(block.shape.astype(np.uint32)),
        pa.array(block.time_ns).cast(pa.timestamp("ns", "UTC")),
        pa.ListArray.from_arrays(starts, pa.array(block.values)),
        quality,
    ]
    schema = _SCHEMA.with_metadata({_KEY: msgspec.json.encode(block.meta)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
    return bytes(sink.getvalue())


def decode(data: bytes) -> Block:
    """Read a block. Raises `BlockError` when it is none."""
    try:
        with pa.ipc.open_stream(pa.py_buffer(data)) as reader:
            meta = msgspec.json.decode((reader.schema.metadata or {})[_KEY], type=Meta)
            (batch,) = reader
            batch.validate(full=True)
    except _FOREIGN as error:
        raise BlockError(f"no readings block: {error}") from error
    if meta.version != VERSION or batch.schema.remove_metadata() != _SCHEMA:
        raise BlockError(f"readings block of version {meta.version}; this build reads {VERSION}")
    block = _columns(meta, batch)
    if not _fits(block):
        raise BlockError("the columns of the readings block do not fit each other")
    return block


def _columns(meta: Meta, batch: pa.RecordBatch) -> Block:
    lists, marks = batch.column(6), batch.column(7)
    start = lists.offsets.to_numpy().astype(np.int64)
    clean = marks.null_count == len(batch)
    if any(batch.column(i).null_count for i in range(7)) or lists.values.null_count:
        raise BlockError("a readings block has nulls in `quality` alone")
    if not clean and (
        marks.null_count or marks.values.null_count or marks.offsets != lists.offsets
    ):
        raise BlockError("`quality` of the readings block is not as long as `values`")
    return Block(
        meta=meta,
        source=batch.column(0).to_numpy().astype(np.int32),
        offset=batch.column(1).to_numpy(),
        part=batch.column(2).to_numpy(),
        asset=batch.column(3).to_numpy().astype(np.int32),
        shape=batch.column(4).to_numpy().astype(np.int32),
        time_ns=batch.column(5).cast(pa.int64()).to_numpy(),
        start=start,
        values=lists.values.to_numpy(),
        quality=_NO_MARKS if clean else marks.values.to_numpy(),
    )


def _fits(block: Block) -> bool:
    """Say whether every index points at something and every time can be reckoned with."""
    meta = block.meta
    most = (block.source, meta.sources), (block.asset, meta.assets), (block.shape, meta.shapes)
    return (
        len(meta.points) == len(meta.shapes)
        and all(partition >= 0 for _, partition, _ in meta.sources)
        and all(_among(index, len(known)) for index, known in most)
        and _between(block.offset, 0, _FAR_NS)
        and _between(block.time_ns, -_FAR_NS, _FAR_NS)
        and all(_sound(tick, len(meta.sources)) for tick in meta.ticks)
    )


def _among(index: Indices, most: int) -> bool:
    return _between(index, 0, most - 1)


def _between(column: npt.NDArray[Any], least: int, most: int) -> bool:
    return not len(column) or (int(column.min()) >= least and int(column.max()) <= most)


def _sound(tick: Tick, sources: int) -> bool:
    return (
        0 <= tick.source < sources
        and 0 <= tick.offset <= _FAR_NS
        and abs(tick.time_ns) <= _FAR_NS
        and 0 <= tick.silent_ns <= _FAR_NS // 8
    )
