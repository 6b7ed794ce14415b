"""SLURM's lists of hosts: `node[001-064,070],login1`. Several brackets in a name are allowed."""

import re
from collections.abc import Iterator
from itertools import product

MOST = 1_000_000
"""Names that one list may stand for."""

_ITEM = re.compile(r"(?:[^,\[\]]|\[[^\[\]]*\])+")
_PIECE = re.compile(r"\[([^\[\]]*)\]|([^\[\]]+)")
_RANGE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})", re.ASCII)
_NUMBER = re.compile(r"[0-9A-Za-z]+")


class NoHostlist(ValueError):  # noqa: N818 - it says what is so
    """A text is no list of hosts."""


class TooMany(NoHostlist):
    """A list stands for more names than are believed."""


def expanded(text: str, room: int = MOST) -> list[str]:
    """Return all names of a list, `room` at most. Raises `NoHostlist`, `TooMany`."""
    names: list[str] = []
    at = 0
    for item in _ITEM.finditer(text):
        if item.start() != at or text[item.end() : item.end() + 1] not in {"", ","}:
            raise NoHostlist(text)
        names += _names(item[0], room - len(names))
        at = item.end() + 1
    if not names or at <= len(text):
        raise NoHostlist(text)
    return names


def _names(item: str, room: int) -> Iterator[str]:
    pieces = [
        _ranges(found[1]) if found[1] is not None else [range(1)] for found in _PIECE.finditer(item)
    ]
    size = 1
    for piece in pieces:
        size *= sum(len(one) for one in piece)
    if size > room:
        raise TooMany(item)
    choices = [list(_words(found[1], found[2])) for found in _PIECE.finditer(item)]
    return ("".join(words) for words in product(*choices))


def _ranges(bracket: str) -> list[range]:
    return [_range(part) for part in bracket.split(",")]


def _range(part: str) -> range:
    found = _RANGE.fullmatch(part)
    if found:
        first, last = int(found[1]), int(found[2])
        if first > last:
            raise NoHostlist(part)
        return range(first, last + 1)
    if not _NUMBER.fullmatch(part):
        raise NoHostlist(part)
    return range(1)


def _words(bracket: str | None, plain: str | None) -> Iterator[str]:
    if bracket is None:
        yield plain or ""
        return
    for part in bracket.split(","):
        found = _RANGE.fullmatch(part)
        if found is None:
            yield part
            continue
        for number in range(int(found[1]), int(found[2]) + 1):
            yield f"{number:0{len(found[1])}}"
