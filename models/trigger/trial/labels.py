"""How well firings fit what people say happened: stretches of trouble, or words on single alerts.

A firing is right where it overlaps a stretch of its asset, or comes at most `ahead` before it. A
stretch is found where a firing is right for it; the first such one's lead is how long before the
stretch began it fired, negative after.
"""

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from statistics import median
from typing import NamedTuple

from models.trigger.precision import LABELS, RIGHT
from models.trigger.trial.tried import Firing, Tried
from schemas.trigger import Decision, Each, Verdict

_FOREVER = 2**62


class Stretch(NamedTuple):
    """A time in which an asset was in trouble."""

    asset: str
    """Glob."""
    from_ns: int
    to_ns: int
    rule: str = ""
    """The rule that should see it; empty: all should."""


class Fit(NamedTuple):
    """How the firings of a rule fit."""

    right: int
    firings: int
    found: int
    stretches: int
    lead_s: float | None
    """Median over the stretches found; None: none was."""

    @property
    def precision(self) -> float | None:
        """Share of firings that are right; None without any."""
        return self.right / self.firings if self.firings else None

    @property
    def recall(self) -> float | None:
        """Share of stretches that are found; None without any."""
        return self.found / self.stretches if self.stretches else None


def fit(
    tried: Tried, stretches: Sequence[Stretch], ahead_ns: int, cell_of: Callable[[str], str]
) -> Fit:
    """Hold the firings of a rule against stretches of trouble."""
    mine = [one for one in stretches if one.rule in {"", tried.rule.name}]
    each = [(one, _whose(tried, one, cell_of)) for one in mine]
    right: set[str] = set()
    leads: list[float] = []
    for stretch, asset in each:
        hits = [one for one in tried.firings if _fits(one, stretch, asset, ahead_ns)]
        right.update(one.id for one in hits)
        if hits:
            leads.append((stretch.from_ns - min(one.fired_ns for one in hits)) / 1e9)
    lead_s = median(leads) if leads else None
    return Fit(len(right), len(tried.firings), len(leads), len(mine), lead_s)


def _whose(tried: Tried, stretch: Stretch, cell_of: Callable[[str], str]) -> str:
    return cell_of(stretch.asset) if tried.rule.each is Each.CELL else stretch.asset


def _fits(firing: Firing, stretch: Stretch, asset: str, ahead_ns: int) -> bool:
    if not fnmatchcase(firing.asset, asset) and not fnmatchcase(firing.asset, stretch.asset):
        return False
    ended_ns = _FOREVER if firing.ended_ns is None else firing.ended_ns
    return firing.fired_ns <= stretch.to_ns and ended_ns >= stretch.from_ns - ahead_ns


def judged(firings: Sequence[Firing], said: Mapping[str, Verdict]) -> tuple[int, int]:
    """Return how many firings people called right, and of how many they said anything."""
    told = [said[one.id] for one in firings if one.id in said]
    return sum(one in RIGHT for one in told), len(told)


def verdicts(decisions: Sequence[Decision]) -> dict[str, Verdict]:
    """Return what people said last of each event."""
    ordered = sorted(decisions, key=lambda one: one.time)
    return {one.about: one.verdict for one in ordered if one.verdict in LABELS}
