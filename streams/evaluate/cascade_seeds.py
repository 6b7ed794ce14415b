"""`eval cascade` over several seeds, each by itself, in processes beside each other."""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from io import StringIO
from itertools import chain
from multiprocessing import get_context
from typing import Any, TypeVar

from models.evaluate.cascade.figures import GPUS
from models.wilson import Share, together
from streams.errors import ConfigError
from streams.evaluate.report import figure, percent, table, told

T = TypeVar("T")
R = TypeVar("R")
Document = dict[str, Any]
HEAD = ["which asset broke", "top-1", "95 % within", "top-3", "95 % within"]
EACH = ["seed", "faults", "mute", "top-1", "top-3", "false", "processor, s"]


def seeds_of(text: str) -> tuple[int, ...]:
    """Read `1-8`, or `1,3,5-7`. Raises ConfigError."""
    try:
        found = tuple(chain.from_iterable(map(_range, text.split(","))))
    except ValueError:
        found = ()
    if not found:
        raise ConfigError("--seeds", text, "names no seeds", "say 1-8, or 1,3,5")
    return tuple(dict.fromkeys(found))


def _range(text: str) -> range:
    first, _, last = text.strip().partition("-")
    return range(int(first), int(last or first) + 1)


def each(work: Callable[[T], R], some: Sequence[T], jobs: int) -> list[R]:
    """Return what `work` makes of each, in order; `jobs` processes at once, 1: in this one."""
    if jobs == 1:
        return [work(one) for one in some]
    spawn = get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(some)), mp_context=spawn, initializer=_hush) as pool:
        done = pool.map(work, some)
        return [next(done) for _ in told("cascade, seeds", some)]


def _hush() -> None:
    """Show no progress of one seed: that of all is shown."""
    sys.stderr = StringIO()


def document(some: Sequence[Document]) -> Document:
    """Put the documents of all seeds together."""
    hits = {name: _hits(some, name) for name in ("cascade", *some[0]["rules"])}
    return {
        "headline": 100.0 * hits["cascade"]["top1"].share,
        **{name: sum(one[name] for one in some) for name in ("faults", "seen", "mute")},
        "shares": {name: _plain(one) for name, one in hits.items()},
        "false": {name: _false(some, name) for name in ("faulty", "healthy")},
        "seeds": list(some),
    }


def _hits(some: Sequence[Document], name: str) -> dict[str, Share]:
    hits = [(one["cascade"] if name == "cascade" else one["rules"][name]) for one in some]
    seen = [one["seen"] for one in some]
    return {
        top: together([(one[top], many) for one, many in zip(hits, seen, strict=True)])
        for top in ("top1", "top3")
    }


def _plain(hits: dict[str, Share]) -> Document:
    return {top: one._asdict() for top, one in hits.items()}


def _false(some: Sequence[Document], when: str) -> Document:
    """Count the false incidents of all; a day, as the mean of all."""
    false = [one["false"][when] for one in some]
    a_day = sum(one["a_day"] for one in false) / len(false)
    return {"begun": sum(one["begun"] for one in false), "a_day": a_day}


def lines(whole: Document) -> Iterator[str]:
    """Say it all, the headline last."""
    yield from table(EACH, [_row(one) for one in whole["seeds"]])
    yield ""
    shares = whole["shares"]
    yield from table(HEAD, [[name, *_cells(one)] for name, one in shares.items()])
    false = whole["false"]["faulty"]
    yield f"false incidents a day over {GPUS} GPUs: {figure(false['a_day'])} while things break"
    first, third = (shares["cascade"][top] for top in ("top1", "top3"))
    yield (
        f"cascade: top-1 {_within(first)}, top-3 {_within(third)}; "
        f"{whole['seen']} faults of {len(whole['seeds'])} seeds"
    )


def _row(one: Document) -> list[str]:
    hits, false = one["cascade"], one["false"]["faulty"]["begun"]
    shares = percent(hits["top1"]), percent(hits["top3"])
    counts = (str(one[name]) for name in ("seed", "seen", "mute"))
    return [*counts, *shares, str(false), figure(one["cost"]["all_s"], 0)]


def _cells(hits: Document) -> Iterator[str]:
    for one in hits.values():
        yield percent(one["share"])
        yield f"{percent(one['low'])} .. {percent(one['high'])}"


def _within(one: Document) -> str:
    share, low, high = (100.0 * one[name] for name in ("share", "low", "high"))
    return f"{share:.1f} % ({low:.1f} to {high:.1f} %)"
