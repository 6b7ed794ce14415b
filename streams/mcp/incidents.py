"""Incidents: which there are, why, and who is next."""

import asyncio

from models.ask import incidents
from models.report.record import of_incident
from models.report.text import text
from schemas.ask import answer as told
from schemas.ask import question as asks
from schemas.cascade import Incident
from schemas.events import Event
from streams.mcp.desk import Desk, Told, Tool, one_of, since_when


async def list_incidents(desk: Desk, asked: asks.ListIncidents) -> Told:
    """List them."""
    desk.see("incidents")
    which = incidents.Which(asked.state, asked.site, since_when(asked.since))
    found = incidents.chosen(desk.picture, which)
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
    mine, around = incidents.anomalies_of(event, picture), incidents.around(event, picture)
    record = await asyncio.to_thread(of_incident, event, mine, around)
    left = record.left_out
    note = "what is left out stands in totals" if left.facts or left.others else ""
    out = told.Explained(record=record, left_out=left.facts + left.others, note=note)
    return Told(out, text(record))


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
