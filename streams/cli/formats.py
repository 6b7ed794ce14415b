"""`alltobit formats`: the wire formats that are read, and whether golden messages pass."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from rich.table import Table

from schemas.formats import GENERIC, WITH_SUBJECT, Decoder, decoders, detect
from schemas.golden import GOLDEN
from schemas.golden.difference import decode, difference
from schemas.telemetry import Why
from streams.cli.console import out, trouble, write_json


@dataclass(frozen=True, slots=True)
class Format:
    """One wire format, as it was just seen to behave."""

    name: str
    about: str
    content_types: tuple[str, ...]
    detected: bool
    """By the look of the bytes; else by the setting or content-type only."""
    subject: str
    """Whether it wants the MQTT topic that a message was published to: `needed`, `taken`, ``."""
    golden: int
    """Messages as the agents' documentation shows them."""
    failed: tuple[str, ...]
    """What is wrong with how golden messages were read now, one line a message."""

    def cells(self) -> tuple[str, ...]:
        """Return a row of the table."""
        passing = f"{self.golden - len(self.failed)} of {self.golden} pass"
        look = "look of the bytes" if self.detected else "setting or content-type only"
        types = "\n".join(f"({one})" if one in GENERIC else one for one in self.content_types)
        return self.name, types, look, self.subject, passing, self.about


def run(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the wire formats that are read, and read the golden messages of each.

    A raw topic's `format` in the settings is one of these names, or `auto`: by the header
    `content-type`, else by the look of the bytes. A type in parentheses is one that many formats go
    by: the look of the bytes goes before it. Golden messages are those that the agents' own
    documentation shows; each is decoded now, and every value compared. Exit 1: one was misread.
    """
    rows = [seen(one) for _, one in sorted(decoders().items())]
    if as_json:
        write_json([asdict(row) for row in rows])
    else:
        _print(rows)
    if any(row.failed for row in rows):
        raise typer.Exit(1)


def seen(decoder: Decoder) -> Format:
    """Decode the golden messages of a format, and say what was seen."""
    golden = GOLDEN.get(decoder.name, ())
    pairs = [(one.origin, difference(decoder, one)) for one in golden]
    return Format(
        name=decoder.name,
        about=_says(decoder),
        content_types=decoder.content_types,
        detected=bool(golden) and all(detect(one.message) == decoder.name for one in golden),
        subject=_subject(decoder),
        golden=len(golden),
        failed=tuple(f"{origin}: {wrong}" for origin, wrong in pairs if wrong),
    )


def _print(rows: Sequence[Format]) -> None:
    grid = Table("format", "content-type", "known by", "subject", "golden", "about")
    for row in rows:
        grid.add_row(*row.cells())
    out().print(grid)
    for row in rows:
        for line in row.failed:
            trouble(f"{row.name}: {line}")


def _subject(decoder: Decoder) -> str:
    """Say whether a format can do without the topic that a message was published to."""
    if decoder.name not in WITH_SUBJECT:
        return ""
    alone = (decode(decoder, one, subject=False) for one in GOLDEN.get(decoder.name, ()))
    needed = any(one.why is Why.NO_SUBJECT for decoded in alone for one in decoded.rejects)
    return "needed" if needed else "taken"


def _says(decoder: object) -> str:
    """Return the first line of a decoder's docstring."""
    return (type(decoder).__doc__ or "").strip().split("\n")[0]
