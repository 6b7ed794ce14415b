"""Values made by code: a function of arrays, called once a block, is a signal like any other.

A row is a moment at which all inputs are there, in one span or in several, as readings have them
(counters as counted): what comes out is one more sample of the span that came last. So it does not
depend on how spans were cut into blocks, as long as the function goes element by element. An input
that has no value makes none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from models.gaps import NEVER
from models.store import Store
from models.trigger.taken import TAKEN, bad, join
from schemas.readings import Block, digest, points
from schemas.telemetry import Floats, Indices, Ints, Marks, Quality, Shape
from schemas.trigger import Value

if TYPE_CHECKING:
    from models.names import Config
    from models.state import State

Function = Callable[..., Floats]
"""Of arrays, one an input, (n,) each, to (n,)."""

STORES: Final = ("taken",)
"""What is saved."""
_MOST_SHAPES = 100_000
_UNMARKED = {"offset": -1, "part": -1}
_NO_VALUE = np.uint16(Quality.MISSING)


class Making(NamedTuple):
    """Which inputs of a value the spans of one shape have."""

    places: tuple[int, ...]
    """Of its inputs among the shape's points; -1: not there."""
    names: tuple[int, ...]
    """What the points are called."""


class Made:
    """The values by code of one partition; remembers which shapes have inputs of which."""

    def __init__(self, config: Config) -> None:
        functions = config.functions
        self._values = [one for one in config.values if one.code and one.name in functions]
        self._functions, self._names_of = functions, config.names_of
        self._known: list[dict[str, Making | None]] = [{} for _ in self._values]
        self._first: dict[tuple[int, int], int] = {}
        self.taken = Store(TAKEN)
        self.digests = [_named(one.model_dump_json()) for one in self._values]

    def with_values(self, state: State, block: Block) -> Block:
        """Return a block with the samples that its spans make."""
        if self._values and len(block):
            assets = np.array(state.known_assets(block), np.int32)[block.asset]
            assets[_is_applied(state, block)] = -1
            for i in range(len(self._values)):
                block = self._with(i, block, assets, state.config.lateness_ns)
        return block

    def _with(self, which: int, block: Block, assets: Indices, lateness_ns: int) -> Block:
        shapes = [self._making(which, block, shape) for shape in range(len(block.meta.shapes))]
        has = np.array([one is not None for one in shapes], bool)
        spans = np.flatnonzero(has[block.shape]).astype(np.int32)
        if not len(spans):
            return block
        none = Making(*((-1,) * len(self._values[which].inputs),) * 2)
        places = np.array([(one or none).places for one in shapes], np.int64)[block.shape[spans]]
        names = np.array([(one or none).names for one in shapes], np.int64)[block.shape[spans]]
        places = np.where(places >= 0, places + block.start[spans, None], -1)
        first = np.array([self._row(which, asset) for asset in assets[spans].tolist()], np.int32)
        found, flaws = np.zeros(places.shape), np.zeros(places.shape, np.int64)
        times = block.time_ns[spans]
        makes = join(
            *(self.taken.all, first, times, places, names, block.values, block.quality),
            *(lateness_ns, found, flaws),
        )
        if not makes.any():
            return block
        made = self._made(which, found[makes], bad(found[makes], flaws[makes]))
        return _added(block, spans[makes], *made, self._values[which].name)

    def _made(
        self, which: int, found: Floats, is_bad: npt.NDArray[np.bool_]
    ) -> tuple[Floats, Marks]:
        """Return what the function makes of rows of inputs, (n, k), and its marks."""
        function = self._functions[self._values[which].name]
        came = np.asarray(function(*(np.ascontiguousarray(one) for one in found.T)), np.float64)
        if came.shape != is_bad.shape:
            came = np.full(is_bad.shape, np.nan)
        is_bad = is_bad | ~np.isfinite(came)
        marks = np.where(is_bad, _NO_VALUE, np.uint16(0)).astype(np.uint16)
        return np.where(is_bad, np.nan, came), marks

    def _row(self, which: int, asset: int) -> int:
        """Return the first input of a value of an asset; -1: nothing is remembered of it."""
        if asset < 0:
            return -1
        found = self._first.get((which, asset))
        if found is None:
            found = self._first[which, asset] = self.taken.size
            for _ in self._values[which].inputs:
                self.taken.add(asset=asset, making=which, time_ns=NEVER, made_ns=NEVER)
        return found

    def _making(self, which: int, block: Block, shape: int) -> Making | None:
        key, known = block.meta.shapes[shape], self._known[which]
        if key not in known:
            if len(known) >= _MOST_SHAPES:
                known.clear()
            known[key] = self._found(self._values[which], points(block.meta, shape))
        return known[key]

    def _found(self, value: Value, shape: Shape) -> Making | None:
        """Return which inputs spans of a shape have; None: none, one twice, or the value itself."""
        if value.name in shape:
            return None
        places = []
        for name in value.inputs:
            pattern = value.where[name].point if name in value.where else name
            fits = [i for i, point in enumerate(shape) if self._covers(pattern, point)]
            if len(fits) > 1:
                return None
            places += fits or [-1]
        names = tuple(_number(shape[i]) if i >= 0 else 0 for i in places)
        return Making(tuple(places), names) if max(places) >= 0 else None

    def _covers(self, pattern: str, point: str) -> bool:
        return any(fnmatchcase(name, pattern) for name in self._names_of(point))

    def take_over(self, digests: Sequence[str]) -> None:
        """Go on with what was loaded, as far as values are as they were. `digests`: of those."""
        old, self.taken = self.taken.rows, Store(TAKEN)
        now = {one: i for i, one in enumerate(self.digests)}
        for row in old:
            which = now.get(digests[row["making"]], -1)
            if which >= 0:
                self._first.setdefault((which, int(row["asset"])), self.taken.size)
                self.taken.all[self.taken.add()] = row
                self.taken.all["making"][self.taken.size - 1] = which


def _is_applied(state: State, block: Block) -> npt.NDArray[np.bool_]:
    """Say which spans of a block were applied before, by the marks of their sources."""
    ids = {source: i for i, source in enumerate(state.sources)}
    marks = [state.marks.all[ids[one]] if one in ids else _UNMARKED for one in block.sources()]
    offset = np.array([one["offset"] for one in marks], np.int64)[block.source]
    part = np.array([one["part"] for one in marks], np.int64)[block.source]
    is_same = (block.offset == offset) & (block.part <= part)
    found: npt.NDArray[np.bool_] = (block.offset < offset) | is_same
    return found


def _named(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()


def _number(name: str) -> int:
    """Return a number, 1 or more, that stands for a name."""
    return 1 + int.from_bytes(blake2b(name.encode(), digest_size=7).digest())


def _added(block: Block, which: Indices, values: Floats, flaws: Marks, name: str) -> Block:
    """Return a block in which the spans `which` have one sample more."""
    behind = block.start[which + 1]
    marks = block.quality
    if len(marks) or flaws.any():
        marks = marks if len(marks) else np.zeros(len(block.values), np.uint16)
        marks = np.insert(marks, behind, flaws)
    more: Ints = np.zeros(len(block) + 1, np.int64)
    more[which + 1] = 1
    meta, shape = block.meta, block.shape.copy()
    shapes, raw = list(meta.shapes), list(meta.points)
    for old in np.unique(shape[which]).tolist():
        names = (*points(meta, old), name)
        shape[which[block.shape[which] == old]] = len(shapes)
        shapes.append(digest(names))
        raw.append(msgspec.Raw(msgspec.json.encode(names)))
    return Block(
        msgspec.structs.replace(meta, shapes=shapes, points=raw),
        *(block.source, block.offset, block.part, block.asset, shape, block.time_ns),
        block.start + np.cumsum(more),
        np.insert(block.values, behind, values),
        marks,
    )
