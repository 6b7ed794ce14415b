"""Format `arrow-ipc`: a table as Arrow IPC, stream or file.

Long form: columns `asset`, `point`, `time`, `value`, a row a sample. Wide form: `asset`, `time` and
any number of numeric columns, each a point; a row a span. Sizes are checked before reading.
"""

# ruff: noqa: ANN401 - pyarrow has no stubs

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import ipc

from schemas.formats.arrow_size import decoded_size
from schemas.formats.base import is_name, one_by_one, reject
from schemas.telemetry import (
    About,
    Decoded,
    Floats,
    Ints,
    Marks,
    Quality,
    Reject,
    SpansBuilder,
    Why,
)
from schemas.times import END_NS, to_ns

MOST_BYTES = 256 * 2**20
"""Decoded size of one message, at most."""
MAGIC = b"ARROW1"
CONTINUED = b"\xff\xff\xff\xff"

_LONG = frozenset(("asset", "point", "time", "value"))
_WIDE = frozenset(("asset", "time"))
_UNITS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_BAD_DATA = (pa.ArrowException, OSError, ValueError, TypeError, KeyError)

Flags = npt.NDArray[np.bool_]


class Names(NamedTuple):
    """A column of names: `table` of the different ones, and each row's place in it, (n,)."""

    table: list[object]
    ids: Ints

    @property
    def good(self) -> Flags:
        """Which rows have a name that can be one, (n,)."""
        return np.array([is_name(name) for name in self.table], dtype=bool)[self.ids]


class Arrow:
    """Decodes Arrow IPC."""

    name = "arrow-ipc"
    content_types = ("application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.file")

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch; `times_ms` is not needed."""
        del times_ms, about
        return one_by_one(batch, _read)

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be Arrow IPC."""
        return data.startswith((MAGIC, CONTINUED))


def _read(message: int, data: bytes, spans: SpansBuilder) -> list[Reject]:
    if not data:
        return [reject(message, Why.EMPTY, "the message is empty")]
    stream = data[len(MAGIC) + 2 :] if data.startswith(MAGIC) else data
    try:
        size = decoded_size(stream)
        if size > MOST_BYTES:
            return [reject(message, Why.TOO_LARGE, f"{size} bytes when decoded, of {MOST_BYTES}")]
        table = ipc.open_stream(stream).read_all()
        table.validate(full=True)
        return _table(message, table, spans)
    except _BAD_DATA as error:
        return [reject(message, Why.NOT_ARROW, str(error).partition("\n")[0])]


def _table(message: int, table: Any, spans: SpansBuilder) -> list[Reject]:
    columns = set(table.column_names)
    if len(columns) != table.num_columns:
        return [reject(message, Why.BAD_NAME, "two columns have the same name")]
    if not columns >= _WIDE:
        return [reject(message, Why.MISSING_FIELD, ", ".join(sorted(_WIDE - columns)))]
    if table.num_rows == 0:
        return [reject(message, Why.EMPTY, "the table has no row")]
    assets = _names(table["asset"])
    time_ns = _times(table["time"])
    rejects = _complain(message, Why.BAD_NAME, "asset", assets.good)
    rejects += _complain(message, Why.BAD_TIME, "time", time_ns >= 0)
    fine = assets.good & (time_ns >= 0)
    if columns >= _LONG:
        points = _names(table["point"])
        rejects += _complain(message, Why.BAD_NAME, "point", points.good)
        rows = np.flatnonzero(fine & points.good)
        _add_long(message, spans, (assets, points), (rows, time_ns, *_floats(table["value"])))
        return rejects
    return rejects + _add_wide(message, spans, table, (assets, time_ns, np.flatnonzero(fine)))


def _complain(message: int, why: Why, column: str, good: Flags) -> list[Reject]:
    """Reject the rows of a column that are not good, all in one line."""
    bad = np.flatnonzero(~good)
    if not bad.size:
        return []
    return [reject(message, why, f"{column}: {bad.size} rows refused, the first is row {bad[0]}")]


def _names(column: Any) -> Names:
    if not (pa.types.is_dictionary(column.type) or _is_text(column.type)):
        raise TypeError(f"a column of names is {column.type}, not text")
    column = column.combine_chunks()
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not _is_text(column.type):
        raise TypeError(f"a column of names is {column.type}, not text")
    encoded = column.dictionary_encode(null_encoding="encode")
    return Names(encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64))


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _times(column: Any) -> Ints:
    """Return times in ns, -1 where there is none that can be believed, (n,)."""
    if pa.types.is_timestamp(column.type):
        scale = _UNITS[column.type.unit]
        units = column.cast(pa.int64()).fill_null(-1).combine_chunks().to_numpy()
        good = (units >= 0) & (units < END_NS // scale)
        return np.where(good, np.where(good, units, 0) * scale, -1)
    return np.array([-1 if ns is None else ns for ns in map(to_ns, column.to_pylist())], np.int64)


def _floats(column: Any) -> tuple[Floats, Marks]:
    """Return a column's values and their quality, (n,) each."""
    missing = column.is_null().combine_chunks().to_numpy(zero_copy_only=False)
    if _is_number(column.type):
        values = column.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
    else:
        values = np.full(len(column), np.nan)
    marks = np.where(np.isnan(values), Quality.NOT_A_NUMBER, Quality.GOOD)
    marks[np.isinf(values)] = Quality.INFINITE
    marks[missing] = Quality.MISSING
    values[missing] = np.nan
    return values, marks.astype(np.uint16)


def _is_number(kind: Any) -> bool:
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return bool(number)


def _add_wide(
    message: int,
    spans: SpansBuilder,
    table: Any,
    rows: tuple[Names, Ints, Ints],
) -> list[Reject]:
    assets, time_ns, fine = rows
    columns = [name for name in table.column_names if name not in _WIDE]
    numeric = [name for name in columns if _is_number(table[name].type)]
    points = tuple(filter(is_name, numeric))
    if not points:
        return [reject(message, Why.EMPTY, "no numeric column with a name")]
    values, marks = zip(*(_floats(table[name]) for name in points), strict=True)
    grid, quality = np.column_stack(values).tolist(), np.column_stack(marks).tolist()
    for row in fine.tolist():
        asset = str(assets.table[assets.ids[row]])
        spans.add(message, asset, points, int(time_ns[row]), grid[row], quality[row])
    nameless = len(numeric) - len(points)
    return [reject(message, Why.BAD_NAME, f"{nameless} columns")] if nameless else []


def _add_long(
    message: int,
    spans: SpansBuilder,
    names: tuple[Names, Names],
    columns: tuple[Ints, Ints, Floats, Marks],
) -> None:
    """Add the samples of each asset and time as one span; of equal points the last."""
    assets, points = names
    rows, time_ns, values, quality = columns
    rows = _last(rows, np.stack((assets.ids, time_ns, points.ids))[:, rows])
    keys = np.stack((assets.ids, time_ns))[:, rows]
    group, first = _groups(keys)
    order = np.argsort(group, kind="stable")
    edges = [*np.flatnonzero(np.diff(group[order], prepend=-1)).tolist(), rows.size]
    shapes: dict[bytes, tuple[str, ...]] = {}
    for i, (begin, end) in enumerate(pairwise(edges)):
        these = rows[order[begin:end]]
        ids = points.ids[these]
        shape = shapes.get(ids.tobytes())
        if shape is None:
            shape = shapes[ids.tobytes()] = tuple(str(points.table[k]) for k in ids.tolist())
        asset = str(assets.table[keys[0, first[i]]])
        span = (shape, int(keys[1, first[i]]), values[these].tolist(), quality[these].tolist())
        spans.add(message, asset, *span)


def _groups(keys: Ints) -> tuple[Ints, Ints]:
    """Group equal columns of `keys`, (k, n), by first appearance: each one's group; its first."""
    _, first, inverse = np.unique(keys, axis=1, return_index=True, return_inverse=True)
    order = np.argsort(first)
    number = np.empty_like(order)
    number[order] = np.arange(order.size)
    return number[inverse.reshape(-1)], first[order]


def _last(rows: Ints, keys: Ints) -> Ints:
    """Keep of rows with equal `keys`, (k, n), the last."""
    _, back = np.unique(keys[:, ::-1], axis=1, return_index=True)
    return rows[np.sort(rows.size - 1 - back)]
