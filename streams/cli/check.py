"""`alltobit check`: a settings file, without Kafka."""

import os
from pathlib import Path
from typing import Annotated

import typer

from streams import configuration
from streams.cli.console import write_json, write_line
from streams.cli.plain import plain


def run(
    file: Annotated[Path, typer.Argument(help="Settings file (YAML).")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check a settings file, without Kafka.

    Prints every problem in a line of its own. The environment counts, as it would at start-up.
    Exit code 0: nothing found, 1: something.
    """
    found = configuration.problems(file, os.environ)
    if as_json:
        write_json({"file": str(file), "problems": found})
    else:
        for line in found or [f"{file}: fine"]:
            write_line(plain(line))
    if found:
        raise typer.Exit(1)
