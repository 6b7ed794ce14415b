"""What is encoded: recorded sets, or the simulated plant, as tables an asset."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from models import bits, pipeline
from models.names import Config
from models.simulate import Plant
from models.simulate.defaults import default_points
from models.simulate.frame import Frame
from models.state import State
from models.telemetry import Gatherer, Piece
from schemas.bits import MOST_SAMPLES
from schemas.telemetry import Source, SpansBuilder
from streams.errors import ConfigError
from streams.replay_files import frames

SECONDS = 1_800
PUBLISHED_S = 600
START_NS = 1_760_000_000_000_000_000
SECOND = 1_000_000_000


class Table(NamedTuple):
    """What one asset said."""

    asset: str
    points: tuple[str, ...]
    values: npt.NDArray[np.float64]
    """(moments, points); NaN where there is none."""


class Published(msgspec.Struct, frozen=True):
    """What a worker publishes of the plant with its declared points: frames of 5 s, every byte."""

    samples: int
    frames: int
    bytes_a_sample: float

    def line(self) -> str:
        """Say it in one line."""
        return (
            f"as published, plant of default points at 1 Hz: {self.frames:,} frames of 5 s, "
            f"{self.bytes_a_sample:.3f} bytes a sample with times, status and names"
        )


def folders(root: Path) -> dict[str, list[Table]]:
    """Read every set under `root`; where that has data itself, it is the set."""
    found = [path for path in sorted(root.iterdir()) if path.is_dir()] if root.is_dir() else []
    try:
        return {path.name: tables(_rows(path)) for path in found or [root]}
    except ConfigError:
        return {root.name: tables(_rows(root))}


def _rows(path: Path) -> Iterable[Frame]:
    return (row for row in frames(path) if isinstance(row, Frame))


def plant(seed: int) -> list[Table]:
    """Return half an hour of a healthy plant, at 1 Hz."""
    run = Plant(seed=seed, nodes=2, gpus=8).run(START_NS, SECONDS)
    return tables(frame for tick in run for frame in tick.frames())


def tables(rows: Iterable[Frame]) -> list[Table]:
    """Gather the rows of each asset and set of points into tables a frame can hold."""
    found: dict[tuple[str, tuple[str, ...]], list[Any]] = {}
    for row in rows:
        found.setdefault((row.asset, row.points), []).append(row.values)
    return [
        Table(asset, points, np.array(some, np.float64))
        for (asset, points), values in found.items()
        for some in _parts(values, len(points))
    ]


def _parts(values: list[Any], width: int) -> Iterable[list[Any]]:
    most = max(MOST_SAMPLES // width, 1)
    return (values[at : at + most] for at in range(0, len(values), most))


def published(seed: int) -> Published:
    """Run the plant through detection; count what it publishes."""
    state, gatherer = State(Config(points=default_points())), Gatherer(lambda _asset: 0)
    samples = size = count = 0
    reader = bits.Reader()
    for offset, tick in enumerate(Plant(seed=seed, nodes=2, gpus=8).run(START_NS, PUBLISHED_S)):
        builder, n = SpansBuilder(), 0
        for n, frame in enumerate(tick.frames(), 1):
            builder.add(n - 1, frame.asset, frame.points, frame.time_ns, tuple(frame.values))
        offsets = np.arange(offset * n, (offset + 1) * n)
        gatherer.add(Piece(Source("bench", 0, ""), offsets, builder.build()))
        for block in gatherer.flush().get(0, []):
            for made in pipeline.judge(state, block).frames:
                samples += len(reader.decode(made.data).samples.status)
                size, count = size + len(made.data), count + 1
    return Published(samples, count, size / samples)
