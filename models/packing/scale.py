"""How values become codes: what is declared, what was learned, what loses nothing.

Decimal texts as whole numbers: Afroozeh, Kuffo, Boncz (2023), ALP: Adaptive lossless
floating-point compression.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from models.compiled import Float32, Int32, bare, layout
from schemas.bits import BINARY, DECIMAL, EXACT, GRID, HALF, IN_RANGE, VALID
from schemas.telemetry import Floats, Ints

Bytes = npt.NDArray[np.uint8]
Span = tuple[int, int]
"""The first sample, and the first behind."""
Table = npt.NDArray[np.void]

LEAST_STEP: Final = 2.0**-1022
"""The least normal number: its inverse is finite."""
NOT_MET: Final = -(2**63)
"""In place of a code, where a value cannot be met."""
NO_VALUE: Final = NOT_MET + 1
"""In place of a code, where there is no valid value."""
MOST_CODE: Final = 2.0**52
DECIMALS: Final = 17
MOST_EXTENT: Final = 3e38  # that a float32 can remember
LESS: Final = 0.75  # of the learned extent is kept a frame, while the signal moves less
POWERS: Final = 10.0 ** np.arange(DECIMALS + 1)
_GOOD: Final = VALID | IN_RANGE
_SIGN: Final = 2**63 - 1
_LEAST_E, _MOST_E = -1022, 970  # of a step; a code times it is finite


class Row:
    """What a signal's frames remember of how far it goes. All 0: nothing yet."""

    extent: Float32
    """The farthest lately, in the signal's unit; less, frame by frame, once it moves less."""
    last: Float32
    """Its last value, about."""


class Scale:
    """How the values of a point become codes."""

    low: float
    step: float
    """0.0 of decimal and exact."""
    kind: Int32
    exponent: Int32
    """e of binary and exact, d of decimal."""


SCALE: Final = layout(Scale)


@bare
def step_of(low: float, high: float, width: int) -> float:
    """Return the step of a declared range."""
    return max((high - low) / float((1 << width) - 1), LEAST_STEP)


@bare
def exponent(extent: float, width: int) -> int:
    """Return e, so that 2**e divides an extent (> 0) as finely as `width` bits."""
    share = max(extent / float((1 << width) - 1), LEAST_STEP)
    e = ((int(np.float64(share).view(np.int64)) >> 52) & 2047) - 1023
    return min(max(e, _LEAST_E), _MOST_E)


@bare
def power(e: int) -> float:
    """Return 2**e, e in -1022..1023."""
    return float(np.int64((e + 1023) << 52).view(np.float64))


@bare
def decimals(status: Bytes, values: Floats, codes: Ints, span: Span, least: float) -> int:
    """Write the codes of valid values in the fewest decimals that tell all exactly; return these.

    -1 where a unit of them would be finer than `least`, or no number of them does.
    """
    d = 0
    while d <= DECIMALS and not least * POWERS[d] > 1.0:
        if _are_decimal(status, values, codes, span, POWERS[d]):
            return d
        d += 1
    return -1


@bare
def _are_decimal(status: Bytes, values: Floats, codes: Ints, span: Span, power_: float) -> bool:
    for i in range(span[0], span[1]):
        if status[i] & VALID:
            value = values[i]
            code = np.rint(value * power_)
            if not abs(code) <= MOST_CODE or code / power_ != value:
                return False
            if code == 0.0 and np.signbit(value):  # -0.0 is another number
                return False
            codes[i] = int(np.int64(code))
        else:
            codes[i] = NO_VALUE
    return True


@bare
def learn(row: Row, status: Bytes, values: Floats, span: Span) -> float:
    """Learn a frame's values; return how far the signal goes: 0.0 where it is not known to move."""
    least, most = ends_of(status, values, span)
    if not least <= most:
        return float(row.extent)
    if row.extent > 0.0 or row.last != 0.0:  # with the way from the frame before
        if np.float32(least) > row.last:
            least = float(row.last)
        if np.float32(most) < row.last:
            most = float(row.last)
    extent = min(most - least, MOST_EXTENT)
    if extent >= row.extent:
        row.extent = extent
    elif extent > 0.0:
        row.extent = max(extent, LESS * row.extent)
    for i in range(span[0], span[1]):
        if status[i] & _GOOD == _GOOD:
            row.last = min(max(values[i], -MOST_EXTENT), MOST_EXTENT)
    return max(float(row.extent), most - least)


@bare
def ends_of(status: Bytes, values: Floats, span: Span) -> tuple[float, float]:
    """Return the least and the greatest of the good values; without any, infinities."""
    least, most = np.inf, -np.inf
    for i in range(span[0], span[1]):
        if status[i] & _GOOD == _GOOD:
            least = min(least, values[i])
            most = max(most, values[i])
    return least, most


@bare
def _set(scale: Scale, kind: int, exponent_: int, low: float, step: float) -> None:
    scale.kind, scale.exponent, scale.low, scale.step = kind, exponent_, low, step


@bare
def _zeros(status: Bytes, values: Floats, span: Span) -> int:
    """Return how many zeros the bits of all valid values end in, 0..63."""
    every, n = 0, 0
    for i in range(span[0], span[1]):
        if status[i] & VALID:
            every |= int(np.float64(values[i]).view(np.int64))
    while n < 63 and (every >> n) & 1 == 0:  # noqa: PLR2004 - bits of a float64
        n += 1
    return n


@bare
def set_exact(  # noqa: PLR0913, PLR0917 - columns
    scale: Scale, status: Bytes, values: Floats, codes: Ints, span: Span, least: float
) -> bool:
    """Write codes that tell all values exactly; say whether there are any.

    `least`: of a unit of decimals; 0.0: whatever it costs.
    """
    d = decimals(status, values, codes, span, least)
    if d >= 0:
        _set(scale, DECIMAL, d, 0.0, 0.0)
        return True
    if least > 0.0:
        return False
    e = _zeros(status, values, span)
    _set(scale, EXACT, e, 0.0, 0.0)
    for i in range(span[0], span[1]):
        code = int(np.float64(values[i]).view(np.int64)) >> e
        code = code if code >= 0 else code ^ (_SIGN >> e)
        codes[i] = code if code != NO_VALUE else NOT_MET
        if status[i] & VALID == 0:
            codes[i] = NO_VALUE
    return True


@bare
def write_steps(scale: Scale, status: Bytes, values: Floats, codes: Ints, span: Span) -> None:
    """Write codes in the steps of a scale; `NOT_MET` where one cannot be met."""
    low, step, bound = scale.low, scale.step, HALF * scale.step
    inverse = 1.0 / step
    for i in range(span[0], span[1]):
        if status[i] & VALID:
            code = np.rint((values[i] - low) * inverse)
            met = abs(code) <= MOST_CODE and abs(low + code * step - values[i]) <= bound
            codes[i] = int(np.int64(code)) if met else NOT_MET
        else:
            codes[i] = NO_VALUE


@bare
def set_grid(scale: Scale, low: float, step: float) -> None:
    """Let a scale divide a declared range."""
    _set(scale, GRID, 0, low, step)


@bare
def set_binary(scale: Scale, e: int) -> None:
    """Let a scale divide all numbers in steps of 2**e."""
    _set(scale, BINARY, e, 0.0, power(e))


@bare
def to_value(scale: Scale, code: int) -> float:
    """Return the value of a code."""
    if scale.kind == DECIMAL:
        return float(code / POWERS[scale.exponent])
    if scale.kind == EXACT:
        code = code if code >= 0 else code ^ (_SIGN >> scale.exponent)
        return float(np.int64(code << scale.exponent).view(np.float64))
    return scale.low + code * scale.step
