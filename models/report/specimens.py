"""Incidents by chance, as varied as the schema allows: what writers are tried on.

Names, points, units and sizes are those of the simulated plant and of public sites; which fault,
how many anomalies (log-uniform), and all values are drawn. The same seed gives the same incidents.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from models.cascade.words import FAULT
from models.ids import event_id
from models.report.say import number, percent
from models.report.troubles import FOLLOWS, TROUBLES, Signal, Trouble
from schemas.anomaly import Anomaly, AnomalyKind, Detector, Ended
from schemas.cascade import (
    AssetKind,
    Cause,
    Count,
    Follower,
    Incident,
    Next,
    Outcome,
    Radius,
    Stage,
)
from schemas.events import Event, Evidence, Fact, Hypothesis, Kind

LEAST, MOST = 5, 2_000
"""Anomalies of an incident."""
_START: Final = datetime(2026, 3, 4, tzinfo=UTC)
_DAY_S = 86_400.0

Chance = np.random.Generator


class Specimen(NamedTuple):
    """An incident, and the anomalies that it stands for."""

    event: Event[Incident]
    anomalies: list[Event[Anomaly]]


def specimens(seed: int, many: int, most: int = MOST) -> Iterator[Specimen]:
    """Yield incidents with up to `most` anomalies each."""
    for i in range(many):
        yield specimen(np.random.default_rng([seed, i]), most)


def specimen(rng: Chance, most: int = MOST) -> Specimen:
    """Return one incident."""
    trouble = TROUBLES[int(rng.integers(len(TROUBLES)))]
    since = _START + timedelta(seconds=round(float(rng.uniform(0.0, 30 * _DAY_S)), 3))
    many = round(float(np.exp(rng.uniform(np.log(LEAST), np.log(most)))))
    ends = tuple(_name(rng, name) for name in (trouble.name, trouble.other) if name)
    followers = [_follower(rng, trouble) for _ in range(int(rng.integers(1, 20)))]
    anomalies = [*_anomalies(rng, (trouble, ends, followers), since, many)]
    return Specimen(_event(rng, (trouble, ends, followers), since, anomalies), anomalies)


Story = tuple[Trouble, tuple[str, ...], list[Follower]]
"""What breaks, where, and who follows."""


def _name(rng: Chance, pattern: str) -> str:
    return pattern.format(*(int(n) for n in rng.integers(1, 90, 2)))


def _follower(rng: Chance, trouble: Trouble) -> Follower:
    kind, name, _ = FOLLOWS[int(rng.integers(len(FOLLOWS)))]
    delay_s = round(float(rng.exponential(90.0)), 3)
    return Follower(asset=_name(rng, name), kind=kind, via=(trouble.via,), delay_s=delay_s)


def _anomalies(rng: Chance, story: Story, since: datetime, many: int) -> Iterator[Event[Anomaly]]:
    trouble, ends, followers = story
    own_s = 0.0
    for i in range(many):
        if i < len(ends) or rng.random() < 0.1:  # noqa: PLR2004 - a tenth at the cause
            asset, signal = ends[i % len(ends)], trouble.signal
            after_s, own_s = own_s, own_s + float(rng.exponential(20.0))
        else:
            one = followers[int(rng.integers(len(followers)))]
            asset = one.asset
            fits = [signal for kind, _, signal in FOLLOWS if kind is one.kind]
            signal = fits[int(rng.integers(len(fits)))]
            after_s = one.delay_s + float(rng.exponential(60.0))
        yield _anomaly(rng, (asset, signal), since + timedelta(seconds=round(after_s, 3)), i)


def _anomaly(rng: Chance, where: tuple[str, Signal], time: datetime, i: int) -> Event[Anomaly]:
    asset, signal = where
    spread = max(signal.usual * 0.02, 0.1)
    expected = round(float(rng.normal(signal.usual, spread)), 3)
    value = round(expected + spread * float(rng.uniform(6.0, 60.0)), 3)
    score = round(float(rng.uniform(6.0, 40.0)), 2)
    is_over = rng.random() < 0.2  # noqa: PLR2004 - a fifth come back
    kind = Kind.ANOMALY_CLOSED if is_over else Kind.ANOMALY_OPENED
    text = f"{asset} {signal.point} was {number(value, signal.unit)}"
    place = {"topic": "telemetry.gpu", "partition": int(rng.integers(8)), "offset": 1_000 + 7 * i}
    fact = Fact(text=text, value=value, unit=signal.unit, time=time, **place)
    data = Anomaly(
        quality=round(float(rng.uniform(0.85, 1.0)), 4),
        summary=f"{text}, expected {number(expected, signal.unit)}",
        evidence=Evidence(
            facts=(fact,), hypotheses=(Hypothesis(text=f"{signal.point} has moved", score=score),)
        ),
        kind=AnomalyKind.LEVEL if rng.random() < 0.9 else AnomalyKind.PEER,  # noqa: PLR2004 - as a rule
        asset=asset,
        point=signal.point,
        cell=asset.split("/")[0],
        value=value,
        unit=signal.unit,
        expected=expected,
        spread=round(spread, 4),
        score=score,
        detector=Detector.JUMP,
        since=time,
        ended=Ended.RECOVERED if is_over else None,
    )
    return Event[Anomaly](
        id=event_id(kind, asset, signal.point, time, i),
        source="/alltobit/specimen",
        type=kind,
        subject=f"{asset}/{signal.point}",
        time=time,
        dataschema="urn:alltobit:schema:anomaly:1",
        data=data,
    )


def _event(
    rng: Chance, story: Story, since: datetime, anomalies: list[Event[Anomaly]]
) -> Event[Incident]:
    trouble, ends, followers = story
    stage = (Stage.OPENED, Stage.UPDATED, Stage.RESOLVED)[int(rng.integers(3))]
    time = since + timedelta(seconds=round(float(rng.uniform(5.0, 7_000.0)), 3))
    sure = round(float(rng.uniform(0.5, 0.98)), 3)
    where = " - ".join(ends)
    assets = {one.data.asset for one in anomalies}
    body = Incident(
        quality=round(float(rng.uniform(0.8, 1.0)), 4),
        summary=f"{where}: {FAULT[trouble.fault]}; {len(assets) - 1} assets follow",
        evidence=Evidence(
            facts=tuple(one.data.evidence.facts[0] for one in anomalies[:12]),
            hypotheses=(
                Hypothesis(text=f"{where}: {FAULT[trouble.fault]} ({percent(sure)})", score=9.5),
            ),
            unknowns=("2 assets are not in the site graph, pdu-x9 among them",)
            if rng.random() < 0.3  # noqa: PLR2004 - now and then
            else (),
        ),
        incident=event_id("specimen", *ends, since),
        stage=stage,
        since=since,
        causes=tuple(_causes(rng, story, since, sure)),
        followers=tuple(followers),
        counts=tuple(_counts(followers, anomalies)),
        unexplained=("spine-9", "node-777/gpu1") if rng.random() < 0.3 else (),  # noqa: PLR2004
        folded=len(anomalies),
        radius=Radius(assets=len(assets), gpus=int(rng.integers(500)), jobs=int(rng.integers(9))),
        spread=tuple(_coming(rng, trouble, time) for _ in range(int(rng.integers(6)))),
        outcomes=tuple(_came(rng, time) for _ in range(int(rng.integers(3)))),
    )
    return Event[Incident](
        id=event_id(stage, body.incident, time),
        source="/alltobit/specimen",
        type=Kind(f"io.alltobit.incident.{stage}"),
        subject=where,
        time=time,
        dataschema="urn:alltobit:schema:incident:1",
        data=body,
    )


def _causes(rng: Chance, story: Story, since: datetime, sure: float) -> Iterator[Cause]:
    trouble, ends, _ = story
    yield Cause(
        asset=ends[0],
        kind=trouble.kind,
        ends=ends if trouble.other else (),
        medium=trouble.medium,
        fault=trouble.fault,
        probability=sure,
        since=since,
        text=f"{FAULT[trouble.fault]}: {ends[0]} is not as it was",
    )
    if rng.random() < 0.6:  # noqa: PLR2004 - most have a rival
        other = TROUBLES[int(rng.integers(len(TROUBLES)))]
        yield Cause(
            asset=_name(rng, other.name),
            kind=other.kind,
            fault=other.fault,
            probability=round((1.0 - sure) * float(rng.uniform(0.2, 0.9)), 3),
            since=since + timedelta(seconds=7),
            text=f"{FAULT[other.fault]}: it shows nothing itself; what depends on it does",
        )


def _counts(followers: list[Follower], anomalies: list[Event[Anomaly]]) -> Iterator[Count]:
    kinds = {one.asset: one.kind for one in followers}
    some: dict[AssetKind, list[str]] = {}
    for event in anomalies:
        asset = event.data.asset
        some.setdefault(kinds.get(asset, AssetKind.OTHER), []).append(asset)
    for kind, assets in sorted(some.items()):
        yield Count(kind=kind, assets=len(set(assets)), anomalies=len(assets))


def _coming(rng: Chance, trouble: Trouble, time: datetime) -> Next:
    kind, name, _ = FOLLOWS[int(rng.integers(len(FOLLOWS)))]
    p10, p50, p90 = (time + timedelta(seconds=float(s)) for s in np.cumsum(rng.uniform(5, 900, 3)))
    chance = round(float(rng.uniform(0.1, 0.99)), 3)
    return Next(
        asset=_name(rng, name),
        kind=kind,
        probability=chance,
        p10=p10,
        p50=p50,
        p90=p90,
        via=(trouble.via,),
    )


def _came(rng: Chance, time: datetime) -> Outcome:
    expected = time - timedelta(seconds=float(rng.uniform(0, 600)))
    reached = expected + timedelta(seconds=float(rng.normal(0, 60)))
    is_in = rng.random() < 0.7  # noqa: PLR2004 - most come
    asset = _name(rng, "node-{:03d}/gpu{}")
    chance = round(float(rng.uniform(0.3, 0.95)), 3)
    return Outcome(
        asset=asset, probability=chance, expected=expected, reached=reached if is_in else None
    )
