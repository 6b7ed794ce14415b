"""The one alert for those of a rule that are not told one by one, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models import happened as tell
from models.words import moment, shortened
from schemas.events import Evidence
from schemas.trigger import Alert, Because, Each, Level, Rule, State

if TYPE_CHECKING:
    from models.state import State as Memory

_NAMED = 3


def alert(memory: Memory, row: np.void) -> tuple[Alert, tuple[object, ...]]:
    """Put into words how many are not told; return also what its id is made of."""
    rule, many = memory.config.rules[int(row["binding"])], int(row["value"])
    is_over, asset = int(row["what"]) == tell.FLOOD_OVER, f"partition-{memory.partition}"
    data = Alert(
        quality=min(max(round(float(row["good"]), 4), 0.0), 1.0),
        summary=shortened(f"{rule.name}: {_over(row) if is_over else _text(memory, rule, row)}"),
        evidence=Evidence(
            facts=(), unknowns=() if is_over else (f"what each of the {many:,} rests on",)
        ),
        rule=rule.name,
        asset=asset,
        point="",
        cell="",
        state=State.RESOLVED if is_over else State.FIRING,
        because=Because.CLEARED if is_over else Because.TOO_MANY,
        severity=rule.severity,
        level=Level.ADVISE,
        value=None,
        limit=None,
        since=moment(int(row["since_ns"])),
        labels=rule.labels,
        untold=many,
    )
    return data, (rule.name, asset, many)


def _over(row: np.void) -> str:
    return f"all of its alerts are told one by one again: {int(row['centre']):,}"


def _text(memory: Memory, rule: Rule, row: np.void) -> str:
    many, told = int(row["value"]), int(row["centre"])
    what, of = _asked(memory, rule)
    named = ", ".join(_names(memory, rule))
    text = f"fires on {many + told:,} of {of:,} {what}: {told:,} are told one by one"
    return f"{text}, {many:,} are not, among them {named}"


def _asked(memory: Memory, rule: Rule) -> tuple[str, int]:
    """Return what a rule is asked of in this partition, and of how many."""
    index = memory.config.rules.index(rule)
    if rule.is_short:
        return "signals", int(np.count_nonzero(memory.bindings.rows["rule"] == index))
    rows = memory.conditions.instances.rows
    mine = [i for i, one in enumerate(memory.conditions.every) if one.rule is rule]
    is_asked = (rows["now"]["is_awake"] == 1) & (rows["now"]["is_over"] == 0)
    many = int(np.count_nonzero(np.isin(rows["rule"], mine) & is_asked))
    return "cells" if rule.each is Each.CELL else "instances", many


def _names(memory: Memory, rule: Rule) -> list[str]:
    names = []
    for one in memory.floods.oldest(memory, rule.name)[:_NAMED]:
        if one.on_values:
            _, asset, labels = memory.conditions.key(memory, one.place)
        else:
            signal = int(memory.bindings.all["row"][one.place])
            asset, labels = memory.names.assets[memory.names.asset_of[signal]], ""
        names.append(f"{asset}{labels}")
    return names
