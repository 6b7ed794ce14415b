"""From a raw score to -log10 of its tail probability, learned from the stream. 12 bytes, O(1).

Peaks over threshold (Pickands 1975, Statistical inference using extreme order statistics; streaming
use: Siffer et al. 2017, SPOT): the 98 % quantile walks by Robbins and Monro (1951) with the gain
that is best for an exponential tail; beyond it the excess follows a generalised Pareto whose shape
is read from the mean of log(1 + excess / mean excess), which is 0.596 for an exponential and less
the heavier the tail. Few peaks say little of a shape: it begins as an exponential's with more
weight than the mean has (a prior of the shape: Martins and Stedinger 2001, Generalized maximum
likelihood Pareto-Poisson estimators). So one threshold means the same rate of false alarms on
every signal.
"""

from math import log

from models.compiled import Float32, compiled, inlined

SHARE = 0.02  # of raw scores beyond the quantile
FIRST = 1.6989700043360187  # -log10(SHARE)
LN10 = 2.302585092994046
MEMORY = 2000.0  # samples: the quantile's
PEAKS = 200.0  # exceedances remembered ...
PRIOR = 4.0  # ... of which the start is worth so many ...
FIRM = 20.0  # ... and so many where the shape is concerned
EXPONENTIAL = 0.5963473623231941  # E[log(1 + y)] of a unit exponential
BEND = 3.0  # shape for each unit that the mean logarithm is below it
HEAVIEST = 1.0  # shape
STRAIGHT = 1e-3  # shape: below, an exponential tail
LEAST = 0.05  # excess, in units of the raw score
FARTHEST = 30.0  # mean excesses: no excess is remembered as larger
TOP = 300.0


class Row:
    """What is remembered of one raw score."""

    quantile: Float32
    excess: Float32
    """Mean beyond the quantile."""
    bend: Float32
    """Mean of log(1 + excess / mean excess)."""


@compiled
def start(row: Row, quantile: float, excess: float) -> None:
    """Begin with what a Gaussian signal would give."""
    row.quantile = quantile
    row.excess = excess
    row.bend = EXPONENTIAL


@inlined
def score(row: Row, raw: float) -> float:
    """Return -log10 of the probability of `raw` or more, 0.0..300.0; 0.0 within the quantile."""
    return beyond(row, raw) if raw > row.quantile else 0.0


@compiled
def beyond(row: Row, raw: float) -> float:
    """Return the same of a `raw` beyond the quantile."""
    far = (raw - row.quantile) / max(row.excess, LEAST)
    shape = min(BEND * (EXPONENTIAL - row.bend), HEAVIEST)
    if shape > STRAIGHT:
        far = log(1.0 + shape * far / max(1.0 - shape, 0.2)) / shape
    return min(FIRST + far / LN10, TOP)


@inlined
def gain(seen: float) -> float:
    """Return how far a quantile moves with a raw score, in mean excesses, after `seen` others."""
    samples = seen + 1.0 / SHARE
    return 1.0 / samples if samples < MEMORY else 1.0 / MEMORY


@inlined
def learn(row: Row, raw: float, seen: float, gain: float) -> None:
    """Move quantile and tail towards `raw`, the one after `seen` others. `gain`: of `seen`."""
    if raw > row.quantile:
        widen(row, raw, seen, gain)
    else:
        row.quantile = max(row.quantile - max(row.excess, LEAST) * gain, 0.0)


@inlined
def copy(row: Row, kept: Row) -> None:
    """Keep what is remembered."""
    kept.quantile, kept.excess, kept.bend = row.quantile, row.excess, row.bend


@compiled
def temper(row: Row, kept: Row, part: float) -> None:
    """Let what was learned since `kept` count in `part`; means grow by factors."""
    before, after = max(kept.excess, LEAST), max(row.excess, LEAST)
    row.excess = before * (after / before) ** part
    row.bend = kept.bend + part * (row.bend - kept.bend)
    row.quantile = kept.quantile + part * (row.quantile - kept.quantile)


@compiled
def widen(row: Row, raw: float, seen: float, gain: float) -> None:
    """Learn a `raw` beyond the quantile."""
    mean = max(row.excess, LEAST)
    excess = min(raw - row.quantile, FARTHEST * mean)
    peaks = 1.0 + SHARE * seen
    weight = 1.0 / min(PRIOR + peaks, PEAKS)
    row.bend += 1.0 / min(FIRM + peaks, PEAKS) * (log(1.0 + excess / mean) - row.bend)
    row.excess += weight * (excess - row.excess)
    row.quantile += mean * gain * (1.0 / SHARE - 1.0)
