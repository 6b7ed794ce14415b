"""A site as CSV, for spreadsheets: a table of assets and a table of edges, in one file or two.

A row of column names begins a table: `asset,kind[,alias]` (a row an alias), or
`kind,source,target[,medium][,capacity][,pattern]`, in any order. Commas, semicolons or tabs, as the
first such row has it. `printed` and `table` are each other's inverse where no asset stands twice.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Final

from pydantic import ValidationError

from schemas.cascade.site import Asset, Edge, Inventory
from schemas.cascade.trouble import Trouble, unreadable
from schemas.sites.gather import Imported, shown, text_of

PART = "table"
_ASSETS: Final = ("asset", "kind", "alias")
_EDGES: Final = ("kind", "source", "target", "medium", "capacity", "pattern")
_NEEDED: Final = (frozenset({"asset", "kind"}), frozenset({"kind", "source", "target"}))
_WORDS: Final = frozenset({*_ASSETS, *_EDGES})
_DELIMITERS: Final = ",;\t"

Row = tuple[int, list[str]]


class _Tables:
    """What the rows said so far."""

    def __init__(self) -> None:
        self.assets: dict[tuple[str, str], Asset] = {}
        self.edges: list[Edge] = []
        self.troubles: list[Trouble] = []
        self._columns: list[str] = []

    def row(self, line: int, cells: Sequence[str]) -> None:
        """Take a row: names of columns, an asset, or an edge."""
        columns = _columns(cells)
        if columns:
            self._columns = columns
            return
        told = {name: cell for name, cell in zip(self._columns, cells, strict=False) if cell}
        try:
            self._take(told, too_long=any(cells[len(self._columns) :]))
        except (ValidationError, ValueError) as error:
            self.troubles.append(unreadable(line, _why(error, cells)))

    def _take(self, told: Mapping[str, str], *, too_long: bool) -> None:
        if too_long or not self._columns:
            raise ValueError("no columns of this table")
        if "asset" not in self._columns:
            self.edges.append(Edge.model_validate(told))
            return
        alias = {"aliases": (told["alias"],)} if "alias" in told else {}
        words = {"name": told.get("asset", ""), **alias}
        one = Asset.model_validate(words | ({"kind": told["kind"]} if "kind" in told else {}))
        before = self.assets.setdefault((one.name, one.kind), one)
        if before is not one:
            aliases = (*before.aliases, *one.aliases)
            self.assets[one.name, one.kind] = before.model_copy(update={"aliases": aliases})


def table(data: bytes | str, site: str = "site") -> Imported:
    """Read a site from CSV. A row that is not as its table says is told, with its line."""
    tables = _Tables()
    for line, cells in _rows(text_of(data), tables.troubles):
        tables.row(line, cells)
    inventory = Inventory(
        site=site, part=PART, assets=tuple(tables.assets.values()), edges=tuple(tables.edges)
    )
    return Imported(inventory, tuple(tables.troubles))


def _rows(text: str, troubles: list[Trouble]) -> Iterator[Row]:
    """Yield rows that are not empty; a field that has no end is told, and ends it."""
    delimiter = _delimiter(text)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            troubles.append(unreadable(line, str(error)))
            continue
        if cells is None:
            return
        if any(cells) and not (line == 1 and cells[0].lower().startswith("sep=")):
            yield line, cells


def _delimiter(text: str) -> str:
    """Return what separates the first names of columns."""
    for line in text.splitlines()[:_LOOKED_AT]:
        for delimiter in _DELIMITERS:
            if _columns(line.split(delimiter)):
                return delimiter
    return ","


_LOOKED_AT = 100  # lines


def _columns(cells: Sequence[str]) -> list[str]:
    """Return names of columns; [] if these are none."""
    names = [cell.strip().strip('"').lower() for cell in cells]
    names = ["alias" if name == "aliases" else name for name in names]
    told = {name for name in names if name}
    fits = told <= _WORDS and any(needed <= told for needed in _NEEDED)
    return names if fits else []


def _why(error: ValueError, cells: Sequence[str]) -> str:
    row = shown(",".join(cells))
    if not isinstance(error, ValidationError):
        return f"{error}: {row}"
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}: {row}"


def printed(inventory: Inventory) -> str:
    """Return a site as CSV (RFC 4180), both tables."""
    out = StringIO(newline="")
    plain, exact = csv.writer(out), csv.writer(out, quoting=csv.QUOTE_ALL)
    for row in _lines(inventory):
        leads = any(cell != cell.strip() for cell in row)  # a space that readers would skip
        (exact if leads else plain).writerow(row)
    return out.getvalue()


def _lines(inventory: Inventory) -> Iterator[tuple[str, ...]]:
    yield _ASSETS
    for asset in inventory.assets:
        for alias in asset.aliases or ("",):
            yield asset.name, asset.kind.value, alias
    yield ()
    yield _EDGES
    for edge in inventory.edges:
        yield tuple(_cell(getattr(edge, name)) for name in _EDGES)


def _cell(value: object) -> str:
    return "" if value is None else str(value)
