"""What the texts of one decoder mean: a series is an asset and a point, found once."""

from collections.abc import Callable, Mapping
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from schemas.formats.base import NAME_BYTES, is_name
from schemas.formats.known import Known, Texts
from schemas.formats.labels import Kind, Place, kind, place, whole
from schemas.formats.parts import Names
from schemas.formats.store import grown
from schemas.telemetry import Indices

T = TypeVar("T")

BAD = -1
"""Asset of a text that means no series."""


class Meaning(NamedTuple):
    """What one series is."""

    asset: str
    point: str
    whole: str
    """The point's name with all labels, for where two series have one point."""


def labelled(name: str, labels: Mapping[str, str]) -> Meaning | None:
    """Return what a name and labels mean; None where they give no good names."""
    return Labels(labels).under(name)


class Labels:
    """What labels mean under many names. They are read once for each kind of name, however long."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = labels
        self._whole = whole("", labels).point
        self._places: dict[Kind, Place | None] = {}

    def under(self, name: str) -> Meaning | None:
        """Return what a name with these labels means; None where they give no good names."""
        if len(name) > NAME_BYTES:
            return None
        of = kind(name)
        if of not in self._places:
            self._places[of] = self._place(of)
        found = self._places[of]
        point = name + found.inside if found else ""
        if found is None or not is_name(point):
            return None
        full = name + self._whole if len(self._whole) < NAME_BYTES else ""
        return Meaning(found.asset, point, full if is_name(full) else point)

    def _place(self, of: Kind) -> Place | None:
        """Return what the labels mean under names of a kind; None: no name could be good."""
        found = place(of, self._labels)
        return found if is_name(found.asset) and len(found.inside) <= NAME_BYTES else None


class SeriesBook(Generic[T]):
    """Texts by number, and what they mean. Bounded: forgets all before a batch when it is full."""

    def __init__(self) -> None:
        self._known = Known()
        self.names = Names()
        self._forget()

    def _forget(self) -> None:
        self._known.forget()
        self.names.forget()
        self.said: list[T | None] = []
        self._asset_of = np.zeros(64, np.int32)
        self._kind_of = np.zeros(64, np.int32)

    @property
    def texts(self) -> Texts:
        """Return what compiled code looks texts up in. Good until the next is learned."""
        return self._known.texts

    @property
    def asset_of(self) -> Indices:
        """Asset of each text, BAD: none. Longer than the table of texts."""
        return self._asset_of

    @property
    def kind_of(self) -> Indices:
        """Kind of part of each text: its one point."""
        return self._kind_of

    def begin(self) -> None:
        """Begin a batch."""
        if self._known.is_full or self.names.is_full:
            self._forget()

    def number(self, parent: int, text: bytes, means: Callable[[], Meaning | T | None]) -> int:
        """Return the number of a text.

        `means` says what it means: a series, something else that a child needs, or None: nothing.
        """
        known = self._known.count
        number = self._known.number(parent, text)
        if number == known:
            self._learn(number, means())
        return number

    def _learn(self, number: int, means: Meaning | T | None) -> None:
        """Remember what a new text means."""
        self._asset_of = grown(self._asset_of, number, 1)
        self._kind_of = grown(self._kind_of, number, 1)
        if isinstance(means, Meaning):
            self._asset_of[number] = self.names.asset(means.asset)
            self._kind_of[number] = self.names.kind((means.point,), (means.whole,))
        else:
            self._asset_of[number] = BAD
        self.said.append(None if isinstance(means, Meaning) else means)
