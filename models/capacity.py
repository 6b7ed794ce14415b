"""What is nearly full: a point's declared capacity is a rule that nobody has to write.

A link that carries more than 95 % of what it can for a minute slows whoever waits for it. Such a
signal has one more binding (`models.trigger`), whose rule stands behind those of the configuration;
what it does is told as an anomaly, for it says what is, not what is to be done.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from models.trigger import limit as trigger
from models.words import number, second
from schemas.anomaly import Ended
from schemas.events import Evidence
from schemas.trigger import Rule

if TYPE_CHECKING:
    from models.state import State
    from models.telling import About

NEAR = 0.95  # of the capacity
CLEAR = 0.9  # of the capacity: below, it is over
FOR_S = 60.0


@dataclass(slots=True)
class Capacities:
    """The rules of points that have a capacity, in order of first sight."""

    rules: list[Rule] = field(default_factory=list)
    _ids: dict[str, int] = field(default_factory=dict)
    """By point; -1: it has none."""

    def own(self, state: State, point: str) -> tuple[int, ...]:
        """Return the rule of a point's capacity, behind those of the configuration; or none."""
        found = self.of(state, point)
        return (len(state.config.rules) + found,) if found >= 0 else ()

    def of(self, state: State, point: str) -> int:
        """Return the index of a point's rule, new or not; -1: it has none."""
        found = self._ids.get(point)
        if found is None:
            capacity = state.config.known(point).capacity
            found = self._add(state, point, capacity) if not isnan(capacity) else -1
            self._ids[point] = found
        return found

    def _add(self, state: State, point: str, capacity: float) -> int:
        near, clear = NEAR * capacity, CLEAR * capacity
        rule = Rule(name="capacity", point=point, above=near, clear=clear, for_s=FOR_S, quality=0.0)
        state.limits = np.concatenate([state.limits, trigger.limits([rule])])
        self.rules.append(rule)
        return len(self.rules) - 1


def rules(state: State) -> list[str]:
    """Return all rules as JSON, by index in the bindings."""
    every = (*state.config.rules, *state.capacities.rules)
    return [rule.model_dump_json() for rule in every]


def is_own(state: State, row: np.void) -> bool:
    """Say whether what happened is that of a capacity's rule."""
    rule = int(state.bindings.all["rule"][int(row["binding"])])
    return rule >= len(state.config.rules)


def nearly_full(about: About) -> tuple[str, Evidence]:
    """Return the summary and the evidence of one that is nearly full, or is so no more."""
    row, capacity = about.row, number(about.known.capacity, about.unit)
    share = 100.0 * float(row["value"]) / about.known.capacity
    evidence = Evidence(facts=tuple(about.sample(f"{about.name} was {about.value()}")))
    text = f"{share:.0f} % of its capacity of {capacity}"
    if about.ended is Ended.RECOVERED:
        lasted = f"after {about.lasted_s:.0f} s"
        return f"{about.name} has room again: {about.value()}, {text}, {lasted}", evidence
    since = second(int(row["since_ns"]))
    return f"{about.name} is nearly full since {since}: {about.value()}, {text}", evidence
