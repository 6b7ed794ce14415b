"""Compile the loops of the cascade before the first anomaly: two nodes, of which one gets hot."""

from datetime import timedelta

from models.cascade.drive import Watch
from models.progress import progress_event
from models.words import moment
from schemas.anomaly import Anomaly
from schemas.events import Event, Evidence, Kind

_SECOND = 1_000_000_000
_ASSETS = ("node-1/gpu0", "node-1/gpu1", "node-2/gpu0")


def warm_up_cascade() -> int:
    """Let a guessed site have an incident; return the events of it."""
    watch = Watch.of("warm")
    told = [one for name in _ASSETS for one in watch.take(_hot(name), 0)]
    for second in (0, 30, 60):
        told += watch.take(progress_event("warm", 0, second * _SECOND), 0)
    return len(told)


def _hot(asset: str) -> Event[Anomaly]:
    return Event[Anomaly](
        id=f"{_ASSETS.index(asset):032x}",
        source="/alltobit/warm",
        type=Kind.ANOMALY_OPENED,
        subject=asset,
        time=moment(0) + timedelta(seconds=10),
        dataschema="urn:alltobit:schema:anomaly:1",
        data=Anomaly(
            quality=1.0,
            summary="it is hot",
            evidence=Evidence(facts=()),
            asset=asset,
            point="temp",
            cell="node-1",
            value=90.0,
            expected=60.0,
            spread=1.0,
            score=20.0,
            since=moment(10 * _SECOND),
        ),
    )
