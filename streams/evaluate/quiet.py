"""`alltobit eval quiet`: how often an alarm begins where nothing is wrong, or nobody knows."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from models.evaluate.alarms import NONE, openings
from models.evaluate.contenders import CALIBRATED
from models.evaluate.ours import threshold
from models.evaluate.recording import Recording
from streams.cli.console import moment
from streams.evaluate import report
from streams.evaluate.stretches import Stretch, stretches

SIGNALS = 500
"""An operator's plant: alarms are told a day over so many signals."""


FIRST = 1000
"""Samples of a signal in which its normal is still learned: told with them, and without them."""


class Alarms(NamedTuple):
    """Alarms over an amount of data."""

    begun: int
    signal_days: float

    def and_(self, other: "Alarms") -> "Alarms":
        """Return both."""
        return Alarms(self.begun + other.begun, self.signal_days + other.signal_days)

    @property
    def a_day(self) -> float:
        """How many a day over `SIGNALS`; NaN without data."""
        return SIGNALS * self.begun / self.signal_days if self.signal_days else NONE


NO_ALARMS = Alarms(0, 0.0)


class Opened(NamedTuple):
    """One alarm."""

    of: str
    recording: str
    signal: int
    time_ns: int
    score: float
    healthy: bool
    age: int
    """Samples that the signal had before."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one contender did."""

    contender: str
    sets: dict[str, Alarms]
    healthy: Alarms
    known: Alarms
    """Of the healthy ones, those after the `FIRST` samples of a signal."""
    unlabelled: Alarms

    def cells(self) -> list[str]:
        """Return its line of the table."""
        every = [*self.sets.values(), self.healthy, self.known, self.unlabelled]
        return [self.contender, *(report.figure(one.a_day) for one in every)]

    def document(self) -> dict[str, Any]:
        """Return it for a program."""
        kinds = {"healthy": self.healthy, "known": self.known, "unlabelled": self.unlabelled}
        every = {**self.sets, **kinds}
        return {
            name: {"alarms": one.begun, "signal_days": one.signal_days, "a_day": one.a_day}
            for name, one in every.items()
        }


def opened(stretch: Stretch, name: str, seed: int) -> Iterator[Opened]:
    """Yield the alarms of every signal by itself, labelled anomalies left out."""
    one = stretch.recording
    for signal in range(one.values.shape[1]):
        alone = Recording(
            f"{one.name}/{signal}", one.times_ns, one.values[:, signal : signal + 1], one.labels
        )
        scores = report.contender(name, seed, alone).score(alone.times_ns, alone.values)
        for row in openings(scores, threshold(one.times_ns)).tolist():
            if not one.labels[row]:
                time_ns, score = int(one.times_ns[row]), float(scores[row])
                healthy = bool(stretch.healthy[row])
                yield Opened(stretch.of, one.name, signal, time_ns, score, healthy, row)


def measure(some: Sequence[Stretch], name: str, seed: int, out: Path | None) -> Row:
    """Count the alarms of a contender, set by set; none where its scores are no tails."""
    sets = dict.fromkeys([one.of for one in some], NO_ALARMS)
    healthy = known = unlabelled = NO_ALARMS
    if name not in CALIBRATED:
        return Row(name, sets, healthy, known, unlabelled)
    told: list[Opened] = []
    for stretch in report.told(name, some):
        alarms = [*opened(stretch, name, seed)]
        good = Alarms(sum(one.healthy for one in alarms), stretch.days(stretch.healthy))
        rest = Alarms(len(alarms) - good.begun, stretch.days(stretch.unlabelled))
        healthy, unlabelled = healthy.and_(good), unlabelled.and_(rest)
        known = known.and_(_later(stretch, alarms))
        sets[stretch.of] = sets[stretch.of].and_(good).and_(rest)
        told += alarms
    if out is not None:
        write(out, name, told)
    return Row(name, sets, healthy, known, unlabelled)


def _later(stretch: Stretch, alarms: Sequence[Opened]) -> Alarms:
    begun = sum(one.healthy and one.age >= FIRST for one in alarms)
    later = stretch.healthy.copy()
    later[:FIRST] = False
    return Alarms(begun, stretch.days(later))


def write(out: Path, contender: str, alarms: Sequence[Opened]) -> None:
    """Write DETECTOR/alarms.csv, a row an alarm."""
    (out / contender).mkdir(parents=True, exist_ok=True)
    with (out / contender / "alarms.csv").open("w", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(("set", "recording", "signal", "timestamp", "score", "healthy"))
        for one in alarms:
            time, score = moment(one.time_ns), repr(one.score)
            lines.writerow((one.of, one.recording, one.signal, time, score, int(one.healthy)))


def run(  # noqa: PLR0913 - options of the command
    folder: report.Folder,
    *,
    detector: report.Names = None,
    seed: report.Seed = 1,
    out: report.Out = None,
    as_json: report.AsJson = False,
    fail_over: report.FailOver = None,
) -> None:
    """Count false alarms a day over 500 signals, at the product's default threshold.

    The folder holds sets, or is one: those that `eval` knows, and any other recorded tables. Rows
    count as healthy where their authors say so (labels, fault-free runs); training parts and other
    tables as unlabelled; labelled anomalies are seen, and not counted. Each signal is by itself,
    from a cold start; an alarm that lasts is one. Headline: alarms on healthy rows. Column `known`:
    the same without the first 1,000 samples of each signal.
    """
    some = stretches(folder)
    rows = [measure(some, one, seed, out) for one in report.chosen(detector)]
    first = rows[0]
    told: dict[str, Any] = {"set": "quiet", "seed": seed, "headline": first.healthy.a_day}
    told["detectors"] = {one.contender: one.document() for one in rows}
    head = ["detector", *first.sets, "all healthy", "known", "all unlabelled"]
    table = report.table(head, (one.cells() for one in rows))
    report.tell(told, [_what(some), *table, _last(first)], as_json=as_json)
    report.over(first.healthy.a_day, fail_over)


def _what(some: Sequence[Stretch]) -> str:
    signals = sum(one.recording.values.shape[1] for one in some)
    healthy = sum(one.days(one.healthy) for one in some)
    rest = sum(one.days(one.unlabelled) for one in some)
    return (
        f"{len(some)} recordings, {signals} signals; {healthy:,.0f} signal-days healthy, "
        f"{rest:,.0f} unlabelled; alarms a day over {SIGNALS} signals"
    )


def _last(row: Row) -> str:
    healthy, rest = report.figure(row.healthy.a_day), report.figure(row.unlabelled.a_day)
    return (
        f"quiet: {row.contender} {healthy} false alarms a day over {SIGNALS} healthy signals, "
        f"{rest} over unlabelled ones"
    )
