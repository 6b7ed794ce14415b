"""Incidents of a test, from a few words to the events that the cascade would publish."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from models.events import event_id
from schemas.cascade import Cause, Follower, Incident, Next, Radius, Stage
from schemas.events import Event, Evidence, Kind
from schemas.trigger.incident_test import SaidCause, SaidIncident, SaidNext

_FIRST: dict[str, Any] = {
    "summary": "an incident",
    "quality": 1.0,
    "causes": (),
    "followers": (),
    "unexplained": (),
    "folded": 1,
    "radius": Radius(assets=1, gpus=0, jobs=0),
    "spread": (),
}


def named(incident: str) -> str:
    """Return the id of an incident of a test."""
    return event_id("incident", incident)


def events(said: Iterable[SaidIncident], start: datetime) -> Iterator[Event[Incident]]:
    """Return the events, in order of time; `start`: of the first samples."""
    known: dict[str, dict[str, Any]] = {}
    for one in sorted(said, key=lambda one: one.at):
        time, before = start + timedelta(seconds=one.at), known.get(one.incident)
        now = (before or {**_FIRST, "since": time}) | dict(_now(one, time))
        known[one.incident] = now
        stage = one.stage or (Stage.UPDATED if before else Stage.OPENED)
        yield _event(one.incident, now, stage, time)


def _now(said: SaidIncident, time: datetime) -> Iterator[tuple[str, Any]]:
    """Return what an event says anew."""
    for name in _FIRST:
        value = getattr(said, name)
        if value is None:
            continue
        match name:
            case "causes":
                yield name, tuple(_cause(one, time) for one in value)
            case "spread":
                yield name, tuple(_next(one, time) for one in value)
            case "followers":
                yield name, tuple(Follower(asset=one, via=(), delay_s=0.0) for one in value)
            case "radius":
                yield name, Radius(**value.model_dump())
            case _:
                yield name, value


def _cause(said: SaidCause, time: datetime) -> Cause:
    return Cause(**said.model_dump(), since=time, text=f"{said.asset} is thought to have begun it")


def _next(said: SaidNext, time: datetime) -> Next:
    when = time + timedelta(seconds=said.within)
    told = said.model_dump(exclude={"within"})
    return Next(**told, p10=when, p50=when, p90=when, via=())


def _event(name: str, now: dict[str, Any], stage: Stage, time: datetime) -> Event[Incident]:
    data = Incident(**now, incident=named(name), stage=stage, evidence=Evidence(facts=()))
    return Event[Incident](
        id=event_id(name, stage, time.isoformat()),
        source="/alltobit/test",
        type=Kind(f"io.alltobit.incident.{stage}"),
        subject=name,
        time=time,
        dataschema="urn:alltobit:schema:incident:1",
        data=data,
    )
