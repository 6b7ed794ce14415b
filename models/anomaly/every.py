"""What every signal has: its detectors, the gate of its learning, and a rest after each anomaly.

160 bytes. `score` never learns; `learn` takes the score and says whether the gate is shut.
"""

from math import log10

from models.anomaly import base, gate, tail
from models.compiled import Int16, compiled, inlined

DAY_S = 86_400.0
CLOSES = 3.7  # -log10 of a probability: the score that shuts the gate of learning
LASTS = 300  # samples: a change that lasts longer is the new normal
LEAST = 3.0  # -log10 of a probability: no threshold is lower
REST = 100  # samples after an anomaly without another one ...
WORSE = 1.5  # ... unless it is so many times the threshold


class Row:
    """What one signal remembers."""

    base: base.Row
    gate: gate.Row
    rest: Int16
    """Samples until an anomaly that is not much worse is news."""


@compiled
def threshold(interval_s: float, false_alarms: float) -> float:
    """Return the score at which an anomaly opens, so that a signal raises `false_alarms` a day.

    `interval_s`: between its samples. Scores are -log10 of tail probabilities, so with 86,400 /
    interval samples a day that many exceed it by chance.
    """
    if interval_s <= 0.0:
        return tail.TOP
    return min(max(log10(DAY_S / interval_s / false_alarms), LEAST), tail.TOP)


@inlined
def learn(row: Row, look: base.Look, score: float) -> int:
    """Learn one value after its score; say what the gate said."""
    gated = note(row, gate.held(row.gate, score, CLOSES, look.away))
    base.learn(row.base, look, row.gate.length if gated == gate.SHUT else 0, gated == gate.ADOPT)
    return gated


@inlined
def note(row: Row, score: float) -> int:
    """Take a score without its value: the gate and the rest; say what the gate said."""
    row.rest = max(row.rest - 1, 0)
    return gate.step(row.gate, score, CLOSES, LASTS)


@inlined
def is_news(row: Row, score: float, threshold: float) -> bool:
    """Say whether a score opens an anomaly. While one is open, or learning gated, rest begins anew.

    So a chain of spikes, or a fault that comes and goes, is told once, or when it gets much worse.
    """
    return score >= threshold and (row.rest == 0 or score >= WORSE * threshold)


@compiled
def tire(row: Row) -> None:
    """Begin the rest anew."""
    row.rest = REST


@compiled
def forget(row: Row) -> None:
    """Start again: from now on values are another quantity."""
    row.base.place.seen = 0.0
    row.gate.length = 0
    row.gate.calm = 0
