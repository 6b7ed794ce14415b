"""What is written where: results to stdout, progress and troubles to stderr."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from streams.cli.plain import plain

_WIDE = 240  # columns of a table that no terminal shows
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def out() -> Console:
    """Return a console for stdout that neither wraps nor guesses colours; wide in a pipe."""
    width = None if sys.stdout.isatty() else _WIDE
    return Console(highlight=False, soft_wrap=True, markup=False, width=width)


def write_json(document: object) -> None:
    """Write one JSON value: indented for a person's terminal, a line for a pipe."""
    indent = 2 if sys.stdout.isatty() else None
    write_line(json.dumps(document, indent=indent, ensure_ascii=False))


def write_line(text: str) -> None:
    """Write one line at once, so that a pipe sees it."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def trouble(text: str) -> None:
    """Write one line to stderr."""
    sys.stderr.write(f"alltobit: {plain(text)}\n")
    sys.stderr.flush()


def moment(time_ns: int) -> str:
    """Print a time as ISO 8601 in UTC, to the millisecond."""
    when = _EPOCH + timedelta(microseconds=time_ns // 1000)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Lend a function that shows how many are done, where stderr is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (SpinnerColumn(), TextColumn(what), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)
