"""How far a fault reaches: the likeliest way of every wave to every asset, over the site graph.

Label correcting from the roots outwards: an asset is looked at again where a likelier way to it
turns up. What is less likely than `LEAST` is not followed, so the cost is that of what is reached,
not of the site. Two are followed to less: work that waits (`Physics.faint`), and what sends out a
wave at times only, and shows itself, by as much as that wave is rare (`Physics.rarest`).
"""

from math import sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.cascade.physics import WAVES, Physics, Wave
from models.compiled import bare, inlined
from models.site import ASSET_CODE, CONTAINS, INDEPENDENT, LINKS, RUNS, Graph
from schemas.cascade import AssetKind
from schemas.telemetry import Floats, Ints

LEAST = 0.05
"""Chance below which a way is not followed, as a rule."""
BETTER = 1.02
"""A way must be likelier by this factor to be walked again."""
ALONE = 0.05
"""Of a wait, the share that reaches a member of a job whose members wait for nobody."""
WAITING, LOAD, CHANGE = int(Wave.WAITING), int(Wave.LOAD), int(Wave.CHANGE)
EASED = int(Wave.EASED)
SWITCH = int(ASSET_CODE[AssetKind.SWITCH])
NO_ONE = -1
ALIKE = 1024
"""So many different states are told apart where only their number matters."""


class Ground(NamedTuple):
    """What compiled loops need of a site; `models.site.Graph` says what each is."""

    kinds: npt.NDArray[np.uint8]
    start: Ints
    to: npt.NDArray[np.int32]
    how: npt.NDArray[np.uint8]
    loose: npt.NDArray[np.bool_]
    """(2m,): the step goes to a member of a job that waits for no other."""
    down: npt.NDArray[np.bool_]
    """(2m,): the step goes from a switch to a part of it that leads to no other switch."""


def ground(graph: Graph) -> Ground:
    """Return it."""
    loose = (graph.pattern[graph.edge] == INDEPENDENT) & (graph.how // 2 == RUNS)
    return Ground(graph.kinds, graph.start, graph.to, graph.how, loose, _down(graph))


def _down(graph: Graph) -> npt.NDArray[np.bool_]:
    n, of_switch = len(graph), graph.kinds[graph.source] == SWITCH
    is_port, is_trunk = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    is_port[graph.target[of_switch & (graph.kind == CONTAINS)]] = True
    trunks = (graph.kind == LINKS) & is_port[graph.source] & is_port[graph.target]
    is_trunk[graph.source[trunks]] = is_trunk[graph.target[trunks]] = True
    leaves = np.repeat(graph.kinds == SWITCH, np.diff(graph.start))
    down: npt.NDArray[np.bool_] = leaves & (graph.how == 2 * CONTAINS) & ~is_trunk[graph.to]
    return down


class Reached(NamedTuple):
    """Work space of a search, and its answer; clean between searches.

    A wave goes from what contains to what it contains, and that stands side by side: so waves come
    before assets, and what is looked at together lies together.
    """

    chance: Floats
    """(waves, assets): that the wave arrives; 0: it does not, and the rest is old."""
    after_s: Floats
    """(waves, assets): after the fault, on the likeliest way."""
    parent: npt.NDArray[np.int32]
    """(waves, assets): asset x waves + wave that it came from; -1: a root."""
    how: npt.NDArray[np.int8]
    """(waves, assets): over which edge, 2 x kind + 1 if against its direction; -1: where it was."""
    queue: npt.NDArray[np.int32]
    """(assets x waves + 1,): states to look at, in a ring."""
    waiting: npt.NDArray[np.bool_]
    """(waves, assets): is in the ring."""
    touched: Ints
    """(assets x waves,): states that were reached, the first `size[0]` of them."""
    crowd: Floats
    """(`ALIKE`, 5): wave, kind, chance, `after_s` and number of states that are not among them, as
    they show nothing and nothing is reached through them; the first `size[1]` rows."""
    size: Ints
    """(2,)"""


def space(graph: Graph) -> Reached:
    """Return work space for searches on `graph`: 34 bytes for each asset and wave.

    Most of it is filled here, as memory that is only asked for comes with the first search.
    """
    n = len(graph.kinds)
    shape, states = (WAVES, n), n * WAVES
    return Reached(
        np.full(shape, 0.0),
        np.full(shape, 0.0),
        np.full(shape, NO_ONE, np.int32),
        np.full(shape, NO_ONE, np.int8),
        np.zeros(states + 1, np.int32),
        np.zeros(shape, np.bool_),
        np.zeros(states, np.int64),
        np.zeros((ALIKE, 5)),
        np.zeros(2, np.int64),
    )


@bare
def clean(reached: Reached) -> None:
    """Forget the last search."""
    for k in range(reached.size[0]):
        asset, wave = divmod(reached.touched[k], WAVES)
        reached.chance[wave, asset] = 0.0
    reached.size[:] = 0


@bare
def search(
    site: Ground, tables: Physics, roots: Ints, cause: tuple[int, float], reached: Reached
) -> None:
    """Follow all waves of a fault at `roots` (k,) into `reached`, which must be clean.

    `cause`: the fault, and the chance below which ways are not followed.
    """
    fault, least = cause
    ring = reached.queue.size
    head = tail = 0
    for root in roots:
        for wave in range(WAVES):
            chance = tables.starts[fault, wave]
            if chance > 0.0:
                tail = arrive(reached, (root * WAVES + wave, NO_ONE, NO_ONE), (chance, 0.0), tail)
    while head != tail:
        state = reached.queue[head]
        head = head + 1 if head + 1 < ring else 0
        asset, wave = divmod(state, WAVES)
        reached.waiting[wave, asset] = False
        chance, after_s = reached.chance[wave, asset], reached.after_s[wave, asset]
        kind = site.kinds[asset]
        turns_to = tables.turned[wave, kind]
        for other in range(WAVES):
            if not (turns_to >> other) & 1:
                continue
            turns = chance * tables.turns[wave, other, kind]
            if turns >= least * tables.faint[other]:
                when_s = after_s + tables.turn_s[wave, other]
                way = (asset * WAVES + other, state, NO_ONE)
                tail = arrive(reached, way, (turns, when_s), tail)
        tail = walk(site, tables, reached, (state, tail), least)


@inlined
def walk(site: Ground, tables: Physics, reached: Reached, at: tuple[int, int], least: float) -> int:
    """Let a wave go on from where it is, to all neighbours; return the new end of the ring.

    `at`: its state, and the end of the ring so far.
    """
    state, tail = at
    asset, wave = divmod(state, WAVES)
    chance, after_s = reached.chance[wave, asset], reached.after_s[wave, asset]
    kind = site.kinds[asset]
    goes_by = tables.goes[wave, kind]
    if goes_by == 0:
        return tail
    for k in range(site.start[asset], site.start[asset + 1]):
        how = int(site.how[k])
        if not (goes_by >> how) & 1:
            continue
        goes = chance * tables.chance[wave, how, kind]
        into = int(tables.into[wave, how])
        if site.down[k] and wave == WAITING:
            continue
        enough = least * tables.faint[into]
        if goes < enough or goes <= reached.chance[into, site.to[k]] * BETTER:
            continue
        is_up = how % 2 == 1 and how // 2 != RUNS
        if is_up and wave in (LOAD, CHANGE, EASED):
            goes *= felt(site, reached, (int(site.to[k]), how - 1, wave))
        if site.loose[k] and wave == WAITING:
            goes *= ALONE
        if goes >= enough:
            when_s = after_s + tables.delay_s[wave, how]
            to = site.to[k] * WAVES + into
            tail = arrive(reached, (to, state, how), (goes, when_s), tail)
    return tail


@inlined
def felt(site: Ground, reached: Reached, above: tuple[int, int, int]) -> float:
    """Say how much of a lighter load is felt above, 0..1: by the share of those below that have it.

    Who waits takes less; a job that is over takes nothing, so that is felt farther.

    `above`: asset, how it walks down to them, wave. Those that are reached later are asked again.
    """
    asset, how, wave = above
    many, have = 0.0, 0.0
    for k in range(site.start[asset], site.start[asset + 1]):
        if site.how[k] == how:
            many += 1.0
            have += reached.chance[wave, site.to[k]]
    share = sqrt(have / many)
    return sqrt(share) if wave == CHANGE else share


@inlined
def arrive(
    reached: Reached, way: tuple[int, int, int], what: tuple[float, float], tail: int
) -> int:
    """Note a way to a state, if it is the likeliest so far; return the new end of the ring."""
    state, parent, how = way
    chance, after_s = what
    asset, wave = divmod(state, WAVES)
    known = reached.chance[wave, asset]
    if chance <= known * BETTER:
        return tail
    if known == 0.0:
        reached.touched[reached.size[0]] = state
        reached.size[0] += 1
    reached.chance[wave, asset] = chance
    reached.after_s[wave, asset] = after_s
    reached.parent[wave, asset] = parent
    reached.how[wave, asset] = how
    if not reached.waiting[wave, asset]:
        reached.waiting[wave, asset] = True
        reached.queue[tail] = state
        tail = tail + 1 if tail + 1 < reached.queue.size else 0
    return tail
