"""What anybody would try first: which asset broke, from the same anomalies."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from models.evaluate.cascade.record import Case, Sign
from models.site import CONTAINS, COOLS, FEEDS, LINKS, RUNS, Graph

FIRST_S = 60.0
"""`upstream` looks at what is anomalous in so long from the first anomaly on."""
_DOWN: Final = (FEEDS, COOLS, CONTAINS, RUNS)
Rule = Callable[[Graph, Sequence[Sign]], list[str]]
"""Ranks the assets with anomalies, the likeliest cause first."""


def earliest(_graph: Graph, signs: Sequence[Sign]) -> list[str]:
    """Rank by which was anomalous first."""
    return _once(sorted(signs, key=lambda sign: (sign.since_s, sign.asset)))


def highest(_graph: Graph, signs: Sequence[Sign]) -> list[str]:
    """Rank by the highest score."""
    return _once(sorted(signs, key=lambda sign: (-sign.score, sign.asset)))


def upstream(graph: Graph, signs: Sequence[Sign]) -> list[str]:
    """Rank by how many others of the first minute are reached along feeds, cools, contains, runs.

    Of those with as many: by how many of them it has a link to, then the earliest. The rest comes
    after them.
    """
    began_s = min((sign.since_s for sign in signs), default=0.0)
    order = earliest(graph, [sign for sign in signs if sign.since_s <= began_s + FIRST_S])
    places = {name: graph.place(name) for name in order}
    reaches, links = dict.fromkeys(places.values(), 0), dict.fromkeys(places.values(), 0)
    for place in set(places.values()) - {-1}:
        for above in _above(graph, place) & reaches.keys():
            reaches[above] += 1
        links[place] = len(set(graph.over(place, 2 * LINKS, 2 * LINKS + 1)) & reaches.keys())
    order.sort(key=lambda name: (-reaches[places[name]], -links[places[name]]))
    return _once_more(order, earliest(graph, signs))


RULES: Final[dict[str, Rule]] = {
    "earliest anomaly": earliest,
    "highest score": highest,
    "most upstream": upstream,
}


def is_right(case: Case, ranked: Sequence[str], first: int) -> bool:
    """Say whether what broke is among the `first` of a ranking."""
    return any(asset in case.right for asset in ranked[:first])


def _above(graph: Graph, place: int) -> set[int]:
    """Return all from which an asset is reached."""
    against = tuple(2 * kind + 1 for kind in _DOWN)
    found, waiting = {place}, [place]
    while waiting:
        for other in graph.over(waiting.pop(), *against):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found - {place}


def _once(signs: Iterable[Sign]) -> list[str]:
    return list(dict.fromkeys(sign.asset for sign in signs))


def _once_more(order: list[str], rest: list[str]) -> list[str]:
    return list(dict.fromkeys((*order, *rest)))
