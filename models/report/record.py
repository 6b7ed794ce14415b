"""From events to the record that writers rest on, chosen by information within a budget of tokens.

Tokens are counted high (`models.tokens`), of the record's text (`models.report.text`). What does
not fit stands in totals, and `left_out` says how much.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from models.report.advice import ADVICE
from models.report.facts import NAME, TEXT, cited, ranked, seen, unique
from models.report.fill import BUDGET, Candidates, filled
from models.report.say import cut, utc
from models.report.steps import steps
from schemas.anomaly import Anomaly
from schemas.cascade import Cause, Fault, Incident, Radius
from schemas.events import Event
from schemas.report import (
    About,
    Advice,
    Came,
    Coming,
    Guess,
    Head,
    Measured,
    Of,
    Reached,
    Role,
    Total,
    Unknown,
)
from schemas.report.record import Record
from schemas.trigger import Action, Alert

__all__ = ["BUDGET", "of_incident"]

_RIVALS: Final = 3

Around = Sequence[Event[Alert] | Event[Action]]
"""Alerts and actions that belong to an incident."""


def of_incident(
    event: Event[Incident],
    anomalies: Iterable[Event[Anomaly]] = (),
    around: Around = (),
    budget: int = BUDGET,
) -> Record:
    """Return the record of an incident as its event tells it.

    `anomalies`: those of the incident, in any order. Never more than `budget` tokens as text.
    """
    data, every = event.data, unique(anomalies)
    own, all_names = _own(data), _names(data)
    told = seen(every)
    told += cited(data.evidence, all_names | {one.asset for one in told}, told)
    followers = frozenset(cut(one.asset, NAME) for one in data.followers)
    facts = ranked(told, own, followers)
    items: Candidates = {
        "guesses": [_guess(cause) for cause in data.causes[:_RIVALS]],
        "totals": [*_totals(data), *_by_kind(every)],
        "facts": facts,
        "reached": [_reached(one) for one in data.followers],
        "next": [_coming(one) for one in data.spread],
        "came": [_came(one) for one in data.outcomes],
        "steps": steps(around),
        "unknowns": [Unknown(id="U1", text=cut(t, TEXT)) for t in _unknown(data, facts, every)],
        "advice": advice(ADVICE[data.causes[0].fault if data.causes else Fault.UNKNOWN]),
    }
    record = Record(about=About.INCIDENT, head=_head(event), summary=cut(data.summary, 300))
    return filled(record, items, budget)


def advice(texts: Iterable[str]) -> list[Advice]:
    """Return advice as items."""
    return [Advice(id="A1", text=text) for text in texts]


def _head(event: Event[Incident]) -> Head:
    data = event.data
    return Head(
        event=data.incident,
        name=cut(data.causes[0].asset, NAME) if data.causes else "",
        stage=data.stage,
        since=utc(data.since),
        time=utc(event.time),
        quality=data.quality,
        merged_into=cut(data.merged_into, NAME),
    )


def _own(data: Incident) -> frozenset[str]:
    if not data.causes:
        return frozenset()
    cause = data.causes[0]
    return frozenset(cut(name, NAME) for name in (cause.asset, *cause.ends))


def _names(data: Incident) -> set[str]:
    causes = [name for one in data.causes for name in (one.asset, *one.ends)]
    more = (*(one.asset for one in data.followers), *(one.asset for one in data.spread))
    return {cut(name, NAME) for name in (*causes, *more, *data.unexplained)}


def _guess(cause: Cause) -> Guess:
    return Guess(
        id="H1",
        asset=cut(cause.asset, NAME),
        kind=cause.kind,
        ends=tuple(cut(one, NAME) for one in cause.ends),
        medium=cause.medium,
        fault=cause.fault,
        probability=cause.probability,
        since=utc(cause.since),
        text=cut(cause.text, TEXT),
    )


def _totals(data: Incident) -> list[Total]:
    reach: Radius = data.radius
    whole = Total(
        id="T1",
        of=Of.ALL,
        assets=reach.assets,
        anomalies=data.folded,
        gpus=reach.gpus,
        jobs=reach.jobs,
    )
    kinds = (
        Total(id="T1", of=Of.ASSET_KIND, name=c.kind, assets=c.assets, anomalies=c.anomalies)
        for c in data.counts
    )
    return [whole, *kinds]


def _by_kind(anomalies: Sequence[Event[Anomaly]]) -> list[Total]:
    """Sum up the anomalies that began, by their kind."""
    begun = [one.data for one in anomalies if one.data.ended is None]
    some: dict[str, list[str]] = {}
    for one in begun:
        some.setdefault(one.kind, []).append(one.asset)
    return [
        Total(
            id="T1",
            of=Of.ANOMALY_KIND,
            name=what,
            assets=len(set(assets)),
            anomalies=len(assets),
        )
        for what, assets in sorted(some.items())
    ]


def _reached(one: Any) -> Reached:  # noqa: ANN401 - a follower
    return Reached(
        id="R1", asset=cut(one.asset, NAME), kind=one.kind, via=one.via, delay_s=one.delay_s
    )


def _coming(one: Any) -> Coming:  # noqa: ANN401 - one that is next
    return Coming(
        id="N1",
        asset=cut(one.asset, NAME),
        kind=one.kind,
        probability=one.probability,
        p10=utc(one.p10),
        p50=utc(one.p50),
        p90=utc(one.p90),
    )


def _came(one: Any) -> Came:  # noqa: ANN401 - an outcome
    reached: datetime | None = utc(one.reached) if one.reached else None
    return Came(
        id="O1",
        asset=cut(one.asset, NAME),
        probability=one.probability,
        expected=utc(one.expected),
        reached=reached,
    )


def _unknown(
    data: Incident, facts: Sequence[Measured], every: Sequence[Event[Anomaly]]
) -> Iterable[str]:
    """Say what was not measured, or not read."""
    yield from data.evidence.unknowns
    if data.causes and not any(one.role is Role.OWN for one in facts):
        yield "no fact at hand was measured at the cause itself"
    if data.unexplained:
        some = ", ".join(cut(name, 60) for name in data.unexplained[:3])
        yield f"{len(data.unexplained)} assets have anomalies that no cause reaches: {some}"
    if not data.causes:
        yield "no cause is known"
    many = sum(one.data.ended is None for one in every)
    if not every and data.folded:
        yield "single anomalies were not at hand, only what the incident itself cites"
    elif many < data.folded:
        yield f"{many} of {data.folded} anomalies were at hand: totals by kind are of those"
    if not data.spread and data.stage in {"opened", "updated"}:
        yield "who is next could not be foretold"
