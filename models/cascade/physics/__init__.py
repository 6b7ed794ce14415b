"""How trouble spreads: which waves a fault sends out, which way they go, what they show.

Nothing here knows a site or a simulator. The numbers are rough on purpose: they order explanations,
they do not time them (what has been measured on a site does, `delays`).
"""

from models.cascade.physics.faults import felt
from models.cascade.physics.rates import EDGE_RATE
from models.cascade.physics.tables import FAULTS, HOWS, Physics, at_rest, physics
from models.cascade.physics.waves import WAVES, Wave

__all__ = ["EDGE_RATE", "FAULTS", "HOWS", "WAVES", "Physics", "Wave", "at_rest", "felt", "physics"]
