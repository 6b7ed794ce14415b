"""Time that passes by a tick: frames close, silences are told, clocks are compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from models import clock, lanes, rules
from models.gaps import NEVER
from models.rows import HAPPENED, Table
from models.trigger import limit as trigger
from models.trigger.machine import moments
from schemas.readings import Tick
from schemas.telemetry import Ints

if TYPE_CHECKING:
    from models.state import State

_EVENTS = 1024
_SCANS = 4  # of all signals, in the time that may be silence


def tick(state: State, source: int, tick: Tick) -> Iterator[Table]:
    """Let event time pass in the lanes of a source, as far as the source has come."""
    mark = state.marks.all[source]
    latest = max(int(mark["latest_ns"]), tick.time_ns)
    if tick.offset <= mark["offset"] or latest == NEVER:
        return
    rows, happened = state.lanes.rows, np.zeros(2 * state.lanes.size, HAPPENED)
    mine = rows["source"] == source
    heard = rows["latest_ns"][mine & (rows["latest_ns"] > rows["clock"]["asked_ns"])]
    median = _median(heard)
    latest = clock.believed(mark, latest, median, len(heard), state.config.lateness_ns)
    yield happened[: clock.ask(rows, source, median, len(heard), happened)].copy()
    now = latest + tick.silent_ns - state.config.lateness_ns
    _advance(state, mine, now)
    yield happened[: lanes.passed(rows, source, state.config.silence_ns, happened)]
    if now - int(mark["scanned_ns"]) >= state.config.silence_ns // _SCANS:
        mark["scanned_ns"] = now
        state.asked.append(source)


def _advance(state: State, mine: npt.NDArray[np.bool_], now: int) -> None:
    rows = state.lanes.rows
    behind = mine & (rows["watermark_ns"] < now)
    rows["watermark_ns"][behind] = now
    window = now // state.config.frame_ns
    state.close_lanes(behind & (rows["window"] < window))
    rows["window"][behind] = np.maximum(rows["window"][behind], window)


def stopped(state: State) -> Table:
    """Look for signals that stopped, at the sources that have come far enough since."""
    if not state.asked:
        return np.zeros(0, HAPPENED)
    asked = np.isin(np.arange(len(state.sources)), state.asked)
    state.asked.clear()
    happened = np.zeros(state.lanes.size, HAPPENED)
    n = lanes.stopped(
        state.signals.rows, state.lanes.rows, asked, state.config.silence_ns, happened
    )
    return happened[:n]


def waited(state: State) -> Table:
    """Let the rules fire that waited for what is now."""
    bindings = state.bindings.rows
    pending = int(np.count_nonzero(bindings["state"] == trigger.PENDING))
    happened = np.zeros(pending, HAPPENED)
    if not pending:
        return happened
    n = rules.waited(bindings, state.limits, state.signals.all, state.lanes.all, happened)
    return happened[:n]


def conditions(state: State) -> Iterator[Table]:
    """Let time pass for the rules with conditions, as far as the lanes have come."""
    at, lanes_ = 0, state.lanes.rows
    if not state.conditions.instances.size or not len(lanes_):
        return
    ahead_ns = int(lanes_["watermark_ns"].max())
    while at < state.conditions.instances.size:
        happened = np.zeros(_EVENTS, HAPPENED)
        machine = state.conditions.machine(_EVENTS)
        at, n = moments.waited(machine, state.signals.all, lanes_, at, ahead_ns, happened)
        state.conditions.take(machine)
        yield happened[:n]


def _median(times: Ints) -> int:
    """Return the (lower) median of event times; NEVER: there are none."""
    if not len(times):
        return NEVER
    middle = (len(times) - 1) // 2
    return int(np.partition(times, middle)[middle])
