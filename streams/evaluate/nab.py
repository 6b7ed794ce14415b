"""`alltobit eval nab`: the Numenta Anomaly Benchmark, three profiles, visible and held out."""

import csv
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from models.evaluate import nab
from models.evaluate.nab import PROFILES, Judged, Result
from models.evaluate.once import once
from models.evaluate.recording import Recording
from models.replay.times import time_ns
from schemas.telemetry import Floats
from streams.cli.console import moment
from streams.errors import ConfigError
from streams.evaluate import report
from streams.evaluate.tables import recording

_LABELS = ("windows.json", "combined_windows.json", "labels/combined_windows.json")
Windows = dict[str, list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class File:
    """One file of the corpus."""

    category: str
    recording: Recording
    windows: list[tuple[int, int]]
    """First and last row of each."""


def corpus(folder: Path, labels: Path | None = None) -> list[File]:
    """Read every file that the windows name. Raises ConfigError."""
    windows = _windows(labels or _found(folder))
    data = folder / "data" if (folder / "data").is_dir() else folder
    return [_file(data, name, some) for name, some in windows.items()]


def is_there(folder: Path) -> bool:
    """Say whether a folder is NAB's."""
    return any((folder / one).is_file() for one in _LABELS)


def _found(folder: Path) -> Path:
    found = [folder / one for one in _LABELS if (folder / one).is_file()]
    if not found:
        trouble = f"has none of {', '.join(_LABELS)}"
        raise ConfigError("eval nab", folder, trouble, "name NAB's folder, or --windows")
    return found[0]


def _windows(path: Path) -> Windows:
    try:
        read = json.loads(path.read_text())
        return {name: [_span(*one) for one in some] for name, some in read.items()}
    except (ValueError, TypeError, AttributeError, OSError) as bad:
        trouble, mend = f"is no file of windows: {bad}", "name combined_windows.json"
        raise ConfigError("eval nab", path, trouble, mend) from bad


def _span(first: str, last: str) -> tuple[int, int]:
    begin, end = time_ns(first), time_ns(last)
    if begin is None or end is None:
        raise ValueError(f"{first!r} to {last!r} are no times")
    return begin, end


def _file(data: Path, name: str, windows: list[tuple[int, int]]) -> File:
    read = recording(data / name, name)
    try:
        rows = nab.rows(read.times_ns, windows)
    except ValueError as bad:
        mend = "give labels and data of the same version"
        raise ConfigError("eval nab", name, str(bad), mend) from bad
    labels = nab.labels(read.times_ns.size, rows)
    return File(name.partition("/")[0], replace(read, labels=labels), rows)


def write(out: Path, contender: str, file: File, scores: Floats) -> None:
    """Write a result file as NAB does: DETECTOR/CATEGORY/DETECTOR_FILE, scores below 1.0.

    A score s is written as s / (1 + s), which keeps their order.
    """
    one = file.recording
    path = out / contender / file.category / f"{contender}_{Path(one.name).name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = zip(one.times_ns.tolist(), one.values[:, 0], scores, one.labels, strict=True)
    with path.open("w", newline="") as opened:
        lines = csv.writer(opened, lineterminator="\n")
        lines.writerow(("timestamp", "value", "anomaly_score", "label"))
        for time, value, score, label in rows:
            told = moment(time).replace("T", " ").removesuffix("Z").removesuffix(".000")
            lines.writerow((told, repr(float(value)), repr(float(score / (1 + score))), int(label)))


@dataclass(frozen=True, slots=True)
class Row:
    """What one contender reached, a result a profile."""

    contender: str
    visible: list[Result]
    held_out: list[Result]
    """NaN where there is one category only."""
    every_row: float
    """Standard profile, best threshold, where an alarm is told with every row it lasts."""

    def cells(self) -> list[str]:
        """Return its line of the table."""
        first = self.visible[0]
        return [
            self.contender,
            *(report.figure(one.score, 1) for one in self.visible),
            f"{first.threshold:.4g}",
            f"{first.outcome.hit}/{first.outcome.windows}",
            f"{first.outcome.alarms:,}",
            *(report.figure(one.score, 1) for one in self.held_out),
            report.figure(self.every_row, 1),
        ]

    def document(self) -> dict[str, Any]:
        """Return it for a program."""
        profiles = {
            profile.name: {
                "score": seen.score,
                "threshold": seen.threshold,
                "windows_hit": seen.outcome.hit,
                "alarms": seen.outcome.alarms,
                "held_out": held.score,
            }
            for profile, seen, held in zip(PROFILES, self.visible, self.held_out, strict=True)
        }
        return {**profiles, "every_row": self.every_row}


HEAD = [
    "detector",
    *(one.name for one in PROFILES),
    "threshold",
    "hit",
    "alarms",
    *(f"held out {one.name}" for one in PROFILES),
    "every row",
]


def measure(files: list[File], name: str, seed: int, out: Path | None) -> Row:
    """Let a contender score all files."""
    told: list[Judged] = []
    every: list[Judged] = []
    for file in report.told(name, files):
        one = file.recording
        scores = report.contender(name, seed, one).score(one.times_ns, one.values)
        alarms = once(scores)
        every.append(nab.judged(file.category, scores, file.windows))
        told.append(nab.judged(file.category, alarms, file.windows))
        if out is not None:
            write(out, name, file, alarms)
    visible = [nab.visible(told, one) for one in PROFILES]
    held_out = [nab.held_out(told, one) for one in PROFILES]
    return Row(name, visible, held_out, nab.visible(every, PROFILES[0]).score)


def run(  # noqa: PLR0913 - options of the command
    folder: report.Folder,
    *,
    windows: Annotated[Path | None, typer.Option(help="File of the labelled windows.")] = None,
    detector: report.Names = None,
    seed: report.Seed = 1,
    out: report.Out = None,
    as_json: report.AsJson = False,
    fail_under: report.FailUnder = None,
) -> None:
    """Score the Numenta Anomaly Benchmark.

    Of every detector alike a score counts only where it is above all of the last 200 rows: an
    alarm is told once (`every row`: the standard score without that). Thresholds are those best on
    all files (NAB's own way), one a profile; held out: each category at the threshold that is best
    on all others. 0 is to flag nothing, 100 is perfect. Columns `threshold`, `hit` (windows) and
    `alarms` (flagged rows outside) are the standard profile's.
    """
    files = corpus(folder, windows)
    rows = [measure(files, one, seed, out) for one in report.chosen(detector)]
    first = rows[0]
    figure = first.visible[0].score
    told = {"set": "nab", "seed": seed, "headline": figure}
    told["detectors"] = {one.contender: one.document() for one in rows}
    held = report.figure(first.held_out[0].score)
    last = f"nab: {first.contender} {figure:.2f}, held out {held}"
    lines = [_what(files), *report.table(HEAD, (one.cells() for one in rows)), last]
    report.tell(told, lines, as_json=as_json)
    report.under(figure, fail_under)


def _what(files: list[File]) -> str:
    categories = len({one.category for one in files})
    windows = sum(len(one.windows) for one in files)
    return f"{len(files)} files of {categories} categories, {windows} windows; cold start, online"
