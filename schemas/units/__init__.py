"""Points: names, units, possible ranges, and how many bits their level gets.

The names that points go by, and the sources of each domain's: `dcgm` (GPUs), `infiniband`,
`facility` (Brick classes), `host`. Units are W, J, Cel, Pa, V, A, Hz, By, B/s, s, `1` for a ratio,
`%` where the source's own word is a percentage, and L/min for liquids.
"""

from schemas.units.point import LEVEL_BITS, MOST, Point, PointKind
from schemas.units.table import BUILT_IN, Meaning, Table, find

__all__ = [
    "BUILT_IN",
    "LEVEL_BITS",
    "MOST",
    "Meaning",
    "Point",
    "PointKind",
    "Table",
    "find",
]
