"""How trouble spreads: which waves a fault sends out, which way they go, what they show.

Nothing here knows a site or a simulator. The numbers are rough on purpose: they order explanations,
they do not time them (what has been measured on a site does, `delays`). Rates of faults are those
of published fleets (Llama Team 2024, The Llama 3 Herd of Models, table 5: 419 unexpected
interruptions of 16,384 GPUs in 54 days; Kokolis et al. 2024, Revisiting Reliability in Large-Scale
Machine Learning Research Clusters) and, for buildings, of maintenance practice: a fault of a
chiller or a UPS once in some years.
"""

from enum import IntEnum, auto
from typing import Final, NamedTuple

import numpy as np

from models.cascade.says import Says
from schemas.cascade import AssetKind, EdgeKind, Fault
from schemas.telemetry import Floats

KINDS: Final = tuple(AssetKind)
FAULTS: Final = tuple(Fault)
HOWS: Final = 2 * len(EdgeKind)
"""Ways to walk an edge: 2 x kind, + 1 from target to source."""


COOLING: Final = (
    *(AssetKind.COOLING_TOWER, AssetKind.CHILLER, AssetKind.PUMP, AssetKind.VALVE),
    *(AssetKind.HEAT_EXCHANGER, AssetKind.CDU, AssetKind.CRAH),
)
FEEDING: Final = (
    *(AssetKind.UTILITY, AssetKind.TRANSFORMER, AssetKind.GENERATOR, AssetKind.SWITCHGEAR),
    *(AssetKind.BREAKER, AssetKind.UPS, AssetKind.BATTERY, AssetKind.PDU),
)


class Wave(IntEnum):
    """What reaches an asset."""

    SLOW = 0
    """What it does for others is slower: they will wait for it."""
    WAITING = auto()
    """It waits for somebody."""
    HEAT = auto()
    """It is cooled less."""
    OUTAGE = auto()
    """It is fed less, or not at all."""
    LOAD = auto()
    """Less is asked of it: power or cooling of those that stand still."""
    SHARED = auto()
    """It shares a clock or an agent with the whole."""
    CUT = auto()
    """The other end of a link of it is dead."""
    DRAW = auto()
    """Water that it circulates is lost below."""
    CHANGE = auto()
    """Its job does other work, or those that it feeds and cools do."""


WAVES: Final = len(Wave)

_SHOWS: dict[Wave, dict[Says, float]] = {
    Wave.SLOW: {
        Says.LESS_WORK: 0.8,
        Says.WAIT: 0.6,
        Says.LESS_POWER: 0.4,
        Says.COLD: 0.3,
        Says.ERROR: 0.1,
        Says.THROTTLE: 0.05,
        Says.MORE_WORK: 0.05,
        Says.OTHER: 0.2,
    },
    Wave.WAITING: {
        Says.LESS_WORK: 0.85,
        Says.MORE_WORK: 0.15,
        Says.WAIT: 0.7,
        Says.LESS_POWER: 0.6,
        Says.COLD: 0.5,
        Says.SLOWER: 0.3,
        Says.THROTTLE: 0.05,
        Says.MORE_POWER: 0.05,
        Says.OTHER: 0.2,
    },
    Wave.HEAT: {
        Says.HOT: 0.9,
        Says.THROTTLE: 0.5,
        Says.FASTER: 0.5,
        Says.MORE_POWER: 0.3,
        Says.LESS_WORK: 0.3,
        Says.LESS_POWER: 0.2,
        Says.SLOWER: 0.1,
        Says.FULL: 0.2,
        Says.OTHER: 0.2,
    },
    Wave.OUTAGE: {
        Says.SILENCE: 0.8,
        Says.LESS_POWER: 0.8,
        Says.VOLTAGE: 0.7,
        Says.LESS_WORK: 0.7,
        Says.DOWN: 0.6,
        Says.SLOWER: 0.6,
        Says.BATTERY: 0.5,
        Says.COLD: 0.5,
        Says.STUCK: 0.2,
        Says.ERROR: 0.1,
        Says.MORE_POWER: 0.1,
        Says.HOT: 0.05,
        Says.OTHER: 0.3,
    },
    Wave.LOAD: {
        Says.LESS_POWER: 0.8,
        Says.COLD: 0.5,
        Says.SLOWER: 0.5,
        Says.LESS_WORK: 0.4,
        Says.VOLTAGE: 0.2,
        Says.FASTER: 0.05,
        Says.MORE_POWER: 0.05,
        Says.HOT: 0.03,
        Says.OTHER: 0.2,
    },
    Wave.CHANGE: {
        **dict.fromkeys((Says.LESS_WORK, Says.MORE_WORK), 0.8),
        **dict.fromkeys((Says.LESS_POWER, Says.MORE_POWER), 0.7),
        **dict.fromkeys((Says.HOT, Says.COLD, Says.FASTER, Says.SLOWER), 0.4),
        Says.WAIT: 0.4,
        Says.FULL: 0.1,
        Says.THROTTLE: 0.05,
        Says.VOLTAGE: 0.1,
        Says.OTHER: 0.2,
    },
    Wave.CUT: {
        Says.DOWN: 0.9,
        Says.NARROW: 0.7,
        Says.ERROR: 0.5,
        Says.LESS_WORK: 0.8,
        Says.WAIT: 0.3,
        Says.OTHER: 0.2,
    },
    Wave.DRAW: {
        **dict.fromkeys((Says.SLOWER, Says.FASTER), 0.6),
        **dict.fromkeys((Says.MORE_POWER, Says.LESS_POWER), 0.3),
        Says.HOT: 0.2,
        Says.OTHER: 0.3,
    },
    Wave.SHARED: {Says.CLOCK: 0.9, Says.SILENCE: 0.6, Says.STUCK: 0.2},
}


class Mark(NamedTuple):
    """What tells that a wave is really there, where it was sent out."""

    says: tuple[Says, ...]
    share: float
    """Of those it has reached, so many must bear it before what follows from it is believed."""


_MARKS: dict[Wave, Mark] = {
    Wave.HEAT: Mark((Says.HOT, Says.THROTTLE, Says.FASTER), 0.1),
    Wave.OUTAGE: Mark((Says.SILENCE, Says.DOWN, Says.VOLTAGE, Says.BATTERY), 0.6),
    Wave.SHARED: Mark((Says.CLOCK, Says.SILENCE), 0.3),
    Wave.CHANGE: Mark(
        (Says.LESS_WORK, Says.MORE_WORK, Says.LESS_POWER, Says.MORE_POWER, Says.WAIT), 0.1
    ),
}
"""Nobody waits for what is not even warm, and a job that changes does so everywhere."""

_KEYS: dict[Fault, tuple[Says, ...]] = {
    Fault.LINK: (Says.ERROR, Says.DOWN, Says.NARROW),
    Fault.COMPUTE: (Says.ERROR, Says.NARROW, Says.THROTTLE, Says.SILENCE, Says.DOWN, Says.STUCK),
    Fault.HEAT: (Says.HOT, Says.THROTTLE, Says.SLOWER),
    Fault.COOLING: (
        *(Says.HOT, Says.SLOWER, Says.VIBRATION, Says.DOWN, Says.ERROR, Says.SILENCE),
        *(Says.FASTER, Says.FULL, Says.LESS_POWER, Says.MORE_POWER),
    ),
    Fault.POWER: (*(Says.VOLTAGE, Says.DOWN, Says.BATTERY, Says.HOT, Says.SILENCE, Says.ERROR),),
    Fault.LEAK: (Says.LEAK,),
    Fault.CONGESTION: (Says.WAIT, Says.FULL),
    Fault.HOST: (Says.SILENCE, Says.DOWN, Says.STUCK, Says.WAIT, Says.SLOWER),
    Fault.SENSOR: tuple(Says),
    Fault.CLOCK: (Says.CLOCK,),
    Fault.WORKLOAD: (),
    Fault.UNKNOWN: tuple(Says),
}
"""What a fault shows of itself that its followers do not; empty: it shows nothing itself."""

_OWN: dict[Fault, dict[Says, float]] = {
    Fault.LINK: {
        Says.ERROR: 0.9,
        Says.DOWN: 0.6,
        Says.NARROW: 0.6,
        Says.WAIT: 0.5,
        Says.LESS_WORK: 0.6,
        Says.FULL: 0.1,
        Says.OTHER: 0.2,
    },
    Fault.COMPUTE: {
        Says.ERROR: 0.9,
        Says.NARROW: 0.5,
        Says.THROTTLE: 0.3,
        Says.LESS_WORK: 0.6,
        Says.SILENCE: 0.4,
        Says.STUCK: 0.3,
        Says.LESS_POWER: 0.4,
        Says.COLD: 0.3,
        Says.DOWN: 0.2,
        Says.HOT: 0.05,
        Says.OTHER: 0.3,
    },
    Fault.HEAT: {
        Says.HOT: 0.95,
        Says.THROTTLE: 0.6,
        Says.FASTER: 0.4,
        Says.SLOWER: 0.4,
        Says.LESS_WORK: 0.4,
        Says.LESS_POWER: 0.3,
        Says.MORE_POWER: 0.1,
        Says.OTHER: 0.2,
    },
    Fault.COOLING: {
        Says.HOT: 0.8,
        Says.SLOWER: 0.7,
        Says.FASTER: 0.4,
        Says.MORE_POWER: 0.4,
        Says.LESS_POWER: 0.5,
        Says.VIBRATION: 0.5,
        Says.DOWN: 0.4,
        Says.FULL: 0.2,
        Says.ERROR: 0.2,
        Says.COLD: 0.1,
        Says.SILENCE: 0.05,
        Says.OTHER: 0.3,
    },
    Fault.POWER: {
        Says.VOLTAGE: 0.7,
        Says.DOWN: 0.6,
        Says.BATTERY: 0.6,
        Says.LESS_POWER: 0.6,
        Says.MORE_POWER: 0.4,
        Says.HOT: 0.5,
        Says.SILENCE: 0.3,
        Says.ERROR: 0.2,
        Says.OTHER: 0.3,
    },
    Fault.LEAK: {Says.LEAK: 0.97, Says.SLOWER: 0.5, Says.FASTER: 0.3, Says.HOT: 0.3},
    Fault.CONGESTION: {
        Says.WAIT: 0.9,
        Says.FULL: 0.5,
        Says.MORE_WORK: 0.5,
        Says.LESS_WORK: 0.4,
        Says.OTHER: 0.2,
    },
    Fault.HOST: {
        Says.SILENCE: 0.7,
        Says.LESS_WORK: 0.6,
        Says.DOWN: 0.4,
        Says.LESS_POWER: 0.4,
        Says.SLOWER: 0.3,
        Says.STUCK: 0.3,
        Says.WAIT: 0.3,
        Says.MORE_WORK: 0.2,
        Says.OTHER: 0.3,
    },
    Fault.SENSOR: {
        Says.STUCK: 0.9,
        **dict.fromkeys((Says.HOT, Says.COLD, Says.FASTER, Says.SLOWER, Says.VOLTAGE), 0.4),
        **dict.fromkeys((Says.LESS_POWER, Says.MORE_POWER, Says.VIBRATION, Says.OTHER), 0.3),
    },
    Fault.CLOCK: {Says.CLOCK: 0.98, Says.SILENCE: 0.1},
    Fault.WORKLOAD: dict.fromkeys((Says.LESS_WORK, Says.MORE_WORK), 0.8),
    Fault.UNKNOWN: dict.fromkeys(Says, 0.3),
}
"""What a fault shows where it is."""

_APART = (Fault.COMPUTE, Fault.HEAT, Fault.HOST, Fault.SENSOR, Fault.UNKNOWN)

STARTS: dict[Fault, tuple[Wave, ...]] = {
    Fault.LINK: (Wave.SLOW,),
    Fault.COMPUTE: (Wave.SLOW,),
    Fault.HEAT: (Wave.HEAT,),
    Fault.COOLING: (Wave.HEAT,),
    Fault.POWER: (Wave.OUTAGE,),
    Fault.LEAK: (Wave.HEAT, Wave.DRAW),
    Fault.CONGESTION: (Wave.SLOW,),
    Fault.HOST: (Wave.SLOW, Wave.SHARED),
    Fault.SENSOR: (),
    Fault.CLOCK: (Wave.SHARED,),
    Fault.WORKLOAD: (Wave.CHANGE,),
    Fault.UNKNOWN: (Wave.SLOW,),
}
"""The waves that a fault sends out."""

_FACILITY = {Fault.SENSOR: 1e-4, Fault.CLOCK: 1e-5}
_IT = {Fault.SENSOR: 3e-5, Fault.CLOCK: 2e-6}
_RARE = (Fault.UNKNOWN, Fault.WORKLOAD)
_COOLS = {Fault.COOLING: 5e-3, Fault.LEAK: 1e-4, **_FACILITY}
_FEEDS = {Fault.POWER: 3e-3, **_FACILITY}
_RATES: dict[AssetKind, dict[Fault, float]] = {
    AssetKind.GPU: {Fault.COMPUTE: 3e-4, Fault.HEAT: 2e-4, Fault.LINK: 5e-5, **_IT},
    AssetKind.CPU: {Fault.COMPUTE: 2e-5, Fault.HEAT: 1e-5, **_IT},
    AssetKind.NVSWITCH: {Fault.COMPUTE: 2e-5, Fault.LINK: 1e-5, Fault.HEAT: 1e-5, **_IT},
    AssetKind.NODE: {Fault.HOST: 2e-4, Fault.HEAT: 1e-4, Fault.COMPUTE: 1e-4, **_IT}
    | {Fault.CLOCK: 5e-5, Fault.POWER: 2e-5, Fault.LEAK: 1e-5},
    AssetKind.NIC: {Fault.LINK: 3e-5, Fault.HOST: 2e-5, **_IT},
    AssetKind.PORT: {Fault.LINK: 2e-5, Fault.CONGESTION: 2e-5, **_IT},
    AssetKind.SWITCH: {Fault.HOST: 2e-5, Fault.CONGESTION: 2e-4, Fault.HEAT: 1e-5, **_IT}
    | {Fault.POWER: 1e-5},
    AssetKind.RACK: {Fault.POWER: 3e-4, Fault.LEAK: 3e-4, Fault.COOLING: 1e-4, **_IT},
    AssetKind.STORAGE: {Fault.HOST: 1e-4, **_IT},
    AssetKind.JOB: {Fault.WORKLOAD: 1.0, Fault.UNKNOWN: 1e-4},
    AssetKind.PLACE: {},
    AssetKind.SENSOR: {Fault.SENSOR: 1e-4, Fault.CLOCK: 1e-5},
    AssetKind.OTHER: {fault: 1e-5 for fault in Fault if fault not in _RARE},
    **dict.fromkeys(COOLING, _COOLS),
    **dict.fromkeys(FEEDING, _FEEDS),
}
"""Faults a day of one asset, by its kind."""
EDGE_RATE = 3e-5
"""Faults a day of one link between ports."""


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


_SWITCHES = {AssetKind.SWITCH: 0.2, AssetKind.PORT: 0.5, AssetKind.NVSWITCH: 0.5}
_STEPS: tuple[Step, ...] = (
    Step(Wave.SLOW, EdgeKind.RUNS, False, Wave.WAITING, 0.95, 1.0),
    Step(Wave.SLOW, EdgeKind.CONTAINS, False, Wave.SLOW, 0.9, 0.0)._replace(
        only={AssetKind.GPU: 0.05, AssetKind.PORT: 0.3, AssetKind.NODE: 0.0, AssetKind.RACK: 0.0}
    ),
    Step(Wave.SLOW, EdgeKind.CONTAINS, True, Wave.SLOW, 0.9, 0.0, _SWITCHES),
    Step(Wave.SLOW, EdgeKind.LINKS, True, Wave.SLOW, 0.6, 0.0, {AssetKind.GPU: 0.1}),
    Step(Wave.SLOW, EdgeKind.LINKS, False, Wave.SLOW, 0.6, 0.0, {AssetKind.GPU: 0.1}),
    Step(Wave.WAITING, EdgeKind.RUNS, True, Wave.WAITING, 0.9, 1.0),
    Step(Wave.WAITING, EdgeKind.CONTAINS, False, Wave.WAITING, 0.8, 0.0)._replace(
        only={AssetKind.NODE: 0.0, AssetKind.RACK: 0.0, AssetKind.SWITCH: 0.0}
    ),
    Step(Wave.WAITING, EdgeKind.CONTAINS, True, Wave.WAITING, 0.8, 0.0, {AssetKind.SWITCH: 0.0}),
    Step(Wave.WAITING, EdgeKind.LINKS, True, Wave.WAITING, 0.7, 0.0, _SWITCHES),
    Step(Wave.WAITING, EdgeKind.LINKS, False, Wave.WAITING, 0.7, 0.0, _SWITCHES),
    Step(Wave.HEAT, EdgeKind.COOLS, True, Wave.HEAT, 0.9, 60.0),
    Step(Wave.HEAT, EdgeKind.CONTAINS, True, Wave.HEAT, 0.9, 20.0),
    Step(Wave.OUTAGE, EdgeKind.FEEDS, True, Wave.OUTAGE, 0.85, 1.0)._replace(
        only={AssetKind.UPS: 0.5, AssetKind.TRANSFORMER: 0.8}
    ),
    Step(Wave.OUTAGE, EdgeKind.CONTAINS, True, Wave.OUTAGE, 0.9, 0.5),
    Step(Wave.OUTAGE, EdgeKind.LINKS, True, Wave.CUT, 0.9, 1.0),
    Step(Wave.OUTAGE, EdgeKind.LINKS, False, Wave.CUT, 0.9, 1.0),
    Step(Wave.DRAW, EdgeKind.COOLS, False, Wave.DRAW, 0.7, 5.0),
    Step(Wave.LOAD, EdgeKind.FEEDS, False, Wave.LOAD, 0.8, 5.0),
    Step(Wave.LOAD, EdgeKind.CONTAINS, False, Wave.LOAD, 0.8, 5.0, {AssetKind.SWITCH: 0.1}),
    Step(Wave.LOAD, EdgeKind.COOLS, False, Wave.LOAD, 0.7, 60.0),
    Step(Wave.CHANGE, EdgeKind.RUNS, True, Wave.CHANGE, 0.95, 0.0),
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
_TURNS: tuple[Turn, ...] = (
    Turn(Wave.CUT, Wave.SLOW, 0.9, 1.0, KINDS),
    Turn(Wave.SLOW, Wave.WAITING, 0.95, 0.0, (AssetKind.JOB,)),
    Turn(Wave.HEAT, Wave.SLOW, 0.6, 60.0, (AssetKind.GPU, AssetKind.NODE, AssetKind.CPU)),
    Turn(Wave.HEAT, Wave.LOAD, 0.6, 30.0, COOLING),
    Turn(Wave.OUTAGE, Wave.SLOW, 0.95, 1.0, (*_WORKS, AssetKind.NVSWITCH, AssetKind.PORT)),
    Turn(Wave.OUTAGE, Wave.HEAT, 0.95, 5.0, COOLING),
    Turn(Wave.OUTAGE, Wave.LOAD, 0.95, 0.0, KINDS),
    Turn(Wave.WAITING, Wave.LOAD, 0.8, 2.0, (AssetKind.GPU, AssetKind.NODE)),
    Turn(Wave.SLOW, Wave.LOAD, 0.6, 2.0, (AssetKind.GPU, AssetKind.NODE)),
)


class Physics(NamedTuple):
    """All of the above as arrays, for compiled loops."""

    shows: Floats
    """(waves, says): chance that an asset which a wave has reached says so, if it measures it."""
    marks: Floats
    """(waves, says): 1 where a sign tells that the wave is there; a row of 0: nothing does."""
    share: Floats
    """(waves,): see `Mark`."""
    keys: Floats
    """(faults, says): 1 where a sign at the fault is its own, and not a follower's too."""
    apart: Floats
    """(faults,): 1 where whatever sets it apart from its peers is its own."""
    own: Floats
    """(faults, says): the same of the asset where the fault is."""
    starts: Floats
    """(faults, waves): chance that the fault sends the wave out."""
    rates: Floats
    """(kinds, faults): a day."""
    chance: Floats
    """(waves, hows, kinds): that a wave goes on to a neighbour, from an asset of the kind."""
    into: Floats
    """(waves, hows): as which wave."""
    delay_s: Floats
    """(waves, hows)"""
    turns: Floats
    """(waves, waves, kinds): chance that one becomes another where it is."""
    turn_s: Floats
    """(waves, waves)"""


def physics() -> Physics:
    """Return the tables."""
    shows, own = np.zeros((WAVES, len(Says))), np.zeros((len(FAULTS), len(Says)))
    starts, rates = np.zeros((len(FAULTS), WAVES)), np.zeros((len(KINDS), len(FAULTS)))
    for wave, of_wave in _SHOWS.items():
        for says, chance in of_wave.items():
            shows[wave, says] = chance
    for i, fault in enumerate(FAULTS):
        for says, chance in _OWN[fault].items():
            own[i, says] = chance
        for wave in STARTS[fault]:
            starts[i, wave] = 1.0
        for j, kind in enumerate(KINDS):
            rates[j, i] = _RATES[kind].get(fault, 0.0)
    return Physics(shows, *_marks(), own, starts, rates, *_steps(), *_turns())


def _marks() -> tuple[Floats, Floats, Floats, Floats]:
    marks, share = np.zeros((WAVES, len(Says))), np.ones(WAVES)
    keys = np.zeros((len(FAULTS), len(Says)))
    for wave, mark in _MARKS.items():
        marks[wave, list(mark.says)] = 1.0
        share[wave] = mark.share
    for i, fault in enumerate(FAULTS):
        keys[i, list(_KEYS[fault])] = 1.0
    return marks, share, keys, np.isin(FAULTS, _APART).astype(np.float64)


def _steps() -> tuple[Floats, Floats, Floats]:
    chance, into = np.zeros((WAVES, HOWS, len(KINDS))), np.zeros((WAVES, HOWS))
    delay_s = np.zeros((WAVES, HOWS))
    for step in _STEPS:
        how = 2 * tuple(EdgeKind).index(step.edge) + (not step.forward)
        into[step.wave, how], delay_s[step.wave, how] = step.into, step.delay_s
        chance[step.wave, how] = [step.only.get(kind, step.chance) for kind in KINDS]
    return chance, into, delay_s


def _turns() -> tuple[Floats, Floats]:
    turns, turn_s = np.zeros((WAVES, WAVES, len(KINDS))), np.zeros((WAVES, WAVES))
    for turn in _TURNS:
        turn_s[turn.wave, turn.into] = turn.delay_s
        for kind in turn.kinds:
            turns[turn.wave, turn.into, KINDS.index(kind)] = turn.chance
    return turns, turn_s
