"""Anomalies, alerts, actions and reports: which there are, and what one of them says."""

import asyncio
from typing import Any

from models.ask import events
from models.ask.fit import limited
from models.ask.picture import Kept
from models.report.others import of_action, of_alert
from models.report.say import utc
from models.report.text import text
from schemas.anomaly import Anomaly
from schemas.ask import answer as told
from schemas.ask import question as asks
from schemas.events import Event
from schemas.report import Record
from schemas.trigger import Action, Alert
from streams.cli.plain import plain
from streams.mcp.desk import Desk, Told, Tool, now, one_of, since_when


async def list_events(desk: Desk, asked: asks.ListEvents) -> Told:
    """List anomalies or alerts."""
    is_alert = asked.kind is asks.EventKind.ALERT
    desk.see("alerts" if is_alert else "anomalies")
    picture, since = desk.picture, since_when(asked.since)
    kept: Kept[Any] = picture.alerts if is_alert else picture.anomalies
    found = await asyncio.to_thread(events.newest, kept.all(), asked.asset, since)
    out = told.Events(
        as_of=picture.as_of,
        events=tuple(events.line(one) for one in found[: asked.limit]),
        left_out=max(len(found) - asked.limit, 0),
        note=desk.note(),
    )
    return Told(out)


async def explain_event(desk: Desk, asked: asks.ExplainEvent) -> Told:
    """Return what it says, and what happened around it."""
    event = _event(desk, asked.id)
    anomalies, alerts = desk.picture.anomalies.all(), desk.picture.alerts.all()
    others = await asyncio.to_thread(events.around, event, [*anomalies, *alerts])
    record = await asyncio.to_thread(_record, event, anomalies)
    anomaly = event.data if record is None else None
    said = text(record) if record else events.text(event, others)
    explained = told.EventExplained(
        id=event.id,
        type=event.type,
        time=event.time,
        record=record,
        anomaly=anomaly,
        around=tuple(others),
    )
    return Told(limited(explained, 50), said)


def _event(desk: Desk, begins: str) -> Event[Any]:
    picture = desk.picture
    kept: tuple[Kept[Any], ...]
    kept = (picture.anomalies, picture.alerts, picture.actions, picture.steps)
    unique: dict[str, Event[Any]] = {e.id: e for one in kept for e in one.begin_so(begins)}
    return one_of(list(unique.values()), begins, "list_events or list_actions")


def _record(event: Event[Any], anomalies: list[Event[Anomaly]]) -> Record | None:
    same = (one for one in anomalies if _is_near(one, event))
    if isinstance(event.data, Alert):
        return of_alert(event, same)
    return of_action(event, same) if isinstance(event.data, Action) else None


def _is_near(one: Event[Anomaly], event: Event[Any]) -> bool:
    return events.is_of(one, event) and abs(utc(one.time) - utc(event.time)) <= events.AROUND


async def list_actions(desk: Desk, asked: asks.ListActions) -> Told:
    """List actions."""
    desk.see("actions")
    at = now()
    every = await asyncio.to_thread(events.actions, desk.picture.actions.all(), asked.asset, at)
    found = [one for one in every if events.waits(one, at) or not asked.awaiting]
    out = told.Actions(
        actions=tuple(events.action(one, at) for one in found[: asked.limit]),
        left_out=max(len(found) - asked.limit, 0),
        note=desk.note(),
    )
    return Told(out)


async def list_reports(desk: Desk, asked: asks.ListReports) -> Told:
    """List reports."""
    desk.see("reports")
    every, since = desk.picture.reports.all(), since_when(asked.since)
    found = await asyncio.to_thread(events.reports, every, since)
    out = told.Reports(
        reports=tuple(events.report(one) for one in found[: asked.limit]),
        left_out=max(len(found) - asked.limit, 0),
        note=desk.note(),
    )
    return Told(out)


async def read_report(desk: Desk, asked: asks.ReadReport) -> Told:
    """Return one."""
    desk.see("reports")
    event = one_of(desk.picture.reports.begin_so(asked.id), asked.id, "list_reports")
    line = events.report(event)
    out = told.ReportRead(
        id=line.id,
        kind=line.kind,
        event=line.event,
        time=line.time,
        writer=line.writer,
        markdown=event.data.markdown,
        struck=tuple(plain(one.sentence.text) for one in event.data.struck),
    )
    return Told(out, event.data.markdown)


TOOLS = (
    Tool("list_events", asks.ListEvents, told.Events, list_events),
    Tool("explain_event", asks.ExplainEvent, told.EventExplained, explain_event),
    Tool("list_actions", asks.ListActions, told.Actions, list_actions),
    Tool("list_reports", asks.ListReports, told.Reports, list_reports),
    Tool("read_report", asks.ReadReport, told.ReportRead, read_report),
)
