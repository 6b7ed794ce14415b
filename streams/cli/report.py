"""`alltobit report`: the report of an incident, made at once from what the topics have."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Annotated, NamedTuple

import typer

from models.report.due import Due, Told, begins, event_of, record_of, summed_up, wider
from models.report.report import report
from models.trigger.message import Source, read
from schemas.cascade import Incident, Radius
from schemas.events import Event
from schemas.report import Kind, Report
from schemas.settings import Settings
from streams.cli.console import write_line
from streams.cli.reports import write_page
from streams.cli.running import run_async, settings_of
from streams.cli.tail import there
from streams.connection import reader
from streams.errors import ConfigError
from streams.member import counted
from streams.report.around import READING, Around

_KINDS = (Kind.OPENED, Kind.HANDOVER, Kind.POSTMORTEM)


class Known(NamedTuple):
    """An incident as it stands on its topic."""

    site: str
    came: datetime
    """When its first event came."""
    first: Told
    last: Told
    last_came: datetime
    reach: Radius
    """The widest of its events."""


def run(
    ctx: typer.Context,
    incident: Annotated[
        str, typer.Argument(help="Its id, or how it begins; the newest where none is given.")
    ] = "",
    *,
    kind: Annotated[
        Kind | None,
        typer.Option(help="opened, handover or postmortem; by its stage where none is given."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a CloudEvent.")] = False,
) -> None:
    """Print the report of an incident at once, by the template.

    Reads the topics, needs no reporter, writes nothing. Incidents and their ids are shown by
    `alltobit watch incidents --from-beginning --json`.
    """
    if kind is not None and kind not in _KINDS:
        mend = "give opened, handover or postmortem"
        raise ConfigError("kind", kind.value, "no kind of report of an incident", mend)
    event = run_async(_asked(settings_of(ctx), incident, kind))
    if as_json:
        write_line(event.model_dump_json())
    else:
        write_page(event.data.markdown)


async def _asked(settings: Settings, asked: str, kind: Kind | None) -> Event[Report]:
    """Report what is asked for. Raises `ConfigError` where that is not one incident."""
    found = await known(settings)
    fits = [number for number in found if number.startswith(asked)]
    if len(fits) != 1 and (asked or not fits):
        trouble = f"{len(fits)} incidents have an id that begins so" if fits else "no such incident"
        mend = "see `alltobit watch incidents --from-beginning --json` for ids"
        raise ConfigError("incident", asked, trouble, mend)
    return await made(settings, found[fits[-1]], kind)


async def made(settings: Settings, incident: Known, kind: Kind | None = None) -> Event[Report]:
    """Report an incident by the template; by its stage where no kind is given."""
    is_over = incident.last.data.stage.is_over
    kind = kind or (Kind.POSTMORTEM if is_over else Kind.OPENED)
    since = begins(incident.first, incident.came)
    later = timedelta(seconds=settings.reporter.postmortem_after_s)
    at = min(incident.last_came + later, datetime.now(UTC)) if is_over else datetime.now(UTC)
    due = Due(kind, incident.site, at, since, (summed_up(incident.last, incident.reach),))
    ours = settings.topics
    partitions = await counted(settings.kafka, [ours.anomalies, ours.alerts, ours.actions])
    async with reader(settings.kafka, **READING) as consumer:
        found = await Around(consumer, ours, partitions).of(due)
    record = record_of(due, found.anomalies, found.steps)
    return event_of(due, report(record, kind))


async def known(settings: Settings) -> dict[str, Known]:
    """Return the incidents that there are, those told last at the end."""
    found: dict[str, Known] = {}
    async for one in _told(settings):
        number = one.last.data.incident
        first = found.pop(number, one)
        reach = wider(first.reach, one.reach)
        found[number] = one._replace(came=first.came, first=first.first, reach=reach)
    return found


async def _told(settings: Settings) -> AsyncIterator[Known]:
    async with aclosing(there(settings.kafka, settings.topics.incidents)) as records:
        async for record in records:
            event = read(Source.INCIDENTS, record.value)
            if isinstance(event, Event) and isinstance(event.data, Incident):
                came = datetime.fromtimestamp(record.timestamp_ms / 1000, UTC)
                site = (record.key or b"").decode("utf-8", "replace")
                yield Known(site, came, event, event, came, event.data.radius)
