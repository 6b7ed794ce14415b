"""Our own formats: a message as the README and a client's library write it."""

import io
from math import nan

import pyarrow as pa
from pyarrow import ipc

from schemas.formats.base import Golden
from schemas.telemetry import Quality

_SECOND = 10**9
_NS = 1_700_000_000 * _SECOND
_MISSING = int(Quality.MISSING)
_SAMPLES = (
    ("node-1/gpu0", "power", _NS, 412.5, 0),
    ("node-1/gpu0", "temperature", _NS, nan, _MISSING),
)


def _arrow() -> bytes:
    """Write a wide table of one row as a stream of Arrow IPC."""
    table = pa.table(
        {
            "asset": ["node-1/gpu0"],
            "time": pa.array([_NS], pa.timestamp("ns", tz="UTC")),
            "power": [412.5],
            "temperature": pa.array([None], pa.float64()),
        }
    )
    sink = io.BytesIO()
    with ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


GOLDEN_NATIVE_JSON: tuple[Golden, ...] = (
    Golden(
        "our own: schemas/formats/native.py",
        b'{"asset":"node-1/gpu0","time":1700000000,"values":{"power":412.5,"temperature":null}}',
        _SAMPLES,
    ),
)
GOLDEN_NATIVE_COLUMNAR: tuple[Golden, ...] = (
    Golden(
        "our own: schemas/formats/columnar.py",
        b'{"asset":"node-1/gpu0","points":["power","temperature"],'
        b'"times":[1700000000,"2023-11-14T22:13:21Z"],"values":[[412.5,null],[410,-4e1]]}',
        (
            *_SAMPLES,
            ("node-1/gpu0", "power", _NS + _SECOND, 410.0, 0),
            ("node-1/gpu0", "temperature", _NS + _SECOND, -40.0, 0),
        ),
    ),
)
GOLDEN_ARROW: tuple[Golden, ...] = (
    Golden("our own: schemas/formats/arrow.py, wide", _arrow(), _SAMPLES),
)
