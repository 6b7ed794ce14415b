"""Look-up: which point a name is, what it goes by, what is known of it.

The user's points go before the built-in ones. What a user's point does not say is taken from the
built-in one of that name: all of it where no unit is said; else what does not hang on the unit
(`kind`, `wraps`, `bits`), and the rest only where the unit is the same.
"""

import re
from collections.abc import Iterator, Sequence
from fnmatch import translate
from functools import cache
from typing import NamedTuple

from schemas.units.dcgm import DCGM, is_dcgm
from schemas.units.facility import FACILITY
from schemas.units.host import HOST
from schemas.units.infiniband import INFINIBAND
from schemas.units.point import LABELS, WILD, Point, bare

BUILT_IN: tuple[Point, ...] = (*DCGM, *INFINIBAND, *FACILITY, *HOST)
"""The vocabulary: canonical points, and the names that agents use for them."""

_LONGEST = 512  # bytes of a name
_WITHOUT_UNIT = frozenset({"bits", "kind", "wraps"})
_OF_THE_VALUE = frozenset({"low", "high", "limit_low", "limit_high", "capacity", "factors"})
_READING = "/Reading"  # Redfish: what an excerpt of a sensor holds
_TOTAL = "_total"  # put behind counters by who turns names to Prometheus's


class Meaning(NamedTuple):
    """What a sender's point goes by from ingest on."""

    name: str
    factor: float
    shift: float
    """value * factor + shift is in the unit of `point`."""
    point: Point | None
    """What is known of it under that name; None: nothing."""

    @property
    def converts(self) -> bool:
        """Say whether its values change."""
        return self.factor != 1.0 or self.shift != 0.0


class _Found(NamedTuple):
    """A point that covers a name."""

    point: Point
    word: str
    """The part of the name that it covers, without what agents put behind."""
    before: str = ""
    after: str = ""

    def canonical(self, name: str) -> str:
        """Return what `name` goes by: its labels stay, and the rest of its path."""
        word = _expanded(self.point, self.word) if self.point.is_alias else self.word
        return f"{self.before}{word}{self.after}{name[len(bare(name)) :]}"


class _Index:
    """Points by name; the first that covers a name is found without asking every one."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.points = points
        self._exact: dict[str, int] = {}
        globs: list[str] = []
        for i, point in enumerate(points):
            if WILD & set(point.name):
                globs.append(f"(?P<p{i}>{translate(point.name)})")
            else:
                self._exact.setdefault(point.name, i)
        self._globs = re.compile("|".join(globs)) if globs else None

    def named(self, name: str) -> Point | None:
        """Return the point of exactly this name."""
        found = self._exact.get(name)
        return None if found is None else self.points[found]

    def find(self, name: str) -> Point | None:
        """Return the first point that covers `name`."""
        plain = bare(name)
        found = [self._first(name)] if plain == name else [self._first(name), self._first(plain)]
        first = min((i for i in found if i is not None), default=None)
        return None if first is None else self.points[first]

    def _first(self, name: str) -> int | None:
        exact = self._exact.get(name)
        match = self._globs.match(name) if self._globs else None
        if match is None or match.lastgroup is None:
            return exact
        glob = int(match.lastgroup[1:])
        return glob if exact is None else min(exact, glob)


class Table:
    """The vocabulary, with a user's points in front. Pure; remembers nothing."""

    def __init__(self, points: Sequence[Point] = ()) -> None:
        self._points = tuple(points)
        self._mine = _Index(self._points)
        self._aliases = [point for point in self._points if point.is_alias]

    def meaning(self, name: str) -> Meaning:
        """Return what `name` goes by. Of an unknown one: itself."""
        found = self._find(name)
        if found is None:
            return Meaning(name, 1.0, 0.0, self.known(name))
        point, canonical = found.point, found.canonical(name)
        if canonical == name:
            return Meaning(name, point.factor, point.shift, point)
        known = self.known(canonical)
        if len(canonical.encode()) > _LONGEST or (known and known.unit != point.unit):
            return Meaning(name, 1.0, 0.0, None)
        return Meaning(canonical, point.factor, point.shift, known)

    def known(self, name: str) -> Point | None:
        """Return what is known of a point under the name it goes by."""
        mine, theirs = self._mine.find(name), _built_in(name)
        if mine is not None and not mine.is_alias:
            return _over(mine, theirs and theirs.point)
        alias = self._alias(bare(name), theirs)
        if alias is not None:
            return _over(alias, theirs and theirs.point)
        if theirs is None or not theirs.point.is_alias:
            return theirs and theirs.point
        return None if theirs.point.converts else self.known(theirs.canonical(name))

    def senders(self, name: str) -> Iterator[str]:
        """Return other names that points are sent by and that go, unchanged in value, by `name`."""
        plain = bare(name)
        for alias in (*self._aliases, *_aliases().get(plain, ())):
            if alias.canonical == plain and not alias.converts:
                yield alias.name + name[len(plain) :]

    def chains(self) -> Iterator[tuple[int, str]]:
        """Return a user's points whose canonical name goes by yet another: index, and that one."""
        for i, point in enumerate(self._points):
            if point.is_alias:
                after = self.meaning(point.canonical)
                if after.name != point.canonical:
                    yield i, after.name

    def strays(self) -> Iterator[tuple[int, str]]:
        """Return a user's points whose canonical one has another unit: index, and that unit."""
        for i, point in enumerate(self._points):
            known = self.known(point.canonical) if point.is_alias else None
            if known and point.unit and known.unit != point.unit:
                yield i, known.unit

    def _alias(self, plain: str, theirs: _Found | None) -> Point | None:
        """Return the user's point that goes by the name `plain` and may say what that is.

        A point of exactly that name in the built-in table keeps its unit.
        """
        unit = theirs.point.unit if theirs and theirs.point.name == plain else ""
        mine = (one for one in self._aliases if _leads_to(one, plain))
        return next((one for one in mine if not unit or one.unit in {"", unit}), None)

    def _find(self, name: str) -> _Found | None:
        """Return what covers `name`, the user's before the built-in."""
        mine, theirs = self._mine.find(name), _built_in(name)
        if mine is None:
            return theirs
        if mine.is_alias:
            target = self._mine.find(mine.canonical)
            if target is None or target.is_alias:
                there = _built_in(mine.canonical)
                target = there and there.point
            return _Found(_over(mine, target), bare(name))
        is_same = theirs is not None and theirs.word == bare(name)
        return _Found(_over(mine, theirs.point if theirs and is_same else None), bare(name))


@cache
def _index() -> _Index:
    """Return the built-in points; an alias says all that its canonical point does."""
    bare_index = _Index(BUILT_IN)
    return _Index([_over(p, bare_index.find(p.canonical)) if p.is_alias else p for p in BUILT_IN])


@cache
def _aliases() -> dict[str, list[Point]]:
    """Return the built-in names, without wildcards, of each canonical one."""
    found: dict[str, list[Point]] = {}
    for point in _index().points:
        if point.is_alias and not WILD & set(point.name):
            found.setdefault(point.canonical, []).append(point)
    return found


def _built_in(name: str) -> _Found | None:
    """Return the built-in point that covers `name`: all of it, or the end or begin of its path."""
    plain = bare(name)
    found = _index().find(name)
    if found is not None and (found.name == plain or LABELS in found.name):
        return _Found(found, plain)
    for word in (plain.removesuffix(_READING), plain.removesuffix(_TOTAL)):
        part = _part(word)
        if part is not None:
            return part
    if plain.endswith(_TOTAL) and is_dcgm(plain):
        return _built_in(plain.removesuffix(_TOTAL))
    return None if found is None else _Found(found, plain)


def _part(word: str) -> _Found | None:
    """Return the built-in point that has exactly the name `word`, or its last or first level."""
    head, slash, last = word.rpartition("/")
    first, cut, rest = word.partition("/")
    for part in ((word, "", ""), (last, head + slash, ""), (first, "", cut + rest)):
        point = _index().named(part[0])
        if point is not None:
            return _Found(point, *part)
    return None


def _over(mine: Point, theirs: Point | None) -> Point:
    """Return `mine`, with what it does not say from `theirs`."""
    if theirs is None:
        return mine
    takes = set(_WITHOUT_UNIT)
    if "unit" not in mine.model_fields_set:
        takes |= {"unit", "canonical", "factor", "shift", *_OF_THE_VALUE}
    elif mine.unit == theirs.unit:
        takes |= _OF_THE_VALUE
    takes -= mine.model_fields_set
    return mine.model_copy(update={name: getattr(theirs, name) for name in takes})


def _expanded(entry: Point, name: str) -> str:
    """Return the canonical name of `name`, which `entry` covers."""
    if "*" not in entry.canonical:
        return entry.canonical
    stem = entry.name.partition(LABELS)[0]
    pattern = "".join({"*": "(.*)", "?": "(.)"}.get(c, re.escape(c)) for c in stem)
    found = re.fullmatch(pattern, name, re.DOTALL)
    parts = iter(found.groups() if found else ())
    return re.sub(r"\*", lambda _: next(parts, ""), entry.canonical)


def _leads_to(alias: Point, name: str) -> bool:
    """Say whether points of `alias` go by `name`."""
    if "*" not in alias.canonical:
        return alias.canonical == name
    pattern = "(.*)".join(map(re.escape, alias.canonical.split("*")))
    return re.fullmatch(pattern, name, re.DOTALL) is not None


def find(point: str, points: tuple[Point, ...]) -> Point | None:
    """Return the first of `points` and the built-in ones that covers `point`."""
    mine = next((one for one in points if one.covers(point)), None)
    theirs = _built_in(point)
    return mine or (theirs and theirs.point)
