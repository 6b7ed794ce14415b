"""How the signals of an asset that are together not as they were are told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from models import happened as tell
from models.gaps import NEVER
from models.repair.law import a_second
from models.together.episodes import APART, MANY
from models.words import Told, fact, moment, number
from models.words import second as second_of
from schemas.anomaly import AnomalyKind, Ended
from schemas.events import Evidence, Fact, Hypothesis
from schemas.units import PointKind

if TYPE_CHECKING:
    import numpy as np

    from models.rows import Table
    from models.state import State
    from models.together.memory import Second

_ENDED = {tell.TOGETHER_BACK: Ended.RECOVERED, tell.TOGETHER_ADOPTED: Ended.ADOPTED}


def say(memory: State, row: np.void) -> Told:
    """Put an event of an asset's signals together into words."""
    asset_id, source = memory.names.asset_of[int(row["row"])], memory.sources[int(row["source"])]
    asset, cell = memory.names.assets[asset_id], memory.names.cells[asset_id]
    said, second = memory.together.told[int(row["binding"])]
    ended = _ENDED.get(int(row["what"]))
    facts = tuple(_fact(memory, row, one) for one in said)
    names = ", ".join(memory.names.point_of[one] for one in said["row"].tolist())
    most = f"; {names} say{'s' * (len(said) == 1)} most" if names else ""
    summary = {
        None: f"the signals of {asset} are together not as they were{most} "
        f"(score {float(row['score']):.1f})",
        Ended.RECOVERED: f"the signals of {asset} are together as they were again, after "
        f"{_lasted(row)}",
        Ended.ADOPTED: f"the signals of {asset} stay as they are together since {_lasted(row)}; "
        "this is told no longer",
    }[ended]
    evidence = Evidence(facts=facts, hypotheses=() if ended else tuple(_why(row, said, second)))
    who = (AnomalyKind.TOGETHER, asset, source.topic, source.partition)
    told = summary, evidence, ended, tuple(map(str, who))
    return Told(AnomalyKind.TOGETHER, asset, "", cell, "", *told)


def _lasted(row: np.void) -> str:
    return f"{(int(row['time_ns']) - int(row['since_ns'])) / 1e9:.0f} s"


def _why(row: np.void, said: Table, second: Second | None) -> Iterator[Hypothesis]:
    why, score = int(row["why"]), float(row["score"])
    if why == APART:
        yield Hypothesis(text="signals that moved together no longer do", score=score)
    elif why == MANY and len(said) > 1:
        text = "several signals are at the same time not as each of them was"
        yield Hypothesis(text=text, score=score)
    elif why == MANY:
        yield Hypothesis(text="one signal is far from what it was", score=score)
    if second is not None:
        yield Hypothesis(text=_second(second), score=second.score)


def _second(second: Second) -> str:
    """Return what river says."""
    if not second.knows:
        return "river's half-space trees have not seen enough frames yet to say anything"
    says = "are rarely" if second.score > 0.0 else "are often"
    text = f"river's half-space trees: the signals {says} so together (score {second.score:.1f})"
    if second.drifted_ns == NEVER:
        return f"{text}; their answers never drifted (Page-Hinkley)"
    return f"{text}; their answers drifted last at {second_of(second.drifted_ns)} (Page-Hinkley)"


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
        f"the {length_s:g} s to {second_of(end_ns)}; {by} {expected} (spread {usual})"
    )
    told = {"value": float(said["value"]), "unit": unit, "time": moment(end_ns)}
    return fact(memory.sources[int(row["source"])], int(row["offset"]), text, **told)


def _unit(memory: State, signal: int) -> str:
    """Return the unit of a signal's values: a counter's is a rate's."""
    known = memory.config.known(memory.names.point_of[signal])
    is_rate = known.kind is PointKind.COUNTER and memory.signals.all["point"][signal] >= 0
    return a_second(known.unit) if is_rate else known.unit
