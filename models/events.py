"""From what happened in the loop to events that people and programs read."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from models.anomaly import episode
from models.signals import ALERT
from models.trigger import BECAUSE, STATE
from schemas.anomaly import Anomaly, Ended
from schemas.events import Event, Evidence, Fact, Hypothesis, Kind
from schemas.telemetry import Source
from schemas.trigger import Alert, Rule, State

if TYPE_CHECKING:
    from models.state import State as Memory

Published = Event[Anomaly] | Event[Alert]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 1_900  # characters of a rule's own summary; `schemas.events.Text` takes 2,000
_KIND = {
    State.FIRING: Kind.ALERT_FIRING,
    State.HELD: Kind.ALERT_HELD,
    State.RESOLVED: Kind.ALERT_RESOLVED,
}
_ENDED = {episode.RECOVERED: Ended.RECOVERED, episode.ADOPTED: Ended.ADOPTED}


def moment(time_ns: int) -> datetime:
    """Return a time in UTC, to the microsecond."""
    return _EPOCH + timedelta(microseconds=time_ns // 1000)


def event_id(*parts: object) -> str:
    """Name an event by its content: 32 hex digits."""
    return blake2b("|".join(map(str, parts)).encode(), digest_size=16).hexdigest()


def event_of(memory: "Memory", row: np.void) -> Published:
    """Put one `models.signals.Happened` into words."""
    return _alert(memory, row) if row["what"] >= ALERT else _anomaly(memory, row)


def _fact(source: Source, offset: int, text: str, **more: Any) -> Fact:  # noqa: ANN401 - a fact's fields
    return Fact(text=text, topic=source.topic, partition=source.partition, offset=offset, **more)


def _anomaly(memory: "Memory", row: np.void) -> Event[Anomaly]:
    signal = int(row["row"])
    asset_id, point = memory.names.asset_of[signal], memory.names.point_of[signal]
    asset, cell = memory.names.assets[asset_id], memory.names.cells[asset_id]
    unit = memory.config.known(point).unit
    ended = _ENDED.get(int(row["what"]))
    value, centre, spread = float(row["value"]), float(row["centre"]), float(row["spread"])
    score, since = float(row["score"]), int(row["since_ns"])
    kind = Kind.ANOMALY_CLOSED if ended else Kind.ANOMALY_OPENED
    facts = [_sample_fact(memory, row, f"{asset} {point} was {_number(value, unit)}", unit)]
    if ended:
        began = memory.sources[int(row["since_source"])]
        text = f"{asset} {point} departed at {moment(since):%Y-%m-%dT%H:%M:%SZ}"
        facts.append(_fact(began, int(row["since_offset"]), text, time=moment(since)))
    distance = abs(value - centre) / spread
    text = f"departed from its centre of {_number(centre, unit)} by {distance:.1f} spreads"
    data = Anomaly(
        quality=_ratio(row["good"]),
        summary=_anomaly_summary(f"{asset} {point}", row, unit, ended),
        evidence=Evidence(facts=tuple(facts), hypotheses=(Hypothesis(text=text, score=score),)),
        asset=asset,
        point=point,
        cell=cell,
        value=value,
        unit=unit,
        expected=centre,
        spread=spread,
        score=score,
        since=moment(since),
        ended=ended,
    )
    return Event[Anomaly](
        id=event_id(kind, asset, point, since, int(row["time_ns"])),
        source=f"/alltobit/{memory.config.site}",
        type=kind,
        subject=f"{asset}/{point}",
        time=moment(int(row["time_ns"])),
        dataschema="urn:alltobit:schema:anomaly:1",
        data=data,
    )


def _anomaly_summary(name: str, row: np.void, unit: str, ended: Ended | None) -> str:
    value, centre = _number(float(row["value"]), unit), _number(float(row["centre"]), unit)
    lasted = (int(row["time_ns"]) - int(row["since_ns"])) / 1e9
    if ended is Ended.RECOVERED:
        return f"{name} is back to normal: {value} after {lasted:.0f} s"
    if ended is Ended.ADOPTED:
        return f"{name} stays at {value} since {lasted:.0f} s; this is now its normal level"
    return f"{name} is {value}, expected about {centre} (score {float(row['score']):.1f})"


def _alert(memory: "Memory", row: np.void) -> Event[Alert]:
    signal, what = int(row["row"]), int(row["what"]) - ALERT
    rule = memory.config.rules[int(memory.bindings.all["rule"][int(row["binding"])])]
    asset_id, point = memory.names.asset_of[signal], memory.names.point_of[signal]
    asset, cell = memory.names.assets[asset_id], memory.names.cells[asset_id]
    unit = memory.config.known(point).unit
    value, since, state = float(row["value"]), int(row["since_ns"]), STATE[what]
    data = Alert(
        quality=_ratio(row["good"]),
        summary=_alert_summary(rule, state, (asset, point, _number(value, unit), unit)),
        evidence=Evidence(
            facts=(_sample_fact(memory, row, f"{asset} {point} was {_number(value, unit)}", unit),)
        ),
        rule=rule.name,
        asset=asset,
        point=point,
        cell=cell,
        state=state,
        because=BECAUSE[what],
        severity=rule.severity,
        level=rule.level,
        value=value,
        unit=unit,
        limit=rule.limit,
        since=moment(since),
        labels=rule.labels,
    )
    return Event[Alert](
        id=event_id(_KIND[state], rule.name, asset, point, since, int(row["time_ns"])),
        source=f"/alltobit/{memory.config.site}",
        type=_KIND[state],
        subject=f"{rule.name}/{asset}/{point}",
        time=moment(int(row["time_ns"])),
        dataschema="urn:alltobit:schema:alert:1",
        data=data,
    )


def _sample_fact(memory: "Memory", row: np.void, text: str, unit: str) -> Fact:
    source = memory.sources[int(row["source"])]
    # A rule that waited cites the sample that began it.
    time_ns = int(row["time_ns"] if row["what"] < ALERT else row["since_ns"])
    if row["offset"] != row["since_offset"]:
        time_ns = int(row["time_ns"])
    value = float(row["value"])
    return _fact(source, int(row["offset"]), text, value=value, unit=unit, time=moment(time_ns))


def _alert_summary(rule: Rule, state: State, about: tuple[str, str, str, str]) -> str:
    asset, point, value, unit = about
    side = "above" if rule.above is not None else "below"
    limit = _number(rule.limit, unit)
    if state is State.RESOLVED:
        return f"{rule.name}: {asset} {point} is back at {value}"
    text = f"{rule.name}: {asset} {point} is {value}, {side} {limit} for {rule.for_s:g} s"
    if rule.summary:
        told = rule.summary
        for name, word in zip(("{asset}", "{point}", "{value}", "{unit}"), about, strict=True):
            told = told.replace(name, word)
        text = _shortened(told) or text
    return f"{text} (held back: poor data)" if state is State.HELD else text


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _number(value: float, unit: str) -> str:
    return f"{value:.6g} {unit}".strip()


def _ratio(value: float) -> float:
    return min(max(round(float(value), 4), 0.0), 1.0)
