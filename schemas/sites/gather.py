"""What importers share: lines with their numbers, and assets and edges as they are found."""

from collections.abc import Iterator
from typing import NamedTuple

from schemas.cascade.site import Asset, AssetKind, Edge, EdgeKind, Inventory, Medium
from schemas.cascade.trouble import Flaw, Trouble, unreadable
from schemas.trigger import Severity

LONGEST = 249
"""Characters of a name."""
_SHOWN = 60


Told = tuple[EdgeKind, str, str, Medium | None, float | None]


class Imported(NamedTuple):
    """What was read, and what was not."""

    inventory: Inventory
    troubles: tuple[Trouble, ...]


def text_of(data: bytes | str) -> str:
    """Return text: what is no UTF-8 is marked, a byte order mark is gone."""
    known = data.encode("utf-8", "replace") if isinstance(data, str) else data
    return known.decode("utf-8", "replace").removeprefix("\ufeff")


def lines(data: bytes | str) -> Iterator[tuple[int, str]]:
    """Yield each line and its number, from 1; it may end in LF, CR LF or CR."""
    text = text_of(data).replace("\r\n", "\n").replace("\r", "\n")
    yield from enumerate(text.split("\n"), 1)


def shown(text: str) -> str:
    """Return the beginning of what could not be read, for a person."""
    return ascii(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


class Gathering:
    """What has been found so far: each asset and each edge once."""

    def __init__(self) -> None:
        self._kinds: dict[str, AssetKind] = {}
        self._aliases: dict[str, list[str]] = {}
        self._edges: dict[Told, None] = {}
        self.troubles: list[Trouble] = []

    @property
    def size(self) -> int:
        """Assets and edges so far."""
        return len(self._kinds) + len(self._edges)

    def asset(self, name: str, kind: AssetKind, line: int, *aliases: str) -> bool:
        """Take an asset. One told again as nothing particular stays what it was."""
        if not self._named(line, name):
            return False
        before = self._kinds.setdefault(name, kind)
        if before is AssetKind.OTHER:
            self._kinds[name] = kind
        elif kind not in {before, AssetKind.OTHER}:
            detail = f"{before} and {kind}; taken as {before}"
            told = Trouble(Flaw.TWO_KINDS, Severity.WARNING, name, detail=detail, line=line)
            self.troubles.append(told)
        own = self._aliases.setdefault(name, [])
        own += [one for one in aliases if one != name and one not in own and _fits(one)]
        return True

    def edge(self, kind: EdgeKind, source: str, target: str, line: int) -> bool:
        """Take an edge of a kind that has nothing more to say."""
        if not self._named(line, source, target):
            return False
        self._edges[kind, source, target, None, None] = None
        return True

    def link(
        self, ends: tuple[str, str], line: int, medium: Medium | None, capacity: float | None = None
    ) -> bool:
        """Take a link; told from its other end, too, it is the same."""
        if not self._named(line, *ends):
            return False
        low, high = sorted(ends)
        self._edges[EdgeKind.LINKS, low, high, medium, capacity] = None
        return True

    def unread(self, line: int, text: str) -> None:
        """Tell that a line is not what the format says."""
        self.troubles.append(unreadable(line, shown(text)))

    def too_many(self, line: int, text: str) -> None:
        """Tell that a range stands for more names than are believed."""
        said = Trouble(Flaw.BOMB, Severity.CRITICAL, detail=shown(text), line=line)
        self.troubles.append(said)

    def _named(self, line: int, *names: str) -> bool:
        bad = [name for name in names if not _fits(name)]
        if bad:
            self.troubles.append(unreadable(line, f"no name of an asset: {shown(bad[0])}"))
        return not bad

    def imported(self, site: str, part: str) -> Imported:
        """Return all."""
        assets = tuple(
            Asset(name=name, kind=kind, aliases=tuple(self._aliases[name]))
            for name, kind in self._kinds.items()
        )
        edges = tuple(
            Edge(kind=kind, source=source, target=target, medium=medium, capacity=capacity)
            for kind, source, target, medium, capacity in self._edges
        )
        inventory = Inventory(site=site, part=part, assets=assets, edges=edges)
        return Imported(inventory, tuple(self.troubles))


def _fits(name: str) -> bool:
    return 0 < len(name) <= LONGEST
