"""What numbered names and blocks mean: assets, points, and what is wrong with some. Remembered."""

from typing import NamedTuple

import numpy as np

from schemas.formats.base import is_name, quoted
from schemas.formats.gpus import Told, agreed
from schemas.formats.labels import Gpu, Kind, Place, kind, place, whole
from schemas.formats.prometheus.lines import Block, Wrong, parse_block
from schemas.formats.prometheus.texts import Texts, text_of, texts
from schemas.formats.store import STRING_BYTES, grown
from schemas.telemetry import Indices, Ints, Shape, Why

OWN_NAME = 8
"""Kind of a name that stands in the block, in quotes; the others are below."""
PLACE_BYTES = 8 * STRING_BYTES
"""What a place needs beside its characters, about."""
NO_NAME = Wrong(Why.NOT_PROMETHEUS, "a series without a name")


class Limits(NamedTuple):
    """How much may be remembered."""

    names: int = 1 << 16
    blocks: int = 1 << 18
    words: int = 1 << 22
    """Of eight bytes, of all names or all blocks."""
    memory_bytes: int = 64 * 2**20
    """Of what they mean, about."""


class Layout(NamedTuple):
    """Spans of a message: s spans of n samples. Good while the lines of a span share a time."""

    order: Indices
    """(n,): the row of each sample, from the message's first row."""
    start: Ints
    """(s,): the first sample of each span."""
    length: Ints
    """(s,): samples."""
    asset: Indices
    shape: Indices
    told: Told
    """GPUs that the lines name in both ways."""

    @property
    def memory_bytes(self) -> int:
        """What it needs, about."""
        columns = (self.order, self.start, self.length, self.asset, self.shape)
        pairs = sum(map(len, self.told.values()))
        return sum(one.nbytes for one in columns) + STRING_BYTES * pairs

    def fits(self, times: Ints) -> bool:
        """Say whether lines with these times, (n,), make these spans."""
        sorted_times = times[self.order]
        return bool((np.repeat(sorted_times[self.start], self.length) == sorted_times).all())


class Places:
    """Names, blocks and their meanings. Forgotten as a whole."""

    def __init__(self, limits: Limits) -> None:
        self.names: Texts = texts(limits.names, limits.words)
        self.blocks: Texts = texts(limits.blocks, limits.words)
        self.limits = limits
        self.memory_bytes = 0
        self.layouts: dict[bytes, Layout] = {}
        """By the names and blocks of a message's lines."""
        self.name_texts = [""]
        self.assets: list[str] = []
        self.shapes: list[Shape] = []
        self.insides: list[str] = []
        """What follows the name in a point's name."""
        self.wrongs: dict[int, Wrong] = {}
        """By place."""
        self.shape_of: dict[bytes, int] = {}
        """Shapes by names and insides."""
        self._gpus: dict[int, Gpu] = {}
        """By place."""
        self._asset_ids: dict[str, int] = {}
        self._shape_ids: dict[Shape, int] = {}
        self._inside_ids: dict[str, int] = {}
        self._kind_ids: dict[Kind, int] = {}
        self._kind_of = np.full(limits.names, OWN_NAME, np.int8)
        self._place_of = np.zeros((OWN_NAME + 1, limits.blocks), np.int32)
        self._facts = np.zeros((256, 3), np.int32)
        self._places = 1

    def places(self, names: Indices, blocks: Indices) -> Indices:
        """Return the place of each name and block, (n,)."""
        self._take_names()
        kinds = self._kind_of[names]
        found: Indices = self._place_of[kinds, blocks]
        new = np.flatnonzero(found == 0)
        if new.size:
            for of, block in {*zip(kinds[new].tolist(), blocks[new].tolist(), strict=True)}:
                self._place_of[of, block] = self._place(of, block)
            found = self._place_of[kinds, blocks]
        return found

    def facts(self, places: Indices) -> Indices:
        """Return asset (-1: wrong), inside, and the bytes of the inside, of each place, (n, 3)."""
        return self._facts[places]

    def told(self, places: Indices) -> Told:
        """Return the GPUs that lines with these places name in both ways."""
        if not self._gpus:
            return {}
        there = self._gpus.keys() & set(np.unique(places).tolist())
        return agreed(self._gpus[one] for one in there)

    def whole(self, block: int) -> str:
        """Return what follows the name in a point's name when every label stays."""
        found = parse_block(text_of(self.blocks, block))
        return "" if isinstance(found, Wrong) else whole(found.name, found.labels).point

    def shape(self, points: Shape) -> int:
        """Return the number of a shape."""
        if points not in self._shape_ids:
            self._shape_ids[points] = len(self.shapes)
            self.shapes.append(points)
            self.memory_bytes += STRING_BYTES + sum(STRING_BYTES + len(one) for one in points)
        return self._shape_ids[points]

    def remember(self, key: bytes, layout: Layout) -> None:
        """Remember the layout of messages with these names and blocks."""
        self.layouts[key] = layout
        self.memory_bytes += len(key) + layout.memory_bytes

    def _take_names(self) -> None:
        """Learn the kinds of names that the scanner has seen for the first time."""
        for one in range(len(self.name_texts), int(self.names.used[0])):
            text = text_of(self.names, one).decode()
            self.name_texts.append(text)
            self.memory_bytes += STRING_BYTES + len(text)
            of = kind(text)
            self._kind_of[one] = self._kind_ids.setdefault(of, len(self._kind_ids))

    def _place(self, of: int, block: int) -> int:
        """Make a place."""
        one = self._places
        self._places += 1
        self._facts = grown(self._facts, one, 1)
        found = self._meant(of, parse_block(text_of(self.blocks, block)))
        if isinstance(found, Wrong):
            self.wrongs[one] = found
            self._facts[one] = (-1, 0, 0)
        else:
            asset = self._asset_ids.setdefault(found.asset, len(self.assets))
            self.assets += [found.asset] if asset == len(self.assets) else []
            size = len(found.inside.encode())
            self._facts[one] = (asset, self._inside(found.inside), size)
            if found.gpu:
                self._gpus[one] = found.gpu
        self.memory_bytes += PLACE_BYTES
        return one

    def _meant(self, of: int, block: Block | Wrong) -> Place | Wrong:
        if isinstance(block, Wrong):
            return block
        if (of == OWN_NAME) != bool(block.name):
            return NO_NAME if of == OWN_NAME else Wrong(Why.NOT_PROMETHEUS, "two names")
        found = place(kind(block.name) if of == OWN_NAME else [*self._kind_ids][of], block.labels)
        for text in (found.asset, f"{block.name or 'x'}{found.inside}"):
            if not is_name(text):
                return Wrong(Why.BAD_NAME, quoted(text))
        return found._replace(inside=block.name + found.inside)

    def _inside(self, inside: str) -> int:
        if inside not in self._inside_ids:
            self._inside_ids[inside] = len(self.insides)
            self.insides.append(inside)
            self.memory_bytes += len(inside)
        return self._inside_ids[inside]
