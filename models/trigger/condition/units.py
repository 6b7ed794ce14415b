"""What a number in a condition is measured in, and whether two may stand together.

A bare number takes any unit in a sum or comparison. As a factor it is a number, or turns one unit
into another of the same kind: `ratio * 100` may be `1` or `%`, so both are kept in mind.
"""

from math import isclose
from typing import Final, NamedTuple

from schemas.units.dimension import Powers, Unit, unit_of

_MOST_SCALES = 8
_ROUNDED = 1e-3
"""As exact as people write a factor."""
_NAMES: Final = (
    "1",
    "W",
    "J",
    "Pa",
    "Cel",
    "V",
    "A",
    "s",
    "Hz",
    "By",
    "By/s",
    "W/s",
    "L/min",
    "m3/h",
)
"""What a product is called where it is one of these."""


class UnitError(ValueError):
    """Two units that may not stand together; says what would mend it, if anything."""


class Measure(NamedTuple):
    """What a number is in."""

    text: str = ""
    """As people write it."""
    powers: Powers | None = ()
    """None: not known; any goes."""
    scales: tuple[float, ...] = (1.0,)
    """Of its base; several where bare factors may have converted it."""
    is_bare: bool = False
    has_factor: bool = False
    """Whether a bare number was multiplied in: it may stand for a constant of nature."""

    @property
    def is_known(self) -> bool:
        """Whether it must fit."""
        return self.powers is not None and not self.is_bare

    @property
    def is_plain(self) -> bool:
        """Whether it may be a number of nothing: a count, a code, a ratio."""
        return not self.powers


UNKNOWN: Final = Measure("", None)
BARE: Final = Measure("1", is_bare=True)
RATIO: Final = Measure("1")


def measured(text: str) -> Measure:
    """Return the measure of a unit as points have it; empty: not known."""
    if not text:
        return UNKNOWN
    unit = unit_of(text)
    return Measure(text, unit.powers, (unit.scale,))


def factor(number: float) -> Measure:
    """Return what a bare number is as a factor."""
    size = abs(number)
    scales = (1.0,) if size in {0.0, 1.0} or size != size else (1.0, 1.0 / size)  # noqa: PLR0124 - no NaN
    return Measure("1", (), scales, has_factor=size != 1.0)


def together(a: Measure, b: Measure) -> Measure:
    """Return what a sum, comparison or choice of both is in. Raises `UnitError`."""
    if not a.is_known or not b.is_known:
        return a if a.is_known or b.is_bare else b
    if a.powers != b.powers:
        raise UnitError("")
    both = tuple(
        one for one in a.scales if any(isclose(one, other, rel_tol=_ROUNDED) for other in b.scales)
    )
    if not both:
        raise UnitError(_mend(a.scales[0], b.scales[0]))
    return a._replace(scales=both, has_factor=a.has_factor or b.has_factor)


def product(a: Measure, b: Measure, sign: int = 1) -> Measure:
    """Return what `a * b` is in, or with `sign` -1 `a / b`."""
    if a.powers is None or b.powers is None:
        return UNKNOWN
    units = [Unit(a.powers, x).times(Unit(b.powers, y), sign) for x in a.scales for y in b.scales]
    text = _named(units[0]) or _joined(a.text, b.text, "./"[sign < 0])
    scales = tuple(dict.fromkeys(unit.scale for unit in units))[:_MOST_SCALES]
    return Measure(text, units[0].powers, scales, has_factor=a.has_factor or b.has_factor)


def a_second(a: Measure) -> Measure:
    """Return what its change in a second is in."""
    return product(a, measured("s"), -1) if a.is_known else UNKNOWN


def root(a: Measure) -> Measure:
    """Return what its square root is in."""
    if not a.is_known or a.powers is None:
        return a
    unit = Unit(a.powers, a.scales[0]).to(0.5)
    return Measure(_named(unit) or f"sqrt({a.text})", unit.powers, (unit.scale,))


def _mend(a: float, b: float) -> str:
    """Say by what the first or second is to be multiplied."""
    which, times = ("the first", a / b) if a > b else ("the second", b / a)
    return f"multiply {which} by {times:.6g}"


def _named(unit: Unit) -> str:
    for name in _NAMES:
        known = unit_of(name)
        if known.powers == unit.powers and isclose(known.scale, unit.scale):
            return name
    return ""


def _joined(a: str, b: str, sign: str) -> str:
    if b == "1":
        return a
    right = f"({b})" if sign == "/" and ("/" in b or "." in b) else b
    return f"{a}{sign}{right}"
