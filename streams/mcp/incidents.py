"""Incidents: which there are, why, and who is next."""

import asyncio
from collections.abc import Sequence

from models.ask import incidents
from models.report.belongs import Belonging
from models.report.record import Around, of_incident
from models.report.text import text
from schemas.anomaly import Anomaly
from schemas.ask import answer as told
from schemas.ask import question as asks
from schemas.cascade import Incident
from schemas.events import Event
from schemas.report import Record
from streams.mcp.desk import Desk, Told, Tool, one_of, since_when


async def list_incidents(desk: Desk, asked: asks.ListIncidents) -> Told:
    """List them."""
    desk.see("incidents")
    which = incidents.Which(asked.state, asked.site, since_when(asked.since))
    found = await asyncio.to_thread(incidents.chosen, desk.picture.incidents.all(), which)
    out = told.Incidents(
        as_of=desk.picture.as_of,
        incidents=tuple(incidents.line(one) for one in found[: asked.limit]),
        left_out=max(len(found) - asked.limit, 0),
        note=desk.note(),
    )
    return Told(out)


async def explain_incident(desk: Desk, asked: asks.ExplainIncident) -> Told:
    """Return its record."""
    event, picture = _incident(desk, asked.id), desk.picture
    steps: Around = [*picture.alerts.all(), *picture.steps.all()]
    record = await asyncio.to_thread(_record, event, picture.anomalies.all(), steps)
    left = record.left_out
    note = "what is left out stands in totals" if left.facts or left.others else ""
    out = told.Explained(record=record, left_out=left.facts + left.others, note=note)
    return Told(out, text(record))


def _record(event: Event[Incident], anomalies: Sequence[Event[Anomaly]], steps: Around) -> Record:
    mine = Belonging(event)
    return of_incident(event, filter(mine.has, anomalies), [*filter(mine.has, steps)])


async def incident_spread(desk: Desk, asked: asks.IncidentSpread) -> Told:
    """Return who is next."""
    return Told(incidents.spread(_incident(desk, asked.id), asked.limit))


def _incident(desk: Desk, begins: str) -> Event[Incident]:
    desk.see("incidents")
    return one_of(desk.picture.incidents.begin_so(begins), begins, "list_incidents")


TOOLS = (
    Tool("list_incidents", asks.ListIncidents, told.Incidents, list_incidents),
    Tool("explain_incident", asks.ExplainIncident, told.Explained, explain_incident),
    Tool("incident_spread", asks.IncidentSpread, told.Spread, incident_spread),
)
