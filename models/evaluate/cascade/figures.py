"""All figures of one run."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import NamedTuple

import numpy as np

from models.cascade.fates import Fates
from models.evaluate.cascade.record import AFTER_S, Case, Episode, Record
from models.evaluate.cascade.rules import RULES, is_right
from models.evaluate.cascade.spread import Brier, Foretold, Named, brier, foretold, named
from models.evaluate.cascade.verdict import TOP, Verdict, judged
from models.site import Graph

GPUS = 500
"""False incidents are told a day over so many."""
_DAY_S = 86_400.0
_PLANNED_S = 300.0
"""So long after planned work begins or ends, what comes is taken to come of it."""


class Hits(NamedTuple):
    """Shares of the faults that moved anything."""

    top1: float
    top3: float


class FalseOnes(NamedTuple):
    """Incidents that are about nothing that was wrong."""

    begun: int
    a_day: float
    """Over `GPUS`; NaN: no time went by."""


@dataclass(frozen=True)
class Figures:
    """What one run comes to."""

    verdicts: tuple[Verdict, ...]
    cascade: Hits
    rules: dict[str, Hits]
    mute: int
    """Faults of which no anomaly told, at nothing that they moved."""
    heard: float
    """Top-1 of the others."""
    localised_s: tuple[float, float]
    """p50 and p90, of those that were."""
    followers: Named
    later: Brier
    """Those that had not been moved when they were said to be next."""
    whole: Brier
    """All that were said to be next; moved before and not yet seen counts as happened."""
    off_s: float
    """Median of how far arrivals were off."""
    faulty: FalseOnes
    healthy: FalseOnes
    planned: int
    """Of the healthy, those that came with planned work."""
    fates: Fates
    """What became of the anomalies in faulty time."""
    per_fault: float
    """Incidents that are about a fault, a fault."""

    @property
    def seen(self) -> int:
        """Return how many faults moved anything."""
        return sum(one.seen for one in self.verdicts)


def figures(records: Sequence[Record], graph: Graph) -> Figures:
    """Judge one run, or several of one site as one. `graph`: as it was told."""
    runs = [Run.of(record) for record in records]
    every = [(run.record, one) for run in runs for one in run.verdicts if one.seen]
    seen = [one for _, one in every]
    heard = [one for record, one in every if _is_heard(record, one.case)]
    said = [one for run in runs for one in run.foretold]
    return Figures(
        verdicts=tuple(one for run in runs for one in run.verdicts),
        cascade=Hits(_share([one.top1 for one in seen]), _share([one.top3 for one in seen])),
        rules=_rules(every, graph),
        mute=len(seen) - len(heard),
        heard=_share([one.top1 for one in heard]),
        localised_s=_localised(seen),
        followers=named(seen),
        later=_brier([one for one in said if not one.already]),
        whole=_brier(said),
        off_s=_median([one.off_s for one in said if one.moved]),
        faulty=_a_day([(run.record, len(run.false), run.faulty_s) for run in runs]),
        healthy=_a_day([(run.record, len(run.quiet), run.healthy_s) for run in runs]),
        planned=sum(_is_planned(run.record, one) for run in runs for one in run.quiet),
        fates=fates(records),
        per_fault=sum(run.about for run in runs) / len(seen) if seen else nan,
    )


class Run(NamedTuple):
    """One run, judged."""

    record: Record
    verdicts: tuple[Verdict, ...]
    foretold: list[Foretold]
    false: list[Episode]
    about: int
    """Incidents that are about a fault."""
    quiet: list[Episode]
    """Of the healthy stretch."""

    @classmethod
    def of(cls, record: Record) -> "Run":
        """Judge it."""
        episodes, (warm_s, from_s) = record.episodes(), record.healthy_s
        verdicts = tuple(judged(case, episodes) for case in record.cases)
        faulty = [one for one in episodes if one.opened_s >= from_s]
        false = [one for one in faulty if _is_false(record, one)]
        quiet = [one for one in episodes if warm_s <= one.opened_s < from_s]
        said = foretold(record, [one for one in verdicts if one.seen])
        return cls(record, verdicts, said, false, len(faulty) - len(false), quiet)

    @property
    def faulty_s(self) -> float:
        """How long things broke."""
        return self.record.until_s - self.record.healthy_s[1]

    @property
    def healthy_s(self) -> float:
        """How long nothing did, and it was looked at."""
        return self.record.healthy_s[1] - self.record.healthy_s[0]


def fates(records: Sequence[Record]) -> Fates:
    """Say what became of the anomalies in faulty time."""
    some = [each for one in records for each in one.fates]
    folded, work, neither = (
        sum(getattr(one, name) for one in some) for name in ("folded", "work", "neither")
    )
    return Fates(folded, work, neither)


def _is_heard(record: Record, case: Case) -> bool:
    return any(case.touches((sign.asset,)) for sign in record.during(case))


def _is_false(record: Record, episode: Episode) -> bool:
    """Say whether no fault of the time has to do with what an incident names."""
    opened_s = episode.opened_s
    near = [case for case in record.cases if case.fault.start_s <= opened_s < case.end_s + AFTER_S]
    return not any(case.touches(episode.named) for case in near)


def _is_planned(record: Record, episode: Episode) -> bool:
    edges_s = (at for one in record.drains for at in (one.start_s, one.start_s + one.duration_s))
    return any(0.0 <= episode.opened_s - at_s < _PLANNED_S for at_s in edges_s)


def _a_day(some: Sequence[tuple[Record, int, float]]) -> FalseOnes:
    """Count incidents. `some`: runs, how many each had, and in how many seconds."""
    begun = sum(many for _, many, _ in some)
    gpu_s = sum(record.gpus * seconds for record, _, seconds in some)
    return FalseOnes(begun, begun / gpu_s * _DAY_S * GPUS if gpu_s > 0.0 else nan)


def _rules(every: Sequence[tuple[Record, Verdict]], graph: Graph) -> dict[str, Hits]:
    found = {}
    for name, rule in RULES.items():
        ranked = [(one.case, rule(graph, record.during(one.case))) for record, one in every]
        first, third = ([is_right(*one, many) for one in ranked] for many in (1, TOP))
        found[name] = Hits(_share(first), _share(third))
    return found


def _localised(seen: Sequence[Verdict]) -> tuple[float, float]:
    times = [one.localised_s for one in seen if isfinite(one.localised_s)]
    if not times:
        return nan, nan
    return float(np.quantile(times, 0.5)), float(np.quantile(times, 0.9))


def _brier(said: Sequence[Foretold]) -> Brier:
    return brier([one.probability for one in said], [one.moved or one.already for one in said])


def _median(values: Sequence[float]) -> float:
    return float(np.median(values)) if values else nan


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else nan
