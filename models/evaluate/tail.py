"""Scores as -log10 of a tail probability, so that one threshold means one false-alarm rate."""

from math import erfc, log, log10, sqrt

from models.compiled import compiled
from schemas.telemetry import Floats

LOG10 = 2.302585092994046
FAR = 20.0  # deviations: from here on a series, as erfc ends at 38
FARTHEST = 1e150  # deviations: its square is finite


@compiled
def gaussian(deviations: float) -> float:
    """Return -log10 of the chance to be this far from the mean, either side. >= 0.0, finite.

    Beyond `FAR` by the asymptotic series of erfc (Abramowitz & Stegun 1964, 7.1.23).
    """
    away = min(abs(deviations), FARTHEST)
    if away < FAR:
        return -log10(erfc(away / sqrt(2.0)))
    inverse = 1.0 / (away * away)
    series = 1.0 - inverse * (1.0 - inverse * (3.0 - inverse * (15.0 - inverse * 105.0)))
    return (0.5 * away * away + log(away * sqrt(0.5 * 3.141592653589793) / series)) / LOG10


@compiled
def largest(scores: Floats) -> float:
    """Return the score of the largest of k scores, (k,): its tail is at most k times as likely.

    Bonferroni's bound, so it holds however the signals depend on each other. 0.0 where k is 0.
    """
    best = 0.0
    for i in range(scores.size):
        best = max(best, scores[i])
    return max(best - log10(max(scores.size, 1)), 0.0)
