"""How evaluations are asked for and told."""

from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from math import isfinite, isnan
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zlib import crc32

import typer

from models.evaluate.contender import Contender
from models.evaluate.contenders import CONTENDERS, OURS
from models.evaluate.recording import Recording
from streams.cli.console import progress, write_json, write_line
from streams.errors import ConfigError

T = TypeVar("T")
Folder = Annotated[Path, typer.Argument(help="Folder of the set, as its authors publish it.")]
Names = Annotated[
    list[str] | None,
    typer.Option("--detector", help=f"Only this: {', '.join(CONTENDERS)}; again for more."),
]
Seed = Annotated[int, typer.Option(min=0, help="Of what is random.")]
Trained = Annotated[
    bool, typer.Option("--trained", help="Let all see the training part before; else cold start.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
Out = Annotated[Path | None, typer.Option(help="Folder to write the score of every row to.")]
FailUnder = Annotated[float | None, typer.Option(help="Exit 1: a lower headline figure.")]
FailOver = Annotated[float | None, typer.Option(help="Exit 1: a higher headline figure.")]


def chosen(names: Sequence[str] | None) -> list[str]:
    """Return the contenders asked for, ours first. Raises ConfigError."""
    wanted = list(dict.fromkeys(names or CONTENDERS))
    unknown = [one for one in wanted if one not in CONTENDERS]
    if unknown:
        trouble, mend = "is no detector", f"use {', '.join(CONTENDERS)}"
        raise ConfigError("--detector", unknown[0], trouble, mend)
    river = [one for one in wanted if one.startswith("river-")]
    if river and find_spec("river") is None:
        mend = "install alltobit[bench], or name others with --detector"
        raise ConfigError("--detector", river[0], "river is not installed", mend)
    return sorted(wanted, key=lambda one: one != OURS)


def contender(name: str, seed: int, one: Recording) -> Contender:
    """Make a contender for a recording; each recording has random numbers of its own."""
    return CONTENDERS[name](crc32(f"{seed}/{one.name}".encode()))


def told(what: str, some: Sequence[T]) -> Iterator[T]:
    """Yield what there is to do, and show how far it is."""
    with progress(f"eval {what}", len(some)) as done:
        for i, one in enumerate(some, 1):
            yield one
            done(i)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table: names to the left, figures to the right."""
    cells = [list(head), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join([first.strip().ljust(widths[0]), *others]).rstrip()


def figure(value: float, decimals: int = 2) -> str:
    """Print a figure; `-` where there is none."""
    return "-" if isnan(value) else f"{value:,.{decimals}f}"


def percent(share: float) -> str:
    """Print a share of 1 in percent; `-` where there is none."""
    return "-" if isnan(share) else f"{100.0 * share:.3g} %"


def tell(document: dict[str, Any], lines: Iterable[str], *, as_json: bool) -> None:
    """Print a report; what is NaN is null in JSON."""
    if as_json:
        write_json(_plain(document))
        return
    for line in lines:
        write_line(line)


def _plain(value: Any) -> Any:  # noqa: ANN401 - a document
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def under(figure: float, limit: float | None) -> None:
    """End with 1 where a figure is below the limit, or is none."""
    if limit is not None and not figure >= limit:
        raise typer.Exit(1)


def over(figure: float, limit: float | None) -> None:
    """End with 1 where a figure is above the limit, or is none."""
    if limit is not None and not figure <= limit:
        raise typer.Exit(1)
