"""What an operator sees at one threshold: rows in alarm, and how often an alarm begins."""

from typing import NamedTuple

import numpy as np

from models.anomaly import episode, every, gate
from models.compiled import compiled, layout
from models.evaluate.recording import Bools
from schemas.telemetry import Floats, Ints

EPISODE = layout(episode.Row)
EVERY = layout(every.Row)
NONE = float("nan")


class Rows(NamedTuple):
    """Rows of labelled recordings at one threshold, counted. No row is adjusted to its range."""

    hit: int
    """Anomalous, in alarm."""
    missed: int
    """Anomalous, not in alarm."""
    false: int
    """Healthy, in alarm."""
    quiet: int
    """Healthy, not in alarm."""

    def and_(self, other: "Rows") -> "Rows":
        """Return the rows of both."""
        return Rows(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def false_alarm_rate(self) -> float:
        """Share of healthy rows that are in alarm; NaN without any."""
        return _share(self.false, self.false + self.quiet)

    @property
    def recall(self) -> float:
        """Share of anomalous rows that are in alarm; NaN without any."""
        return _share(self.hit, self.hit + self.missed)

    @property
    def precision(self) -> float:
        """Share of rows in alarm that are anomalous; NaN without any."""
        return _share(self.hit, self.hit + self.false)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall. Means nothing without `false_alarm_rate`."""
        return _share(2 * self.hit, 2 * self.hit + self.missed + self.false)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else NONE


def counted(scores: Floats, labels: Bools, threshold: float) -> Rows:
    """Count rows; in alarm are those whose score reaches `threshold`. All (n,)."""
    alarm = scores >= threshold
    hit, false = int((alarm & labels).sum()), int((alarm & ~labels).sum())
    return Rows(hit, int(labels.sum()) - hit, false, int((~labels).sum()) - false)


def openings(scores: Floats, threshold: float) -> Ints:
    """Return the rows at which an anomaly opens, by the product's own rules.

    But for one: an anomaly that is still far from normal does not end, and that scores don't tell.
    """
    opened = np.zeros(scores.size, np.bool_)
    _open(np.zeros(1, EVERY)[0], np.zeros(1, EPISODE)[0], scores, threshold, opened)
    return np.flatnonzero(opened)


@compiled
def _open(
    signal: every.Row, at: episode.Row, scores: Floats, threshold: float, opened: Bools
) -> None:
    for i in range(scores.size):
        score = scores[i]
        if at.length > 0 or every.is_news(signal, score, threshold):
            opened[i] = episode.step(at, score, threshold, True, True) == episode.OPENED
        gated = every.note(signal, score)
        if at.length > 0 or (signal.rest > 0 and gated == gate.SHUT):
            every.tire(signal)
