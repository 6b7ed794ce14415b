"""A sentence taken apart: quoted names, times, numbers with units, and words that look like names.

What was read is taken out of the text, so that nothing is read twice. A quoted name leaves one
private character behind, which keeps its place for statements of cause.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from math import inf
from typing import Final, NamedTuple

from models.report.say import clean
from models.report.units import NOUNS, RATE, Amount, canonical, is_unit
from schemas.cascade import AssetKind

FIRST: Final = 0xE000
"""Private characters from here on stand for names."""
_MOST = 0x1000
_QUOTED: Final = re.compile(r"`([^`]+)`")
_ZONES: Final = (
    r"Z|UTC|GMT|CES?T|BST|[ECMP][SD]T|[IJKMH]ST|SGT|AE[SD]T|MSK|[EW]ES?T|local|[ap]\.?m\.?"
)
_TIME: Final = re.compile(
    r"(?<![\d:.])(?:(\d{4})-(\d\d)-(\d\d)[T ])?(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?"
    rf"( ?(?:{_ZONES})\b|(?(1)[+-]\d\d:?\d\d|(?!)))?(?!\d|:\d)",
)
_DATE: Final = re.compile(r"(?<![\d-])(\d{4})-(\d\d)-(\d\d)(?![\d-])")
_SPLITS: Final = str.maketrans(
    dict.fromkeys("\u2013\u2014=<>~≈≤≥±→", " ") | {"\u2212": "-"}
)  # dashes, minus
_EDGES: Final = ".,;:!?()[]{}\"'“”\u2018\u2019*…+#|"
_NUMBER: Final = re.compile(
    r"(-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?)(?:[eE]([+-]?\d+))?(1?/?[A-Za-z%°].*)?"
)
_JOINED: Final = re.compile(r"(?<=\d)-(?=[a-z]{3,})")
"""`5-minute`."""
_RANGE: Final = re.compile(r"(?<=\d)\s*(?:-|\.\.)\s*(?=\d)")
_UTC: Final = frozenset({"", "Z", "UTC", "GMT", "+00:00", "+0000"})
_WORDS: Final = {
    "half": 0.5,
    "quarter": 0.25,
    **dict.fromkeys(("two", "twice", "doubled"), 2.0),
    **dict.fromkeys(("three", "tripled"), 3.0),
    "four": 4.0,
    "five": 5.0,
    "six": 6.0,
    "seven": 7.0,
    "eight": 8.0,
    "nine": 9.0,
    "ten": 10.0,
    "eleven": 11.0,
    **dict.fromkeys(("twelve", "dozen", "dozens"), 12.0),
    "twenty": 20.0,
    "thirty": 30.0,
    "forty": 40.0,
    "fifty": 50.0,
    "sixty": 60.0,
    "seventy": 70.0,
    "eighty": 80.0,
    "ninety": 90.0,
    **dict.fromkeys(("hundred", "hundreds"), 1e2),
    **dict.fromkeys(("thousand", "thousands"), 1e3),
    **dict.fromkeys(("million", "millions"), 1e6),
}
_ORDINARY: Final = frozenset({"p10", "p50", "p90"})
_AFTER: Final = frozenset(
    (
        *("level", "side", "wide", "bound", "local", "based", "related", "free", "to", "of", "and"),
        *("or", "in", "by", "call", "up", "off", "on", "time"),
    )
)
"""What may follow the word of a kind behind a hyphen and name nothing."""
_SECONDS: Final = {"s": 1.0, "min": 60.0, "h": 3_600.0, "d": 86_400.0}
_SPANS: Final = frozenset({"second", "minute", "hour", "day", "week", "month"})
_DEGREES: Final = {
    **dict.fromkeys(("fahrenheit", "f"), "degF"),
    **dict.fromkeys(("kelvin", "k"), "K"),
    **dict.fromkeys(("celsius", "c", "centigrade"), "Cel"),
}
_LEAST_STEM = 3


class Clock(NamedTuple):
    """A time as a text has it."""

    day: date | None
    at: time | None
    has_seconds: bool
    is_utc: bool


@dataclass(slots=True)
class Sentence:
    """What a sentence says that can be checked."""

    names: dict[str, str] = field(default_factory=dict)
    """Quoted, or known and written plainly, by their private character."""
    amounts: list[tuple[str, Amount]] = field(default_factory=list)
    times: list[tuple[str, Clock]] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    """Words that look like names of something, and are not known ones."""
    text: str = ""
    """The sentence with private characters for names."""


def stems(names: Iterable[str]) -> frozenset[str]:
    """Return the words that names of assets begin with, and kinds of assets."""
    found = {part for name in names for part in re.findall(r"[a-z]{3,}", name.lower())[:1]}
    return frozenset(found | {part for kind in AssetKind for part in kind.split("_")})


def without_names(text: str) -> str:
    """Return a text without the private characters of names."""
    return "".join(" " if _is_name(c) else c for c in text)


def _is_name(character: str) -> bool:
    """Say whether a character stands for a name."""
    return FIRST <= ord(character) < FIRST + _MOST


def read(text: str, known: Sequence[str], beginnings: frozenset[str]) -> Sentence:
    """Take a sentence apart. `known`: `nameable` names, `beginnings`: `stems`."""
    found = Sentence()
    text = _QUOTED.sub(lambda one: f" {_keep(found, one[1])} ", without_names(text))
    text = _plain_names(text, known, found)
    found.text = text
    text = _times(text, found).translate(_SPLITS)
    _words([*_tokens(_JOINED.sub(" ", _RANGE.sub(" ", text)))], beginnings, found)
    return found


def amounts(text: str) -> list[Amount]:
    """Return the numbers of a text out of data."""
    return [amount for _, amount in read(clean(text), (), frozenset()).amounts]


def _keep(found: Sentence, name: str) -> str:
    mark = chr(FIRST + len(found.names))
    found.names[mark] = name.strip()
    return mark


def nameable(names: Iterable[str]) -> list[str]:
    """Return the names that are recognised without quotes, the longest first.

    `node-01/gpu3` is, `5` and `power` are not.
    """
    return sorted(filter(is_nameable, names), key=lambda one: (-len(one), one))


def is_nameable(name: str) -> bool:
    """Say whether a name is recognised without quotes."""
    is_odd = any(c in "-_/.:" or c.isdigit() for c in name)
    return len(name) > 1 and is_odd and re.fullmatch(r"[A-Za-z][\w./:-]*\w", name) is not None


def _plain_names(text: str, known: Sequence[str], found: Sentence) -> str:
    for name in known:
        if name in text:
            pattern = rf"(?<![\w/:-])(?<!\w\.){re.escape(name)}(?![\w]|[-./:]\w)"
            text = re.sub(pattern, lambda one: _keep(found, one[0]), text)
    return text


def _times(text: str, found: Sentence) -> str:
    def take(one: re.Match[str]) -> str:
        found.times.append((one[0], _clock(one)))
        return " "

    def take_date(one: re.Match[str]) -> str:
        found.times.append((one[0], Clock(_date(one[1], one[2], one[3]), None, False, True)))
        return " "

    return _DATE.sub(take_date, _TIME.sub(take, text))


def _clock(one: re.Match[str]) -> Clock:
    year, month, day, hour, minute, second, zone = one.groups()
    at = None
    if int(hour) < 24 and int(minute) < 60 and int(second or 0) < 60:  # noqa: PLR2004 - of a clock
        at = time(int(hour), int(minute), int(second or 0))
    when = _date(year, month, day) if year else None
    is_real = at is not None and (when is not None or not year)
    return Clock(when, at, second is not None, is_real and (zone or "").strip() in _UTC)


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _tokens(text: str) -> Iterator[str]:
    for word in text.split():
        core = word.strip(_EDGES)
        if core:
            yield core


def _words(words: list[str], beginnings: frozenset[str], found: Sentence) -> None:
    """Read words in order: numbers with what stands behind them, and what looks like a name."""
    i = last = 0
    while i < len(words):
        at, word, i = i, words[i], i + 1
        if _is_kind_with_number(words, i):
            found.strange.append(f"{word} {words[i]}")
            i += 1
        elif number := _number(word) or _worded(words, at):
            i = _amount(words, i, number, found)
            if last and at - last <= (words[at - 1] == "and"):
                _join(found)
            last = i
        elif _is_strange(word, beginnings):
            found.strange.append(word)


def _worded(words: list[str], at: int) -> tuple[str, Amount] | None:
    """Read a number in words: `eight`, and `an` of `an hour`."""
    word = words[at].lower()
    is_one = word in {"a", "an", "one"} and at + 1 < len(words) and words[at + 1] in _SPANS
    value = 1.0 if is_one else _WORDS.get(word)
    return None if value is None else (words[at], Amount(value))


def _join(found: Sentence) -> None:
    """Make one duration of two that stand together: `4 min 10 s`."""
    (first, one), (second, other) = found.amounts[-2:]
    times = _SECONDS.get(one.unit, 0.0) / _SECONDS.get(other.unit, inf)
    if times > 1.0:
        whole = other._replace(value=one.value * times + other.value)
        found.amounts[-2:] = [(f"{first} {second}", whole)]


def _is_kind_with_number(words: list[str], i: int) -> bool:
    """Say whether a kind and a number stand there: `node 17`, `GPU 3`."""
    is_kind = words[i - 1].lower() in _KIND_WORDS
    return is_kind and i < len(words) and words[i].isascii() and words[i].isdigit()


_KIND_WORDS: Final = frozenset(kind.rsplit("_", 1)[-1] for kind in AssetKind)


def _number(word: str) -> tuple[str, Amount] | None:
    one = _NUMBER.fullmatch(word)
    if one is None:
        return None
    digits, decimals, power, unit = one.groups()
    scale = 10.0 ** min(max(int(power or 0), -300), 300)
    value = float(digits.replace(",", "")) * scale
    digit = 10.0 ** -len(decimals or "") * scale
    unit = (unit or "").rstrip(".-/*")
    if unit and not is_unit(unit) and not RATE.fullmatch(unit):
        return None
    return word, Amount(value, canonical(unit), "", digit)


def _amount(words: list[str], i: int, number: tuple[str, Amount], found: Sentence) -> int:
    """Add a number with its unit or noun; return where to read on."""
    said, amount = number
    if amount.unit:
        found.amounts.append(number)
        return i
    for n in (3, 2, 1):
        noun = " ".join(words[i : i + n])
        if len(words) >= i + n and noun.lower() in NOUNS:
            found.amounts.append((f"{said} {noun}", amount._replace(noun=NOUNS[noun.lower()])))
            return i + n
    if " ".join(words[i : i + 1]).lower() in {"degree", "degrees", "deg"}:
        unit = _DEGREES.get(" ".join(words[i + 1 : i + 2]).lower())
        found.amounts.append((said, amount._replace(unit=unit or "Cel")))
        return i + 2 if unit else i + 1
    unit = words[i].rstrip("-/*") if i < len(words) else ""
    unit = found.names.get(unit, unit)
    if unit and (words[i] in found.names or is_unit(unit) or RATE.fullmatch(unit)):
        found.amounts.append((f"{said} {unit}", amount._replace(unit=canonical(unit))))
        return i + 1
    found.amounts.append(number)
    return i


def _is_strange(word: str, beginnings: frozenset[str]) -> bool:
    """Say whether a word looks like the name of something."""
    lower = word.lower()
    if lower in _ORDINARY or any(map(_is_name, word)):
        return False
    if any(c.isdigit() for c in word) or "_" in word:
        return True
    first, *others = re.split(r"[-/:.]", lower)
    is_pair = bool(others) and len(first) >= _LEAST_STEM and first in beginnings
    return is_pair and not all(part in _AFTER or part in beginnings for part in others)
