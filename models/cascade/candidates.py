"""What may be the cause: what shows something itself, links of it, and what feeds or cools many.

Only the most promising are weighed: by what their own signs say, and by how much lies below them.
"""

from math import log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.cascade.physics import EDGE_RATE, FAULTS, Physics
from models.cascade.reach import Ground
from models.cascade.says import Says
from models.cascade.signs import Signs
from models.cascade.weigh import MUTE, QUIET, Candidates, tells
from models.compiled import compiled
from models.site import ASSET_CODE, CONTAINS, COOLS, FEEDS, LINKS, Graph
from schemas.cascade import AssetKind, Fault
from schemas.telemetry import Floats, Ints

WINDOW_S = 600.0
"""The time that rates of faults and of chance signs are held against."""
DAY_S = 86_400.0
MOST_OWN, MOST_MUTE, MOST_ABOVE, MOST_LINKS, MOST_JOBS = 96, 24, 48, 64, 256
"""How many are weighed: of those with signs, of these those that are mute, of those above them, of
links, of jobs."""
CLIMB = 6
"""How many edges up."""
OF_LINKS = (int(Says.ERROR), int(Says.LOSS), int(Says.DOWN), int(Says.NARROW), int(Says.WAIT))
WAITS = 0.2
"""Waiting is for somebody else, as a rule: of its weight this share speaks for the link itself, all
of it where it is by far the strongest, or the first."""
SWITCH = int(ASSET_CODE[AssetKind.SWITCH])
JOB = int(ASSET_CODE[AssetKind.JOB])
OF_JOBS = tuple(
    int(ASSET_CODE[kind])
    for kind in (AssetKind.NODE, AssetKind.GPU, AssetKind.NIC, AssetKind.PORT, AssetKind.NVSWITCH)
)
ENDS = (int(ASSET_CODE[AssetKind.NIC]), int(ASSET_CODE[AssetKind.PORT]))
"""Kinds that are nothing but an end of links, where there are some."""
TELLS = (FAULTS.index(Fault.LEAK), FAULTS.index(Fault.CLOCK))
"""Faults that are not thought of where nobody says so."""
MANY = 16
"""An asset with more links is not asked for the other end of each, but where both ends show."""
LINK = FAULTS.index(Fault.LINK)
NOTHING = 1e-6
"""A sum of weights that is no more is what rounding left."""
ROUNDED = 1.0001
"""What rounding may add to a sum of gains, as a factor."""


class One(NamedTuple):
    """One candidate before it is weighed."""

    asset: int
    other: int
    fault: int
    cost: float
    promise: float


def cost(rate: float) -> float:
    """Return -log of the chance of a fault, of `rate` a day, in the window."""
    return -log(rate * WINDOW_S / DAY_S)


def candidates(graph: Graph, site: Ground, tables: Physics, signs: Signs) -> Candidates:
    """Return what is worth being weighed."""
    own = _own(site, tables, signs)
    links = sorted(_links(graph, signs), key=_order)[:MOST_LINKS]
    above = _above(site, tables, signs)
    found = {(one.asset, one.other, one.fault): one for one in (*own, *links, *above)}
    rows = [found[key] for key in sorted(found)]
    every = Candidates(
        np.array([one.asset for one in rows], np.int64),
        np.array([one.other for one in rows], np.int64),
        np.array([one.fault for one in rows], np.int64),
        np.array([one.cost for one in rows], np.float64),
    )
    kept = may_be(site, tables, signs, every)
    return Candidates(every.asset[kept], every.other[kept], every.fault[kept], every.cost[kept])


def may_be(site: Ground, tables: Physics, signs: Signs, every: Candidates) -> npt.NDArray[np.bool_]:
    """Say which would be worth anything if they explained all signs as well as can be: (c,)."""
    most = float(np.maximum(signs.weight * signs.share, 0.0).sum()) * ROUNDED
    shows = np.isin(every.asset, signs.asset) | np.isin(every.other, signs.asset)
    keys = tables.keys[site.kinds[every.asset], every.fault]
    is_quiet = np.any(keys > 0.0, axis=1) & ~shows
    kept: npt.NDArray[np.bool_] = every.cost + QUIET * is_quiet < most
    return kept


def _order(one: One) -> tuple[float, int, int, int]:
    return -one.promise, one.asset, one.other, one.fault


def _own(site: Ground, tables: Physics, signs: Signs) -> list[One]:
    """Return assets with signs, as faults that show any of them; the most promising.

    Of many signs that say the same each promises little: they may have a cause in common. Of those
    that show nothing that tells of the fault few are taken.
    """
    kinds = site.kinds[signs.asset]
    places, group = np.unique(signs.asset, return_inverse=True)
    rates = tables.rates[site.kinds[places]].copy()
    ends = np.isin(site.kinds[places], ENDS)
    rates[ends & is_linked(site, places), LINK] = 0.0  # `_links` has both ends
    promise, is_mute = np.zeros_like(rates), mute(site, tables, signs, group, places)
    for fault in range(rates.shape[1]):
        shows = np.maximum(tables.own[kinds, fault, signs.says], np.exp(-signs.weight))
        gain = (signs.weight + np.log(shows)) * signs.share
        promise[:, fault] = np.bincount(group, gain, places.size)
    for fault in TELLS:
        told = np.bincount(group, tables.keys[kinds, fault, signs.says], places.size) > 0.0
        rates[~told, fault] = 0.0
    rows, faults = np.nonzero((rates > 0.0) & (promise > 0.0))
    costs = _costs(tables)[site.kinds[places[rows]], faults]
    is_mute = is_mute[rows, faults]
    promise = promise[rows, faults] - costs - MUTE * is_mute
    best = np.lexsort((faults, places[rows], -promise))
    best = best[~is_mute[best] | (np.cumsum(is_mute[best]) <= MOST_MUTE)][:MOST_OWN]
    columns = places[rows], np.full(rows.size, -1), faults, costs, promise
    return [One(*one) for one in zip(*(column[best].tolist() for column in columns), strict=True)]


@compiled
def mute(
    site: Ground, tables: Physics, signs: Signs, group: Ints, places: Ints
) -> npt.NDArray[np.bool_]:
    """Say at which of `places` (p,) nothing tells of a fault that would show itself: (p, faults).

    `group`: (s,), at which place each sign is.
    """
    faults = tables.rarest.size
    is_mute = np.zeros((places.size, faults), np.bool_)
    for k in range(places.size):
        for fault in range(faults):
            is_mute[k, fault] = np.sum(tables.keys[site.kinds[places[k]], fault]) > 0.0
    for i in range(group.size):
        for fault in range(faults):
            if tells(tables, signs, i, fault, site.kinds[signs.asset[i]]) > 0.0:
                is_mute[group[i], fault] = False
    return is_mute


def _costs(tables: Physics) -> Floats:
    """Return what each fault costs: (kinds, faults), infinite where there is none."""
    rates = tables.rates.tolist()
    return np.array([[cost(rate) if rate > 0.0 else np.inf for rate in row] for row in rates])


@compiled
def is_linked(site: Ground, places: Ints) -> npt.NDArray[np.bool_]:
    """Say which of `places` have links."""
    linked = np.zeros(places.size, np.bool_)
    for i in range(places.size):
        for k in range(site.start[places[i]], site.start[places[i] + 1]):
            linked[i] |= site.how[k] // 2 == LINKS
    return linked


def _links(graph: Graph, signs: Signs) -> list[One]:
    """Every link at whose ends something is said that links say."""
    says: dict[int, float] = {}
    media: dict[int, set[int]] = {}
    for i in np.flatnonzero(np.isin(signs.says, OF_LINKS)).tolist():
        asset = int(signs.asset[i])
        share = WAITS if signs.says[i] == Says.WAIT and not signs.strongest[i] else 1.0
        says[asset] = says.get(asset, 0.0) + share * float(signs.weight[i])
        media.setdefault(asset, set()).add(int(signs.medium[i]))
    found: dict[tuple[int, int], One] = {}
    for asset, said in says.items():
        begin, end = int(graph.start[asset]), int(graph.start[asset + 1])
        steps = [k for k in range(begin, end) if graph.how[k] // 2 == LINKS]
        for k in steps:
            other, medium = int(graph.to[k]), int(graph.medium[graph.edge[k]])
            told = media[asset] | media.get(other, set())
            if medium and 0 not in told and medium not in told:
                continue
            if len(steps) > MANY and other not in says:
                continue
            ends = (min(asset, other), max(asset, other))
            promise = said + says.get(other, 0.0)
            price = cost(EDGE_RATE) + (0.0 if other in says else log(len(steps)))
            if ends not in found or price < found[ends].cost:
                found[ends] = One(*ends, LINK, price, promise)
    return list(found.values())


def _above(site: Ground, tables: Physics, signs: Signs) -> list[One]:
    """Return what contains, feeds or cools the most of what shows something, or holds it up."""
    share = np.zeros(site.kinds.size)
    climb(site, signs.asset, signs.weight, share)
    waits = signs.says == Says.WAIT
    cross(site, signs.asset[waits], signs.weight[waits], share)
    ask_jobs(site, signs.asset, signs.weight, share)
    np.subtract.at(share, signs.asset, signs.weight)  # what is seen at it, `_own` has weighed
    order = np.flatnonzero(share > NOTHING)
    order = order[np.argsort(-share[order], kind="stable")]
    is_job = site.kinds[order] == JOB
    order = np.concatenate([order[~is_job][:MOST_ABOVE], order[is_job][:MOST_JOBS]])
    return [
        One(asset, -1, fault, cost(rate), float(share[asset]))
        for asset in order.tolist()
        for fault, rate in enumerate(tables.rates[site.kinds[asset]])
        if rate > 0.0 and np.any(tables.starts[fault] > 0.0) and fault not in TELLS
    ]


@compiled
def cross(site: Ground, assets: Ints, weights: Floats, share: Floats) -> None:
    """Add to `share` (n,) of every switch into which a link of one of `assets` leads."""
    for i in range(assets.size):
        for k in range(site.start[assets[i]], site.start[assets[i] + 1]):
            if site.how[k] // 2 != LINKS:
                continue
            end = site.to[k]
            for j in range(site.start[end], site.start[end + 1]):
                if site.how[j] == 2 * CONTAINS + 1 and site.kinds[site.to[j]] == SWITCH:
                    share[site.to[j]] += weights[i]


@compiled
def ask_jobs(site: Ground, assets: Ints, weights: Floats, share: Floats) -> None:
    """Add to `share` (n,) of every job whose machines, or their links, are in `assets`."""
    visited = np.full(site.kinds.size, -1)
    queue = np.zeros(1024, np.int64)
    for i in range(assets.size):
        if site.kinds[assets[i]] not in OF_JOBS:
            continue
        queue[0] = assets[i]
        visited[assets[i]] = i
        head, tail = 0, 1
        while head < tail:
            asset = queue[head]
            head += 1
            if site.kinds[asset] == JOB:
                share[asset] += weights[i]
                continue
            for k in range(site.start[asset], site.start[asset + 1]):
                other = site.to[k]
                is_part = site.kinds[other] in OF_JOBS or site.kinds[other] == JOB
                if is_part and visited[other] != i and tail < queue.size:
                    visited[other] = i
                    queue[tail] = other
                    tail += 1


@compiled
def climb(site: Ground, assets: Ints, weights: Floats, share: Floats) -> None:
    """Add to `share` (n,), of every asset above each of `assets`, what weighs below it."""
    visited = np.full(site.kinds.size, -1)
    queue, depth = np.zeros(4096, np.int64), np.zeros(4096, np.int64)
    for i in range(assets.size):
        queue[0], depth[0] = assets[i], 0
        visited[assets[i]] = i
        head, tail = 0, 1
        while head < tail:
            asset = queue[head]
            share[asset] += weights[i]
            for k in range(site.start[asset], site.start[asset + 1]):
                kind, against = divmod(site.how[k], 2)
                up = against == 1 and kind in (FEEDS, COOLS, CONTAINS)
                other = site.to[k]
                if up and visited[other] != i and depth[head] < CLIMB and tail < queue.size:
                    visited[other] = i
                    queue[tail], depth[tail] = other, depth[head] + 1
                    tail += 1
            head += 1
