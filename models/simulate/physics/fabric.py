"""Links: bandwidth, state, errors, bytes and waiting, at both ends; what spines cannot carry.

A link that is slow makes its whole ring slow: the others wait for credits and count no errors.
"""

from typing import NamedTuple

import numpy as np

from models.simulate.frame import Floats
from models.simulate.layout import Layout, summed
from models.simulate.physics.moment import ACTIVE, DOWN, Moment, State
from models.simulate.workload import Demand

FABRIC_BYTES = 3.2e10  # B/s of a NIC in full training
LINK_RATE, UPLINK_RATE = 5.0e10, 1.0e11  # NDR 400 Gb/s, XDR 800 Gb/s
FLAP_S, FLAP_DOWN_S = 36.0, 8.0
BROKEN_LINK = 0.02  # of the bandwidth: retries over another path
BACKGROUND = 0.02  # of a link: storage and control, whoever trains
CARRIED = 0.98  # share of a link that can be filled
WAITS = 1e6  # ticks a second of a port that waits half its time
SHARED = 0.3  # of the waiting of the slowest link: that of the others in its ring
MOST_QUEUE = 20.0
USUAL = 0.01  # of the time, that ports wait in full training when nothing is wrong


class Ends(NamedTuple):
    """A kind of link: what its knobs and its two ends are called, and how fast it is."""

    near: str
    far: str
    rate: float


EDGE, TRUNK = Ends("ib", "port", LINK_RATE), Ends("uplink", "spineport", UPLINK_RATE)


def links(state: State, ends: Ends, powered: Floats, at: Moment) -> None:
    """Set bandwidth, state and errors of each link. `powered`: (links,) whether both ends are."""
    near = ends.near
    period_s = FLAP_S * at.traits.pace["link.flap"]
    down = (state[f"{near}.flap"] > 0) & (at.time_s % period_s < FLAP_DOWN_S) | (powered < 1)
    fell = down & (state[f"{near}.state"] == ACTIVE)
    rose = ~down & (state[f"{near}.state"] == DOWN)
    narrow = 1.0 - state[f"{near}.narrow"]
    state[f"{near}.state"] = np.where(down, DOWN, ACTIVE)
    state[f"{near}.rate"] = np.where(down, 0.0, ends.rate * narrow)
    works = (1.0 - state[f"{near}.lost"]) * narrow * (1.0 - state[f"{near}.slow"])
    state[f"{near}.bandwidth"] = np.where(down, BROKEN_LINK, works)
    errors = state[f"{near}.error_rate"] * at.traits.gain["errors"] * at.dt * ~down
    for end in (near, ends.far):
        state[f"{end}.symbol_errors"] += errors
        state[f"{end}.receive_errors"] += errors * 0.25
        state[f"{end}.recoveries"] += rose
        state[f"{end}.downs"] += fell


def fabric(state: State, layout: Layout, demand: Demand, at: Moment) -> None:
    """Move all links, and say how much of its wish each crew's slowest path carries."""
    links(state, EDGE, np.repeat(state["node.alive"], layout.rails), at)
    links(state, TRUNK, np.ones(len(state["uplink.state"])), at)
    flows, spine = layout.flows, layout.wiring.uplink_spine
    state["uplink.bandwidth"] *= 1.0 - state["spine.congestion"][spine]
    wish = demand.compute[flows.crew] * flows.share * FABRIC_BYTES
    fits = np.minimum(_fits(state, wish, flows.out), _fits(state, wish, flows.into))
    path = np.ones(layout.crews)
    if len(flows.crews):
        path[flows.crews] = np.minimum.reduceat(fits, flows.starts)
    edge = layout.least(state["ib.bandwidth"])
    inside = np.where(state["node.drained"] > 0, 1.0, edge)
    state["crew.fabric"] = np.minimum(layout.slowest(inside), path)
    queue = np.minimum(1.0 / state["crew.fabric"] - 1.0, MOST_QUEUE)
    at.lag(state, "crew.press", queue * demand.uses, 2.0)


def _fits(state: State, wish: Floats, link: np.typing.NDArray[np.int64]) -> Floats:
    """Say which share of its wish each flow gets on an uplink, 0..1. `wish`: B/s."""
    total = np.bincount(link, wish, len(state["uplink.bandwidth"]))
    able = CARRIED * UPLINK_RATE * state["uplink.bandwidth"]
    share: Floats = np.minimum(able / np.maximum(total, 1.0), 1.0)[link]
    return share


def traffic(state: State, layout: Layout, demand: Demand, at: Moment) -> None:
    """Send bytes through the links of nodes; a ring sends as much as it receives."""
    crew, rails = layout.node_crew, layout.rails
    wanted = np.where(demand.uses[crew] > 0, FABRIC_BYTES, 0.01 * FABRIC_BYTES) * state["node.in"]
    sent = np.repeat(state["crew.rate"][crew] * wanted * at.dt, rails)
    for out, into in (("ib.tx", "ib.rx"), ("port.rx", "port.tx")):
        state[out] += sent
        state[into] += 0.99 * sent
    uses = np.repeat(demand.uses[crew] * state["node.in"], rails)
    usual = USUAL * state["crew.rate"] ** 2
    others = np.repeat((SHARED * state["crew.press"] + usual)[crew], rails)
    gain = WAITS * at.traits.gain["wait"] * at.dt
    slow = state["ib.slow"]
    near = uses * (_queue(state["ib.bandwidth"] / (1.0 - slow)) + others)
    far = uses * (
        _queue(state["ib.bandwidth"]) + others
    )  # what a NIC does not take, its leaf holds
    state["ib.wait"] += gain * near
    state["port.wait"] += gain * far
    _trunks(state, layout, gain, at)
    _switches(state, layout, gain * far)


def _queue(bandwidth: Floats) -> Floats:
    queue: Floats = np.minimum(1.0 / bandwidth - 1.0, MOST_QUEUE)
    return queue


def _trunks(state: State, layout: Layout, gain: float, at: Moment) -> None:
    flows, count = layout.flows, len(state["uplink.state"])
    sent = state["crew.rate"][flows.crew] * flows.share * FABRIC_BYTES
    base = BACKGROUND * UPLINK_RATE * (state["uplink.state"] == ACTIVE)
    up, down = (np.bincount(link, sent, count) + base for link in (flows.out, flows.into))
    for tx, rx, rate in (("uplink.tx", "spineport.rx", up), ("spineport.tx", "uplink.rx", down)):
        state[tx] += rate * at.dt
        state[rx] += rate * at.dt
    own = 0.2 * gain * _queue(state["uplink.bandwidth"])
    press = state["crew.press"][flows.crew] * SHARED * gain
    state["uplink.waited"] = own + np.bincount(flows.out, press, count)
    state["spineport.waited"] = own + np.bincount(flows.into, press, count)
    state["uplink.wait"] += state["uplink.waited"]
    state["spineport.wait"] += state["spineport.waited"]


def _switches(state: State, layout: Layout, ports: Floats) -> None:
    wiring = layout.wiring
    for kind, count, parts in (
        ("leaf", wiring.leaves, ((wiring.port_leaf, ports), (wiring.uplink_leaf, "uplink"))),
        ("spine", wiring.spines, ((wiring.uplink_spine, "spineport"),)),
    ):
        for group, waited in parts:
            ticks = state[f"{waited}.waited"] if isinstance(waited, str) else waited
            state[f"{kind}.wait"] += summed(group, ticks, count)


def switch_heat(state: State, at: Moment) -> None:
    """Warm the switches; one that is congested works harder."""
    inlet = float(np.mean(state["node.inlet"]))
    for kind in ("leaf", "spine"):
        busy = state["spine.congestion"] if kind == "spine" else np.zeros(len(state["leaf.temp"]))
        at.lag(state, f"{kind}.temp", inlet + 28.0 + 8.0 * busy, 60.0)
