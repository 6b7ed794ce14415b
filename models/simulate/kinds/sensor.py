"""One row a point: from physics to print."""

from typing import NamedTuple

import numpy as np

from models.simulate.frame import Floats

COUNT, BYTES = 1e15, 1e18
"""The most that a counter shows."""


class Sensor(NamedTuple):
    """One point of a kind of asset."""

    point: str
    quantity: str
    """Key in the state of the physics."""
    unit: str
    low: float
    high: float
    """Nothing outside low..high is ever printed."""
    decimals: int
    """As the real agent prints it."""
    noise: float = 0.0
    """Standard deviation, in `unit`."""
    counter: bool = False
    """Only grows."""
    share: float = 0.0
    """Standard deviation on top, relative to the value: of meters."""

    def spread(self, values: Floats) -> Floats:
        """Return the standard deviation of what is printed of each value."""
        known: Floats = self.noise + self.share * np.abs(values)
        return known
