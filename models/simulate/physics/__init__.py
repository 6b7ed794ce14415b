"""How the plant moves: first-order lags between load, heat, water and power.

The state is a dict of arrays, one value an asset; keys are `kind.quantity`. Every function changes
the state in place, for one step; lags are exact, so the step may be long.
"""

from models.simulate.layout import Layout
from models.simulate.physics.cooling import CONDENSER_CEL, SETPOINT_CEL, cooling, nodes
from models.simulate.physics.fabric import fabric, switch_heat, traffic
from models.simulate.physics.gpus import activity, errors, heat, jobs
from models.simulate.physics.moment import Moment, State
from models.simulate.physics.power import MAINS_V, UPS_V, power
from models.simulate.workload import Demand

__all__ = ["CONDENSER_CEL", "MAINS_V", "SETPOINT_CEL", "UPS_V", "Moment", "State", "step"]


def step(state: State, layout: Layout, demand: Demand, at: Moment) -> None:
    """Move the whole plant on by one step."""
    fabric(state, layout, demand, at)
    jobs(state, layout, demand, at)
    activity(state, layout, demand, at)
    heat(state, layout, at)
    errors(state, layout, at)
    traffic(state, layout, demand, at)
    nodes(state, layout, at)
    cooling(state, layout, at)
    switch_heat(state, at)
    power(state, layout, at)
