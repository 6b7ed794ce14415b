"""Sets whose rows are labelled: areas without a threshold, and figures at the operator's."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from models.evaluate.alarms import NONE, Rows, counted
from models.evaluate.contenders import CALIBRATED
from models.evaluate.ours import threshold
from models.evaluate.recording import Recording
from models.evaluate.vus import BUFFER, auc_pr, vus_pr
from schemas.telemetry import Floats
from streams.cli.console import moment
from streams.errors import ConfigError
from streams.evaluate import report


class Part(NamedTuple):
    """One recording to be scored, and what its machine did before."""

    recording: Recording
    before: Recording | None = None
    """Healthy, as far as is known; contenders see it only where that is asked for."""


Read = Callable[[Path], Sequence[Part]]
HEAD = ["detector", "VUS-PR", "AUC-PR", "F1", "precision", "recall", "false alarms"]


@dataclass(frozen=True, slots=True)
class Row:
    """What one contender reached."""

    contender: str
    vus_pr: float
    """Mean over recordings that have labels."""
    auc_pr: float
    rows: Rows | None
    """At the operator's threshold, all recordings together; none where scores are no tails."""

    def cells(self) -> list[str]:
        """Return its line of the table."""
        areas = (report.figure(one, 3) for one in (self.vus_pr, self.auc_pr))
        return [self.contender, *areas, *map(report.percent, self._shares())]

    def _shares(self) -> list[float]:
        rows = self.rows or Rows(0, 0, 0, 0)
        return [rows.f1, rows.precision, rows.recall, rows.false_alarm_rate]

    def document(self) -> dict[str, Any]:
        """Return it for a program."""
        names = ("f1", "precision", "recall", "false_alarm_rate")
        at = dict(zip(names, self._shares(), strict=True))
        return {"vus_pr": self.vus_pr, "auc_pr": self.auc_pr, "at_threshold": at}


def scored(parts: Sequence[Part], name: str, seed: int, out: Path | None) -> list[Floats]:
    """Let contenders of a name score all parts, a new one each; return the scores, (n,) each."""
    found = []
    for part in report.told(name, parts):
        one, made = part.recording, report.contender(name, seed, part.recording)
        if part.before is not None:
            made.score(part.before.times_ns, part.before.values)
        found.append(made.score(one.times_ns, one.values))
        if out is not None:
            write(out, name, one, found[-1])
    return found


def judged(name: str, parts: Sequence[Part], found: Sequence[Floats]) -> Row:
    """Measure the scores of all parts."""
    pairs = [(scores, part.recording) for scores, part in zip(found, parts, strict=True)]
    areas = [(vus_pr(s, of.labels), auc_pr(s, of.labels)) for s, of in pairs if of.labels.any()]
    vus, auc = np.mean(areas, axis=0) if areas else (NONE, NONE)
    rows = Rows(0, 0, 0, 0)
    for one, of in pairs:
        rows = rows.and_(counted(one, of.labels, threshold(of.times_ns)))
    return Row(name, float(vus), float(auc), rows if name in CALIBRATED else None)


def write(out: Path, contender: str, one: Recording, found: Floats) -> None:
    """Write DETECTOR/NAME.csv: time, score, label of every row."""
    path = out / contender / f"{one.name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as opened:
        lines = csv.writer(opened, lineterminator="\n")
        lines.writerow(("timestamp", "anomaly_score", "label"))
        for time_ns, score, label in zip(one.times_ns.tolist(), found, one.labels, strict=True):
            lines.writerow((moment(time_ns), repr(float(score)), int(label)))


def command(of: str, read: Read, about: str) -> Callable[..., None]:
    """Return the command that evaluates a set. `about`: its help."""

    def run(  # noqa: PLR0913 - options of the command
        folder: report.Folder,
        *,
        trained: report.Trained = False,
        detector: report.Names = None,
        seed: report.Seed = 1,
        out: report.Out = None,
        as_json: report.AsJson = False,
        fail_under: report.FailUnder = None,
    ) -> None:
        parts = started(folder, read(folder), trained=trained)
        names = report.chosen(detector)
        rows = [judged(one, parts, scored(parts, one, seed, out)) for one in names]
        figure = rows[0].vus_pr
        told: dict[str, Any] = {"set": of, "seed": seed, "trained": trained, "headline": figure}
        told["detectors"] = {one.contender: one.document() for one in rows}
        last = f"{of}: {rows[0].contender} VUS-PR {report.figure(figure, 3)}"
        table = report.table(HEAD, (one.cells() for one in rows))
        report.tell(told, [what(parts), *table, last], as_json=as_json)
        report.under(figure, fail_under)

    run.__doc__ = f"{about}\n\n{FIGURES}"
    return run


FIGURES = f"""VUS-PR (surroundings of up to {BUFFER} rows) and AUC-PR: means over the
recordings that have labels. F1, precision, recall and the share of healthy rows in alarm: all rows
together, at the product's default threshold. Nothing is point-adjusted. Headline: VUS-PR."""


def started(folder: Path, parts: Sequence[Part], *, trained: bool) -> Sequence[Part]:
    """Leave out what contenders are not to see. Raises ConfigError."""
    if not trained:
        return [Part(one.recording) for one in parts]
    if any(one.before is None for one in parts):
        trouble = "this set has no training part for each recording"
        mend = "leave --trained out (of tep: give --cold)"
        raise ConfigError("eval", folder, trouble, mend)
    return parts


def what(parts: Sequence[Part]) -> str:
    """Say what was read."""
    some = [one.recording for one in parts]
    rows = sum(one.times_ns.size for one in some)
    share = sum(int(one.labels.sum()) for one in some) / max(rows, 1)
    bare = sum(not one.labels.any() for one in some)
    start = "after their training part" if parts and parts[0].before else "cold start"
    signals = sum(one.values.shape[1] for one in some)
    return (
        f"{len(some)} recordings ({bare} without anomalies), {signals} signals, {rows:,} rows, "
        f"{100 * share:.2f} % anomalous; {start}, online"
    )
