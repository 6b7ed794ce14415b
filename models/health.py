"""Health events that messages tell, in our envelope: stateless, so ingest tells them on."""

from models.events import event_id, moment
from schemas.events import Event, Evidence, Fact, Kind
from schemas.health import HealthReport
from schemas.telemetry import Health, Source

Reported = Event[HealthReport]

_LONGEST = 1_900  # characters of a summary; `schemas.events.Text` takes 2,000


def reported(site: str, health: Health, source: Source, offset: int) -> Reported:
    """Put a health event into our envelope; the same event told again has the same id."""
    word = "healthy" if health.healthy else "fatal" if health.fatal else "unhealthy"
    text = f"{health.asset} is {word} by {health.check}: {health.text or 'no words'}"[:_LONGEST]
    fact = Fact(
        text=text,
        time=moment(health.time_ns),
        topic=source.topic,
        partition=source.partition,
        offset=offset,
    )
    return Reported(
        id=event_id(
            Kind.HEALTH_REPORTED, health.asset, health.check, health.time_ns, health.healthy
        ),
        source=f"/alltobit/{site}",
        type=Kind.HEALTH_REPORTED,
        subject=f"{health.asset}/{health.check}",
        time=moment(health.time_ns),
        dataschema="urn:alltobit:schema:health:1",
        data=HealthReport(
            quality=1.0,
            summary=text,
            evidence=Evidence(facts=(fact,)),
            asset=health.asset,
            check=health.check,
            healthy=health.healthy,
            fatal=health.fatal,
            said=health.text,
            action=health.action,
            codes=health.codes,
            entities=health.entities,
            since=moment(health.time_ns),
        ),
    )
