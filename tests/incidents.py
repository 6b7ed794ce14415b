"""Incidents, faults and anomalies made by hand, for what judges them."""

from datetime import UTC, datetime, timedelta
from hashlib import md5

from models.evaluate.cascade.record import Case, Record, Sign, Telling
from models.simulate import Fault as Break
from schemas.cascade import Cause, Fault, Follower, Incident, Next, Radius, Stage
from schemas.events import Evidence

START_S = 1_000_000_000.0


def moment(at_s):
    return datetime.fromtimestamp(START_S, UTC) + timedelta(seconds=at_s)


def telling(at_s, *causes, name="a", since_s=None, stage=Stage.UPDATED, followers=(), **more):
    """Return an event of incident `name`; `coming`: (asset, probability, p50) of who is next."""
    since = moment(at_s if since_s is None else since_s)
    coming = more.pop("coming", ())
    body = Incident(
        quality=1.0,
        summary="x",
        evidence=Evidence(facts=()),
        incident=md5(name.encode(), usedforsecurity=False).hexdigest(),
        stage=stage,
        since=since,
        causes=tuple(
            Cause(asset=one, fault=Fault.COMPUTE, probability=0.5, since=since, text="x")
            for one in causes
        ),
        followers=tuple(Follower(asset=one, via=(), delay_s=1.0) for one in followers),
        radius=Radius(assets=1, gpus=0, jobs=0),
        folded=more.pop("folded", 1),
        spread=tuple(
            Next(asset=one, probability=p, p10=moment(s), p50=moment(s), p90=moment(s), via=())
            for one, p, s in coming
        ),
    )
    return Telling(at_s, body)


def case(asset="gpu0", start_s=100.0, lasts_s=100.0, moved=None):
    """Return a fault of `asset` that moved assets at times."""
    fault = Break("ecc_storm", asset, start_s, lasts_s)
    return Case(fault, "", {asset: start_s} if moved is None else moved)


def record(*cases, tellings=(), signs=(), healthy_s=(0.0, 50.0), until_s=1000.0):
    """Return a run of 500 GPUs."""
    made = Record(START_S, 500, healthy_s, until_s, tuple(cases))
    made.tellings.extend(tellings)
    made.signs.extend(Sign(*one) for one in signs)
    return made
