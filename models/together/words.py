"""How the signals of an asset that are together not as they were are told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from models import happened as tell
from models.repair.law import a_second
from models.together.episodes import APART
from models.words import Told, fact, moment, number, second
from schemas.anomaly import AnomalyKind, Ended
from schemas.events import Evidence, Fact, Hypothesis
from schemas.units import PointKind

if TYPE_CHECKING:
    import numpy as np

    from models.state import State

_ENDED = {tell.TOGETHER_BACK: Ended.RECOVERED, tell.TOGETHER_ADOPTED: Ended.ADOPTED}


def say(memory: State, row: np.void) -> Told:
    """Put an event of an asset's signals together into words."""
    asset_id, source = memory.names.asset_of[int(row["row"])], memory.sources[int(row["source"])]
    asset, cell = memory.names.assets[asset_id], memory.names.cells[asset_id]
    said, ended = list(_said(memory, row)), _ENDED.get(int(row["what"]))
    facts = tuple(_fact(memory, row, one) for one in said)
    about = f"{int(row['third'])} of its signals say most" if len(said) > 1 else "one says most"
    hypotheses = (
        (Hypothesis(text=_why(int(row["why"]), said), score=float(row["score"])),) if said else ()
    )
    names = ", ".join(memory.names.point_of[int(one["row"])] for one in said)
    summary = {
        None: f"the signals of {asset} are together not as they were; {about}: {names} "
        f"(score {float(row['score']):.1f})",
        Ended.RECOVERED: f"the signals of {asset} are together as they were again, after "
        f"{_lasted(row)}",
        Ended.ADOPTED: f"the signals of {asset} stay as they are together since {_lasted(row)}; "
        "this is told no longer",
    }[ended]
    evidence = Evidence(facts=facts, hypotheses=() if ended else hypotheses)
    who = (AnomalyKind.TOGETHER, asset, source.topic, source.partition)
    told = summary, evidence, ended, tuple(map(str, who))
    return Told(AnomalyKind.TOGETHER, asset, "", cell, "", *told)


def _said(memory: State, row: np.void) -> Iterator[np.void]:
    """Yield the `models.together.row.Said` that an event is about."""
    first = int(row["binding"])
    for table in memory.together.told:
        if first < len(table):
            yield from table[: int(row["third"])]
            return
        first -= len(table)


def _lasted(row: np.void) -> str:
    return f"{(int(row['time_ns']) - int(row['since_ns'])) / 1e9:.0f} s"


def _why(why: int, said: list[np.void]) -> str:
    if why == APART:
        return "signals that moved together no longer do"
    if len(said) > 1:
        return "several signals are at the same time not as each of them was"
    return "one signal is far from what it was"


def _fact(memory: State, row: np.void, said: np.void) -> Fact:
    """Say what a signal was, and what was expected of it."""
    signal, end_ns = int(said["row"]), int(row["time_ns"])
    point = memory.names.point_of[signal]
    unit = _unit(memory, signal)
    value, expected = (number(float(said[name]), unit) for name in ("value", "expected"))
    usual = number(float(said["spread"]), unit)
    by = "the others let expect" if said["is_apart"] else "its centre is"
    length_s = memory.config.frame_ns / 1e9
    text = (
        f"{memory.names.assets[memory.names.asset_of[signal]]} {point} was {value} on average in "
        f"the {length_s:g} s to {second(end_ns)}; {by} {expected} (spread {usual})"
    )
    told = {"value": float(said["value"]), "unit": unit, "time": moment(end_ns)}
    return fact(memory.sources[int(row["source"])], int(row["offset"]), text, **told)


def _unit(memory: State, signal: int) -> str:
    """Return the unit of a signal's values: a counter's is a rate's."""
    known = memory.config.known(memory.names.point_of[signal])
    is_rate = known.kind is PointKind.COUNTER and memory.signals.all["point"][signal] >= 0
    return a_second(known.unit) if is_rate else known.unit
