"""The Numenta Anomaly Benchmark's score (Lavin & Ahmad 2015, rules of NAB 1.1).

A row is flagged where its score reaches the threshold. The first rows of a file, 15 % of it and at
most 750, never count. With s(x) = 2 / (1 + e^5x) - 1, a window over rows a..b, w rows wide:

- a flagged row i in it is worth `hit` * s(-(b - i + 1) / w) / s(-1): 1 at its left edge, near 0 at
  its right; the window counts its best, so its first, flagged row; one with none costs `miss`;
- a flagged row outside costs `alarm` times -s((i - b) / (w - 1)) of the latest window that has
  ended, in full beyond three widths or before any has. Every such row counts.

The sum over the corpus is scaled so that 0 is to flag nothing and 100 to flag the first row of
every window and nothing else.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.telemetry import Floats, Ints

PROBATION = 0.15  # of a file ...
PROBATION_ROWS = 750  # ... and at most so many rows
FULL = 3.0  # widths after a window: from here on an alarm costs in full


class Profile(NamedTuple):
    """What an application thinks of hits, false alarms and misses."""

    name: str
    hit: float
    alarm: float
    """Cost of a false alarm."""
    miss: float


PROFILES = (
    Profile("standard", 1.0, 0.11, 1.0),
    Profile("low FP", 1.0, 0.22, 1.0),
    Profile("low FN", 1.0, 0.11, 2.0),
)


class Judged(NamedTuple):
    """The rows of a file, or of several, that count."""

    category: str
    scores: Floats
    """(n,)"""
    worth: Floats
    """(n,) unweighted: 0..1 in a window, -1..0 outside."""
    window: Ints
    """(n,) number of the window that a row is in; -1 outside."""
    windows: int
    """How many there are, those that no counted row is in too."""


class Outcome(NamedTuple):
    """What thresholds led to. Outcomes of different files can be added up."""

    raw: float
    hit: int
    """Windows."""
    windows: int
    alarms: int
    """Flagged rows outside windows."""

    def and_(self, other: "Outcome") -> "Outcome":
        """Return the outcome of both."""
        windows, alarms = self.windows + other.windows, self.alarms + other.alarms
        return Outcome(self.raw + other.raw, self.hit + other.hit, windows, alarms)

    def normalised(self, profile: Profile) -> float:
        """Return the score: 0 for flagging nothing, 100 at most; NaN without windows."""
        if self.windows == 0:
            return float("nan")
        nothing = -profile.miss * self.windows
        return 100.0 * (self.raw - nothing) / (profile.hit * self.windows - nothing)


class Result(NamedTuple):
    """A detector at one profile."""

    score: float
    threshold: float
    """NaN where each category has its own."""
    outcome: Outcome


def squash(x: Floats) -> Floats:
    """Return s(x) of the rules, elementwise; -1.0 beyond `FULL`."""
    return np.where(x > FULL, -1.0, 2.0 / (1.0 + np.exp(5.0 * np.minimum(x, FULL))) - 1.0)


def judged(category: str, scores: Floats, windows: Sequence[tuple[int, int]]) -> Judged:
    """Lay windows, first and last row of each, over a file's scores, (n,)."""
    row = np.arange(scores.size)
    worth, window = np.full(row.size, -1.0), np.full(row.size, -1)
    for number, (first, last) in enumerate(sorted(windows)):
        inside, after = (row >= first) & (row <= last), row > last
        width = last - first + 1
        window[inside] = number
        worth[inside] = squash((row[inside] - last - 1) / width) / squash(np.array(-1.0))
        worth[after] = squash((row[after] - last) / max(width - 1, 1))
    begin = min(int(PROBATION * row.size), PROBATION_ROWS)
    return Judged(category, scores[begin:], worth[begin:], window[begin:], len(windows))


def joined(files: Sequence[Judged]) -> Judged:
    """Put files together, at least one; windows are numbered anew."""
    begin = np.cumsum([0, *(one.windows for one in files)])
    shifted = [
        np.where(one.window >= 0, one.window + at, -1)
        for one, at in zip(files, begin[:-1], strict=True)
    ]
    return Judged(
        files[0].category,
        np.concatenate([one.scores for one in files]),
        np.concatenate([one.worth for one in files]),
        np.concatenate(shifted),
        int(begin[-1]),
    )


def outcome(one: Judged, profile: Profile, threshold: float) -> Outcome:
    """Count what a threshold leads to."""
    flagged = one.scores >= threshold
    outside = flagged & (one.window < 0)
    raw = profile.alarm * float(one.worth[outside].sum())
    windows = np.unique(one.window[one.window >= 0])
    hits = [one.worth[flagged & (one.window == number)] for number in windows]
    raw += sum(profile.hit * float(hit.max()) if hit.size else -profile.miss for hit in hits)
    return Outcome(raw, sum(bool(hit.size) for hit in hits), one.windows, int(outside.sum()))


def best(one: Judged, profile: Profile) -> float:
    """Return the threshold that earns most; of equals the highest; inf: better flag nothing."""
    order = np.argsort(-one.scores, kind="stable")
    scores = one.scores[order]
    total = np.cumsum(_gain(one.worth[order], one.window[order], profile))
    ends = np.flatnonzero(
        np.append(scores[1:] != scores[:-1], True)
    )  # equal ones are flagged at once
    earned = np.concatenate([[0.0], total[ends]])
    return float(np.concatenate([[np.inf], scores[ends]])[np.argmax(earned)])


def _gain(worth: Floats, window: Ints, profile: Profile) -> Floats:
    """Return what each row adds to the raw score when it is flagged after those before it, (n,)."""
    gain = np.where(window < 0, profile.alarm * worth, 0.0)
    for number in np.unique(window[window >= 0]):
        rows = np.flatnonzero(window == number)
        reached = np.maximum.accumulate(profile.hit * worth[rows])
        gain[rows] = np.diff(reached, prepend=-profile.miss)
    return gain


def visible(files: Sequence[Judged], profile: Profile) -> Result:
    """Score all files at the threshold that is best on them."""
    whole = joined(files)
    threshold = best(whole, profile)
    found = outcome(whole, profile, threshold)
    return Result(found.normalised(profile), threshold, found)


def held_out(files: Sequence[Judged], profile: Profile) -> Result:
    """Score each category at the threshold that is best on all others; NaN where there is one."""
    found, categories = Outcome(0.0, 0, 0, 0), sorted({one.category for one in files})
    for category in categories if len(categories) > 1 else ():
        mine = joined([one for one in files if one.category == category])
        others = joined([one for one in files if one.category != category])
        each = outcome(mine, profile, best(others, profile))
        found = found.and_(each)
    return Result(found.normalised(profile), float("nan"), found)


def rows(times_ns: Ints, windows: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return first and last row of windows given by their times; each must be the time of a row.

    Of rows with the same time the first counts. Raises ValueError.
    """
    where: dict[int, int] = {}
    for row, time_ns in enumerate(times_ns.tolist()):
        where.setdefault(time_ns, row)
    lacking = {time_ns for window in windows for time_ns in window} - where.keys()
    if lacking:
        raise ValueError(f"{len(lacking)} windows begin or end where there is no row")
    return [(where[first], where[last]) for first, last in windows]


def labels(n: int, windows: Sequence[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    """Return which of n rows are in a window, (n,). `windows`: first and last row of each."""
    inside = np.zeros(n, np.bool_)
    for first, last in windows:
        inside[first : last + 1] = True
    return inside
