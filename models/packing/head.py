"""The head of a frame: its times, and how the values of each point became codes."""

import numpy as np

from models.compiled import bare
from models.packing.coder import Bytes, Hush, Pen, hush, long, number, put
from models.packing.scale import Table
from models.packing.tile import begin, finish
from schemas.bits import GRID, SECOND, UNITS_NS
from schemas.telemetry import Ints

Four = tuple[int, int, int, int]


@bare
def _unit(times_ns: Ints) -> int:
    """Return the index of the largest unit that divides all times."""
    for u in range(len(UNITS_NS) - 1, 0, -1):
        fits = True
        for time in times_ns:
            fits = fits and time % UNITS_NS[u] == 0
        if fits:
            return u
    return 0


@bare
def write(out: Bytes, quiet: Bytes, at: int, times_ns: Ints, scales: Table) -> tuple[int, int]:
    """Write times and scales from byte `at` on; return where their two streams end."""
    pen, run = begin(at)
    u = _unit(times_ns)
    pen = put(out, pen, u, 2)
    last, change = 0, 0
    for r in range(times_ns.size):
        time = times_ns[r] // UNITS_NS[u]
        if r == 0:
            pen = long(out, pen, time, 64)
        else:
            pen, run = _change(out, quiet, pen, run, time - last - change)
            change = time - last
        last = time
    pen, run = _scales(out, quiet, pen, run, scales)
    return finish(out, quiet, pen, run)


@bare
def _scales(out: Bytes, quiet: Bytes, pen: Pen, run: Hush, scales: Table) -> tuple[Pen, Hush]:
    """Write how values became codes, as a rule as those of the point before."""
    kind, exponents = 0, (0, 0, 0, 0)  # the last exponent of each kind
    for i in range(scales.size):
        scale = scales[i]
        more = scale.exponent - exponents[scale.kind]
        is_same = scale.kind == kind and more == 0
        run = hush(quiet, run, not is_same)
        if is_same:
            continue
        kind = int(np.int64(scale.kind))
        pen = put(out, pen, kind, 2)
        if kind != GRID:
            _, pen = number(out, pen, SECOND, more)
            exponents = replaced(exponents, kind, exponents[kind] + more)
    return pen, run


@bare
def replaced(four: Four, at: int, value: int) -> Four:
    """Return four numbers with another in place of one."""
    a, b, c, d = four
    return (
        value if at == 0 else a,
        value if at == 1 else b,
        value if at == 2 else c,  # noqa: PLR2004 - a place
        value if at == 3 else d,  # noqa: PLR2004 - a place
    )


@bare
def _change(out: Bytes, quiet: Bytes, pen: Pen, run: Hush, more: int) -> tuple[Pen, Hush]:
    """Write by how much a number changed, as a rule by none."""
    run = hush(quiet, run, more != 0)
    if more != 0:
        _, pen = number(out, pen, SECOND, more)
    return pen, run
