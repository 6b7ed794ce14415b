"""Many names in few words, as shells write them: `node-{01..03}/gpu{0..7}`. Nothing is lost."""

import re
from collections.abc import Iterable, Iterator

_NUMBER = re.compile(r"([0-9]+)")
Numbers = tuple[str, ...]


def folded(names: Iterable[str]) -> list[str]:
    """Return names with runs of their numbers put together; `unfolded` gives them back."""
    alike: dict[tuple[str, ...], set[Numbers]] = {}
    for name in names:
        parts = _NUMBER.split(name)
        alike.setdefault(tuple(parts[::2]), set()).add(tuple(parts[1::2]))
    return [
        "".join(f"{word}{number}" for word, number in zip(words, (*numbers, ""), strict=True))
        for words, some in sorted(alike.items())
        for numbers in _fold(some)
    ]


def _fold(some: set[Numbers]) -> list[Numbers]:
    """Put together numbers of names that are alike in their words."""
    if not all(some):
        return [()]
    behind: dict[str, set[Numbers]] = {}
    for first, *rest in some:
        behind.setdefault(first, set()).add(tuple(rest))
    same: dict[tuple[Numbers, ...], list[str]] = {}
    for first, rests in sorted(behind.items()):
        same.setdefault(tuple(_fold(rests)), []).append(first)
    return [
        (run, *rest) for rests, firsts in same.items() for run in _runs(firsts) for rest in rests
    ]


def _runs(numbers: list[str]) -> Iterator[str]:
    """Yield runs of numbers of the same length, one after the other; and those that are in none."""
    run: list[str] = []
    for number in [*sorted(numbers, key=lambda one: (len(one), one)), ""]:
        if run and (len(number) != len(run[-1]) or int(number) != int(run[-1]) + 1):
            yield run[0] if len(run) == 1 else f"{{{run[0]}..{run[-1]}}}"
            run = []
        run.append(number)


def unfolded(name: str) -> list[str]:
    """Return the names that a folded one stands for."""
    found = re.search(r"\{([0-9]+)\.\.([0-9]+)\}", name)
    if found is None:
        return [name]
    first, last = found.groups()
    return [
        one
        for number in range(int(first), int(last) + 1)
        for one in unfolded(name[: found.start()] + f"{number:0{len(first)}}" + name[found.end() :])
    ]
