"""Incidents as they come over Kafka, for what reports them."""

from datetime import UTC, datetime, timedelta

from models.ids import event_id
from schemas.anomaly import Anomaly
from schemas.cascade import AssetKind, Cause, Fault, Follower, Incident, Radius, Stage
from schemas.events import Event, Evidence, Fact, Kind

START = datetime(2026, 3, 28, 12, tzinfo=UTC)


def at(seconds):
    """Return a moment of the tests' own day."""
    return START + timedelta(seconds=seconds)


def incident(name, stage=Stage.OPENED, time=START, since=None, site="site", **more):
    """Return an event of an incident; when it is over it reaches nothing any more."""
    gpus = more.pop("gpus", 8)
    reach = 0 if stage is Stage.RESOLVED else gpus
    cause = f"chiller-{name}"
    data = Incident(
        quality=0.9,
        summary=f"{cause} cools less",
        evidence=Evidence(
            facts=(
                Fact(
                    text=f"{cause} Power was 3 kW",
                    value=3.0,
                    unit="kW",
                    time=since or time,
                    topic="telemetry.facility",
                    partition=0,
                    offset=7,
                ),
            )
        ),
        incident=event_id("incident", site, name),
        stage=stage,
        since=since or time,
        causes=(
            Cause(
                asset=cause,
                kind=AssetKind.CHILLER,
                fault=Fault.COOLING,
                probability=0.8,
                since=since or time,
                text="it cools less",
            ),
        ),
        followers=(Follower(asset=f"rack-{name}", kind=AssetKind.RACK, via=(), delay_s=30.0),),
        folded=5,
        radius=Radius(assets=reach and 2, gpus=reach, jobs=reach and 1),
        **more,
    )
    return Event[Incident](
        id=event_id(data.incident, stage, time),
        source=f"/alltobit/{site}",
        type=Kind(f"io.alltobit.incident.{stage}"),
        subject=f"incident/{data.incident}",
        time=time,
        dataschema="urn:alltobit:schema:incident:1",
        data=data,
    )


def anomaly(asset, time, point="Vibration", value=9.0, **more):
    """Return an anomaly of an asset."""
    data = Anomaly(
        quality=0.9,
        summary=f"{asset} {point} was {value}",
        evidence=Evidence(
            facts=(
                Fact(
                    text=f"{asset} {point} was {value:g} mm/s",
                    value=value,
                    unit="mm/s",
                    time=time,
                    topic="telemetry.facility",
                    partition=0,
                    offset=8,
                ),
            )
        ),
        asset=asset,
        point=point,
        cell="cooling",
        value=value,
        unit="mm/s",
        expected=2.0,
        spread=0.1,
        score=9.0,
        since=time,
    )
    given = {"source": "/alltobit/site", **more}
    return Event[Anomaly](
        id=event_id("anomaly", asset, point, time, given["source"]),
        type=Kind.ANOMALY_OPENED,
        subject=f"{asset}/{point}",
        time=time,
        dataschema="urn:alltobit:schema:anomaly:1",
        data=data,
        **given,
    )
