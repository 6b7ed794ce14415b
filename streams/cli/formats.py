"""`alltobit formats`: the wire formats that are read."""

from typing import Annotated

import typer
from rich.table import Table

from schemas.formats import decoders
from streams.cli.console import out, write_json


def run(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the wire formats that are read.

    A raw topic's `format` in the settings is one of these names, or `auto`: by the header
    `content-type`, else by the look of the bytes.
    """
    rows = [(name, one.content_types, _says(one)) for name, one in sorted(decoders().items())]
    if as_json:
        write_json([{"name": n, "content_types": list(c), "about": s} for n, c, s in rows])
        return
    grid = Table("format", "content-type", "about")
    for name, types, says in rows:
        grid.add_row(name, "\n".join(types), says)
    out().print(grid)


def _says(decoder: object) -> str:
    """Return the first line of a decoder's docstring."""
    return (type(decoder).__doc__ or "").strip().split("\n")[0]
