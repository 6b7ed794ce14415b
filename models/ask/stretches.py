"""One signal of readings in stretches of time: nothing that peaks is lost, however few they are."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from models.symbols import Window
from models.words import moment
from schemas import readings
from schemas.ask.signals import Stretch
from schemas.readings import Block
from schemas.telemetry import Floats, Ints, Marks


class Samples(NamedTuple):
    """n samples in any order."""

    times_ns: Ints
    """(n,)"""
    values: Floats
    """(n,) NaN where there is none."""
    marks: Marks
    """(n,) `Quality`."""


@dataclass(slots=True)
class Signal:
    """The samples of one signal within a window, block by block."""

    asset: str
    point: str
    window: Window
    parts: list[Samples] = field(default_factory=list)

    def take(self, block: Block) -> None:
        """Take what a block has of it. Raises `BlockError` where its names are others than told."""
        if self.asset not in block.meta.assets:
            return
        at = np.flatnonzero(block.asset == block.meta.assets.index(self.asset))
        times = block.time_ns[at]
        at = at[(self.window.start_ns <= times) & (times < self.window.end_ns)]
        for shape in np.unique(block.shape[at]).tolist():
            names = readings.points(block.meta, shape)
            if self.point in names:
                spans = at[block.shape[at] == shape]
                places = block.start[spans] + names.index(self.point)
                marks = block.quality[places] if len(block.quality) else np.zeros(len(spans), "u2")
                self.parts.append(Samples(block.time_ns[spans], block.values[places], marks))

    def samples(self) -> Samples:
        """Return all of it, by time."""
        none = Samples(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.uint16))
        times_ns, values, marks = (np.concatenate(c) for c in zip(none, *self.parts, strict=True))
        order = np.argsort(times_ns, kind="stable")
        return Samples(times_ns[order], values[order], marks[order])


def stretches(samples: Samples, window: Window, most: int) -> list[Stretch]:
    """Cut a window into `most` stretches of one length; those without samples are left out."""
    length_ns = max(-(-(window.end_ns - window.start_ns) // most), 1)
    which = (samples.times_ns - window.start_ns) // length_ns
    cuts = np.flatnonzero(np.diff(which)) + 1
    parts = zip(*(np.split(column, cuts) for column in (which, *samples)), strict=True)
    return list(_told(parts, window.start_ns, length_ns)) if len(which) else []


def _told(parts: Iterator[tuple[Ints, ...]], start_ns: int, length_ns: int) -> Iterator[Stretch]:
    for which, _, values, marks in parts:
        known = values[np.isfinite(values)]
        numbers = (known.min(), known.max(), known.mean(), known[-1]) if len(known) else ()
        least, most, mean, last = map(float, numbers) if len(known) else (None,) * 4
        yield Stretch(
            time=moment(start_ns + int(which[0]) * length_ns),
            samples=len(values),
            poor=int(np.count_nonzero(marks)),
            least=least,
            most=most,
            mean=mean,
            last=last,
        )
