"""`eval cascade` over several seeds, each by itself, in processes beside each other."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from multiprocessing import get_context
from typing import Any, TypeVar

from models.evaluate.cascade.figures import GPUS
from models.evaluate.cascade.wilson import Share, together
from streams.cli.console import progress
from streams.errors import ConfigError
from streams.evaluate.report import figure, percent, table

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
        return list(_shown(map(work, some), len(some)))
    with ProcessPoolExecutor(min(jobs, len(some)), mp_context=get_context("spawn")) as pool:
        return list(_shown(pool.map(work, some), len(some)))


def _shown(done: Iterator[R], many: int) -> Iterator[R]:
    with progress("eval cascade, seeds", many) as tell:
        for i, one in enumerate(done, 1):
            tell(i)
            yield one


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
    told = [(one["cascade"] if name == "cascade" else one["rules"][name]) for one in some]
    seen = [one["seen"] for one in some]
    return {
        top: together([(one[top], many) for one, many in zip(told, seen, strict=True)])
        for top in ("top1", "top3")
    }


def _plain(hits: dict[str, Share]) -> Document:
    return {top: one._asdict() for top, one in hits.items()}


def _false(some: Sequence[Document], when: str) -> Document:
    """Count the false incidents of all; a day, as the mean of all."""
    told = [one["false"][when] for one in some]
    a_day = sum(one["a_day"] for one in told) / len(told)
    return {"begun": sum(one["begun"] for one in told), "a_day": a_day}


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
