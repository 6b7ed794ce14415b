"""A recent past unlike any remembered: distance to the nearest of 128 shapes. 1,208 bytes.

A shape is the value and its means over 1, 2, 4 .. 64 samples of half-life, in sixteenths of a
spread: many scales without a buffer. What is remembered is what was new: a shape is kept when it is
farther from all others than nine in ten are (as a category of adaptive resonance is made: Carpenter
and Grossberg 1987), in place of one that was not met again since the hand last passed (second
chance: Corbató 1969). The distance to the nearest (Knorr and Ng 1998) becomes -log10 of its tail.
"""

from math import sqrt
from typing import Annotated

import numpy as np

from models.anomaly import tail
from models.compiled import Bytes, Codes, Float32, Floats32, Int16, compiled

SHAPES = 128
SIDES = 8
NONE = 1 << 40
STEPS = 16.0  # of a code, a spread
MOST = 127.0  # code
FARTHEST = MOST / STEPS  # spreads: what is farther out counts as this
WEIGHTS = (1.0, *(1.0 - 0.5 ** (1.0 / 2.0**i) for i in range(SIDES - 1)))
WARMUP = 64  # samples until the longest mean says something
RARE = 0.1  # share of shapes that are kept
QUANTILE, EXCESS = 0.35, 0.15  # of a distance at the start, in spreads

Means = Annotated[Floats32, np.dtype((np.float32, (SIDES,)))]
Memory = Annotated[Codes, np.dtype((np.int8, (SIDES, SHAPES)))]
Met = Annotated[Bytes, np.dtype((np.uint8, (SHAPES,)))]


class Row:
    """What one signal remembers."""

    means: Means
    """In spreads."""
    shapes: Memory
    met: Met
    """1: since the hand last passed."""
    known: Int16
    """How many shapes there are."""
    hand: Int16
    new: Float32
    """The distance that nine in ten are within."""
    mean: Float32
    """Of the distances."""
    tail: tail.Row


@compiled
def start(row: Row) -> None:
    """Begin."""
    row.means[:] = 0.0
    row.met[:] = 0
    row.known = row.hand = 0
    row.new = row.mean = 0.0
    tail.start(row.tail, QUANTILE, EXCESS)


@compiled
def code(row: Row, away: float, side: int) -> int:
    """Return a side of the shape that ends `away` spreads from the centre, -127..127."""
    mean = row.means[side] + WEIGHTS[side] * (away - row.means[side])
    return int(np.rint(min(max(mean * STEPS, -MOST), MOST)))


@compiled
def nearest(row: Row, away: float) -> tuple[float, int]:
    """Return the distance to the nearest shape, in spreads, and which; 0.0 and -1: there is none.

    `away`: of the value that ends this shape from the centre, in spreads. Learns nothing.
    """
    a, b, c, d = code(row, away, 0), code(row, away, 1), code(row, away, 2), code(row, away, 3)
    e, f, g, h = code(row, away, 4), code(row, away, 5), code(row, away, 6), code(row, away, 7)
    shapes, least = row.shapes, NONE
    for i in range(row.known):
        far = (
            (shapes[0, i] - a) ** 2
            + (shapes[1, i] - b) ** 2
            + (shapes[2, i] - c) ** 2
            + (shapes[3, i] - d) ** 2
            + (shapes[4, i] - e) ** 2
            + (shapes[5, i] - f) ** 2
            + (shapes[6, i] - g) ** 2
            + (shapes[7, i] - h) ** 2
        )
        least = min(least, far * SHAPES + i)  # so that the loop has no branch
    if least == NONE:
        return 0.0, -1
    return sqrt(least // SHAPES / SIDES) / STEPS, least % SHAPES


@compiled
def score(row: Row, distance: float, seen: float) -> float:
    """Say how surprising a shape at `distance` from all others is: -log10 of its tail."""
    return tail.score(row.tail, distance) if seen >= WARMUP + WARMUP else 0.0


@compiled
def learn(row: Row, away: float, near: tuple[float, int], seen: float) -> None:
    """Learn the shape that ends with `away`, the one after `seen` others. `near`: its nearest.

    Before `follow` takes `away` into the means.
    """
    distance, which = near
    if seen >= WARMUP:
        known = seen - WARMUP
        gain = tail.gain(known)
        tail.learn(row.tail, distance, known, gain)
        slow = max(1.0 / (known + 1.0 / RARE), 1.0 / tail.MEMORY)
        is_new = which < 0 or distance > row.new
        row.new = max(row.new + row.mean * slow * (1.0 / RARE - 1.0 if is_new else -1.0), 0.0)
        row.mean += max(slow, 0.005) * (distance - row.mean)
        if is_new:
            which = room(row)
            for side in range(SIDES):
                row.shapes[side, which] = code(row, away, side)
        row.met[which] = 1


@compiled
def follow(row: Row, away: float) -> None:
    """Take one distance from the centre, in spreads, into the means."""
    for side in range(SIDES):
        row.means[side] += WEIGHTS[side] * (away - row.means[side])


@compiled
def room(row: Row) -> int:
    """Return where a new shape goes: behind the others, or where one was not met again."""
    if row.known < SHAPES:
        row.known += 1
        return int(row.known) - 1
    while row.met[row.hand]:
        row.met[row.hand] = 0
        row.hand = (row.hand + 1) % SHAPES
    place = int(row.hand)
    row.hand = (row.hand + 1) % SHAPES
    return place
