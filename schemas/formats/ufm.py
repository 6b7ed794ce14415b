"""Format `ufm-csv`: UFM Telemetry's CSV endpoint, a header line and a line a port.

Source: NVIDIA UFM Telemetry Documentation, "Prometheus Endpoint Support", URL prefix `/csv`; the
columns as the telemetry simulator of Mellanox/ufm_sdk_3.0 writes them: timestamp (us), source_id,
tag, node_guid, port_guid, port_num, then the counters. Low-frequency sets say Node_GUID and
Port_Number. The Prometheus form of the same endpoint is `prometheus-text`.
"""

import csv
from collections.abc import Sequence
from math import nan
from typing import NamedTuple

from schemas.formats.base import is_name, one_by_one, quoted, reject, sample, time_ms_of
from schemas.formats.labels import kind, place
from schemas.telemetry import About, Decoded, Quality, Reject, Shape, SpansBuilder, Why
from schemas.times import END_NS, to_ns

NODES, PORTS, TIMES = ("node_guid", "Node_GUID"), ("port_num", "Port_Number"), ("timestamp",)
KEYS = frozenset((*NODES, *PORTS, *TIMES))
TEXTS = frozenset(("source_id", "source", "tag", "port_guid", "Port_GUID"))
NO_VALUE = frozenset(("", "N/A", "NA"))
LOOKED_AT = 65_536
TOLD = 1_024
"""Bad lines of a message that are told of one by one."""
TEXT = (nan, -1)
"""What a cell is that holds no sample."""
_NAMELESS = kind("")


class Header(NamedTuple):
    """What the columns are. -1: there is no such column."""

    columns: list[str]
    node: int
    port: int
    time: int
    metrics: list[int]


class Row(NamedTuple):
    """One port at one time; its cells are those of the header's metrics."""

    asset: str
    time_ns: int
    cells: list[str]


class Ufm:
    """Decodes UFM's CSV. A line is a span; columns that hold no number are no points."""

    name = "ufm-csv"
    content_types = ("text/csv",)

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch; `times_ms` is for lines without a timestamp. Bad lines spoil no other."""
        del about

        def read(message: int, data: bytes, spans: SpansBuilder) -> list[Reject]:
            time_ns = time_ms_of(times_ms, message) * 10**6
            return _read(message, data, time_ns, spans)

        return one_by_one(batch, read)

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be UFM's CSV."""
        first = data[:LOOKED_AT].lstrip().partition(b"\n")[0].strip().split(b",")
        return len(first) > 1 and any(one.encode() in first for one in NODES)


def _read(message: int, data: bytes, time_ns: int, spans: SpansBuilder) -> list[Reject]:
    try:
        lines = data.decode().strip().split("\n")
    except UnicodeDecodeError as error:
        return [reject(message, Why.INVALID_UTF8, f"{error.reason} (byte {error.start})")]
    header = _header(lines[0])
    if header is None:
        return [reject(message, Why.NOT_CSV, f"no header with a node's GUID: {quoted(lines[0])}")]
    wrongs: list[tuple[Why, str]] = []
    rows: list[Row] = []
    for number, line in enumerate(lines[1:], 2):
        if line.strip() and line.strip() != lines[0].strip():
            found = _row(line, header, time_ns)
            if isinstance(found, Row):
                rows.append(found)
            else:
                wrongs.append((found[0], f"line {number}: {found[1]}"))
    if not _add(message, header, rows, spans) and not wrongs:
        wrongs.append((Why.EMPTY, "no line with values"))
    if len(wrongs) > TOLD:
        wrongs[TOLD:] = [(wrongs[TOLD][0], f"and {len(wrongs) - TOLD} more lines")]
    return [reject(message, *wrong) for wrong in wrongs]


def _cells(line: str) -> list[str]:
    """Split a line; csv.Error: it cannot be."""
    if '"' not in line:
        return list(map(str.strip, line.split(",")))
    return list(map(str.strip, next(csv.reader([line], strict=True), [])))


def _header(line: str) -> Header | None:
    """Read the first line; of columns with one name the first holds."""
    try:
        columns = _cells(line)
    except csv.Error:
        return None
    node, port, time = (
        next((columns.index(one) for one in names if one in columns), -1)
        for names in (NODES, PORTS, TIMES)
    )
    first = {name: place for place, name in reversed([*enumerate(columns)])}
    metrics = [at for name, at in first.items() if name not in KEYS | TEXTS and is_name(name)]
    return Header(columns, node, port, time, sorted(metrics)) if node >= 0 else None


def _row(line: str, header: Header, time_ns: int) -> Row | tuple[Why, str]:
    """Read one line, or say what is wrong with it."""
    try:
        cells = _cells(line)
    except csv.Error as error:
        return Why.NOT_CSV, str(error)
    if len(cells) != len(header.columns):
        return Why.WRONG_LENGTH, f"{len(cells)} cells, not {len(header.columns)}"
    if header.time >= 0:
        text = cells[header.time]
        is_number = text.isascii() and text.isdigit() and len(text) <= len(str(END_NS))
        time_ns = (to_ns(int(text)) if is_number else to_ns(text)) or -1
    if not 0 <= time_ns < END_NS:
        return Why.BAD_TIME, quoted(cells[header.time]) if header.time >= 0 else "no time"
    port = cells[header.port] if header.port >= 0 else ""
    asset = place(_NAMELESS, {"node_guid": cells[header.node], "port_num": port}).asset
    if not asset.startswith("0x"):
        return Why.BAD_NAME, f"a node's GUID was expected: {quoted(cells[header.node])}"
    return Row(asset, time_ns, [cells[at] for at in header.metrics])


def _add(message: int, header: Header, rows: list[Row], spans: SpansBuilder) -> bool:
    """Add the spans of rows; say whether there are any.

    A column is a point where any row has a number in it, or nothing: else it is text.
    """
    read = [list(map(_sample, row.cells)) for row in rows]
    is_text = [set(column) == {TEXT} for column in zip(*read, strict=True)]
    names = (header.columns[at] for at in header.metrics)
    points: Shape = tuple(name for name, text in zip(names, is_text, strict=False) if not text)
    for row, found in zip(rows, read, strict=True):
        if points:
            kept = [one for one, text in zip(found, is_text, strict=True) if not text]
            values = [nan if one is TEXT else one[0] for one in kept]
            marks = [Quality.NOT_A_NUMBER if one is TEXT else one[1] for one in kept]
            spans.add(message, row.asset, points, row.time_ns, values, marks)
    return bool(points and rows)


def _sample(cell: str) -> tuple[float, int]:
    """Read a cell as a sample; `TEXT`: it is none."""
    if cell in NO_VALUE:
        return nan, Quality.MISSING
    try:
        return sample(float(cell)) if "_" not in cell else TEXT
    except ValueError:
        return TEXT
