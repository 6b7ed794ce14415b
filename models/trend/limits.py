"""Which limits a signal has: those declared of its point, else those of the most severe rules."""

from __future__ import annotations

from math import isnan, nan
from typing import TYPE_CHECKING, NamedTuple

from schemas.trigger import Severity
from schemas.units import PointKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.names import Config
    from schemas.trigger import Rule

_RANK = {severity: rank for rank, severity in enumerate(Severity)}
DECLARED = "declared of the point"


class Limits(NamedTuple):
    """Between what a signal must stay, in its unit (a counter's a second); NaN: no limit."""

    low: float = nan
    high: float = nan
    low_from: str = ""
    """What says so."""
    high_from: str = ""

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return not (isnan(self.low) and isnan(self.high))


def limits_of(config: Config, asset: str, point: str) -> Limits:
    """Return the limits of a signal; of a state or a last event: none."""
    known = config.known(point)
    if known.kind in {PointKind.STATE, PointKind.LAST_EVENT}:
        return Limits()
    if not isnan(known.limit_low) or not isnan(known.limit_high):
        return Limits(known.limit_low, known.limit_high, DECLARED, DECLARED)
    rules = [config.rules[i] for i in config.rules_of(asset, point)]
    low = _first([r for r in rules if r.below is not None], lambda r: -r.limit)
    high = _first([r for r in rules if r.above is not None], lambda r: r.limit)
    return Limits(
        low.limit if low else nan,
        high.limit if high else nan,
        f"of rule {low.name}" if low else "",
        f"of rule {high.name}" if high else "",
    )


def _first(rules: list[Rule], far: Callable[[Rule], float]) -> Rule | None:
    """Return the most severe rule; of several the one that is reached first."""
    return min(rules, key=lambda r: (-_RANK[r.severity], far(r)), default=None)
