"""The state of a plant, a moment of it, and the lag that most of it moves with."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.simulate.frame import Floats
from models.simulate.traits import Traits

State = dict[str, Floats]
"""One array a quantity, one value an asset; keys are `kind.quantity`."""
Flags = npt.NDArray[np.bool_]
ACTIVE, DOWN = 4.0, 1.0
"""Port states."""


class Moment(NamedTuple):
    """When a step is, how long, and of which plant."""

    time_s: float
    """Since 1970 UTC."""
    dt: float
    traits: Traits

    def lag(self, state: State, key: str, target: Floats, tau_s: float) -> None:
        """Move a quantity towards its target as a first-order lag does; the step may be long."""
        slow_s = tau_s * self.traits.pace.get(key, 1.0)
        state[key] += (target - state[key]) * -np.expm1(-self.dt / slow_s)
