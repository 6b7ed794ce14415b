"""From what happened in the loop to events that people and programs read."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from models import capacity
from models import happened as tell
from models.anomaly import episode
from models.ids import event_id
from models.telling import DETECTOR, say
from models.trigger import flood_words
from models.trigger.limit import BECAUSE, STATE
from models.trigger.machine import words
from models.words import filled, mended, moment, number, sample_fact, shortened, unit_of
from schemas.anomaly import Anomaly, AnomalyKind
from schemas.events import Event, Evidence, Kind
from schemas.trigger import Alert, Rule, State

if TYPE_CHECKING:
    from models.state import State as Memory

__all__ = ["Published", "event_id", "event_of", "moment"]

Published = Event[Anomaly] | Event[Alert]

_JUDGED = frozenset({AnomalyKind.LEVEL, AnomalyKind.TOGETHER})
_KIND = {
    State.FIRING: Kind.ALERT_FIRING,
    State.HELD: Kind.ALERT_HELD,
    State.RESOLVED: Kind.ALERT_RESOLVED,
}


def event_of(memory: "Memory", row: np.void) -> Published:
    """Put one `models.rows.Happened` into words."""
    what = int(row["what"])
    if what >= tell.FLOOD:
        return _raised(memory, row, *flood_words.alert(memory, row))
    if what >= tell.CONDITION:
        return _raised(memory, row, *words.alert(memory, row))
    if tell.ALERT <= what < tell.EVENT_CAME and not capacity.is_own(memory, row):
        return _alert(memory, row)
    return _anomaly(memory, row)


def _anomaly(memory: "Memory", row: np.void) -> Event[Anomaly]:
    told = say(memory, row)
    since = int(row["since_ns"])
    is_worse = row["what"] == episode.GREW
    kind = Kind.ANOMALY_UPDATED if is_worse else Kind.ANOMALY_OPENED
    kind = Kind.ANOMALY_CLOSED if told.ended else kind
    is_limit, full = told.kind is AnomalyKind.LIMIT, memory.config.known(told.point).capacity
    expected = full if is_limit else float(row["centre"])
    data = Anomaly(
        kind=told.kind,
        quality=_ratio(row["good"]),
        summary=shortened(told.summary),
        evidence=told.evidence,
        asset=told.asset,
        point=told.point,
        cell=told.cell,
        value=float(row["value"]),
        unit=told.unit,
        expected=expected,
        spread=float(row["spread"]),
        score=float(row["score"]),
        detector=DETECTOR.get(int(row["why"])) if told.kind in _JUDGED else None,
        interval_s=float(f"{float(row['interval']):.4g}"),
        since=moment(since),
        ended=told.ended,
    )
    return Event[Anomaly](
        id=event_id(kind, *told.who, since, int(row["time_ns"])),
        source=f"/alltobit/{memory.config.site}",
        type=kind,
        subject=f"{told.asset}/{told.point}" if told.point else told.asset,
        time=moment(int(row["time_ns"])),
        dataschema="urn:alltobit:schema:anomaly:1",
        data=data,
    )


def _alert(memory: "Memory", row: np.void) -> Event[Alert]:
    signal, what = int(row["row"]), int(row["what"]) - tell.ALERT
    rule = memory.config.rules[int(memory.bindings.all["rule"][int(row["binding"])])]
    asset_id, point = memory.names.asset_of[signal], memory.names.point_of[signal]
    asset, cell = memory.names.assets[asset_id], memory.names.cells[asset_id]
    known = memory.config.known(point)
    unit, name = unit_of(known, row), f"{asset} {point}"
    value, since, state = float(row["value"]), int(row["since_ns"]), STATE[what]
    said = {"asset": asset, "point": point, "value": number(value, unit), "unit": unit}
    said |= {f"labels.{name}": one for name, one in rule.labels.items()}
    data = Alert(
        quality=_ratio(row["good"]),
        summary=_alert_summary(rule, state, said),
        evidence=Evidence(
            facts=(
                sample_fact(memory, row, f"{name} was {number(value, unit)}", unit),
                *mended(memory, row, name, known),
            )
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
        annotations={name: filled(text, said) for name, text in rule.annotations.items()},
        then=rule.then,
    )
    return _raised(memory, row, data, (rule.name, asset, point))


def _raised(memory: "Memory", row: np.void, data: Alert, who: tuple[object, ...]) -> Event[Alert]:
    kind, time_ns = _KIND[data.state], int(row["time_ns"])
    return Event[Alert](
        id=event_id(kind, *who, int(row["since_ns"]), time_ns),
        source=f"/alltobit/{memory.config.site}",
        type=kind,
        subject="/".join(map(str, who)),
        time=moment(time_ns),
        dataschema="urn:alltobit:schema:alert:1",
        data=data,
    )


def _alert_summary(rule: Rule, state: State, said: Mapping[str, str]) -> str:
    asset, point, value, unit = (said[name] for name in ("asset", "point", "value", "unit"))
    side = "above" if rule.above is not None else "below"
    limit = number(rule.limit, unit)
    if state is State.RESOLVED:
        return f"{rule.name}: {asset} {point} is back at {value}"
    text = f"{rule.name}: {asset} {point} is {value}, {side} {limit} for {rule.for_s:g} s"
    if rule.summary:
        text = shortened(filled(rule.summary, said)) or text
    return f"{text} (held back: poor data)" if state is State.HELD else text


def _ratio(value: float) -> float:
    return min(max(round(float(value), 4), 0.0), 1.0)
