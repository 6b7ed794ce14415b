"""Rules that fire on very many at once: so many alerts of one are told, the others as one more.

Held back ones count, too. Who comes first is told; as one that was told is over, the oldest of the
others is. So what is told as over was told before, and nothing is dropped in silence: how many are
not told is an alert of its own, told again whenever that has doubled or halved.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from models import happened as tell
from models.rows import HAPPENED, Table
from models.store import joined
from models.trigger.limit import FIRE, FIRING, HELD, HOLD, RESOLVE, Binding
from models.trigger.machine import evidence
from schemas.telemetry import Floats
from schemas.trigger import Rule

if TYPE_CHECKING:
    from models.state import State

NOT, TOLD, BEYOND = 0, 1, 2
"""Whether an alert that stands was told: `told` of a binding, or of where an instance stands."""
TICK_NS = 1_000
"""Numbers of one rule are told so far apart at least: who reads a later one takes none for old."""
Saved = tuple[str, int, int, int]
"""Of a rule of which some are not told: its name, since when, until when it was looked at, how many
that were when it was told."""


class Alert(NamedTuple):
    """One rule on one signal, or its condition of one instance."""

    on_values: bool
    place: int
    """Of the instances; else of the bindings."""

    def now(self, state: State) -> np.void:
        """Return where it stands, to be read and written."""
        rows = state.conditions.instances.all["now"] if self.on_values else state.bindings.all
        found: np.void = rows[self.place]
        return found

    def rule(self, state: State) -> Rule:
        """Return its rule."""
        if self.on_values:
            rule = int(state.conditions.instances.all["rule"][self.place])
            return state.conditions.every[rule].rule
        return state.config.rules[int(state.bindings.all["rule"][self.place])]


@dataclass(slots=True)
class Open:
    """A rule of which some are not told."""

    since_ns: int
    time_ns: int
    """Of what is told next."""
    told: int = 0
    """How many, when it was told last; 0: it was not."""


@dataclass(slots=True)
class Floods:
    """What stands of each rule, by its name, in one partition."""

    open: dict[str, Open] = field(default_factory=dict)
    over_ns: dict[str, int] = field(default_factory=dict)
    """When that was over last: what is told next is no earlier."""
    beyond: dict[str, dict[Alert, None]] = field(default_factory=dict)
    standing: Counter[str] = field(default_factory=Counter)
    """How many were told."""
    held: dict[Alert, None] = field(default_factory=dict)
    """Those held back: they end without a word."""

    @property
    def is_over(self) -> bool:
        """Whether there is nothing to look after."""
        return not self.open and not self.held

    @property
    def untold(self) -> int:
        """Return how many alerts stand that are not told one by one."""
        return sum(map(len, self.beyond.values()))

    def take(self, state: State, row: np.void) -> bool:
        """Take what an alert does; say whether it is told."""
        what, on_values = int(row["what"]), int(row["what"]) >= tell.CONDITION
        what -= tell.CONDITION if on_values else tell.ALERT
        one = Alert(on_values, int(row["binding"]))
        now, rule = one.now(state), one.rule(state)
        if now["told"] == NOT and what != RESOLVE:
            self._stand(one, rule, state, int(row["time_ns"]))
        if what == HOLD:
            self.held[one] = None
        else:
            self.held.pop(one, None)
        is_told = bool(now["told"] != BEYOND)
        if not is_told and what == RESOLVE:
            self._look(rule.name, int(row["time_ns"]))
        if what == RESOLVE:
            self._leave(one, rule.name, now)
        return is_told

    def _stand(self, one: Alert, rule: Rule, state: State, time_ns: int) -> None:
        is_told = self.standing[rule.name] < most(state, rule)
        one.now(state)["told"] = TOLD if is_told else BEYOND
        if is_told:
            self.standing[rule.name] += 1
        else:
            self.beyond.setdefault(rule.name, {})[one] = None
            self._look(rule.name, time_ns)

    def _look(self, name: str, time_ns: int) -> None:
        time_ns = max(time_ns, self.over_ns.get(name, time_ns))
        found = self.open.setdefault(name, Open(time_ns, time_ns))
        found.time_ns = max(found.time_ns, time_ns)

    def _leave(self, one: Alert, name: str, now: np.void) -> None:
        if now["told"] == TOLD:
            self.standing[name] -= 1
        elif now["told"] == BEYOND:
            del self.beyond[name][one]
        now["told"] = NOT

    def rested(self, state: State) -> None:
        """Let go of those that were held back and are so no more."""
        for one in list(self.held):
            now = one.now(state)
            if now["state"] not in {HELD, FIRING}:
                del self.held[one]
                self._leave(one, one.rule(state).name, now)

    def promoted(self, state: State, name: str) -> list[Alert]:
        """Let the oldest that were not told be told, as far as others are over."""
        beyond = self.oldest(state, name)
        free = most(state, beyond[0].rule(state)) - self.standing[name] if beyond else 0
        found = beyond[: max(free, 0)]
        for one in found:
            self._leave(one, name, one.now(state))
            one.now(state)["told"] = TOLD
            self.standing[name] += 1
        return found

    def oldest(self, state: State, name: str) -> list[Alert]:
        """Return those of a rule that are not told, the oldest first."""
        beyond = self.beyond.get(name, ())
        return sorted(beyond, key=lambda one: (int(one.now(state)["since_ns"]), one))

    def saved(self) -> list[Saved]:
        """Return what the stores do not have."""
        return [(name, *self._times(one)) for name, one in self.open.items()]

    @staticmethod
    def _times(one: Open) -> tuple[int, int, int]:
        return one.since_ns, one.time_ns, one.told

    def take_over(self, state: State, saved: list[Saved], over_ns: dict[str, int]) -> None:
        """Count anew what stands, after a load."""
        tables = (False, state.bindings.rows), (True, state.conditions.instances.rows["now"])
        for on_values, rows in tables:
            for index in np.flatnonzero(rows["told"]).tolist():
                one = Alert(on_values, index)
                now, name = one.now(state), one.rule(state).name
                if now["told"] == TOLD:
                    self.standing[name] += 1
                else:
                    self.beyond.setdefault(name, {})[one] = None
                if now["state"] != FIRING:
                    self.held[one] = None
        there = {rule.name for rule in state.config.rules}
        self.open = {name: Open(*times) for name, *times in saved if name in there}
        self.over_ns = {name: time_ns for name, time_ns in over_ns.items() if name in there}


def most(state: State, rule: Rule) -> int:
    """Return how many alerts of a rule are told one by one."""
    if not state.config.is_capped:
        return int(np.iinfo(np.int64).max)
    return rule.alerts_at_once or state.config.alerts_at_once


def capped(state: State, happened: Table) -> Table:
    """Return what happened in a block as far as it is told, and what is told instead."""
    floods, keep = state.floods, np.ones(len(happened), bool)
    for i in _alerts(state, happened):
        keep[i] = floods.take(state, happened[i])
    if floods.is_over:
        return happened
    floods.rested(state)
    more = [row for name in list(floods.open) for row in _told(state, name)]
    return joined([happened[keep], *more], HAPPENED)


def _alerts(state: State, happened: Table) -> list[int]:
    what, found = happened["what"], []
    is_limit = (what >= tell.ALERT + FIRE) & (what <= tell.ALERT + RESOLVE)
    is_condition = (what >= tell.CONDITION + FIRE) & (what <= tell.CONDITION + RESOLVE)
    own = len(state.config.rules)
    for i in np.flatnonzero(is_limit | is_condition).tolist():
        binding = int(happened["binding"][i])
        if is_condition[i] or state.bindings.all["rule"][binding] < own:
            found.append(i)
    return found


def _told(state: State, name: str) -> list[Table]:
    """Return what is told of a rule behind a block, of which some are not told."""
    rows = [_again(state, one) for one in state.floods.promoted(state, name)]
    found, many = state.floods.open[name], len(state.floods.beyond.get(name, {}))
    is_near = found.told // 2 < many < 2 * found.told
    if many == 0:
        del state.floods.open[name]
    if is_near or many == found.told:
        return rows
    found.told = many
    rows.append(_row(state, name, found))
    found.time_ns += TICK_NS
    if many == 0:
        state.floods.over_ns[name] = found.time_ns
    return rows


def _again(state: State, one: Alert) -> Table:
    """Return what an alert did when it was not told."""
    row: Table = np.zeros(1, HAPPENED)
    now = one.now(state)
    what = FIRE if now["state"] == FIRING else HOLD
    if one.on_values:
        machine = state.conditions.machine(1)
        evidence.tell(machine, one.place, what, row, 0)
        state.conditions.take(machine)
    else:
        binding, for_ns = cast("Binding", now), state.limits[int(now["rule"])]["for_ns"]
        tell.rule(row, 0, binding, one.place, what, for_ns)
    return row


def _row(state: State, name: str, found: Open) -> Table:
    """Write down how many alerts of a rule are not told now, and how many are."""
    floods = state.floods
    beyond = floods.oldest(state, name)
    good: Floats = np.array([one.now(state)["good"] for one in beyond])
    row: Table = np.zeros(1, HAPPENED)
    row["what"] = tell.FLOOD if beyond else tell.FLOOD_OVER
    row["binding"] = [rule.name for rule in state.config.rules].index(name)
    row["since_ns"], row["time_ns"] = found.since_ns, found.time_ns
    row["value"], row["centre"] = len(beyond), floods.standing[name]
    row["good"] = good.mean() if beyond else 1.0
    return row
