"""Heat on its way out: node, rack, CDU, chilled water, condenser water, tower.

Ratios are to the rated load of a loop, a CDU or a rack.
"""

import numpy as np

from models.simulate.frame import Floats
from models.simulate.layout import Layout, summed
from models.simulate.physics.moment import Moment, State
from models.simulate.workload import daylight

AIR_OVER_WATER_K, CDU_APPROACH_K = 9.5, 5.0
SETPOINT_CEL, CONDENSER_CEL = 7.0, 28.0
LOOP_K_PER_S = 0.2  # of a loop that loses all its cooling at rated load
RATED = 1.15  # of a loop and of a UPS, over the greatest heat of its nodes
TOWER_K, STUCK_AIR = 9.0, 0.06  # approach at rated load; airflow of a fan that is stuck
STUCK_FAN = 10.0  # %, of a node
RISE_K, WATER_KWH = 10.0, 1.163  # of water at rated load; kWh that warm a m3 by 1 K
CDU_KPA, CDU_KW_SHARE = 180.0, 0.012
CDU_SPEED, WEAK_SPEED = 70.0, 30.0  # %; and what is added where the pump gives no flow
LEAK_FLOW, LEAK_KPA = 0.55, 0.25  # of a rack's flow, of a CDU's pressure
LEAK_SEEN = 0.1


def nodes(state: State, layout: Layout, at: Moment) -> None:
    """Heat of each node, and the air that takes it away."""
    rack, alive = layout.node_rack, state["node.alive"]
    hottest = state["gpu.temp"].reshape(layout.nodes, layout.gpus).mean(axis=1)
    wanted = np.clip(25.0 + 1.1 * (hottest - 40.0), 20.0, 100.0)
    stuck = state["node.fan_stuck"]
    at.lag(state, "node.fan", (1.0 - stuck) * wanted + stuck * STUCK_FAN, 15.0)
    own = (900.0 + 6.0 * state["node.fan"]) * alive
    state["node.power"] = layout.per_node(state["gpu.power"]) + own
    state["node.kilowatts"] = state["node.power"] / 1000.0
    air_k = AIR_OVER_WATER_K * at.traits.gain["air"]
    at.lag(state, "node.inlet", (state["rack.supply"] + air_k * state["rack.rise"])[rack], 30.0)
    rise = state["node.power"] / (7.0 * state["node.fan"])
    at.lag(state, "node.outlet", state["node.inlet"] + rise, 20.0)


def cooling(state: State, layout: Layout, at: Moment) -> None:
    """Chilled water, condenser water, tower, and what hangs on them."""
    rated = RATED * layout.peak_kw
    kw = summed(layout.node_rack, state["node.power"], layout.racks) / 1000.0
    state["rack.heat"] = kw
    heat = summed(layout.cdu_loop[layout.rack_cdu], kw, layout.loops)
    _pump(state, heat, rated)
    _chiller(state, heat, rated, at)
    _tower(state, (state["chiller.cooled"] + state["chiller.power"]) / (1.2 * rated), rated, at)
    _cdus(state, layout, at)
    _racks(state, layout, at)


def _chiller(state: State, heat: Floats, rated: Floats, at: Moment) -> None:
    hot = np.maximum(state["tower.leaving"] - CONDENSER_CEL - 1.0, 0.0)
    able = np.clip(1.0 - 0.035 * hot, 0.2, 1.0) * (1.0 - state["chiller.tripped"])
    warming = LOOP_K_PER_S * at.traits.gain["loop.warming"]
    state["chiller.excess"] += warming * (heat / rated - able) * at.dt
    state["chiller.excess"] = np.clip(state["chiller.excess"], 0.0, 40.0)
    state["chiller.leaving"] = SETPOINT_CEL + state["chiller.excess"]
    entering = state["chiller.leaving"] + 0.86 * heat / state["pump.flow"]
    at.lag(state, "chiller.entering", entering, 20.0)
    cooled = np.minimum(heat, able * rated)
    state["chiller.cooled"] = cooled
    state["chiller.used"] = 100.0 * cooled / np.maximum(able * rated, 1e-3 * rated)
    cop = np.clip(6.0 - 0.12 * (state["tower.leaving"] - CONDENSER_CEL), 2.0, 7.0)
    state["chiller.power"] = cooled / cop


def _pump(state: State, heat: Floats, rated: Floats) -> None:
    works = 1.0 - 0.6 * state["pump.cavitation"]
    clogging = state["pump.clogging"]
    speed = np.clip(0.6 + 0.4 * heat / rated, 0.6, 1.0)
    state["pump.flow_ratio"] = works * speed * (1.0 - clogging) / 0.85
    state["pump.speed"] = 100.0 * speed
    state["pump.flow"] = works * speed * rated * 0.143 * (1.0 - clogging)
    state["pump.pressure"] = 240.0 * (works * speed) ** 2 * (1.0 + 0.8 * clogging)
    state["pump.vibration"] = 1.2 * speed + 7.0 * state["pump.cavitation"]
    state["pump.power"] = 0.03 * rated * speed**3 * (1.0 - 0.3 * state["pump.cavitation"])


def _tower(state: State, load: Floats, rated: Floats, at: Moment) -> None:
    """Leaving water stands above the wet bulb by `TOWER_K x load / airflow^0.8`."""
    wet_bulb = 14.0 + 6.0 * daylight(at.time_s - 1800.0)
    kelvin = TOWER_K * (1.0 + state["tower.fouling"])
    wanted = np.clip((kelvin * load / (CONDENSER_CEL - wet_bulb)) ** 1.25, 0.1, 1.0)
    stuck = state["tower.stuck"]
    air = (1.0 - stuck) * wanted + stuck * STUCK_AIR
    at.lag(state, "tower.fan", 100.0 * air, 8.0)
    approach = kelvin * load / (state["tower.fan"] / 100.0) ** 0.8
    leaving = np.minimum(wet_bulb + approach, 65.0)
    at.lag(state, "tower.leaving", leaving, 120.0)
    state["tower.entering"] = state["tower.leaving"] + 5.5 * load
    state["tower.wet_bulb"] = np.full_like(load, wet_bulb)
    state["tower.power"] = 0.02 * rated * (state["tower.fan"] / 100.0) ** 3


def _cdus(state: State, layout: Layout, at: Moment) -> None:
    """Give each CDU's racks water that is warmer than the chilled water by the exchanger."""
    group, count = layout.rack_cdu, layout.cdus
    rated = RATED * summed(group, layout.rack_kw, count)
    weak = state["cdu.pump_lost"]
    leak = summed(group, state["rack.leak"], count)
    state["cdu.flow_ratio"] = 1.0 - 0.85 * weak
    primary = state["pump.flow_ratio"][layout.cdu_loop]
    approach = CDU_APPROACH_K * at.traits.gain["water"] / primary**0.6
    supply = state["chiller.leaving"][layout.cdu_loop] + approach
    at.lag(state, "cdu.supply", supply, 15.0)
    state["cdu.flow"] = _full_flow(rated) * state["cdu.flow_ratio"]
    heat = summed(group, state["rack.heat"], count)
    at.lag(state, "cdu.return", state["cdu.supply"] + heat / (WATER_KWH * state["cdu.flow"]), 20.0)
    state["cdu.speed"] = np.minimum(CDU_SPEED + WEAK_SPEED * (weak + 0.3 * leak), 100.0)
    pressure = CDU_KPA * state["cdu.flow_ratio"] ** 2 * (1.0 - LEAK_KPA * np.minimum(leak, 1.0))
    state["cdu.pressure"] = pressure
    state["cdu.power"] = CDU_KW_SHARE * rated * (state["cdu.speed"] / CDU_SPEED) * (1 - 0.4 * weak)


def _racks(state: State, layout: Layout, at: Moment) -> None:
    leak, cdu = state["rack.leak"], layout.rack_cdu
    ratio = state["cdu.flow_ratio"][cdu] * (1.0 - LEAK_FLOW * leak)
    state["rack.rise"] = ratio**-0.6
    state["rack.flow"] = _full_flow(RATED * layout.rack_kw) * ratio
    at.lag(state, "rack.supply", state["cdu.supply"][cdu], 12.0)
    back = state["rack.supply"] + state["rack.heat"] / (WATER_KWH * state["rack.flow"])
    at.lag(state, "rack.return", back, 20.0)
    mean = summed(layout.node_rack, state["node.inlet"], layout.racks)
    state["rack.inlet"] = mean / np.bincount(layout.node_rack)
    state["rack.leaks"] = (leak > LEAK_SEEN).astype(np.float64)


def _full_flow(kw: Floats) -> Floats:
    """Return the flow that warms by `RISE_K` under this heat, m3/h."""
    flow: Floats = kw / (WATER_KWH * RISE_K)
    return flow
