"""Summaries of signals as text, within a budget: first what is odd; what is quiet, in sums.

Every anomalous signal is named, whatever the budget: first its line is shortened, then lines are
put together, and only then is the budget exceeded. Signals that move come next, as many as there is
room for. All others are folded into totals of their class: point, or unit, or all at once.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from math import isnan
from typing import Final

import numpy as np

from models.symbols.braces import folded
from models.symbols.summary import SEGMENTS, Summary, Window
from models.tokens import tokens

BUDGET: Final = 2_000
"""Tokens."""


def text(signals: Sequence[Summary], window: Window, budget: int = BUDGET) -> str:
    """Say what the signals of a window did, in at most `budget` tokens if anomalies leave room."""
    odd = _rarest_first([one for one in signals if one.odd])
    others = sorted((one for one in signals if not one.odd), key=lambda one: -one.moves)
    head = _head(signals, odd, window)
    for say_odd in (_lines, _short, _together):
        for fold in (_by_point, _by_unit, _at_once):
            said = [*head, *say_odd(odd)]
            if tokens("\n".join([*said, *fold(others)])) <= budget:
                more = [] if say_odd is _lines else odd
                return "\n".join(_filled(said, more, others, fold, budget))
    return "\n".join([*head, *_together(odd), *_at_once(others)])


def _rarest_first(odd: Sequence[Summary]) -> list[Summary]:
    """Put first what few assets have, of that what lasts longest."""
    alike = Counter(one.point for one in odd)
    return sorted(odd, key=lambda one: (alike[one.point], -one.odd, one.odd_ns))


Fold = Callable[[Sequence[Summary]], Iterable[str]]


def _filled(
    said: list[str], odd: list[Summary], others: list[Summary], fold: Fold, budget: int
) -> list[str]:
    """Add lines, of the anomalous and then of those that move most, as long as all fits."""
    lines = [*odd, *(one for one in others if one.moves > 0.0)]

    def whole(n: int) -> list[str]:
        return [*said, *map(_line, lines[:n]), *fold(others[max(n - len(odd), 0) :])]

    low, high = 0, len(lines)
    while low < high:
        middle = (low + high + 1) // 2
        fits = tokens("\n".join(whole(middle))) <= budget
        low, high = (middle, high) if fits else (low, middle - 1)
    return whole(low)


def _head(signals: Sequence[Summary], odd: Sequence[Summary], window: Window) -> list[str]:
    seconds = (window.end_ns - window.start_ns) / 1e9
    assets = len({one.asset for one in signals})
    said = f"{len(signals)} signals of {assets} assets, {len(odd)} anomalous."
    each = f"{seconds / SEGMENTS:g} s"
    return [
        f"{_time(window.start_ns, '%Y-%m-%d %H:%M')} UTC, {seconds / 60:g} min: {said}",
        f"Asset, point, mean ~spread unit (least..most), word: a letter for each {each},",
        "a..h far below to far above the mean, = still, - no data, capital: anomalous.",
    ]


def _line(one: Summary) -> str:
    numbers = f"{_number(one.mean)} ~{_number(one.spread)} {one.unit}".rstrip()
    ends = f"({_number(one.least)}..{_number(one.most)})"
    since = f" since {_time(one.odd_ns, '%H:%M:%S')}" if one.odd else ""
    return f"{one.asset} {one.point} {numbers} {ends} {one.word}{since}"


def _lines(odd: Sequence[Summary]) -> list[str]:
    return [_line(one) for one in odd]


def _short(odd: Sequence[Summary]) -> list[str]:
    """Say of each where it is and since when."""
    return [
        f"{one.asset} {one.point} {_number(one.last)} {one.unit} since {_time(one.odd_ns, '%H:%M')}"
        for one in odd
    ]


def _together(odd: Sequence[Summary]) -> list[str]:
    """Name the assets of anomalous points, and the points of the same assets in one line."""
    same: dict[str, list[str]] = {}
    for point, some in _grouped(odd, lambda one: one.point):
        same.setdefault(" ".join(folded(one.asset for one in some)), []).append(point)
    return [f"{' '.join(folded(points))} anomalous: {assets}" for assets, points in same.items()]


def _by_point(quiet: Sequence[Summary]) -> list[str]:
    return [f"{point} {_total(some)}" for point, some in _grouped(quiet, lambda one: one.point)]


def _by_unit(quiet: Sequence[Summary]) -> list[str]:
    return [
        f"in {unit or 'no unit'} {_total(some)}"
        for unit, some in _grouped(quiet, lambda one: one.unit)
    ]


def _at_once(quiet: Sequence[Summary]) -> list[str]:
    return [f"{len(quiet)} other signals, none anomalous"] if quiet else []


def _grouped(
    some: Iterable[Summary], key: Callable[[Summary], str]
) -> Iterator[tuple[str, list[Summary]]]:
    groups: dict[str, list[Summary]] = {}
    for one in some:
        groups.setdefault(key(one), []).append(one)
    yield from sorted(groups.items())


def _total(some: Sequence[Summary]) -> str:
    known = [one for one in some if not isnan(one.mean)]
    said = f"x{len(some)}"
    if known:
        median = _number(float(np.median([one.mean for one in known])))
        least, most = min(one.least for one in known), max(one.most for one in known)
        said += f" {median} {some[0].unit} ({_number(least)}..{_number(most)})"
    return said + (f", {len(some) - len(known)} without data" if len(known) < len(some) else "")


def _number(value: float) -> str:
    return f"{value:.4g}"


def _time(time_ns: int, how: str) -> str:
    return datetime.fromtimestamp(time_ns / 1e9, UTC).strftime(how)
