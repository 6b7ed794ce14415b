"""A writer that tells the truth in words of its own: the template's sentences, said otherwise.

What is said stays true by how it is made: fewer digits, another unit, a time to the minute, a name
without quotes, a statement of cause that is the record's.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from models.report.read import is_nameable
from models.report.say import number
from schemas.report import Draft, Guess, Measured, Reached, Record, Section, Sentence

Chance = np.random.Generator

_SPANS: Final = re.compile(r"(`[^`]*`)")
_SECONDS: Final = re.compile(r"(\d\d:\d\d):\d\d UTC")
_MEASURED: Final = re.compile(r"(?<![\w.,-])(\d+(?:\.\d+)?) (Cel|W|kW|V|rpm|%|s|min)(?![\w/])")
_SAID: Final = {"Cel": "°C", "W": "watts", "%": "percent", "s": "seconds", "min": "minutes"}
_BIGGER: Final = {"W": "kW", "kW": "MW"}
"""A thousand of them."""
_PHRASES: Final = (
    "{0} was reached because of {1}.",
    "{1} led to the trouble at {0}.",
    "The trouble at {0} was caused by {1}.",
    "The root cause is {1}; it reached {0}.",
)


class Truthful(NamedTuple):
    """A true sentence."""

    section: Section
    sentence: Sentence


def truths(record: Record, draft: Draft, rng: Chance) -> Iterator[Truthful]:
    """Yield each sentence of a draft in other words, and statements of the cause."""
    for part in draft.parts:
        if part.section is not Section.DO:
            for one in part.sentences:
                text = _names(_numbers(_times(one.text, rng), rng), rng)
                yield Truthful(part.section, one.model_copy(update={"text": text}))
    for fact in record.facts:
        if fact.expected is not None and fact.value not in {None, fact.expected}:
            yield Truthful(Section.EVIDENCE, _moved(fact, rng))
    for guess in record.guesses[:1]:
        for met in record.reached:
            if met.asset not in {guess.asset, *guess.ends}:
                yield Truthful(Section.AFFECTED, _because(guess, met, rng))


def _moved(one: Measured, rng: Chance) -> Sentence:
    """Say which way a signal went."""
    rose = (one.value or 0.0) > (one.expected or 0.0)
    value, usual = number(one.value or 0.0, one.unit), number(one.expected or 0.0, one.unit)
    where = place(one)
    texts = (
        f"{where} {'rose' if rose else 'fell'} from {usual} to {value}.",
        f"{where} was {value}, {'above' if rose else 'below'} the usual {usual}.",
        f"Expected was {usual}, and {where} {'climbed' if rose else 'dropped'} to {value}.",
    )
    return Sentence(text=texts[int(rng.integers(len(texts)))], cites=(one.id,))


def place(one: Measured) -> str:
    """Return where a fact was measured; of an asset itself, silent or not, there is no point."""
    return f"`{one.point}` of `{one.asset}`" if one.point else f"`{one.asset}`"


def _because(guess: Guess, one: Reached, rng: Chance) -> Sentence:
    said = _PHRASES[int(rng.integers(len(_PHRASES)))]
    text = said.format(
        f"`{one.asset}`", " and ".join(f"`{x}`" for x in guess.ends or (guess.asset,))
    )
    return Sentence(text=_names(text, rng), cites=(one.id, guess.id))


def _times(text: str, rng: Chance) -> str:
    return _SECONDS.sub(r"\1 UTC", text) if rng.random() < 0.5 else text  # noqa: PLR2004 - as often


def _numbers(text: str, rng: Chance) -> str:
    pieces = _SPANS.split(text)
    said = (
        one if i % 2 else _MEASURED.sub(lambda m: _otherwise(m, rng), one)
        for i, one in enumerate(pieces)
    )
    return "".join(said)


def _otherwise(one: re.Match[str], rng: Chance) -> str:
    value, unit, decimals = float(one[1]), one[2], len(one[1].partition(".")[2])
    how = int(rng.integers(3))
    if how == 0 and decimals and one[1][-1] != "5":  # rounded twice, it could be wrong
        return f"{value:.{decimals - 1}f} {unit}"
    if how == 1 and unit in _BIGGER:
        return f"{value / 1_000.0:.{decimals + 3}f} {_BIGGER[unit]}"
    return f"{one[1]} {_SAID.get(unit, unit)}"


def _names(text: str, rng: Chance) -> str:
    is_bare = rng.random() < 0.5  # noqa: PLR2004 - as often

    def say(one: re.Match[str]) -> str:
        name = one[1][1:-1]
        return name if is_bare and is_nameable(name) and " " not in name else one[0]

    return _SPANS.sub(say, text)
