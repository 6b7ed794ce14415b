"""Reads the head of a frame: its times, and how the values of each point became codes."""

from models.compiled import bare
from models.packing import scale as scale_
from models.packing.coder import Bytes
from models.packing.decoder import Ear, Eye, begin, heard, listen, number, take
from models.packing.head import replaced
from models.packing.scale import Scale, Table
from schemas.bits import BINARY, DECIMAL, GRID, SECOND, UNITS_NS
from schemas.telemetry import Ints

_MOST_E = 1022


@bare
def head(data: Bytes, span: tuple[int, int, int], times_ns: Ints, scales: Table) -> None:
    """Read times and scales. `span`: where the two streams begin, and end.

    `scales`: (P,), with low and step of the declared grids.
    """
    eye, ear = begin(span[0], span[1]), listen(span[1], span[2])
    u, eye = take(data, eye, 2)
    last, change = 0, 0
    for r in range(times_ns.size):
        if r == 0:
            last, eye = take(data, eye, 64)
        else:
            more, eye, ear = _change(data, eye, ear)
            change += more
            last += change
        times_ns[r] = last * UNITS_NS[u]
    _scales(data, eye, ear, scales)


@bare
def _scales(data: Bytes, eye: Eye, ear: Ear, scales: Table) -> None:
    """Read how values became codes."""
    kind, exponents = 0, (0, 0, 0, 0)  # the last exponent of each kind
    for p in range(scales.size):
        happens, ear = heard(data, ear)
        if happens:
            kind, eye = take(data, eye, 2)
            if kind != GRID:
                _, more, eye = number(data, eye, SECOND)
                exponents = replaced(exponents, kind, exponents[kind] + more)
        _set(scales[p], kind, exponents[kind])


@bare
def _change(data: Bytes, eye: Eye, ear: Ear) -> tuple[int, Eye, Ear]:
    """Read by how much a number changed."""
    happens, ear = heard(data, ear)
    more = 0
    if happens:
        _, more, eye = number(data, eye, SECOND)
    return more, eye, ear


@bare
def _set(scale: Scale, kind: int, exponent: int) -> None:
    scale.kind, scale.exponent = kind, 0
    if kind == BINARY:
        if abs(exponent) > _MOST_E:
            raise ValueError("has a step out of range")
        scale.low, scale.step, scale.exponent = 0.0, scale_.power(exponent), exponent
    elif kind == GRID:
        if not scale.step > 0.0:
            raise ValueError("has codes of a range that is not declared")
    else:
        if not 0 <= exponent <= (scale_.DECIMALS if kind == DECIMAL else 63):
            raise ValueError("has an exponent out of range")
        scale.low, scale.step, scale.exponent = 0.0, 0.0, exponent
