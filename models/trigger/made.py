"""Values made by code: a function of arrays, called once a block, is a signal like any other.

A row is a span that holds all inputs, as readings have them (counters as counted): what comes out
is one more sample of that span. So it does not depend on how spans were cut into blocks, as long as
the function goes element by element. An input that has no value makes none.
"""

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

import msgspec
import numpy as np

from models.quality import UNUSABLE
from schemas.readings import Block, digest, points
from schemas.telemetry import Floats, Indices, Ints, Marks, Quality, Shape
from schemas.trigger import Value

Function = Callable[..., Floats]
"""Of arrays, one an input, (n,) each, to (n,)."""

_MOST_SHAPES = 100_000
_NO_VALUE = np.uint16(Quality.MISSING)


class Making(NamedTuple):
    """A value that spans of one shape make."""

    name: str
    function: Function
    places: tuple[int, ...]
    """Of its inputs among the shape's points."""


class Made:
    """The values by code of one partition; remembers which shapes make which."""

    def __init__(
        self,
        values: Sequence[Value],
        functions: Mapping[str, Function],
        names_of: Callable[[str], Sequence[str]],
    ) -> None:
        self._values = [one for one in values if one.code and one.name in functions]
        self._functions, self._names_of = functions, names_of
        self._known: dict[str, tuple[Making, ...]] = {}

    def with_values(self, block: Block) -> Block:
        """Return a block with the samples that its spans make."""
        for shape in range(len(block.meta.shapes)) if self._values else ():
            which = np.flatnonzero(block.shape == shape)
            for making in self._makings(block, shape) if len(which) else ():
                block = _added(block, shape, which.astype(np.int32), making)
        return block

    def _makings(self, block: Block, shape: int) -> tuple[Making, ...]:
        key = block.meta.shapes[shape]
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST_SHAPES:
                self._known.clear()
            names = points(block.meta, shape)
            tried = [self._making(one, names) for one in self._values]
            found = self._known[key] = tuple(one for one in tried if one)
        return found

    def _making(self, value: Value, shape: Shape) -> Making | None:
        """Return how spans of a shape make a value; None: an input is missing, or there twice."""
        if value.name in shape:
            return None
        places = []
        for name in value.inputs:
            pattern = value.where[name].point if name in value.where else name
            fits = [i for i, point in enumerate(shape) if self._covers(pattern, point)]
            if len(fits) != 1:
                return None
            places += fits
        return Making(value.name, self._functions[value.name], tuple(places))

    def _covers(self, pattern: str, point: str) -> bool:
        return any(fnmatchcase(name, pattern) for name in self._names_of(point))


def _added(block: Block, shape: int, which: Indices, making: Making) -> Block:
    """Return a block in which the spans `which`, all of a shape, have one sample more."""
    at = block.start[which]
    values, flaws = _made(block, at, making)
    behind = block.start[which + 1]
    marks = block.quality
    if len(marks) or flaws.any():
        marks = marks if len(marks) else np.zeros(len(block.values), np.uint16)
        marks = np.insert(marks, behind, flaws)
    more = np.zeros(len(block) + 1, np.int64)
    more[which + 1] = 1
    meta = block.meta
    names = (*points(meta, shape), making.name)
    shapes, raw = list(meta.shapes), list(meta.points)
    shapes[shape], raw[shape] = digest(names), msgspec.Raw(msgspec.json.encode(names))
    return Block(
        msgspec.structs.replace(meta, shapes=shapes, points=raw),
        *(block.source, block.offset, block.part, block.asset, block.shape, block.time_ns),
        block.start + np.cumsum(more),
        np.insert(block.values, behind, values),
        marks,
    )


def _made(block: Block, at: Ints, making: Making) -> tuple[Floats, Marks]:
    """Return what the function makes of the spans that begin at `at`, and its marks."""
    found = np.asarray(making.function(*(block.values[at + k] for k in making.places)), np.float64)
    if found.shape != at.shape:
        found = np.full(at.shape, np.nan)
    bad = ~np.isfinite(found)
    for k in making.places if len(block.quality) else ():
        bad |= (block.quality[at + k] & UNUSABLE) != 0
    return np.where(bad, np.nan, found), np.where(bad, _NO_VALUE, np.uint16(0)).astype(np.uint16)
