"""From the grid through transformer, UPS, PDU and rack to the nodes.

Cooling hangs on the transformers directly.
"""

import numpy as np

from models.simulate.frame import Floats
from models.simulate.layout import Layout, summed
from models.simulate.physics.cooling import RATED
from models.simulate.physics.moment import Flags, Moment, State

GRID_V, MAINS_V, UPS_V, TRANSFER = 13_800.0, 415.0, 400.0, 0.88
BATTERY_S = 1200.0  # at full load
NOTICED = 0.05  # share of a rectifier that is missed at once
TRANSFORMER_KEEPS, UPS_KEEPS, PDU_KEEPS = 0.99, 0.96, 0.98  # of the power that goes in
OIL_CEL, OIL_LIMIT_CEL, OIL_HOT_K = 30.0, 95.0, 75.0
DERATED = 0.004  # of the voltage, a kelvin over the limit
POWER_FACTOR = 0.97


def power(state: State, layout: Layout, at: Moment) -> None:
    """Sum the power from the nodes up, then say which nodes have any."""
    _racks(state, layout)
    useful = summed(layout.pdu_loop, state["pdu.power"], layout.loops)
    rated = RATED * layout.peak_kw
    alive = _ups(state, useful, rated, at)
    cdus = summed(layout.cdu_loop, state["cdu.power"], layout.loops)
    from_mains = useful / UPS_KEEPS * (1.0 - state["ups.on_battery"])
    total = from_mains + state["chiller.power"] + state["tower.power"] + state["pump.power"] + cdus
    _transformer(state, layout, total, at)
    state["utility.power"] = np.array([total.sum() / TRANSFORMER_KEEPS])
    state["utility.voltage"] = GRID_V * (1.0 - state["utility.sag"])
    state["utility.frequency"] = np.full(1, 50.0)
    state["pdu.closed"] = (state["pdu.tripped"] <= 0).astype(np.float64)
    state["rack.closed"] = (state["rack.tripped"] <= 0).astype(np.float64)
    fed = alive[layout.pdu_loop] * state["pdu.closed"]
    rack = fed[layout.rack_pdu] * state["rack.closed"]
    state["node.alive"] = rack[layout.node_rack]


def _racks(state: State, layout: Layout) -> None:
    watts = summed(layout.node_rack, state["node.power"], layout.racks)
    state["rack.power"] = watts / 1000.0
    state["pdu.power"] = summed(layout.rack_pdu, state["rack.power"], layout.pdus) / PDU_KEEPS
    state["pdu.input"] = state["ups.output"][layout.pdu_loop]
    state["pdu.current"] = _amps(state["pdu.power"], np.maximum(state["pdu.input"], 1.0))


def _amps(kilowatts: Floats, volts: Floats) -> Floats:
    amps: Floats = 1000.0 * kilowatts / (np.sqrt(3.0) * POWER_FACTOR * volts)
    return amps


def _transformer(state: State, layout: Layout, total: Floats, at: Moment) -> None:
    load = total / (1.5 * layout.peak_kw)
    grid = 1.0 - state["utility.sag"]
    derated = DERATED * np.maximum(state["transformer.oil"] - OIL_LIMIT_CEL, 0.0)
    held = (1.0 - 0.02 * load) * (1.0 - state["transformer.sag"]) * (1.0 - derated)
    state["transformer.power"] = total
    state["transformer.voltage"] = MAINS_V * held * grid
    state["transformer.current"] = _amps(total, state["transformer.voltage"])
    state["transformer.frequency"] = np.full_like(total, 50.0)
    warm = OIL_CEL + 35.0 * load**1.6 + OIL_HOT_K * state["transformer.hot"]
    at.lag(state, "transformer.oil", warm, 1800.0)


def _ups(state: State, useful: Floats, rated: Floats, at: Moment) -> Flags:
    """Carry the load from the mains or the battery; returns whether the output is alive."""
    lost = state["ups.rectifier_lost"]
    state["ups.input"] = state["transformer.voltage"].copy()
    battery = (state["ups.input"] < TRANSFER * MAINS_V) | (lost > NOTICED)
    use = 100.0 * useful / rated / BATTERY_S * (1.0 + lost) * at.dt
    charge = state["ups.charge"] + np.where(battery, -use, 0.01 * at.dt)
    holds = 100.0 * (1.0 - state["ups.ageing"] * (0.4 + 0.6 * useful / rated))
    state["ups.charge"] = np.clip(charge, 0.0, holds)
    state["ups.on_battery"] = battery.astype(np.float64)
    alive = ~battery | (state["ups.charge"] > 0)
    droop = battery * (0.015 + 0.06 * (1.0 - state["ups.charge"] / 100.0))
    state["ups.output"] = UPS_V * (1.0 - droop) * alive
    state["ups.power"] = useful
    state["ups.load"] = 100.0 * useful / rated
    alive_now: Flags = alive
    return alive_now
