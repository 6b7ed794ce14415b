"""What units are made of: `W` is kg.m2/s3, `L/min` a sixty-thousandth of m3/s, `%` a hundredth.

The units are UCUM-like (The Unified Code for Units of Measure, 2.1), as our points have them. A
table of our own, not `pint`: its registry takes 0.7 s to load (0.25), knows neither `Cel` nor `By`
nor `m3/h`, and reads `Gb/s` as gilberts. Temperatures and their differences are not told apart:
both are `Cel`.
"""

import re
from functools import lru_cache
from math import inf
from typing import NamedTuple

Powers = tuple[tuple[str, float], ...]
"""Base and its exponent, sorted by base; no exponent is 0."""


class Unit(NamedTuple):
    """A product of powers of base units, and how many of that one of it is."""

    powers: Powers = ()
    scale: float = 1.0

    def times(self, other: "Unit", sign: int = 1) -> "Unit":
        """Return the product, or with `sign` -1 the quotient."""
        powers = dict(self.powers)
        for base, power in other.powers:
            powers[base] = powers.get(base, 0.0) + sign * power
        by = other.scale if sign > 0 else 1.0 / (other.scale or inf)
        return Unit(_sorted(powers), self.scale * by)

    def to(self, power: float) -> "Unit":
        """Return a power of it; 0.5: its root."""
        return Unit(tuple((base, one * power) for base, one in self.powers), self.scale**power)


ONE = Unit()
_W: Powers = (("kg", 1), ("m", 2), ("s", -3))
_ATOMS: dict[str, Unit] = {
    **{base: Unit(((base, 1.0),)) for base in ("m", "s", "A", "K")},
    "g": Unit((("kg", 1),), 1e-3),
    "Cel": Unit((("K", 1),)),
    **dict.fromkeys(("1", "count"), ONE),
    "%": Unit((), 1e-2),
    "ppm": Unit((), 1e-6),
    **{word: Unit((("By", 1),)) for word in ("By", "B")},
    **{word: Unit((("By", 1),), 0.125) for word in ("bit", "b")},
    **{word: Unit(_W) for word in ("W", "VA", "var")},
    "J": Unit((("kg", 1), ("m", 2), ("s", -2))),
    **{word: Unit((("kg", 1), ("m", 2), ("s", -2)), 3600.0) for word in ("Wh", "VAh")},
    "Pa": Unit((("kg", 1), ("m", -1), ("s", -2))),
    "bar": Unit((("kg", 1), ("m", -1), ("s", -2)), 1e5),
    "N": Unit((("kg", 1), ("m", 1), ("s", -2))),
    "V": Unit((("A", -1), ("kg", 1), ("m", 2), ("s", -3))),
    "Hz": Unit((("s", -1),)),
    "rpm": Unit((("s", -1),), 1.0 / 60.0),
    **{word: Unit((("m", 3),), 1e-3) for word in ("L", "l")},
    "min": Unit((("s", 1),), 60.0),
    "h": Unit((("s", 1),), 3600.0),
    "d": Unit((("s", 1),), 86_400.0),
}
_PREFIXES: dict[str, float] = {
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "P": 1e15,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
}
_PART = re.compile(r"([./*])?([^./*]+)")
_POWER = re.compile(r"(.*?[A-Za-z%])(-?\d)")


@lru_cache(maxsize=1024)
def unit_of(text: str) -> Unit:
    """Read a unit. One that is not known is a base of its own: equal to itself only."""
    found = ONE
    if "".join(part[0] for part in _PART.finditer(text)) != text:
        return Unit(((text, 1.0),))
    for sign, word in _PART.findall(text):
        found = found.times(_part(word), -1 if sign == "/" else 1)
    return found


def _part(word: str) -> Unit:
    """Read one factor: `m3`, `kPa`, `s-1`."""
    power = None if word in _ATOMS else _POWER.fullmatch(word)
    if power:
        return _atom(power[1]).to(float(power[2]))
    return _atom(word)


def _atom(word: str) -> Unit:
    if word in _ATOMS:
        return _ATOMS[word]
    for prefix, scale in _PREFIXES.items():
        atom = _ATOMS.get(word.removeprefix(prefix)) if word.startswith(prefix) else None
        if atom is not None:
            return Unit(atom.powers, atom.scale * scale)
    return Unit(((word, 1.0),))


def _sorted(powers: dict[str, float]) -> Powers:
    return tuple(sorted((base, power) for base, power in powers.items() if power))
