"""An `Inventory` as the JSON decoder makes it: a million edges in a fifth of a second, not in six.

The words, their bounds and what is refused are those of `schemas.cascade.site`.
"""

from collections.abc import Sequence
from typing import Annotated, Protocol

import msgspec

from schemas.cascade.site import AssetKind, EdgeKind, Medium, Pattern

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=249)]


class AssetRow(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """One thing that can fail, or be reached: `schemas.cascade.site.Asset`."""

    name: _Name
    kind: AssetKind = AssetKind.OTHER
    aliases: tuple[_Name, ...] = ()


class EdgeRow(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """One way from `source` to `target`: `schemas.cascade.site.Edge`."""

    kind: EdgeKind
    source: _Name
    target: _Name
    medium: Medium | None = None
    capacity: Annotated[float, msgspec.Meta(gt=0)] | None = None
    pattern: Pattern | None = None


class Rows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A site, or a part of it: `schemas.cascade.site.Inventory`."""

    site: _Name
    part: Annotated[str, msgspec.Meta(max_length=200)] = ""
    assets: tuple[AssetRow, ...] = ()
    edges: tuple[EdgeRow, ...] = ()


class AnAsset(Protocol):
    """An `Asset` or an `AssetRow`."""

    @property
    def name(self) -> str:
        """What telemetry calls it."""

    @property
    def kind(self) -> AssetKind:
        """What it is."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """What else telemetry calls it."""


class AnEdge(Protocol):
    """An `Edge` or an `EdgeRow`."""

    @property
    def kind(self) -> EdgeKind:
        """How what happens at the source reaches the target."""

    @property
    def source(self) -> str:
        """A name or alias."""

    @property
    def target(self) -> str:
        """A name or alias."""

    @property
    def medium(self) -> Medium | None:
        """Of a link."""

    @property
    def capacity(self) -> float | None:
        """In B/s of a link, in W of a feed."""

    @property
    def pattern(self) -> Pattern | None:
        """Of a job that runs."""


class Part(Protocol):
    """An `Inventory` or `Rows`."""

    @property
    def assets(self) -> Sequence[AnAsset]:
        """What there is."""

    @property
    def edges(self) -> Sequence[AnEdge]:
        """What reaches what."""


decode = msgspec.json.Decoder(Rows).decode
"""From JSON. Raises `msgspec.ValidationError` or `msgspec.DecodeError`, which say where."""

encode = msgspec.json.Encoder().encode


def said(edge: AnEdge) -> str:
    """Return an edge as a person writes it."""
    return f"{edge.source} {edge.kind} {edge.target}"
