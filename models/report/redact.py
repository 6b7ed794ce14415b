"""Names out of a record before it leaves the site, and back into the draft that comes of it.

What leaves is made of numbers, times, words of ours, points and units that everyone knows, and
stand-ins that keep the kind: `gpu-1`, `person-2`. Free text (summaries, log lines, reasons) stays
here: names in it cannot all be known. Two records that differ only in names and texts are the same
record when they leave.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any, Final, NamedTuple

from models.report.advice import ADVICE, OF_ALERT
from models.report.say import clean, is_plain, quoted
from models.report.units import BARE
from schemas import trigger
from schemas.anomaly import AnomalyKind
from schemas.cascade import AssetKind, Stage
from schemas.report import (
    Coming,
    Draft,
    Guess,
    Head,
    Measured,
    Part,
    Reached,
    Record,
    Sentence,
    Step,
    Told,
    Total,
)
from schemas.units import BUILT_IN

_STAND_IN: Final = re.compile(r"(?<![\w-])[a-z]+(?:-[a-z]+)*-[1-9][0-9]*(?![0-9])")
_SPANS: Final = re.compile(r"(`[^`]*`)")
_LONGEST: Final = 1000  # characters of a sentence
_OURS: Final = frozenset(chain(OF_ALERT, *ADVICE.values()))
_WHY: Final = frozenset(map(str, (*trigger.Why, *trigger.Because)))
_STAGES: Final = frozenset(map(str, (*Stage, *trigger.Stage, *trigger.State, "period")))
_STEPS: Final = frozenset(
    (*(f"action {one}" for one in trigger.Stage), *(f"alert {one}" for one in trigger.State))
)
_KINDS: Final = frozenset(map(str, (*AssetKind, *AnomalyKind, "")))
_POINTS: Final = frozenset(one.name for one in BUILT_IN)


class Hidden(NamedTuple):
    """A record that may leave."""

    record: Record
    names: Mapping[str, str]
    """What each stand-in stands for."""


def hidden(record: Record) -> Hidden:
    """Return a record without names and free texts; ids stay."""
    plain = stripped(record)
    names = _Names(plain)
    told = {
        "head": names.head(plain.head),
        "guesses": tuple(map(names.guess, plain.guesses)),
        "facts": tuple(map(names.fact, plain.facts)),
        "steps": tuple(map(names.step, plain.steps)),
        "incidents": tuple(map(names.told, plain.incidents)),
        **{field: _each(names, getattr(plain, field)) for field in ("reached", "next", "came")},
    }
    return Hidden(plain.model_copy(update=told), {new: old for (_, old), new in names.all.items()})


def stripped(record: Record) -> Record:
    """Return a record with its names, and without any text that could have more of them."""
    told: dict[str, Any] = {
        "summary": "",
        "guesses": tuple(_without_text(one) for one in record.guesses if one.asset or one.ends),
        "facts": tuple(_measured(x) for x in record.facts if x.asset and x.value is not None),
        "totals": tuple(one for one in record.totals if _is_ours(one)),
        "steps": tuple(map(_step, record.steps)),
        "unknowns": (),
        "advice": tuple(one for one in record.advice if one.text in _OURS),
        "incidents": tuple(map(_told, record.incidents)),
    }
    return record.model_copy(update=told)


def shown(draft: Draft, names: Mapping[str, str]) -> Draft:
    """Return a draft with names in the place of stand-ins; what gets too long is left out."""
    return draft.model_copy(
        update={"parts": tuple(_part(one, names) for one in draft.parts)},
    )


def _part(one: Part, names: Mapping[str, str]) -> Part:
    said = ((sentence, restored(sentence.text, names)) for sentence in one.sentences)
    fits = (
        Sentence(text=text, cites=sentence.cites)
        for sentence, text in said
        if len(text) <= _LONGEST
    )
    return Part(section=one.section, sentences=tuple(fits))


def restored(text: str, names: Mapping[str, str]) -> str:
    """Return a sentence with names put back, each of them quoted."""
    pieces = _SPANS.split(text)
    return "".join(
        _put(one, names, clean) if i % 2 else _put(one, names, quoted)
        for i, one in enumerate(pieces)
    )


def _put(text: str, names: Mapping[str, str], say: Callable[[str], str]) -> str:
    return _STAND_IN.sub(lambda one: say(names[one[0]]) if one[0] in names else one[0], text)


def _without_text(one: Guess) -> Guess:
    return one.model_copy(update={"text": ""})


def _measured(one: Measured) -> Measured:
    return one.model_copy(update={"text": "", "topic": "", "partition": 0, "offset": 0})


def _is_ours(one: Total) -> bool:
    return one.name in _KINDS


def _step(one: Step) -> Step:
    why = one.why if one.why in _WHY else ""
    stage = one.stage if one.stage in _STEPS else ""
    return one.model_copy(update={"why": why, "stage": stage, "proposed_why": ""})


def _told(one: Told) -> Told:
    return one.model_copy(update={"stage": one.stage if one.stage in _STAGES else ""})


def _each(names: "_Names", some: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(one.model_copy(update={"asset": names.asset(one.asset)}) for one in some)


class _Names:
    """Stand-ins, in the order that names are met; a number is given once, whatever the kind."""

    def __init__(self, record: Record) -> None:
        self.all: dict[tuple[str, str], str] = {}
        self._kinds: dict[str, str] = {}
        some: tuple[Guess | Reached | Coming, ...] = (
            *record.guesses,
            *record.reached,
            *record.next,
        )
        for one in some:
            if one.kind is not AssetKind.OTHER:
                self._kinds.setdefault(one.asset, one.kind.value.replace("_", "-"))

    def asset(self, name: str) -> str:
        """Return what stands for an asset."""
        return self._of("asset", name, self._kinds.get(name, "asset"))

    def _of(self, role: str, name: str, stem: str = "") -> str:
        if not name:
            return ""
        new = f"{stem or role}-{len(self.all) + 1}"
        return self.all.setdefault((role, name), new)

    def head(self, one: Head) -> Head:
        stage, _, rule = one.stage.partition(" ")
        told = f"{stage if stage in _STAGES else ''} {self._of('rule', rule)}".strip()
        event, other = self._of("event", one.event), self._of("event", one.merged_into)
        update = {"event": event, "merged_into": other, "stage": told}
        return one.model_copy(update={**update, "name": self.asset(one.name)})

    def guess(self, one: Guess) -> Guess:
        ends = tuple(map(self.asset, one.ends))
        return one.model_copy(update={"asset": self.asset(one.asset), "ends": ends})

    def fact(self, one: Measured) -> Measured:
        point = one.point if one.point in _POINTS else self._of("point", one.point)
        is_said = one.unit in BARE or is_plain(one.unit)
        unit = one.unit if is_said else self._of("unit", one.unit)
        return one.model_copy(update={"asset": self.asset(one.asset), "point": point, "unit": unit})

    def step(self, one: Step) -> Step:
        rule, by = self._of("rule", one.name), self._of("person", one.by)
        told = {"name": rule, "by": by, "proposed_by": self._of("person", one.proposed_by)}
        return one.model_copy(update={"asset": self.asset(one.asset), **told})

    def told(self, one: Told) -> Told:
        ends, incident = tuple(map(self.asset, one.ends)), self._of("event", one.incident)
        return one.model_copy(
            update={"asset": self.asset(one.asset), "ends": ends, "incident": incident}
        )
