"""One recording of a labelled or unlabelled set, as contenders read it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schemas.telemetry import Floats, Ints

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Recording:
    """Rows of the same signals, in their order of time."""

    name: str
    """Of its file, with the folder where that tells more."""
    times_ns: Ints
    """(n,)"""
    values: Floats
    """(n, k), NaN where missing."""
    labels: Bools
    """(n,) rows that somebody found anomalous; none where nobody looked."""

    @property
    def days(self) -> float:
        """Return how long it is: as many usual steps as it has rows, in days."""
        if self.times_ns.size < 2:  # noqa: PLR2004 - one row has no step
            return 0.0
        return float(np.median(np.diff(self.times_ns))) * self.times_ns.size / 86_400e9


def timed(
    name: str, values: Floats, step_ns: int, labels: Bools | None = None, begin_ns: int = 0
) -> Recording:
    """Return a recording of rows that have no times of their own. `values`: (n, k)."""
    rows = len(values)
    times_ns = begin_ns + np.arange(rows, dtype=np.int64) * step_ns
    return Recording(name, times_ns, values, np.zeros(rows, np.bool_) if labels is None else labels)
