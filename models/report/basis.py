"""What each id of a record supports: names, numbers, times, faults, and texts word for word."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from models.cascade.words import FAULT
from models.report.read import amounts
from models.report.text import FIELDS
from models.report.units import Amount
from schemas.cascade import Fault
from schemas.report import (
    Advice,
    Came,
    Coming,
    Guess,
    Head,
    Measured,
    Of,
    Reached,
    Record,
    Step,
    Told,
    Total,
    Unknown,
)

_OURS: Final = frozenset(FAULT.values())


class When(StrEnum):
    """What a time of an item is."""

    SINCE = "since"
    NOW = "now"
    EARLIEST = "earliest"
    MIDDLE = "middle"
    LATEST = "latest"
    EXPECTED = "expected"
    REACHED = "reached"


class Basis(NamedTuple):
    """What one id supports."""

    names: frozenset[str] = frozenset()
    """Of assets: a number counts only where one of them is named, if any asset is."""
    quoted: frozenset[str] = frozenset()
    """What else may stand quoted, word for word."""
    amounts: tuple[Amount, ...] = ()
    times: tuple[datetime, ...] = ()
    faults: frozenset[Fault] = frozenset()
    kinds: frozenset[str] = frozenset()
    """Of assets that it is of, and media."""
    advice: str = ""
    quality: Amount | None = None
    """Of the data; counts only where a sentence speaks of it."""
    value: Amount | None = None
    """Of a fact, what was measured."""
    usual: tuple[Amount, ...] = ()
    """Of a fact, what was expected, and the limit."""
    whens: Mapping[When, datetime] = MappingProxyType({})
    """Those of its times that are called something."""
    denies: bool = False
    """It says that something is not so."""
    awaits: bool = False
    """It says that something is not so yet."""
    texts: tuple[str, ...] = ()
    """What is `quoted` without names and points: no name says that something is over, or not so."""
    hearsay: frozenset[str] = frozenset()
    """Somebody's words, which may stand quoted as a whole, and support nothing else."""

    def says(self, words: str) -> bool:
        """Say whether these words stand in one of its texts."""
        plain = re.compile(rf"\b{re.escape(words)}\b", re.IGNORECASE)
        return any(plain.search(one) for one in self.texts)


def bases(record: Record) -> dict[str, Basis]:
    """Return what every id of a record supports."""
    found = {"E1": _head(record.head, record.summary)}
    for field in FIELDS:
        for item in getattr(record, field):
            found[item.id] = _OF[type(item)](item)
    points = frozenset(one.point for one in record.facts)
    names = points.union(*(one.names for one in found.values())) - {""}
    name = _any_of(names)
    return {one: _with_texts(basis, name) for one, basis in found.items()}


def _any_of(names: frozenset[str]) -> re.Pattern[str]:
    ranked = sorted(names, key=lambda name: (-len(name), name))
    return re.compile("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in ranked) or r"(?!)")


def _with_texts(basis: Basis, name: re.Pattern[str]) -> Basis:
    said = (text if text in _OURS else name.sub(" ", text) for text in basis.quoted)
    return basis._replace(texts=tuple(said))


def _set(some: Iterable[str | None]) -> frozenset[str]:
    return frozenset(one for one in some if one)


def _head(one: Head, summary: str) -> Basis:
    span_s = (one.time - one.since).total_seconds()
    told = [Amount(abs(span_s), "s")]
    more = _set((one.event, one.stage, one.merged_into, summary))
    return Basis(
        _set((one.name,)),
        more,
        (*told, *amounts(summary)),
        (one.since, one.time),
        quality=Amount(one.quality),
        whens={
            When.SINCE: one.since,
            When.NOW: one.time,
            When.EARLIEST: one.since,
            When.LATEST: one.time,
        },
    )


def _guess(one: Guess) -> Basis:
    told = [Amount(one.probability)] if one.probability is not None else []
    return Basis(
        _set((one.asset, *one.ends)),
        _set((one.text, FAULT[one.fault])),
        (*told, *amounts(one.text)),
        (one.since,) if one.since else (),
        frozenset({one.fault}),
        kinds=_set((one.kind, one.medium)),
        whens={When.SINCE: one.since} if one.since else {},
        denies=not one.asset,
    )


def _fact(one: Measured) -> Basis:
    value = Amount(one.value, one.unit) if one.value is not None else None
    usual = tuple(Amount(x, one.unit) for x in (one.expected, one.limit) if x is not None)
    quality = Amount(one.quality) if one.quality is not None else None
    told = (value, *usual) if value else usual
    return Basis(
        _set((one.asset,)),
        _set((one.point, one.text, one.unit)),
        (*told, *amounts(one.text)),
        (one.time,) if one.time else (),
        quality=quality,
        value=value,
        usual=usual,
    )


def _reached(one: Reached) -> Basis:
    return Basis(
        _set((one.asset,)), amounts=(Amount(abs(one.delay_s), "s"),), kinds=_set((one.kind,))
    )


def _coming(one: Coming) -> Basis:
    return Basis(
        _set((one.asset,)),
        frozenset(),
        (Amount(one.probability),),
        (one.p50, one.p10, one.p90),
        whens={When.EARLIEST: one.p10, When.MIDDLE: one.p50, When.LATEST: one.p90},
        kinds=_set((one.kind,)),
        awaits=True,
    )


def _came(one: Came) -> Basis:
    times = (one.expected, one.reached) if one.reached else (one.expected,)
    return Basis(
        _set((one.asset,)),
        frozenset(),
        (Amount(one.probability),),
        times,
        whens={When.EXPECTED: one.expected} | ({When.REACHED: one.reached} if one.reached else {}),
        denies=one.reached is None,
    )


def _counts(counts: Iterable[tuple[int | None, str]]) -> tuple[Amount, ...]:
    return tuple(Amount(float(n), "", noun) for n, noun in counts if n is not None)


def _total(one: Total) -> Basis:
    noun = one.name if one.of is Of.ASSET_KIND else "asset"
    counts = [(one.assets, noun), (one.assets, "asset"), (one.anomalies, "anomaly")]
    counts += [(one.gpus, "gpu"), (one.jobs, "job"), (one.incidents, "incident")]
    has = ("gpu" if one.gpus is not None else "", "job" if one.jobs is not None else "")
    return Basis(amounts=_counts(counts), quoted=_set((one.name,)), kinds=_set((one.name, *has)))


def _step(one: Step) -> Basis:
    more = _set((one.name, one.stage, one.why, one.by, one.proposed_by))
    told = tuple(amounts(f"{one.by} {one.why}"))
    hearsay = _set((one.proposed_why,))
    return Basis(_set((one.asset,)), more, told, (one.time,), hearsay=hearsay)


def _told(one: Told) -> Basis:
    told = [Amount(one.probability)] if one.probability is not None else []
    counts = [(one.assets, "asset"), (one.gpus, "gpu"), (one.jobs, "job")]
    until = [one.until] if one.until else []
    spans = [Amount(abs((end - one.since).total_seconds()), "s") for end in until]
    return Basis(
        _set((one.asset, *one.ends)),
        _set((one.incident, one.stage, FAULT[one.fault])),
        (*told, *spans, *_counts([*counts, (one.anomalies, "anomaly")])),
        (one.since, *until),
        frozenset({one.fault}),
        kinds=frozenset({"gpu", "job"}),
        whens=dict(zip((When.SINCE, When.LATEST), (one.since, *until), strict=False)),
    )


def _advice(one: Advice) -> Basis:
    return Basis(advice=one.text)


def _unknown(one: Unknown) -> Basis:
    return Basis(frozenset(), _set((one.text,)), tuple(amounts(one.text)), denies=True)


_OF: Final[dict[type, Callable[[Any], Basis]]] = {
    Guess: _guess,
    Measured: _fact,
    Reached: _reached,
    Coming: _coming,
    Came: _came,
    Total: _total,
    Step: _step,
    Told: _told,
    Advice: _advice,
    Unknown: _unknown,
}
