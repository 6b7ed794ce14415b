"""Where templates are kept: flat arrays that grow, within bounds."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from schemas.formats.numbers import NONE
from schemas.formats.pieces import Arena, place
from schemas.formats.words import Words
from schemas.telemetry import Shape

T = TypeVar("T", bound=np.generic)

STRING_BYTES = 64
"""What Python needs for a string beside its characters, about."""
CHAIN = 8
"""Templates of one key, at most: the variations of one asset's messages."""
WORD_BYTES = 8


class Run(NamedTuple):
    """A row of pieces and the roles of the slots before them."""

    pieces: Sequence[bytes]
    roles: Sequence[int]


def grown(array: npt.NDArray[T], used: int, more: int) -> npt.NDArray[T]:
    """Return `array` with room for `more` behind the `used` rows."""
    if used + more <= len(array):
        return array
    larger = np.zeros((2 * (used + more), *array.shape[1:]), array.dtype)
    larger[:used] = array[:used]
    return larger


class Store:
    """Templates of one format. Nothing is ever taken out: a full store is thrown away."""

    def __init__(self, most: int) -> None:
        places = 4 << most.bit_length()
        self.most = most
        self.memory_bytes = 0
        self.asset_of = np.zeros(most, np.int32)
        self.shape_of = np.zeros(most, np.int32)
        self.assets: list[str] = []
        self.shapes: list[Shape] = []
        self.templates = 0
        self._asset_ids: dict[str, int] = {}
        self._shape_ids: dict[Shape, int] = {}
        self._runs: dict[bytes, int] = {}
        self._used_words = self._used_pieces = self._used_keys = 0
        self._words = np.zeros(64, np.uint64)
        self._lengths = np.zeros(64, np.int32)
        self._roles = np.zeros(64, np.int32)
        self._run_rows = np.zeros((16, 3), np.int64)
        self._template_rows = np.zeros((most, 4), np.int64)
        self._keys = np.zeros(places, np.uint64)
        self._firsts = np.full((places, 2), (-1, 0), np.int32)

    @property
    def arena(self) -> Arena:
        """Return the arrays for compiled code. Good until the next change."""
        return Arena(
            self._words,
            self._lengths,
            self._roles,
            self._run_rows,
            self._template_rows,
            self._keys,
            self._firsts,
        )

    def has_room(self, keys: int) -> bool:
        """Say whether one more template, found by `keys` keys, can be added."""
        return self.templates < self.most and 2 * (self._used_keys + keys) <= len(self._keys)

    def add(self, asset: str, points: Shape, head: Run, body: Run) -> int:
        """Add a template; it is not found before `publish`. Returns its number."""
        template = self.templates
        self.templates += 1
        self.asset_of[template] = self._asset(asset)
        self.shape_of[template] = self._shape(points)
        self._template_rows[template] = (self._run(head), self._run(body), len(points), -1)
        return template

    def publish(self, template: int, keys: Words) -> None:
        """Let `template` be found by the last of `keys`; the others say to read on."""
        for key in keys[:-1]:
            self._firsts[self._place(key), 1] = 1
        here = self._place(keys[-1])
        self._template_rows[template, 3] = self._firsts[here, 0]
        self._firsts[here, 0] = template
        self._shorten(template)

    def _shorten(self, template: int) -> None:
        """Drop what is too far down a chain: the least lately added."""
        for _ in range(CHAIN - 1):
            template = int(self._template_rows[template, 3])
            if template < 0:
                return
        self._template_rows[template, 3] = -1

    def _place(self, key: np.uint64) -> int:
        here = int(place(self.arena, key))
        if self._keys[here] == NONE:
            self._keys[here] = key
            self._used_keys += 1
        return here

    def _asset(self, asset: str) -> int:
        if asset not in self._asset_ids:
            self._asset_ids[asset] = len(self.assets)
            self.assets.append(asset)
            self.memory_bytes += STRING_BYTES + 2 * len(asset)
        return self._asset_ids[asset]

    def _shape(self, points: Shape) -> int:
        if points not in self._shape_ids:
            self._shape_ids[points] = len(self.shapes)
            self.shapes.append(points)
            self.memory_bytes += STRING_BYTES + sum(STRING_BYTES + 2 * len(one) for one in points)
        return self._shape_ids[points]

    def _run(self, run: Run) -> int:
        lengths = np.array([len(piece) for piece in run.pieces], np.int32)
        roles = np.array(run.roles, np.int32)
        words = b"".join(piece + bytes(-len(piece) % WORD_BYTES) for piece in run.pieces)
        name = blake2b(words, digest_size=16)
        name.update(lengths.tobytes() + roles.tobytes())
        known = self._runs.get(name.digest())
        if known is None:
            known = self._runs[name.digest()] = self._append(
                np.frombuffer(words, np.uint64), lengths, roles
            )
        return known

    def _append(
        self,
        words: npt.NDArray[np.uint64],
        lengths: npt.NDArray[np.int32],
        roles: npt.NDArray[np.int32],
    ) -> int:
        run, word, piece = len(self._runs), self._used_words, self._used_pieces
        self._words = grown(self._words, word, len(words))
        self._lengths = grown(self._lengths, piece, len(lengths))
        self._roles = grown(self._roles, piece, len(roles))
        self._run_rows = grown(self._run_rows, run, 1)
        self._words[word : word + len(words)] = words
        self._lengths[piece : piece + len(lengths)] = lengths
        self._roles[piece : piece + len(roles)] = roles
        self._run_rows[run] = (word, piece, len(lengths))
        self._used_words, self._used_pieces = word + len(words), piece + len(lengths)
        self.memory_bytes += words.nbytes + lengths.nbytes + roles.nbytes + STRING_BYTES
        return run
