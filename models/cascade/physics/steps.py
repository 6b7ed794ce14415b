"""Which way waves go, over which edges, and what they become where they are."""

from typing import NamedTuple

from models.cascade.physics.rates import COOLING
from models.cascade.physics.waves import Wave
from models.site import ASSET_KINDS
from schemas.cascade import AssetKind, EdgeKind


class Step(NamedTuple):
    """A wave goes on to a neighbour, as `into`, with `chance`, after some `delay_s`."""

    wave: Wave
    edge: EdgeKind
    forward: bool
    into: Wave
    chance: float
    delay_s: float
    only: dict[AssetKind, float] = {}  # noqa: RUF012 - read only
    """Of these kinds of asset, the one it leaves, another chance."""


_ALL_PORTS = {AssetKind.SWITCH: 0.8, AssetKind.NVSWITCH: 0.8}
_SENDERS = {AssetKind.PORT: 0.7}
_SWITCHES = {AssetKind.SWITCH: 0.2, AssetKind.PORT: 0.5, AssetKind.NVSWITCH: 0.5}
STEPS: tuple[Step, ...] = (
    Step(Wave.SLOW, EdgeKind.RUNS, False, Wave.WAITING, 0.95, 1.0),
    Step(Wave.SLOW, EdgeKind.CONTAINS, False, Wave.SLOW, 0.9, 0.0)._replace(
        only={AssetKind.GPU: 0.05, AssetKind.PORT: 0.3, AssetKind.NODE: 0.0, AssetKind.RACK: 0.0}
    ),
    Step(Wave.SLOW, EdgeKind.CONTAINS, True, Wave.SLOW, 0.9, 0.0, _SWITCHES),
    Step(Wave.NOISY, EdgeKind.CONTAINS, True, Wave.NOISY, 0.0, 0.0, _ALL_PORTS),
    Step(Wave.NOISY, EdgeKind.LINKS, True, Wave.GARBLED, 0.8, 0.0, {AssetKind.GPU: 0.1}),
    Step(Wave.NOISY, EdgeKind.LINKS, False, Wave.GARBLED, 0.8, 0.0, {AssetKind.GPU: 0.1}),
    Step(Wave.HELD, EdgeKind.CONTAINS, False, Wave.HELD, 0.0, 0.0, _SENDERS),
    Step(Wave.FILLS, EdgeKind.CONTAINS, True, Wave.FILLS, 0.0, 0.0, _ALL_PORTS),
    Step(Wave.FILLS, EdgeKind.LINKS, True, Wave.HELD, 0.9, 0.0),
    Step(Wave.FILLS, EdgeKind.LINKS, False, Wave.HELD, 0.9, 0.0),
    Step(Wave.SLOW, EdgeKind.LINKS, True, Wave.SLOW, 0.6, 0.0, {AssetKind.GPU: 0.1}),
    Step(Wave.SLOW, EdgeKind.LINKS, False, Wave.SLOW, 0.6, 0.0, {AssetKind.GPU: 0.1}),
    Step(Wave.WAITING, EdgeKind.RUNS, True, Wave.WAITING, 0.9, 1.0),
    Step(Wave.WAITING, EdgeKind.CONTAINS, False, Wave.WAITING, 0.8, 0.0)._replace(
        only={AssetKind.NODE: 0.0, AssetKind.RACK: 0.0, AssetKind.SWITCH: 0.0}
    ),
    Step(Wave.WAITING, EdgeKind.CONTAINS, True, Wave.WAITING, 0.8, 0.0, {AssetKind.SWITCH: 0.35}),
    Step(Wave.WAITING, EdgeKind.LINKS, True, Wave.WAITING, 0.7, 0.0, _SWITCHES),
    Step(Wave.WAITING, EdgeKind.LINKS, False, Wave.WAITING, 0.7, 0.0, _SWITCHES),
    Step(Wave.HEAT, EdgeKind.COOLS, True, Wave.HEAT, 0.9, 60.0),
    Step(Wave.HEAT, EdgeKind.CONTAINS, True, Wave.HEAT, 0.9, 20.0),
    Step(Wave.OUTAGE, EdgeKind.FEEDS, True, Wave.OUTAGE, 0.85, 1.0)._replace(
        only={AssetKind.UPS: 0.3, AssetKind.TRANSFORMER: 0.8}
    ),
    Step(Wave.OUTAGE, EdgeKind.CONTAINS, True, Wave.OUTAGE, 0.9, 0.5),
    Step(Wave.OUTAGE, EdgeKind.LINKS, True, Wave.CUT, 0.9, 1.0),
    Step(Wave.OUTAGE, EdgeKind.LINKS, False, Wave.CUT, 0.9, 1.0),
    Step(Wave.DRAW, EdgeKind.COOLS, False, Wave.DRAW, 0.7, 5.0),
    Step(Wave.LOAD, EdgeKind.FEEDS, False, Wave.LOAD, 0.8, 5.0),
    Step(Wave.LOAD, EdgeKind.CONTAINS, False, Wave.LOAD, 0.8, 5.0, {AssetKind.SWITCH: 0.1}),
    Step(Wave.LOAD, EdgeKind.COOLS, False, Wave.LOAD, 0.7, 20.0),
    Step(Wave.EASED, EdgeKind.FEEDS, False, Wave.LOAD, 0.8, 5.0),
    Step(Wave.EASED, EdgeKind.COOLS, False, Wave.LOAD, 0.7, 20.0),
    Step(Wave.CHANGE, EdgeKind.RUNS, True, Wave.CHANGE, 0.95, 0.0),
    Step(Wave.CHANGE, EdgeKind.RUNS, False, Wave.CHANGE, 0.5, 1.0),
    Step(Wave.CHANGE, EdgeKind.CONTAINS, False, Wave.CHANGE, 0.8, 2.0, {AssetKind.SWITCH: 0.1}),
    Step(Wave.CHANGE, EdgeKind.CONTAINS, True, Wave.CHANGE, 0.8, 0.0)._replace(
        only={AssetKind.SWITCH: 0.0, AssetKind.RACK: 0.0, AssetKind.NODE: 0.7}
    ),
    Step(Wave.CHANGE, EdgeKind.LINKS, True, Wave.CHANGE, 0.8, 0.0, _SWITCHES),
    Step(Wave.CHANGE, EdgeKind.LINKS, False, Wave.CHANGE, 0.8, 0.0, _SWITCHES),
    Step(Wave.CHANGE, EdgeKind.FEEDS, False, Wave.CHANGE, 0.8, 5.0),
    Step(Wave.CHANGE, EdgeKind.COOLS, False, Wave.CHANGE, 0.7, 60.0),
    Step(Wave.SHARED, EdgeKind.CONTAINS, True, Wave.SHARED, 0.95, 0.0),
)


class Turn(NamedTuple):
    """A wave becomes another one where it is."""

    wave: Wave
    into: Wave
    chance: float
    delay_s: float
    kinds: tuple[AssetKind, ...]


_WORKS = (AssetKind.GPU, AssetKind.NODE, AssetKind.NIC, AssetKind.SWITCH, AssetKind.CPU)
TURNS: tuple[Turn, ...] = (
    Turn(Wave.CUT, Wave.SLOW, 0.9, 1.0, ASSET_KINDS),
    Turn(Wave.HELD, Wave.SLOW, 0.8, 0.0, (AssetKind.NIC, AssetKind.NODE)),
    Turn(Wave.HELD, Wave.FILLS, 0.95, 0.0, (AssetKind.SWITCH, AssetKind.NVSWITCH)),
    Turn(Wave.SLOW, Wave.WAITING, 0.95, 0.0, (AssetKind.JOB,)),
    Turn(Wave.HEAT, Wave.SLOW, 0.6, 60.0, (AssetKind.GPU, AssetKind.NODE, AssetKind.CPU)),
    Turn(Wave.HEAT, Wave.EASED, 0.7, 10.0, COOLING),
    Turn(Wave.OUTAGE, Wave.SLOW, 0.95, 1.0, (*_WORKS, AssetKind.NVSWITCH, AssetKind.PORT)),
    Turn(Wave.OUTAGE, Wave.HEAT, 0.95, 5.0, COOLING),
    Turn(Wave.OUTAGE, Wave.LOAD, 0.95, 0.0, ASSET_KINDS),
    Turn(Wave.WAITING, Wave.LOAD, 0.8, 2.0, (AssetKind.GPU, AssetKind.NODE)),
    Turn(Wave.SLOW, Wave.LOAD, 0.6, 2.0, (AssetKind.GPU, AssetKind.NODE)),
)
