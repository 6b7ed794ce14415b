"""All of the physics as arrays, for compiled loops."""

from typing import Final, NamedTuple

import numpy as np

from models.cascade.physics.faults import (
    APART,
    AT_TIMES,
    EARLY,
    KEYS,
    OF_NETWORK,
    ONLY,
    OWN,
    STARTS,
    UNASKED,
)
from models.cascade.physics.rates import RATES
from models.cascade.physics.steps import STEPS, TURNS
from models.cascade.physics.waves import FAINTER, LONG, MARKS, SHOWS, WAVES, Wave
from models.cascade.says import Says
from models.site import ASSET_KINDS, EDGE_KINDS
from schemas.cascade import EdgeKind, Fault
from schemas.telemetry import Floats, Ints

FAULTS: Final = tuple(Fault)
HOWS: Final = 2 * len(EdgeKind)
"""Ways to walk an edge: 2 x kind, + 1 from target to source."""


class Physics(NamedTuple):
    """All of the above as arrays, for compiled loops."""

    shows: Floats
    """(waves, says): chance that an asset which a wave has reached says so, if it measures it."""
    best: Floats
    """(waves,): the most of these."""
    marks: Floats
    """(waves, says): 1 where a sign tells that the wave is there; a row of 0: nothing does."""
    share: Floats
    """(waves,): see `Mark`."""
    faint: Floats
    """(waves,): the chance to which it is followed, as a factor of that of others; below 1: it goes
    long ways."""
    keys: Floats
    """(kinds, faults, says): 1 where a sign at the fault is its own, and not a follower's too."""
    early: Floats
    """(faults, says): 1 where a sign comes long before others suffer."""
    apart: Floats
    """(faults,): 1 where whatever sets it apart from its peers is its own."""
    waits: Floats
    """(faults,): how likely ports wait for it, against a fault of the network."""
    own: Floats
    """(kinds, faults, says): the same as `shows` of the asset where the fault is."""
    starts: Floats
    """(faults, waves): chance that the fault sends the wave out."""
    rarest: Floats
    """(faults,): the least of these that is more than 0; 1: it sends out none, or all always."""
    marked: Floats
    """(faults,): 1 where marks tell how far it came: all that it sends out has some, and turns
    into more."""
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
    goes: Ints
    """(waves, kinds): of the hows by which it goes on at all, a bit each."""
    turned: Ints
    """(waves, kinds): of the waves that it becomes, a bit each."""


def physics() -> Physics:
    """Return the tables."""
    shows = np.zeros((WAVES, len(Says)))
    starts, rates = np.zeros((len(FAULTS), WAVES)), np.zeros((len(ASSET_KINDS), len(FAULTS)))
    for wave, of_wave in SHOWS.items():
        for says, chance in of_wave.items():
            shows[wave, says] = chance
    for i, fault in enumerate(FAULTS):
        for wave in STARTS[fault]:
            starts[i, wave] = AT_TIMES.get(fault, {}).get(wave, 1.0)
        for j, kind in enumerate(ASSET_KINDS):
            rates[j, i] = RATES[kind].get(fault, 0.0)
    rarest = np.where(starts > 0.0, starts, 1.0).min(1)
    steps, turns = _steps(), _turns()
    bits = _bits(steps[0]), _bits(turns[0])
    marks, share, keys, early, apart = _marks()
    of_faults = _waits(), _own(), starts, rarest, _marked(starts, marks, turns[0]), rates
    waves = shows, shows.max(1), marks, share, _faint()
    return Physics(*waves, keys, early, apart, *of_faults, *steps, *turns, *bits)


def at_rest(tables: Physics) -> Physics:
    """Return tables in which nothing gets slower, so nobody waits."""
    turned = tables.turned & ~(1 << int(Wave.SLOW))
    return tables._replace(turned=turned)


def _marked(starts: Floats, marks: Floats, turns: Floats) -> Floats:
    tells = marks.any(axis=1) & turns.any(axis=(1, 2))
    return np.where(starts.any(axis=1) & ~starts[:, ~tells].any(axis=1), 1.0, 0.0)


def _bits(chance: Floats) -> Ints:
    """Return what of the middle axis can be at all, the first as the lowest bit."""
    bits: Ints = ((chance > 0.0) << np.arange(chance.shape[1])[:, np.newaxis]).sum(1)
    return bits


def _faint() -> Floats:
    return np.where(np.isin(np.arange(WAVES), LONG), FAINTER, 1.0)


def _waits() -> Floats:
    return np.where(np.isin(FAULTS, OF_NETWORK), 1.0, UNASKED)


def _own() -> Floats:
    own = np.zeros((len(ASSET_KINDS), len(FAULTS), len(Says)))
    for i, fault in enumerate(FAULTS):
        for says, chance in OWN[fault].items():
            own[_kinds(fault, says), i, says] = chance
    return own


def _kinds(fault: Fault, says: Says) -> list[int]:
    """Return the kinds of asset that show it of such a fault of their own."""
    only = ONLY.get((fault, says), ASSET_KINDS)
    return [i for i, kind in enumerate(ASSET_KINDS) if kind in only]


def _marks() -> tuple[Floats, Floats, Floats, Floats, Floats]:
    marks, share = np.zeros((WAVES, len(Says))), np.ones(WAVES)
    keys = np.zeros((len(ASSET_KINDS), len(FAULTS), len(Says)))
    early = np.zeros((len(FAULTS), len(Says)))
    for wave, mark in MARKS.items():
        marks[wave, list(mark.says)] = 1.0
        share[wave] = mark.share
    for i, fault in enumerate(FAULTS):
        for says in KEYS[fault]:
            keys[_kinds(fault, says), i, says] = 1.0
        early[i, list(EARLY.get(fault, ()))] = 1.0
    return marks, share, keys, early, np.isin(FAULTS, APART).astype(np.float64)


def _steps() -> tuple[Floats, Floats, Floats]:
    chance, into = np.zeros((WAVES, HOWS, len(ASSET_KINDS))), np.zeros((WAVES, HOWS))
    delay_s = np.zeros((WAVES, HOWS))
    for step in STEPS:
        how = 2 * EDGE_KINDS.index(step.edge) + (not step.forward)
        into[step.wave, how], delay_s[step.wave, how] = step.into, step.delay_s
        chance[step.wave, how] = [step.only.get(kind, step.chance) for kind in ASSET_KINDS]
    return chance, into, delay_s


def _turns() -> tuple[Floats, Floats]:
    turns, turn_s = np.zeros((WAVES, WAVES, len(ASSET_KINDS))), np.zeros((WAVES, WAVES))
    for turn in TURNS:
        turn_s[turn.wave, turn.into] = turn.delay_s
        for kind in turn.kinds:
            turns[turn.wave, turn.into, ASSET_KINDS.index(kind)] = turn.chance
    return turns, turn_s
