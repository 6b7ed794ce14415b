"""How a trend is told: when it arrives, what that rests on, and afterwards how true it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from models.trend import forecast
from models.trend.limits import DECLARED, limits_of
from models.trend.memory import HOUR_NS
from models.words import number, second
from schemas.anomaly import Ended
from schemas.events import Evidence, Fact, Hypothesis

if TYPE_CHECKING:
    import numpy as np

    from models.state import State as Memory

_UNKNOWNS = (
    "whether the drift goes on as it does",
    "whether load and weather will be as in the week before",
)

_DAYS_FROM = 48.0  # hours


def ended(row: np.void) -> Ended:
    """Return why a trend's episode closed."""
    return Ended.REACHED if int(row["third"]) == forecast.REACHED else Ended.RECOVERED


def foretold(memory: Memory, row: np.void) -> np.void:
    """Return the `models.trend.forecast.Row` that an event is about."""
    index = int(row["binding"])
    for table in memory.trends.told:
        if index < len(table):
            row_of: np.void = table[index]
            return row_of
        index -= len(table)
    raise IndexError(f"event {row['binding']} foretells nothing")


def limit_from(memory: Memory, row: np.void, told: np.void) -> str:
    """Return what says the limit."""
    signal = int(row["row"])
    asset = memory.names.assets[memory.names.asset_of[signal]]
    limits = limits_of(memory.config, asset, memory.names.point_of[signal])
    return (limits.high_from if told["side"] > 0 else limits.low_from) or DECLARED


def time_of(time_ns: int) -> str:
    """Return an arrival as people read it."""
    if time_ns == forecast.BEYOND:
        return "later than can be told"
    return second(time_ns)


def lasting(time_ns: int) -> str:
    """Return a stretch of time as people read it."""
    hours = time_ns / HOUR_NS
    return f"{hours:.1f} h" if hours < _DAYS_FROM else f"{hours / 24.0:.1f} d"


class Words(NamedTuple):
    """What a trend is told with."""

    name: str
    unit: str
    told: np.void
    limit_from: str

    @property
    def _limit(self) -> str:
        return f"{number(float(self.told['limit']), self.unit)} ({self.limit_from})"

    def opened(self, row: np.void, facts: tuple[Fact, ...]) -> tuple[str, Evidence]:
        """Say when it arrives, and what that rests on."""
        told, now_ns = self.told, int(row["time_ns"])
        low, mid, high = (int(told[name]) for name in ("low", "mid", "high"))
        rate = f"{float(told['rate']):+.3g} {self.unit}".rstrip()
        summary = (
            f"{self.name} changes by {rate} a day and will reach its limit of {self._limit} about "
            f"{time_of(mid)}, in {lasting(mid - now_ns)} (80 %: {time_of(low)} to {time_of(high)})"
        )
        text = (
            f"a drift since about {second(int(told['onset_ns']))} that goes on as it wandered so "
            f"far, noise of {number(float(told['spread']), self.unit)} in three hours, and the "
            f"cycle of the day as it was: arrival p10 {time_of(low)}, p50 {time_of(mid)}, p90 "
            f"{time_of(high)}"
        )
        hypothesis = Hypothesis(text=text, score=max(float(told["score"]), 0.0))
        return summary, Evidence(facts=facts, hypotheses=(hypothesis,), unknowns=_UNKNOWNS)

    def ended(self, row: np.void, facts: tuple[Fact, ...]) -> tuple[str, Evidence]:
        """Say how it ended, and how far off what was told first was."""
        told, now_ns = self.told, int(row["time_ns"])
        low, mid, high = (int(told[f"first_{name}"]) for name in ("low", "mid", "high"))
        ahead = lasting(now_ns - int(told["since_ns"]))
        first = f"p10 {time_of(low)}, p50 {time_of(mid)}, p90 {time_of(high)}, told {ahead} before"
        if ended(row) is Ended.REACHED:
            came_ns = now_ns - HOUR_NS  # between the middles of this hour and of the one before
            off, held = came_ns - mid, low <= came_ns <= high
            summary = (
                f"{self.name} has reached its limit of {self._limit}, {lasting(abs(off))} "
                f"{'later' if off > 0 else 'earlier'} than was told {ahead} before; it came "
                f"{'within' if held else 'outside'} the interval that was told"
            )
        else:
            summary = (
                f"{self.name} drifts no longer towards its limit of {self._limit}; it was to "
                f"arrive about {time_of(mid)}"
            )
        return summary, Evidence(facts=facts, hypotheses=(Hypothesis(text=first, score=0.0),))
