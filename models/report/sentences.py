"""The template's sentences, section by section. Each cites what it rests on, and no more."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from models.cascade.words import FAULT
from models.report.say import (
    clock,
    kind,
    kinds,
    listed,
    many,
    moment,
    number,
    percent,
    quoted,
    span,
)
from schemas.cascade import AssetKind, EdgeKind
from schemas.report import (
    About,
    Coming,
    Guess,
    Head,
    Measured,
    Of,
    Reached,
    Record,
    Sentence,
    Told,
    Total,
)

_WAYS: Final = {
    EdgeKind.FEEDS: "power",
    EdgeKind.COOLS: "cooling",
    EdgeKind.LINKS: "links",
    EdgeKind.CONTAINS: "what it is a part of",
    EdgeKind.RUNS: "the work that runs there",
}
_MOST: Final = 12
"""Followers that are told of."""
_LINES: Final = 60
_MOST_CITES: Final = 30
"""Of a sentence."""


def _said(text: str, *cites: str) -> Sentence:
    return Sentence(text=text, cites=cites)


def _names(one: Guess | Told) -> str:
    return listed([quoted(name) for name in one.ends or (one.asset,) if name])


def summary(record: Record) -> Iterator[Sentence]:
    """Yield one sentence that says it all, then how sure it is."""
    if record.about is About.PERIOD:
        yield from _of_period(record)
    elif record.guesses and record.guesses[0].probability is not None:
        yield _cause(record.guesses[0])
        for one in record.guesses[1:]:
            if _names(one) and one.probability is not None:
                text = (
                    f"It may also be {_names(one)}: {FAULT[one.fault]}, {percent(one.probability)}."
                )
                yield _said(text, one.id)
        yield _stands(record.head)
    else:
        yield _plain(record)


def _cause(one: Guess) -> Sentence:
    what = f" ({one.medium})" if one.medium else f" ({kind(one.kind)})"
    what = "" if one.kind is AssetKind.OTHER and not one.medium else what
    likely = f", {percent(one.probability)} likely" if one.probability is not None else ""
    since = f", since {moment(one.since)}" if one.since else ""
    where = _names(one) or "a place that is not known"
    return _said(f"The cause is {where}{what}: {FAULT[one.fault]}{likely}{since}.", one.id)


def _stands(head: Head) -> Sentence:
    name, lasted = quoted(head.event), abs((head.time - head.since).total_seconds())
    text = f"Incident {name} is {quoted(head.stage)} as of {moment(head.time)}"
    text += f", {span(lasted)} after it began" if head.time >= head.since else ""
    text += f"; it goes on as {quoted(head.merged_into)}" if head.merged_into else ""
    return _said(f"{text}; quality of the data {percent(head.quality)}.", head.id)


def _plain(record: Record) -> Sentence:
    head = record.head
    where = f" at {quoted(head.name)}" if head.name else ""
    what = record.about.value.capitalize()
    text = f"{what} {quoted(head.stage)}{where}, since {moment(head.since)}"
    return _said(f"{text}; quality of the data {percent(head.quality)}.", head.id)


def _of_period(record: Record) -> Iterator[Sentence]:
    head = record.head
    whole = next((one for one in record.totals if one.of is Of.PERIOD), None)
    if whole is not None:
        count = many(whole.incidents or 0, "incident")
        text = f"{count} with {_anomalies(whole.anomalies or 0)} in all"
        yield _said(f"{text}.", whole.id)
    yield _said(f"From {moment(head.since)} to {moment(head.time)}.", head.id)
    yield from (_told(one) for one in record.incidents if one.until is None)


def _anomalies(n: int) -> str:
    return many(n, "anomaly", "anomalies")


def _told(one: Told) -> Sentence:
    where = _names(one) or quoted(one.incident)
    likely = f", {percent(one.probability)} likely" if one.probability is not None else ""
    text = f"{where}: {FAULT[one.fault]}{likely}, since {moment(one.since)}"
    text += f" until {moment(one.until)}" if one.until else ", still open"
    reach = [many(one.assets, "asset"), kinds(AssetKind.GPU, one.gpus), many(one.jobs, "job")]
    return _said(f"{text}; {', '.join(reach)}, {_anomalies(one.anomalies)}.", one.id)


def affected(record: Record) -> Iterator[Sentence]:
    """Yield how far it reaches, then who was reached first; of a period: what is over."""
    yield from (_told(one) for one in record.incidents if one.until is not None)
    yield from (_total(one) for one in record.totals if one.of in {Of.ALL, Of.ASSET_KIND})
    yield from (_reached(one) for one in record.reached[:_MOST])


def _total(one: Total) -> Sentence:
    if one.of is Of.ALL:
        counts = [many(one.assets or 0, "asset"), kinds(AssetKind.GPU, one.gpus or 0)]
        text = f"In all {', '.join(counts)} and {many(one.jobs or 0, 'job')}"
        return _said(f"{text}, with {_anomalies(one.anomalies or 0)}.", one.id)
    what = kinds(AssetKind(one.name), one.assets or 0)
    return _said(f"{what} with {_anomalies(one.anomalies or 0)}.", one.id)


def _reached(one: Reached) -> Sentence:
    when = f"{span(abs(one.delay_s))} {'after' if one.delay_s >= 0 else 'before'} the cause"
    ways = list(dict.fromkeys(_WAYS[way] for way in one.via))
    via = f", by way of {listed(ways)}" if ways else ""
    return _said(f"{quoted(one.asset)} ({kind(one.kind)}) was reached {when}{via}.", one.id)


def coming(record: Record) -> Iterator[Sentence]:
    """Yield who is next, and when."""
    yield from (_coming(one) for one in record.next)


def _coming(one: Coming) -> Sentence:
    what = f"{quoted(one.asset)} ({kind(one.kind)}) is next with {percent(one.probability)}"
    when = f"about {clock(one.p50)}, between {clock(one.p10)} and {clock(one.p90)}"
    return _said(f"{what}, {when}.", one.id)


def advice(record: Record) -> Iterator[Sentence]:
    """Yield what to check, word for word."""
    yield from (_said(one.text, one.id) for one in record.advice)


def evidence(record: Record) -> Iterator[Sentence]:
    """Yield what was measured."""
    yield from (_fact(one) for one in record.facts)


def _fact(one: Measured) -> Sentence:
    when = f" at {moment(one.time)}" if one.time else ""
    if one.value is None or not one.asset:
        return _said(f"{quoted(one.text)}{when}.", one.id)
    point = f" {quoted(one.point)}" if one.point else ""
    text = f"{quoted(one.asset)}{point} was {number(one.value, one.unit)}"
    text += (
        f" where {number(one.expected, one.unit)} was expected" if one.expected is not None else ""
    )
    text += f", the limit is {number(one.limit, one.unit)}" if one.limit is not None else ""
    return _said(f"{text}{when}.", one.id)


def done(record: Record) -> Iterator[Sentence]:
    """Yield what alerts and actions did."""
    for one in record.steps:
        where = f" for {quoted(one.asset)}" if one.asset else ""
        by = f", by {quoted(one.by)}" if one.by else ""
        why = f" ({quoted(one.why)})" if one.why else ""
        by += f", as {quoted(one.proposed_by)} proposed" if one.proposed_by else ""
        by += f", in its words: {quoted(one.proposed_why)}" if one.proposed_why else ""
        text = f"{moment(one.time)}: {quoted(one.name)}{where}, {quoted(one.stage)}{why}{by}."
        yield _said(text, one.id)


def foretold(record: Record) -> Iterator[Sentence]:
    """Yield what became of predictions."""
    for one in record.came:
        what = f"{quoted(one.asset)} was foretold with {percent(one.probability)}"
        came = f"reached at {clock(one.reached)}" if one.reached else "not reached"
        yield _said(f"{what} for {clock(one.expected)}: it was {came}.", one.id)


def unknown(record: Record) -> Iterator[Sentence]:
    """Yield what is not known."""
    yield from (_said(f"Not known: {quoted(one.text)}.", one.id) for one in record.unknowns)


def timeline(record: Record) -> Iterator[Sentence]:
    """Yield what happened, in the order of time: of each signal its first sign."""
    head = record.head
    rows = [(head.time, f"{moment(head.time)}: as told here.", head.id), *_began(record)]
    rows += [
        (one.time, f"{moment(one.time)}: {quoted(one.name)}, {quoted(one.stage)}.", one.id)
        for one in record.steps
    ]
    rows.sort(key=lambda row: row[0])
    yield from _folded(rows)


def _folded(rows: Iterable[tuple[datetime, str, str]]) -> Iterator[Sentence]:
    """Yield each line once, in order, with all that it rests on: an alert, of several assets."""
    some: dict[str, list[str]] = {}
    for _, text, name in rows:
        some.setdefault(text, []).append(name)
    yield from (_said(text, *names[:_MOST_CITES]) for text, names in list(some.items())[:_LINES])


def _began(record: Record) -> Iterator[tuple[datetime, str, str]]:
    for told in record.incidents:
        if _names(told):
            yield told.since, f"{moment(told.since)}: {_names(told)} began.", told.id
    first: dict[tuple[str, str], tuple[datetime, Measured]] = {}
    for one in record.facts:
        if one.time and one.asset and one.point:
            at = first.setdefault((one.asset, one.point), (one.time, one))
            if one.time < at[0]:
                first[one.asset, one.point] = (one.time, one)
    for time, one in first.values():
        yield time, f"{moment(time)}: {quoted(one.point)} at {quoted(one.asset)}.", one.id
