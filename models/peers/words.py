"""How one that stands out among its peers is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.words import fact, moment, number, second
from schemas.anomaly import Ended
from schemas.events import Evidence, Fact, Hypothesis

if TYPE_CHECKING:
    import numpy as np

    from models.state import State
    from models.telling import About

FEW = 3  # peers that are named


def stands_out(about: About) -> tuple[str, Evidence]:
    """Return the summary and the evidence of one that stands out, or does so no more."""
    row, unit = about.row, about.unit
    expected, many = about.value("centre"), f"{int(row['third'])} peers"
    named = _names(about.memory, row)
    away = (float(row["value"]) - float(row["centre"])) / float(row["spread"])
    text = (
        f"is {abs(away):.1f} spreads of {number(float(row['spread']), unit)} "
        f"{'above' if away > 0.0 else 'below'} what its {many} let expect: {named}"
    )
    evidence = Evidence(
        facts=(_fact(about),),
        hypotheses=(Hypothesis(text=text, score=float(row["score"])),),
        unknowns=("whether its peers do the same work: they are known by their names",),
    )
    lasted = f"{about.lasted_s:.0f} s"
    if about.ended is Ended.RECOVERED:
        text = f"{about.name} is as its {many} again: {about.value()}, expected {expected}"
        return f"{text}, after {lasted}", evidence
    if about.ended is Ended.ADOPTED:
        text = f"{about.name} is {about.value()}, unlike its {many} ({expected}), since {lasted}"
        return f"{text}; this is now normal for it", evidence
    text = f"{about.name} stands out among its {many}: {about.value()}, expected {expected}"
    return f"{text} (score {float(row['score']):.1f})", evidence


def _fact(about: About) -> Fact:
    row, memory = about.row, about.memory
    end_ns, length_s = int(row["time_ns"]), memory.config.frame_ns / 1e9
    text = f"{about.name} was {about.value()} on average in the {length_s:g} s to {second(end_ns)}"
    source = memory.sources[int(row["source"])]
    told = {"value": float(row["value"]), "unit": about.unit, "time": moment(end_ns)}
    return fact(source, int(row["offset"]), text, **told)


def _names(memory: State, row: np.void) -> str:
    """Name a few of those who took part with it."""
    peers, slot = memory.peers, int(row["time_ns"]) // memory.config.frame_ns - 1
    names, index = [], int(peers.groups.all["first"][int(row["binding"])])
    while index > 0:
        member = peers.members.all[index]
        seat = peers.seats.all[int(member["seat"])]
        if int(member["row"]) != int(row["row"]) and int(seat["enters"]) <= slot:
            names.append(memory.names.assets[int(seat["asset"])])
        index = int(member["next"])
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return ", ".join(sorted(names)[:FEW]) + more
