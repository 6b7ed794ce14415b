"""What a plant or a file gives: frames, one asset at one time."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Frame(NamedTuple):
    """The values of one asset at one time; NaN where the sample is missing."""

    asset: str
    time_ns: int
    """Since 1970 UTC."""
    points: tuple[str, ...]
    values: Sequence[float]
    """As long as `points`."""


class Table(NamedTuple):
    """All assets of one kind at one time."""

    kind: str
    assets: tuple[str, ...]
    points: tuple[str, ...]
    values: Floats
    """(n_assets, n_points)."""


class Tick(NamedTuple):
    """The whole plant at one time."""

    time_ns: int
    tables: tuple[Table, ...]

    def frames(self) -> Iterator[Frame]:
        """Walk through the tick one asset after the other."""
        for table in self.tables:
            for asset, values in zip(table.assets, table.values.tolist(), strict=True):
                yield Frame(asset, self.time_ns, table.points, values)
