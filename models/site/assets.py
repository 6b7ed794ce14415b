"""The assets of all parts as one list: one place a name, one owner an alias."""

from collections.abc import Iterable, Iterator

import numpy as np

from models.site.graph import ASSET_CODE, ASSET_KINDS, Bytes
from schemas.cascade import AssetKind
from schemas.cascade.site_rows import AnAsset
from schemas.cascade.trouble import Flaw, Trouble
from schemas.trigger import Severity

_OTHER = ASSET_CODE[AssetKind.OTHER]
_SEPARATOR = "/"


class Assets:
    """The assets told so far."""

    def __init__(self) -> None:
        self.index: dict[str, int] = {}
        """From name to place; from `settle` on from alias, too."""
        self.names: list[str] = []
        self._codes: list[int] = []
        self._aliases: list[tuple[str, int]] = []

    @property
    def kinds(self) -> Bytes:
        """(n,) codes."""
        return np.array(self._codes, np.uint8)

    def add(self, assets: Iterable[AnAsset]) -> Iterator[Trouble]:
        """Take more assets; tell those that were told to be something else."""
        for asset in assets:
            code = ASSET_CODE[asset.kind]
            place = self.index.setdefault(asset.name, len(self.names))
            if place == len(self.names):
                self.names.append(asset.name)
                self._codes.append(code)
            elif code not in {self._codes[place], _OTHER}:
                yield from self._again(place, code)
            self._aliases += [(alias, place) for alias in asset.aliases]

    def _again(self, place: int, code: int) -> Iterator[Trouble]:
        before = self._codes[place]
        if before == _OTHER:
            self._codes[place] = code
            return
        detail = f"{ASSET_KINDS[before]} and {ASSET_KINDS[code]}; taken as {ASSET_KINDS[before]}"
        yield Trouble(Flaw.TWO_KINDS, Severity.WARNING, self.names[place], detail=detail)

    def settle(self) -> Iterator[Trouble]:
        """Let aliases stand for their assets, once all names are known; tell those of two."""
        for alias, place in self._aliases:
            owner = self.index.setdefault(alias, place)
            if owner != place:
                mine, other = self.names[place], self.names[owner]
                detail = f"the alias {alias} names {other} already"
                yield Trouble(Flaw.TWO_ASSETS, Severity.WARNING, mine, detail=detail)
        self._aliases.clear()

    def paths(self) -> Iterator[tuple[int, int]]:
        """Yield whole and part of every path: the nearest asset above it, and the asset."""
        for place, name in enumerate(self.names):
            above = name.rpartition(_SEPARATOR)[0]
            while above:
                whole = self.index.get(above, place)
                if whole != place:
                    yield whole, place
                    break
                above = above.rpartition(_SEPARATOR)[0]
