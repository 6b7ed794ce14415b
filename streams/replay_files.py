"""Recorded files as frames: tables (CSV, tab, blanks), `.npz`, native JSON lines; `.gz` too.

Memory stays small: a row at a time; the arrays of an `.npz`; a table that runs backwards in time or
is transposed, up to a limit. A bad row is a value (`BadLine`); a file that cannot be replayed at
all raises `ConfigError`.
"""

import gzip
import heapq
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO, cast

import numpy as np

from models.replay import (
    BadLine,
    Reading,
    Row,
    array_rows,
    ascending,
    is_label,
    native_rows,
    rows,
)
from models.replay.rows import MAX_KEPT
from models.simulate.frame import Frame
from streams.errors import ConfigError

TABLES = frozenset({".csv", ".tsv", ".txt", ".dat"})
LINES = frozenset({".jsonl", ".ndjson"})
ARRAYS = frozenset({".npz"})
NOT_DATA = ("license", "readme", "notice", "copying")
MAX_FILES = 500
"""Of a folder; all are open at the same time."""
MAX_LINE = 1_000_000
"""Characters; a longer line is cut, and both parts are bad lines."""


def frames(path: Path, how: Reading | None = None) -> Iterator[Row]:
    """Yield the frames of a file, or of all data files under a folder merged by time.

    Each file of a folder is an asset of its own, named after it, unless its rows name theirs.
    """
    how = how or Reading()
    if not path.is_dir():
        return _file(path, _name(path, path.parent), how)
    files = [file for file in sorted(path.rglob("*")) if is_data(file)]
    if not 0 < len(files) <= MAX_FILES:
        trouble = f"has {len(files)} data files, not 1 to {MAX_FILES}"
        raise ConfigError("replay", path, trouble, "name a file, or a folder of them")
    return _merged([_file(file, _name(file, path), how) for file in files])


def _merged(each: list[Iterator[Row]]) -> Iterator[Row]:
    """Merge by time; bad lines come as soon as they are met."""
    return heapq.merge(*each, key=lambda row: row.time_ns if isinstance(row, Frame) else -(2**63))


def _bare(path: Path) -> Path:
    return path.with_suffix("") if path.suffix == ".gz" else path


def _name(path: Path, folder: Path) -> str:
    """Name an asset after its file, without suffixes, with the folders between."""
    return _bare(path.relative_to(folder)).with_suffix("").as_posix()


def is_data(path: Path) -> bool:
    """Say whether a file is one that can be read, and no licence."""
    known = _bare(path).suffix.lower() in TABLES | LINES | ARRAYS
    return path.is_file() and known and not path.name.lower().startswith(NOT_DATA)


def _file(path: Path, name: str, how: Reading) -> Iterator[Row]:
    kind = _bare(path).suffix.lower()
    if kind not in TABLES | LINES | ARRAYS:
        known = ", ".join(sorted(TABLES | LINES | ARRAYS))
        raise ConfigError(
            "replay", path, f"{kind or 'no suffix'} is not known", f"use one of {known}"
        )
    if not path.is_file():
        raise ConfigError("replay", path, "there is no such file", "name a file or a folder")
    return _guarded(path, _read(path, kind, name, how))


def _read(path: Path, kind: str, name: str, how: Reading) -> Iterator[Row]:
    if kind in ARRAYS:
        yield from _arrays(path, name, how)
        return
    with _opened(path) as file:
        lines = iter(lambda: file.readline(MAX_LINE), "")
        if kind in LINES:
            yield from ascending(native_rows(lines, how, str(path)))
        else:
            yield from ascending(rows(lines, how, str(path), name))


def _opened(path: Path) -> TextIO:
    """Open as text; bytes that are no UTF-8 become marks that no number contains."""
    if path.suffix == ".gz":
        return cast("TextIO", gzip.open(path, "rt", encoding="utf-8-sig", errors="replace"))
    return path.open(encoding="utf-8-sig", errors="replace")


def _guarded(path: Path, read: Iterator[Row]) -> Iterator[Row]:
    """Turn what ends a file early into one line for a person."""
    try:
        yield from read
    except (EOFError, gzip.BadGzipFile, zlib.error) as broken:
        yield BadLine(str(path), 0, f"the compressed file is broken from here on: {broken}")
    except (ValueError, OSError) as bad:
        raise ConfigError("replay", path, str(bad), "give another file or other options") from bad


def _arrays(path: Path, name: str, how: Reading) -> Iterator[Row]:
    """Yield the rows of all arrays but labels, merged by time; each array is an asset."""
    with np.load(path, allow_pickle=False) as archive:
        members = [member for member in archive.files if not is_label(member)]
        size = sum(archive.zip.getinfo(f"{member}.npy").file_size for member in members)
        if size > MAX_KEPT * 8:
            raise ValueError(f"holds {size} bytes of arrays, over {MAX_KEPT * 8}")
        arrays = {member: archive[member] for member in members}
    each: list[Iterator[Row]] = []
    for member, values in arrays.items():
        if values.ndim not in {1, 2} or values.dtype.kind not in "biuf":
            each.append(iter([BadLine(str(path), 0, f"{member}: {values.dtype} {values.shape}")]))
            continue
        asset = how.asset or (name if len(arrays) == 1 else f"{name}/{member}")
        each.append(array_rows(values, asset, how))
    yield from _merged(each)
