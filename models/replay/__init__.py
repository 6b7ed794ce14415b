"""Recorded tables, arrays and lines as frames: `rows`, `native_rows`, `array_rows`."""

from models.replay.lines import native_rows
from models.replay.rows import BadLine, Reading, Row, array_rows, ascending, is_label
from models.replay.tables import rows

__all__ = [
    "BadLine",
    "Reading",
    "Row",
    "array_rows",
    "ascending",
    "is_label",
    "native_rows",
    "rows",
]
