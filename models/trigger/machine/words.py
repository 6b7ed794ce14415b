"""Alerts of conditions in words: which samples they rest on, and what people are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from models import happened as tell
from models.rows import HAPPENED, Table
from models.trigger.limit import BECAUSE, STATE
from models.trigger.machine.alike import LABEL
from models.trigger.machine.loads import LEAST_PEERS
from models.words import filled, mended, moment, number, sample_fact, shortened, unit_of
from schemas.events import Evidence, Fact
from schemas.trigger import Alert, Rule, State, Take

if TYPE_CHECKING:
    from models.state import State as Memory
    from models.trigger.machine.tables import Asked


class Group(NamedTuple):
    """Whom an alert is about."""

    asset: str
    """Of a rule on cells the cell."""
    cell: str
    labels: str
    """As they stand behind a point's name."""


class Shown(NamedTuple):
    """One name of a condition, as it was."""

    name: str
    point: str
    """Empty where it stands for several signals, or none."""
    value: float
    """NaN: unknown."""
    unit: str
    facts: tuple[Fact, ...]
    unknown: str
    """What nobody can say of it; empty: nothing."""

    @property
    def text(self) -> str:
        """Return its value as people read it."""
        return number(self.value, self.unit) if self.value == self.value else "unknown"


def alert(memory: Memory, row: np.void) -> tuple[Alert, tuple[object, ...]]:
    """Put what an instance's alert did into words; return also what its id is made of."""
    conditions = memory.conditions
    asked = conditions.every[int(conditions.instances.all["rule"][int(row["binding"])])]
    what, rule = int(row["what"]) - tell.CONDITION, asked.rule
    group = _group(memory, int(row["binding"]))
    cited = conditions.told.all[int(row["third"]) :][: len(asked.inputs)]
    shown = [_shown(memory, asked, i, one) for i, one in enumerate(cited)]
    own = [one for one, bound in zip(shown, asked.inputs, strict=True) if not bound.of_peers]
    alone = own[0] if len(own) == 1 and own[0].point else None
    labels = {**dict(LABEL.findall(group.labels)), **rule.labels}
    words = _words(group, alone, labels, shown)
    data = Alert(
        quality=min(max(round(float(row["good"]), 4), 0.0), 1.0),
        summary=_summary(rule, STATE[what], words, shown),
        evidence=Evidence(
            facts=tuple(fact for one in shown for fact in one.facts),
            unknowns=tuple(one.unknown for one in shown if one.unknown),
        ),
        rule=rule.name,
        asset=group.asset,
        point=alone.point if alone else "",
        cell=group.cell,
        state=STATE[what],
        because=BECAUSE[what],
        severity=rule.severity,
        level=rule.level,
        value=alone.value if alone and alone.text != "unknown" else None,
        unit=alone.unit if alone else "",
        limit=None,
        since=moment(int(row["since_ns"])),
        labels=labels,
        annotations={name: filled(text, words) for name, text in rule.annotations.items()},
        then=rule.then,
    )
    return data, (rule.name, group.asset + group.labels)


def _group(memory: Memory, instance: int) -> Group:
    rule, asked, labels = memory.conditions.key(memory, instance)
    del rule
    signal = int(memory.conditions.instances.all["row"][instance])
    return Group(asked, memory.names.cells[memory.names.asset_of[signal]], labels)


def _words(
    group: Group, alone: Shown | None, labels: Mapping[str, str], shown: list[Shown]
) -> dict[str, str]:
    words = {one.name: one.text for one in shown}
    words |= {f"labels.{name}": value for name, value in labels.items()}
    words |= {"asset": group.asset, "cell": group.cell}
    words |= {
        "point": alone.point if alone else ", ".join(one.name for one in shown),
        "value": alone.text if alone else ", ".join(f"{one.name} {one.text}" for one in shown),
        "unit": alone.unit if alone else "",
    }
    return words


def _summary(rule: Rule, state: State, words: Mapping[str, str], shown: list[Shown]) -> str:
    said = ", ".join(f"{one.name} {one.text}" for one in shown)
    if state is State.RESOLVED:
        return shortened(f"{rule.name}: {words['asset']} holds no longer: {said}")
    text = f"{rule.name}: {words['asset']}: {rule.condition} for {rule.for_s:g} s: {said}"
    if rule.summary:
        text = filled(rule.summary, words) or text
    if state is State.HELD:
        text = f"{text[:1_800]} (held back: poor data)"
    return shortened(text)


def _shown(memory: Memory, asked: Asked, which: int, cited: np.void) -> Shown:
    bound, many = asked.inputs[which], int(cited["many"])
    if cited["row"] < 0:
        return Shown(bound.name, "", float("nan"), bound.unit, (), f"{bound.name} has no value")
    asset_id = memory.names.asset_of[int(cited["row"])]
    asset, point = memory.names.assets[asset_id], memory.names.point_of[int(cited["row"])]
    known, row = memory.config.known(point), _as_happened(cited)
    unit, name = unit_of(known, row), f"{asset} {point}"
    text = f"{name} was {number(float(cited['sample']), unit)}"
    if many > 1:
        kind = "peers" if bound.of_peers else "signals"
        text += f"; of {many} {kind} that `{bound.name}` stands for the newest"
    facts = (sample_fact(memory, row, text, unit), *mended(memory, row, name, known))
    unknown = ""
    if many > 1 and bound.signals.take is Take.ONE and not bound.of_peers:
        unknown = f"`{bound.name}` stands for {many} signals: which is meant (see `take`)"
    if bound.of_peers and many < LEAST_PEERS:
        unknown = f"`{bound.name}`: {many} were heard, of fewer than {LEAST_PEERS} nobody can say"
    alone = point if many == 1 else ""
    return Shown(bound.name, alone, float(cited["value"]), unit, facts, unknown)


def _as_happened(cited: np.void) -> np.void:
    """Return a sample that is cited as what happened at it."""
    row: Table = np.zeros(1, HAPPENED)
    row["time_ns"] = row["since_ns"] = cited["time_ns"]
    row["offset"], row["source"], row["row"] = cited["offset"], cited["source"], cited["row"]
    row["value"], row["mark"] = cited["sample"], cited["mark"]
    row["since_offset"] = -1
    found: np.void = row[0]
    return found
