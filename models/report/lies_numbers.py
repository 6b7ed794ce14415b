"""What a liar does to the numbers, counts, units and times of a true sentence."""

import re
from collections.abc import Callable
from typing import Final

import numpy as np

from schemas.report import Of, Record, Sentence

Chance = np.random.Generator

SPANS: Final = re.compile(r"(`[^`]*`)")
_NUMBER: Final = re.compile(r"(?<![\w.:,-])-?\d[\d,]*(?:\.\d+)?(?![\w:]|[.,-]\d)")
_TIME: Final = re.compile(r"(\d\d):(\d\d):(\d\d) UTC")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_UNITS: Final = {
    "Cel": "K",
    "W": "kW",
    "kW": "MW",
    "V": "A",
    "rpm": "Hz",
    "%": "ppm",
    "s": "min",
    "min": "h",
    "h": "d",
    "L/min": "m3/h",
    "By/s": "b/s",
}
_MEASURED: Final = re.compile(
    r"(?<![\w.])(\d[\d,.]*(?:e[+-]\d+)?) (Cel|kW|W|V|rpm|%|s|min|h|L/min|By/s)(?![\w/])"
)
_COUNTED: Final = re.compile(r"(?<![\w.])(\d[\d,]*) (assets?|GPUs?|jobs?|anomaly|anomalies)\b")
_MEANT: Final = re.compile(r" was (.+?) where (.+?) was expected")


def outside(text: str, change: Callable[[str], str]) -> str:
    """Change what stands outside of quotes."""
    pieces = SPANS.split(text)
    return "".join(one if i % 2 else change(one) for i, one in enumerate(pieces))


def _one_of(
    text: str, pattern: re.Pattern[str], rng: Chance, say: Callable[[re.Match[str]], str]
) -> str:
    """Change one place, by chance, where a pattern stands outside of quotes."""
    places = [*pattern.finditer(SPANS.sub(lambda s: "\0" * len(s[0]), text))]
    if not places:
        return text
    one = places[int(rng.integers(len(places)))]
    return text[: one.start()] + say(one) + text[one.end() :]


def told(sentence: Sentence, text: str) -> Sentence | None:
    """Return the sentence with another text; None: it is the same."""
    return None if text == sentence.text else sentence.model_copy(update={"text": text})


def number(_: Record, sentence: Sentence, rng: Chance) -> Sentence | None:
    """Tell another number."""
    text = _TIME.sub(lambda t: "~" * len(t[0]), _DATE.sub(lambda t: "~" * len(t[0]), sentence.text))
    places = [*_NUMBER.finditer(SPANS.sub(lambda s: "~" * len(s[0]), text))]
    if not places:
        return None
    one = places[int(rng.integers(len(places)))]
    return told(
        sentence, sentence.text[: one.start()] + _other(one[0], rng) + sentence.text[one.end() :]
    )


def _other(number: str, rng: Chance) -> str:
    """Return another number with the same decimals: a digit changed, or another size."""
    digits = number.replace(",", "")
    decimals = len(digits.partition(".")[2])
    value = float(digits)
    if rng.random() < 0.5:  # noqa: PLR2004 - half of them
        places = [i for i, c in enumerate(digits) if c.isdigit()]
        at = places[int(rng.integers(len(places)))]
        digit = (int(digits[at]) + int(rng.integers(1, 10))) % 10
        return f"{float(f'{digits[:at]}{digit}{digits[at + 1 :]}'):,.{decimals}f}"
    step = 10.0**-decimals
    changed = value * float(rng.choice([0.1, 0.5, 0.8, 1.25, 2.0, 10.0])) + step
    told = f"{changed:,.{decimals}f}"
    return told if float(told.replace(",", "")) != value else f"{value + step:,.{decimals}f}"


def count(record: Record, sentence: Sentence, rng: Chance) -> Sentence | None:
    """Let a number count something else, of which there are not as many."""
    true = _counts(record)

    def say(one: re.Match[str]) -> str:
        n = int(one[1].replace(",", ""))
        fits = [noun for noun, counts in true.items() if n not in counts]
        return f"{one[1]} {fits[int(rng.integers(len(fits)))]}" if fits else one[0]

    is_total = any(one.startswith("T") for one in sentence.cites)
    return told(sentence, _one_of(sentence.text, _COUNTED, rng, say)) if is_total else None


def _counts(record: Record) -> dict[str, set[int | None]]:
    """Return how many there are of each, of all and of parts."""
    of_kind = {one.name: one.assets for one in record.totals if one.of is Of.ASSET_KIND}
    return {
        "GPUs": {one.gpus for one in record.totals} | {of_kind.get("gpu")},
        "jobs": {one.jobs for one in record.totals} | {of_kind.get("job")},
        "anomalies": {one.anomalies for one in record.totals},
    }


def unit(_: Record, sentence: Sentence, rng: Chance) -> Sentence | None:
    """Tell a number in a unit that makes it another quantity."""

    def say(one: re.Match[str]) -> str:
        is_zero = float(one[1].replace(",", "")) == 0.0
        return one[0] if is_zero else f"{one[1]} {_UNITS[one[2]]}"

    return told(sentence, _one_of(sentence.text, _MEASURED, rng, say))


def time(_: Record, sentence: Sentence, rng: Chance) -> Sentence | None:
    """Tell another time of day, or another zone."""

    def say(one: re.Match[str]) -> str:
        if rng.random() < 0.2:  # noqa: PLR2004 - now and then the zone
            return one[0].replace("UTC", "CET")
        seconds = int(one[1]) * 3600 + int(one[2]) * 60 + int(one[3])
        off = int(rng.choice([2, 10, 60, 600, 3600])) * (1 if rng.random() < 0.5 else -1)  # noqa: PLR2004
        minutes, second = divmod((seconds + off) % 86_400, 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d} UTC"

    return told(sentence, _one_of(sentence.text, _TIME, rng, say))


def date(_: Record, sentence: Sentence, rng: Chance) -> Sentence | None:
    """Tell another day."""

    def say(one: re.Match[str]) -> str:
        year, month, day = one[0].split("-")
        return f"{year}-{month}-{int(day) % 28 + 1:02d}"

    return told(sentence, _one_of(sentence.text, _DATE, rng, say))


def swapped(_: Record, sentence: Sentence, __: Chance) -> Sentence | None:
    """Tell what was measured as what was expected, or one time as another."""
    found, clocks = _MEANT.search(sentence.text), [*_TIME.finditer(sentence.text)]
    if len(clocks) > 1 and clocks[0][0] != clocks[1][0]:
        one, other = clocks[0][0], clocks[1][0]
        text = sentence.text.replace(one, "\0", 1).replace(other, one, 1).replace("\0", other, 1)
        return told(sentence, text)
    if found is None or found[1] == found[2]:
        return None
    return told(sentence, _MEANT.sub(r" was \2 where \1 was expected", sentence.text))
