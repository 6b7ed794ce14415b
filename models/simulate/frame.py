"""What a plant or a file gives: frames, one asset at one time."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, repeat
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
    ahead_ns: npt.NDArray[np.int64] | None = None
    """(n_assets,) how far their agents' clocks are ahead; None: all are right."""
    silent: npt.NDArray[np.bool_] | None = None
    """(n_assets,) those that have no agent now that could say anything; None: all have one."""


class Tick(NamedTuple):
    """The whole plant at one time."""

    time_ns: int
    tables: tuple[Table, ...]

    def frames(self) -> Iterator[Frame]:
        """Walk through the tick one asset after the other; silent ones have no frame."""
        for table in self.tables:
            times: Iterable[int] = repeat(self.time_ns, len(table.assets))
            if table.ahead_ns is not None:
                times = (self.time_ns + table.ahead_ns).tolist()
            heard: Iterable[bool] = repeat(True, len(table.assets))
            if table.silent is not None:
                heard = (~table.silent).tolist()
            rows = zip(table.assets, times, table.values.tolist(), strict=True)
            for asset, time_ns, values in compress(rows, heard):
                yield Frame(asset, time_ns, table.points, values)
