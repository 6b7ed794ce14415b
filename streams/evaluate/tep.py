"""`alltobit eval tep`: the Tennessee Eastman process (Downs & Vogel 1993; files of Braatz)."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import numpy as np
import typer

from models.evaluate.alarms import NONE
from models.evaluate.contenders import CALIBRATED
from models.evaluate.ours import threshold
from models.evaluate.recording import timed
from schemas.telemetry import Floats
from streams.errors import ConfigError
from streams.evaluate import report
from streams.evaluate.labelled import Part, Row, judged, scored, started, what
from streams.evaluate.tables import files, numbers

STEP_MIN = 3
FAULT = 160
"""The row at which the fault of a dNN_te file begins; d00_te has none."""
SIGNALS = 52
_STEP_NS = STEP_MIN * 60_000_000_000
HEAD = ["detector", "detected", "median delay, min", "false alarms", "VUS-PR", "AUC-PR"]


def read(folder: Path) -> list[Part]:
    """Read the dNN_te files, and d00 as what was before where it is there. Raises ConfigError."""
    found = files(folder, ".dat", ".dat.gz")
    healthy = next((one for one in found if one.name.startswith("d00.")), None)
    parts = [_run(one, healthy) for one in found if _stem(one).endswith("_te")]
    if not parts:
        raise ConfigError("eval tep", folder, "holds no dNN_te.dat", "name the set's folder")
    return parts


def _stem(path: Path) -> str:
    return path.name.partition(".")[0]


def _run(path: Path, healthy: Path | None) -> Part:
    name, values = _stem(path), _rows(path)
    labels = (np.arange(len(values)) >= FAULT) & (name != "d00_te")
    if healthy is None:
        return Part(timed(name, values, _STEP_NS, labels))
    before = timed(name, _rows(healthy), _STEP_NS)
    return Part(timed(name, values, _STEP_NS, labels, len(before.values) * _STEP_NS), before)


def _rows(path: Path) -> Floats:
    """Read a file; d00 comes with a signal a row."""
    values = numbers(path)
    return values.T if len(values) == SIGNALS != values.shape[1] else values


@dataclass(frozen=True, slots=True)
class Found:
    """What one contender reached."""

    row: Row
    delays_min: dict[str, float]
    """From the fault to the first row in alarm; NaN: never."""

    @property
    def detected(self) -> list[float]:
        """Return the delays of faults that were found."""
        return [one for one in self.delays_min.values() if not isnan(one)]

    @property
    def false_alarm_rate(self) -> float:
        """Share of rows without a fault that are in alarm; NaN where scores are no tails."""
        return self.row.rows.false_alarm_rate if self.row.rows else NONE

    def cells(self) -> list[str]:
        """Return its line of the table."""
        known = self.row.contender in CALIBRATED
        delay = median(self.detected) if self.detected else NONE
        return [
            self.row.contender,
            f"{len(self.detected)}/{len(self.delays_min)}" if known else "-",
            report.figure(delay, 0),
            report.percent(self.false_alarm_rate),
            report.figure(self.row.vus_pr, 3),
            report.figure(self.row.auc_pr, 3),
        ]

    def document(self) -> dict[str, Any]:
        """Return it for a program."""
        return {**self.row.document(), "delays_min": self.delays_min}


def found(name: str, parts: Sequence[Part], scores: Sequence[Floats]) -> Found:
    """Measure the scores of all runs."""
    delays = {
        part.recording.name: _delay(one, threshold(part.recording.times_ns))
        if name in CALIBRATED
        else NONE
        for part, one in zip(parts, scores, strict=True)
        if part.recording.labels.any()
    }
    return Found(judged(name, parts, scores), delays)


def _delay(scores: Floats, least: float) -> float:
    alarm = np.flatnonzero(scores[FAULT:] >= least)
    return float(alarm[0] * STEP_MIN) if alarm.size else NONE


def run(  # noqa: PLR0913 - options of the command
    folder: report.Folder,
    *,
    cold: Annotated[bool, typer.Option("--cold", help="Do not let them see d00 before.")] = False,
    detector: report.Names = None,
    seed: report.Seed = 1,
    out: report.Out = None,
    as_json: report.AsJson = False,
    fail_under: report.FailUnder = None,
) -> None:
    """Score the Tennessee Eastman process.

    All see the fault-free d00 before each run: of a run only the first 160 rows are healthy, so a
    detector that says nothing at first would look right. At the product's default threshold: the
    faults found, the median delay of those, and the share of rows without a fault (before it, and
    d00_te) that are in alarm: a delay means nothing without it. Areas as in `eval smd`. Headline:
    VUS-PR.
    """
    parts = started(folder, read(folder), trained=not cold)
    rows = [found(one, parts, scored(parts, one, seed, out)) for one in report.chosen(detector)]
    first = rows[0]
    told: dict[str, Any] = {"set": "tep", "seed": seed, "trained": not cold}
    told["headline"] = first.row.vus_pr
    told["detectors"] = {one.row.contender: one.document() for one in rows}
    vus, rate = report.figure(first.row.vus_pr, 3), report.percent(first.false_alarm_rate)
    some = f"{len(first.detected)} of {len(first.delays_min)} faults, {rate} false alarms"
    last = f"tep: {first.row.contender} {some}, VUS-PR {vus}"
    table = report.table(HEAD, (one.cells() for one in rows))
    report.tell(told, [what(parts), *table, last], as_json=as_json)
    report.under(first.row.vus_pr, fail_under)
