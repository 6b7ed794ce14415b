"""An incident in words and numbers: one page for a person, complete for a program."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np

from models.cascade.explain import Explained, Rival
from models.cascade.groups import Group
from models.cascade.incidents import Standing
from models.cascade.physics import FAULTS, Wave
from models.cascade.says import Says
from models.cascade.spread import Coming, Course
from models.cascade.words import FAULT
from models.site import ASSET_CODE, ASSET_KINDS, CONTAINS, EDGE_KINDS, LINKS, MEDIUMS, RUNS, Graph
from models.words import moment
from schemas.cascade import (
    AssetKind,
    Cause,
    Count,
    Fault,
    Follower,
    Medium,
    Next,
    Radius,
)
from schemas.events import Evidence, Hypothesis

FOLLOWERS, COMINGS, UNEXPLAINED, FACTS, OUTCOMES, JOBS = 20, 10, 20, 12, 20, 3
RANKED: Final = 5
"""Causes that are told."""
LIKELY: Final = 0.5
"""A job is said to wait where that is at least so likely as of the job that surely does."""
"""The most of each that an event names; numbers tell of all."""
GPU: Final = int(ASSET_CODE[AssetKind.GPU])
SAYS: Final = {
    Says.ERROR: "counts errors",
    Says.DOWN: "is not in service",
    Says.NARROW: "runs at less than its width or rate",
    Says.WAIT: "may not send",
    Says.LESS_WORK: "does less",
    Says.MORE_WORK: "does more",
    Says.HOT: "is hotter",
    Says.COLD: "is cooler",
    Says.THROTTLE: "throttles",
    Says.SLOWER: "moves less",
    Says.FASTER: "moves more",
    Says.VIBRATION: "vibrates",
    Says.LEAK: "leaks",
    Says.VOLTAGE: "has less voltage",
    Says.SWELL: "has more voltage",
    Says.BATTERY: "runs on its battery",
    Says.LESS_POWER: "takes less power",
    Says.MORE_POWER: "takes more power",
    Says.SILENCE: "says nothing",
    Says.STUCK: "repeats one value",
    Says.CLOCK: "has a wrong clock",
    Says.FULL: "is at its capacity",
    Says.OTHER: "is not as it was",
    Says.INPUT: "is fed at less voltage",
    Says.INLET: "is given warmer water or air",
    Says.LOSS: "loses packets",
}


class Page(NamedTuple):
    """What the words are made of."""

    graph: Graph
    standing: Standing
    explained: Explained
    course: Course
    groups: list[Group]
    """What is explained by it."""
    began: dict[str, int]
    """Since when each asset shows any of it, in ns."""
    comings: list[Coming]
    cause: Rival


def name(graph: Graph, rival: Rival) -> str:
    """Return how people call a cause: both ends of a link."""
    here = graph.names[rival.asset]
    return here if rival.other < 0 else f"{here} - {graph.names[rival.other]}"


def kind(graph: Graph, asset: int) -> AssetKind:
    """Return what an asset is."""
    return ASSET_KINDS[int(graph.kinds[asset])]


def medium(graph: Graph, rival: Rival) -> Medium | None:
    """Return what a link is made of; None: it is no link, or nobody knows."""
    for k in range(int(graph.start[rival.asset]), int(graph.start[rival.asset + 1])):
        if int(graph.to[k]) == rival.other and graph.how[k] // 2 == LINKS:
            return MEDIUMS[int(graph.medium[graph.edge[k]])]
    return None


def causes(page: Page, now_ns: int) -> tuple[Cause, ...]:
    """Return the ranked causes, the one that the incident goes by first."""
    ranked = sorted(page.explained.rivals, key=lambda rival: rival is not page.cause)
    return tuple(_cause(page, rival, now_ns) for rival in ranked[:RANKED])


def _cause(page: Page, rival: Rival, now_ns: int) -> Cause:
    graph = page.graph
    both = [rival.asset] if rival.other < 0 else [rival.asset, rival.other]
    names = [graph.names[asset] for asset in both]
    own = [group for group in page.groups if group.asset in names]
    if rival.other >= 0 and own:
        names.sort(key=lambda end: (-sum(g.weight for g in own if g.asset == end), end))
    return Cause(
        asset=names[0],
        kind=kind(graph, graph.place(names[0])),
        ends=tuple(names) if rival.other >= 0 else (),
        medium=medium(graph, rival),
        fault=FAULTS[rival.fault],
        probability=round(min(rival.probability, 1.0), 3),
        since=moment(now_ns + round(rival.onset_s * 1e9)),
        text=_because(own, FAULTS[rival.fault]) + (_waits(page) if rival is page.cause else ""),
    )


def _because(own: list[Group], fault: Fault) -> str:
    if not own:
        return f"{FAULT[fault]}: it shows nothing itself; what depends on it does"
    said = list(dict.fromkeys(f"{group.asset} {SAYS[Says(group.says)]}" for group in own))
    return f"{FAULT[fault]}: {', '.join(said[:6])}"


def _waits(page: Page) -> str:
    """Name the jobs that have to wait for a cause, and their GPUs."""
    graph, course = page.graph, page.course
    waits = (course.kinds == ASSET_CODE[AssetKind.JOB]) & (course.waves == Wave.WAITING)
    waits &= course.near & (course.chance >= LIKELY * course.chance[waits].max(initial=0.0))
    jobs = course.assets[waits].tolist()
    named = [f"{graph.names[job]} ({_gpus(graph, job)} GPUs)" for job in jobs[:JOBS]]
    more = [f"{len(jobs) - JOBS} more jobs"] if len(jobs) > JOBS else []
    return f"; who waits for it: {', '.join(named + more)}" if named else ""


def _gpus(graph: Graph, job: int) -> int:
    """Return on how many GPUs a job runs, by itself or as its nodes contain them."""
    members = graph.around(np.array([job]), 2 * RUNS)
    parts = graph.around(members, 2 * CONTAINS)
    return int(np.count_nonzero(graph.kinds[np.union1d(members, parts)] == GPU))


def followers(page: Page) -> tuple[Follower, ...]:
    """Return the first of each kind that was reached, then more, the earliest first."""
    graph, course, began = page.graph, page.course, page.began
    rows = course.rows(np.array([graph.place(asset) for asset in began], np.int64)).tolist()
    order = sorted(zip(began.values(), began, rows, strict=True))
    kinds = course.kinds.tolist()
    seen: Counter[int] = Counter()
    ranked = []
    for onset_ns, asset, row in order:
        if row >= 0:
            ranked.append((seen[kinds[row]], onset_ns, asset, row))
            seen[kinds[row]] += 1
    ranked.sort()
    since_ns = page.standing.since_ns
    return tuple(
        Follower(
            asset=asset,
            kind=ASSET_KINDS[kinds[row]],
            via=tuple(EDGE_KINDS[how // 2] for how in course.way(row)),
            delay_s=round((onset_ns - since_ns) / 1e9, 3),
        )
        for _, onset_ns, asset, row in ranked[:FOLLOWERS]
    )


def onsets(groups: Iterable[Group]) -> dict[str, int]:
    """Return since when each asset shows anything, in ns."""
    first: dict[str, int] = {}
    for group in groups:
        first[group.asset] = min(first.get(group.asset, group.first_ns), group.first_ns)
    return first


def counts(page: Page) -> tuple[Count, ...]:
    """Return how many of each kind show it."""
    assets: dict[AssetKind, set[str]] = {}
    many: Counter[AssetKind] = Counter()
    for group in page.groups:
        place = page.graph.place(group.asset)
        what = kind(page.graph, place) if place >= 0 else AssetKind.OTHER
        assets.setdefault(what, set()).add(group.asset)
        many[what] += group.many
    return tuple(
        Count(kind=what, assets=len(assets[what]), anomalies=many[what]) for what in sorted(assets)
    )


def radius(page: Page) -> Radius:
    """Return how far it reaches now: what shows it, and the jobs that run there."""
    graph = page.graph
    places = np.unique([graph.place(asset) for asset in page.began])
    known = places[places >= 0]
    gpus = int(np.count_nonzero(graph.kinds[known] == GPU))
    return Radius(assets=len(page.began), gpus=gpus, jobs=graph.around(known, 2 * RUNS + 1).size)


def spread(page: Page, now_ns: int) -> tuple[Next, ...]:
    """Return who is next."""
    graph, course = page.graph, page.course
    began_ns = now_ns + round(page.cause.onset_s * 1e9)
    return tuple(
        Next(
            asset=graph.names[course.assets[one.row]],
            kind=kind(graph, int(course.assets[one.row])),
            probability=round(one.probability, 3),
            p10=moment(began_ns + round(one.arrival.p10_s * 1e9)),
            p50=moment(began_ns + round(one.arrival.p50_s * 1e9)),
            p90=moment(began_ns + round(one.arrival.p90_s * 1e9)),
            via=tuple(EDGE_KINDS[how // 2] for how in course.way(one.row)),
        )
        for one in page.comings[:COMINGS]
    )


def evidence(page: Page) -> Evidence:
    """Return what it rests on: signs of the cause, then the first of each kind of follower."""
    graph, cause = page.graph, page.cause
    ends = {graph.names[cause.asset]} | ({graph.names[cause.other]} if cause.other >= 0 else set())
    own = [group for group in page.groups if group.asset in ends]
    others = sorted(
        (group for group in page.groups if group.asset not in ends),
        key=lambda group: (group.first_ns, group.asset, group.says),
    )
    unlike = {(group.says, graph.kinds[graph.place(group.asset)]): group for group in others[::-1]}
    facts = [fact for group in (*own, *unlike.values()) for fact in group.facts]
    hypotheses = tuple(
        Hypothesis(
            text=f"{name(graph, rival)}: {FAULT[FAULTS[rival.fault]]} ({rival.probability:.0%})",
            score=round(max(page.explained.worth, 0.0) * rival.probability, 2),
        )
        for rival in page.explained.rivals[:RANKED]
    )
    return Evidence(
        facts=tuple(facts[:FACTS]), hypotheses=hypotheses, unknowns=tuple(_unknown(page, own))
    )


def _unknown(page: Page, own: list[Group]) -> Iterator[str]:
    if not own:
        yield f"{name(page.graph, page.cause)} shows nothing itself: whether it is measured"
    strangers = [group.asset for group in page.groups if page.graph.place(group.asset) < 0]
    if strangers:
        yield f"{len(strangers)} assets are not in the site graph, {strangers[0]} among them"


def summary(page: Page, reach: Radius) -> str:
    """Return the one line that is read first."""
    graph, cause = page.graph, page.cause
    what = medium(graph, cause)
    link = f" ({what})" if what else ""
    told = f"{name(graph, cause)}{link}: {FAULT[FAULTS[cause.fault]]}"
    ends = {cause.asset, cause.other}
    others = [one for one in page.began if graph.place(one) not in ends]
    if others:
        told += f"; {len(others)} {'asset follows' if len(others) == 1 else 'assets follow'}"
        told += f" ({reach.gpus} GPUs, {reach.jobs} jobs)" if reach.gpus else ""
    if page.comings:
        one = page.comings[0]
        soon = graph.names[page.course.assets[one.row]]
        told += f"; next {soon} ({one.probability:.0%})"
    return told
