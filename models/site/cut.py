"""A part of a site in pieces, as messages of a bounded size: `PART`, `PART/2`, `PART/3`."""

from collections.abc import Iterator

from schemas.cascade.site_rows import AssetRow, EdgeRow, Part, Rows, encode

MESSAGE_BYTES = 900_000
"""Below Kafka's usual `message.max.bytes`."""
_AROUND = 4 * 249 * 6 + 200
"""Bytes of a message beside its assets and edges, at most: names may be escaped."""


def rows_of(site: str, part: str, told: Part) -> Rows:
    """Return an inventory as rows."""
    assets = tuple(AssetRow(one.name, one.kind, tuple(one.aliases)) for one in told.assets)
    edges = tuple(
        EdgeRow(one.kind, one.source, one.target, one.medium, one.capacity, one.pattern)
        for one in told.edges
    )
    return Rows(site, part, assets, edges)


def messages(rows: Rows, most: int = MESSAGE_BYTES) -> Iterator[tuple[str, bytes]]:
    """Yield key and value of each piece; together they are `rows`. `most`: bytes of a value."""
    for i, (assets, edges) in enumerate(_pieces(rows, most - _AROUND), 1):
        part = piece(rows.part, i)
        yield f"{rows.site}/{part}", encode(Rows(rows.site, part, tuple(assets), tuple(edges)))


def piece(part: str, number: int) -> str:
    """Return the name of a piece, from 1."""
    return part if number == 1 else f"{part}/{number}"


def left_over(key: str, site: str, part: str, pieces: int) -> bool:
    """Say whether `key` is of a piece that the part has no more."""
    stem, _, number = key.rpartition("/")
    return stem == f"{site}/{part}" and number.isdecimal() and int(number) > pieces


def nothing(key: str) -> bytes:
    """Return the value that takes the piece of a key away."""
    site, _, part = key.partition("/")
    return encode(Rows(site, part))


def _pieces(rows: Rows, room: int) -> Iterator[tuple[list[AssetRow], list[EdgeRow]]]:
    assets, edges, size = list[AssetRow](), list[EdgeRow](), 0
    for one in _each(rows):
        weight = len(encode(one)) + 1
        if size and size + weight > room:
            yield assets, edges
            assets, edges, size = [], [], 0
        size += weight
        if isinstance(one, AssetRow):
            assets.append(one)
        else:
            edges.append(one)
    yield assets, edges


def _each(rows: Rows) -> Iterator[AssetRow | EdgeRow]:
    yield from rows.assets
    yield from rows.edges
