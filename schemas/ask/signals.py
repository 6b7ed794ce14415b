"""Answers on the site graph and on signals: what stands around, and what was measured."""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from schemas.ask.answer import Answer
from schemas.base import Message
from schemas.cascade.incident import Amount
from schemas.cascade.site import AssetKind, EdgeKind, Medium


class Neighbour(Message):
    """An asset nearby."""

    name: str
    kind: AssetKind
    hops: Annotated[int, Field(ge=1, le=3)]
    by: str
    """The asset that the last step came from."""
    edge: EdgeKind
    against: bool
    """The edge leads from this asset to `by`."""
    medium: Medium | None = None
    capacity: float | None = None
    """In B/s of a link, in W of a feed."""


class Around(Answer):
    """What stands around an asset, the nearest first."""

    rows: ClassVar[str] = "neighbours"

    site: str
    asset: str
    kind: AssetKind
    neighbours: tuple[Neighbour, ...] = ()


class BitsTold(Answer):
    """What signals did, in words; `left_out`: frames whose names are not known or that are broken.

    Names that are no plain words stand as JSON strings.
    """

    signals: Amount
    text: str


class Stretch(Message):
    """The samples of a stretch of time. Numbers are None where no sample has a value."""

    time: datetime
    """It begins."""
    samples: Amount
    poor: Amount
    """Samples that are marked: mended, missing, out of range, late."""
    least: float | None
    most: float | None
    mean: float | None
    last: float | None


class Readings(Answer):
    """One signal; stretches without samples are not told."""

    rows: ClassVar[str] = "stretches"

    asset: str
    point: str
    unit: str
    """As declared; empty: none is known."""
    stretch_s: float
    samples: Amount
    stretches: tuple[Stretch, ...] = ()


class SignalsOf(Message):
    """An asset, its points and their units."""

    asset: str
    points: dict[str, str]


class Signals(Answer):
    """Assets that sent data."""

    rows: ClassVar[str] = "assets"

    assets: tuple[SignalsOf, ...] = ()
