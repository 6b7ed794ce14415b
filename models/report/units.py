"""Units as people write them, and whether a number says what a fact says."""

import re
from functools import lru_cache
from math import isfinite
from typing import Final, NamedTuple

from schemas.cascade import AssetKind
from schemas.units.dimension import Unit, unit_of

_ALIASES: Final = {
    **dict.fromkeys(("°C", "C", "degC", "degrees", "celsius", "Celsius"), "Cel"),
    **dict.fromkeys(("percent", "pct"), "%"),
    **dict.fromkeys(("second", "seconds", "sec", "secs"), "s"),
    **dict.fromkeys(("minute", "minutes", "mins"), "min"),
    **dict.fromkeys(("hour", "hours", "hr", "hrs"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("milliseconds", "millisecond"), "ms"),
    **dict.fromkeys(("watt", "watts"), "W"),
    **dict.fromkeys(("kilowatt", "kilowatts"), "kW"),
    **dict.fromkeys(("megawatt", "megawatts"), "MW"),
    **dict.fromkeys(("volt", "volts"), "V"),
    **dict.fromkeys(("amp", "amps", "ampere", "amperes"), "A"),
    **dict.fromkeys(("hertz",), "Hz"),
    **dict.fromkeys(("bytes", "byte"), "By"),
    **dict.fromkeys(("Gbps", "Gbit/s"), "Gb/s"),
    **dict.fromkeys(("Mbps", "Mbit/s"), "Mb/s"),
    **dict.fromkeys(("RPM",), "rpm"),
}
_OWN: Final = {"Cel": Unit((("Cel", 1.0),)), "K": Unit((("K", 1.0),))}
"""A temperature in one is not the same number in the other, as `unit_of` lets differences be."""
_BASES: Final = frozenset({"m", "s", "A", "K", "Cel", "kg", "By"})
_EXACT = 1e-9  # share of the last digit that floats may be off
BARE: Final = frozenset({"", "1", "count"})
"""Units that are not written."""
RATE: Final = re.compile(r"1?/[A-Za-z]+")
"""So many in a time: `1/s`."""


class Amount(NamedTuple):
    """A number as a text has it, or a fact."""

    value: float
    unit: str = ""
    noun: str = ""
    """What it counts, in the singular; empty: not said."""
    digit: float = 0.0
    """What one of its last digit is worth; 0 of facts, which are exact."""


def canonical(word: str) -> str:
    """Return a unit as our points have it."""
    return _ALIASES.get(word, word)


@lru_cache(maxsize=4096)
def measure(unit: str) -> Unit:
    """Return what a unit is made of; a temperature's two scales are kept apart."""
    return _OWN.get(unit) or unit_of(unit)


def is_unit(word: str) -> bool:
    """Say whether a word behind a number is a unit that is known."""
    if word in BARE - {"count"}:
        return False
    found = measure(canonical(word))
    return all(base in _BASES for base, _ in found.powers)


def says(claim: Amount, fact: Amount) -> bool:
    """Say whether `fact`, in the claim's unit, rounds to the claim at the digits it has."""
    if not isfinite(fact.value) or not _counts_the_same(claim, fact):
        return False
    one, other = measure(claim.unit or "1"), measure(canonical(fact.unit) or "1")
    if one.powers != other.powers:
        return False
    value = fact.value * (other.scale / one.scale)
    near = claim.digit * (0.5 + _EXACT) + abs(value) * 1e-12
    return abs(value - claim.value) <= near


def _counts_the_same(claim: Amount, fact: Amount) -> bool:
    if claim.noun:
        return claim.noun == fact.noun
    return not fact.noun or claim.unit in BARE


def _nouns() -> dict[str, str]:
    said = {
        "asset": "asset",
        "gpu": "gpu",
        "job": "job",
        "anomaly": "anomaly",
        "anomalies": "anomaly",
        "incident": "incident",
        "other asset": "other",
        "other assets": "other",
        "pieces of switchgear": "switchgear",
        "pieces of storage": "storage",
        "utilities": "utility",
        "batteries": "battery",
        "switches": "switch",
        "nvswitches": "nvswitch",
    }
    more = ("asset", "gpu", "job", "incident", *AssetKind)
    for one in more:
        word = one.replace("_", " ")
        said |= {word: str(one), f"{word}s": str(one)}
    return said | {"ups": "ups", "upss": "ups"}


NOUNS: Final = _nouns()
"""What may be counted, as it is written, in small letters: one to three words."""
