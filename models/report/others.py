"""Records of alerts, of actions, and of the incidents of a shift or a day."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from models.report.advice import OF_ALERT
from models.report.facts import NAME, TEXT, cited, ranked, seen, unique
from models.report.fill import BUDGET, Candidates, filled
from models.report.record import advice
from models.report.say import cut, finite, utc
from models.report.steps import steps
from schemas.anomaly import Anomaly
from schemas.cascade import Fault, Incident
from schemas.events import Event
from schemas.report import About, Guess, Head, Measured, Of, Record, Told, Total, Unknown
from schemas.trigger import Action, Alert


def of_alert(
    event: Event[Alert], anomalies: Iterable[Event[Anomaly]] = (), budget: int = BUDGET
) -> Record:
    """Return the record of an alert; `anomalies`: of the same asset, in any order."""
    data = event.data
    limit = finite(data.limit)
    items = _items(event, anomalies)
    items["facts"] = [_limited(one, cut(data.unit, 32), limit) for one in items["facts"]]
    items["advice"] = advice(OF_ALERT)
    head = _head(event, event.id, f"{data.state} {data.rule}", data.since)
    return filled(_record(About.ALERT, head, data.summary), items, budget)


def of_action(
    event: Event[Action], anomalies: Iterable[Event[Anomaly]] = (), budget: int = BUDGET
) -> Record:
    """Return the record of one step of an action."""
    data = event.data
    head = _head(event, data.action, f"{data.stage} {data.name}", event.time)
    return filled(_record(About.ACTION, head, data.summary), _items(event, anomalies), budget)


def of_period(
    events: Iterable[Event[Incident]], since: datetime, until: datetime, budget: int = BUDGET
) -> Record:
    """Return the record of a shift or day: its incidents, each as it was told last.

    An incident counts that was open at any time from `since` to `until`.
    """
    last: dict[str, Event[Incident]] = {}
    for event in sorted(events, key=lambda one: (utc(one.time), one.id)):
        last[event.data.incident] = event
    some = [_told(one) for one in last.values() if _is_in(one, since, until)]
    some.sort(key=lambda one: (-one.gpus, -one.assets, one.since, one.incident))
    whole = Total(
        id="T1", of=Of.PERIOD, incidents=len(some), anomalies=sum(x.anomalies for x in some)
    )
    items: Candidates = {"totals": [whole], "incidents": some}
    head = Head(
        event="", name="", stage="period", since=utc(since), time=utc(until), quality=_least(last)
    )
    return filled(_record(About.PERIOD, head, ""), items, budget)


def _record(about: About, head: Head, summary: str) -> Record:
    return Record(about=about, head=head, summary=cut(summary, 300))


def _head(event: Event[Any], number: str, stage: str, since: datetime) -> Head:
    data = event.data
    return Head(
        event=number,
        name=cut(data.asset, NAME),
        stage=cut(stage, TEXT),
        since=utc(since),
        time=utc(event.time),
        quality=data.quality,
    )


def _items(event: Event[Any], anomalies: Iterable[Event[Anomaly]]) -> dict[str, Sequence[Any]]:
    data, asset = event.data, cut(event.data.asset, NAME)
    told = seen(unique(anomalies))
    told += cited(data.evidence, {asset, *(one.asset for one in told)}, told)
    guesses = [Guess(id="H1", text=cut(one.text, TEXT)) for one in data.evidence.hypotheses]
    unknowns = [Unknown(id="U1", text=cut(one, TEXT)) for one in data.evidence.unknowns]
    return {
        "guesses": guesses,
        "facts": ranked(told, frozenset({asset}), frozenset()),
        "steps": steps([event]),
        "unknowns": unknowns,
    }


def _limited(fact: Measured, unit: str, limit: float | None) -> Measured:
    """Say what the rule's limit is, beside what was measured in its unit."""
    fits = limit is not None and fact.value is not None and unit in {fact.unit, ""}
    return fact.model_copy(update={"limit": limit}) if fits else fact


def _is_in(event: Event[Incident], since: datetime, until: datetime) -> bool:
    is_over = event.data.stage.is_over
    return utc(event.data.since) <= utc(until) and (not is_over or utc(event.time) >= utc(since))


def _told(event: Event[Incident]) -> Told:
    data = event.data
    cause = data.causes[0] if data.causes else None
    is_over = data.stage.is_over
    return Told(
        id="I1",
        incident=data.incident,
        stage=data.stage,
        asset=cut(cause.asset, NAME) if cause else "",
        ends=tuple(cut(one, NAME) for one in cause.ends) if cause else (),
        fault=cause.fault if cause else Fault.UNKNOWN,
        probability=cause.probability if cause else None,
        since=utc(data.since),
        until=utc(event.time) if is_over else None,
        assets=data.radius.assets,
        gpus=data.radius.gpus,
        jobs=data.radius.jobs,
        anomalies=data.folded,
    )


def _least(last: dict[str, Event[Incident]]) -> float:
    return min((one.data.quality for one in last.values()), default=1.0)
