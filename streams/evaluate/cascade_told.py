"""The words and documents of `eval cascade`."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from math import isnan, nan
from pathlib import Path
from typing import Any

import msgspec

from models.cascade.fates import Fates
from models.evaluate.cascade.figures import GPUS, FalseOnes, Figures
from models.evaluate.cascade.record import Case, Record
from models.evaluate.cascade.spread import Brier
from models.evaluate.cascade.verdict import Verdict
from models.simulate import Plant
from streams.evaluate.report import figure, percent, table
from streams.evaluate.watched import Cost

HEAD = ["which asset broke", "top-1", "top-3"]


def lines(plant: Plant, result: Figures, cost: Cost) -> list[str]:
    """Say it all, the headline last."""
    jobs = plant.layout.jobs
    size = f"{plant.nodes * plant.gpus:,} GPUs in {plant.nodes:,} nodes, {jobs:,} jobs"
    unseen = len(result.verdicts) - result.seen
    first = f"{size}; {result.seen} faults, {unseen} more moved nothing visible"
    hits = {"cascade": result.cascade, **result.rules}
    rows = [[name, percent(one.top1), percent(one.top3)] for name, one in hits.items()]
    headline = f"cascade: top-1 {_tenths(result.cascade.top1)}, top-3 "
    headline += _tenths(result.cascade.top3)
    return [first, *table(HEAD, rows), *_others(result, cost), headline]


def _tenths(share: float) -> str:
    return "-" if isnan(share) else f"{100.0 * share:.1f} %"


def _others(result: Figures, cost: Cost) -> Iterator[str]:
    p50, p90 = (figure(one, 0) for one in result.localised_s)
    if result.mute:
        heard = f"top-1 of the other {result.seen - result.mute}: {_tenths(result.heard)}"
        yield f"{result.mute} faults moved nothing that any anomaly told of; {heard}"
    yield f"time to localise: p50 {p50} s, p90 {p90} s"
    told = result.followers
    yield (
        f"followers: precision {percent(told.precision)} of {told.named:,} named, "
        f"recall {percent(told.recall)}"
    )
    yield f"next, not moved yet: {_brier(result.later)}"
    yield f"next, all that was told: {_brier(result.whole)}"
    yield f"next, when: median error {figure(result.off_s, 0)} s"
    healthy = f"{_false(result.healthy)}, {result.planned} of them with planned work"
    yield f"false incidents a day over {GPUS} GPUs: {_false(result.faulty)} while things break"
    yield f"false incidents a day over {GPUS} GPUs: {healthy}, without faults"
    yield f"{_fates(result.fates)}; {figure(result.per_fault)} incidents a fault"
    yield (
        f"processor: {cost.cascade_s:.1f} s in the cascade, worst step {cost.worst_s:.2f} s, "
        f"{cost.all_s:.0f} s with plant and detection"
    )


def _fates(one: Fates) -> str:
    folded, work, neither = (
        percent(many / one.came if one.came else nan)
        for many in (one.folded, one.work, one.neither)
    )
    return (
        f"of {one.came:,} anomalies {folded} folded into incidents, "
        f"{work} tell of work and of no fault, {neither} unexplained"
    )


def _brier(one: Brier) -> str:
    return (
        f"Brier {figure(one.score, 3)} of {one.told:,}, always the base rate {figure(one.base, 3)}"
    )


def _false(one: FalseOnes) -> str:
    return f"{figure(one.a_day)} ({one.begun:,})"


def shown(result: Figures) -> list[str]:
    """Return a line a fault, in order of time."""
    head = ["verdict", "at, s", "fault", "asset", "found, s", "moved", "named"]
    rows = [_row(one) for one in result.verdicts]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    ]


def _row(one: Verdict) -> list[str]:
    fault = one.case.fault
    return [
        one.word,
        f"{fault.start_s:.0f}",
        fault.kind,
        fault.asset,
        figure(one.localised_s, 0),
        f"{len(one.case.moved):,}",
        one.named,
    ]


def document(result: Figures, cost: Cost) -> dict[str, Any]:
    """Return it for a program."""
    right: Counter[str] = Counter(one.case.fault.kind for one in result.verdicts if one.top1)
    kinds = Counter(one.case.fault.kind for one in result.verdicts if one.seen)
    return {
        "headline": 100.0 * result.cascade.top1,
        "faults": len(result.verdicts),
        "seen": result.seen,
        "mute": result.mute,
        "heard": result.heard,
        "cascade": result.cascade._asdict(),
        "rules": {name: one._asdict() for name, one in result.rules.items()},
        "kinds": {kind: right[kind] / many for kind, many in sorted(kinds.items())},
        "localised_s": dict(zip(("p50", "p90"), result.localised_s, strict=True)),
        "followers": {
            "precision": result.followers.precision,
            "recall": result.followers.recall,
            **result.followers._asdict(),
        },
        "next": {"later": result.later._asdict(), "whole": result.whole._asdict()},
        "arrival_error_s": result.off_s,
        "false": {"faulty": result.faulty._asdict(), "healthy": result.healthy._asdict()},
        "planned": result.planned,
        "anomalies": {
            "folded": result.fates.folded,
            "work": result.fates.work,
            "unexplained": result.fates.neither,
        },
        "incidents_a_fault": result.per_fault,
        "cost": asdict(cost),
        "verdicts": [_document(one) for one in result.verdicts],
    }


def _document(one: Verdict) -> dict[str, Any]:
    fault = one.case.fault
    return {
        "kind": fault.kind,
        "asset": fault.asset,
        "start_s": fault.start_s,
        "duration_s": fault.duration_s,
        "severity": fault.severity,
        "verdict": one.word,
        "localised_s": one.localised_s,
        "named": one.named,
        "incident": one.last.body.incident if one.last else None,
    }


def written(file: Path, asked: dict[str, Any], records: Sequence[Record]) -> None:
    """Write all that was true, and all that was told, as JSON. Raises OSError."""
    runs = [
        {
            "began_s": record.began_s,
            "faults": [_case(case) for case in record.cases],
            "incidents": [
                {"at_s": one.at_s, **one.body.model_dump(mode="json", exclude={"evidence"})}
                for one in record.tellings
                if one.at_s >= record.healthy_s[1] or len(records) == 1
            ],
        }
        for record in records
    ]
    whole = {"asked": asked, **(runs[0] if len(runs) == 1 else {"runs": runs})}
    file.write_bytes(msgspec.json.encode(whole))


def _case(case: Case) -> dict[str, Any]:
    return {**asdict(case.fault), "other_end": case.other_end, "moved": case.moved}
