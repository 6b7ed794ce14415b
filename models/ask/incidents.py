"""Incidents in lines, and who is next."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

from models.report.say import cut, utc
from schemas.ask.answer import IncidentLine, Spread
from schemas.ask.question import Standing
from schemas.cascade import Fault, Incident
from schemas.events import Event

LINE: Final = 400


class Which(NamedTuple):
    """Which incidents are asked for."""

    state: Standing = Standing.ANY
    site: str = ""
    since: datetime | None = None


def chosen(events: Iterable[Event[Incident]], which: Which) -> list[Event[Incident]]:
    """Return incidents: those that are open first, then the newest."""
    fit = [one for one in events if _fits(one, which)]
    fit.sort(key=lambda one: (utc(one.time), one.id), reverse=True)
    return sorted(fit, key=lambda one: one.data.stage.is_over)


def site_of(event: Event[Any]) -> str:
    """Return the site that an event is of: `/alltobit/SITE`."""
    return event.source.rsplit("/", 1)[-1]


def _fits(event: Event[Incident], which: Which) -> bool:
    is_over = event.data.stage.is_over
    if which.state is not Standing.ANY and is_over != (which.state is Standing.OVER):
        return False
    if which.site and site_of(event) != which.site:
        return False
    return which.since is None or utc(event.time) >= which.since


def line(event: Event[Incident]) -> IncidentLine:
    """Return an incident in a line."""
    data = event.data
    cause = data.causes[0] if data.causes else None
    return IncidentLine(
        id=data.incident,
        site=site_of(event),
        stage=data.stage,
        since=utc(data.since),
        time=utc(event.time),
        cause=cut(" - ".join(cause.ends) or cause.asset, LINE) if cause else "",
        fault=cause.fault if cause else Fault.UNKNOWN,
        probability=cause.probability if cause else None,
        assets=data.radius.assets,
        gpus=data.radius.gpus,
        jobs=data.radius.jobs,
        anomalies=data.folded,
        next=len(data.spread),
        quality=data.quality,
        summary=cut(data.summary, LINE),
    )


def spread(event: Event[Incident], limit: int) -> Spread:
    """Return who is next, the most likely first."""
    data = event.data
    coming = sorted(data.spread, key=lambda one: (-one.probability, utc(one.p50), one.asset))
    told = tuple(one.model_copy(update={"asset": cut(one.asset, LINE)}) for one in coming[:limit])
    over = "it is over: nobody is next" if data.stage.is_over else ""
    return Spread(
        id=data.incident,
        stage=data.stage,
        time=utc(event.time),
        radius=data.radius,
        next=told,
        left_out=len(coming) - len(told),
        note=over or ("" if coming else "who is next could not be foretold"),
    )
