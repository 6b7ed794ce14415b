"""`alltobit check`: a settings file, or a file of rules, without Kafka."""

import os
from pathlib import Path
from typing import Annotated

import typer

from streams.cli.console import write_json, write_line
from streams.cli.options import Options
from streams.cli.plain import plain
from streams.configuration_doubts import Checked, checked


def run(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Settings, or a file of rules (YAML).")],
    *,
    points: Annotated[
        Path | None,
        typer.Option(
            help="Which points there are: YAML with `points:`, or recorded readings; "
            "others are mistakes then."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check a settings file, without Kafka.

    Or a file of rules; then `alltobit --config settings.yaml check rules.yaml` knows the points,
    cells and actions that go with it. Prints every problem in a line of its own; what is legal but
    hardly meant is a warning. The environment counts, as it would at start-up. Exit code 0: nothing
    found but warnings, 1: something.
    """
    found = checked(file, os.environ, ctx.ensure_object(Options).config, points)
    if as_json:
        write_json({"file": str(file), **found._asdict()})
    else:
        _show(file, found)
    if found.problems:
        raise typer.Exit(1)


def _show(file: Path, found: Checked) -> None:
    for line in (*found.problems, *(f"warning: {one}" for one in found.warnings)):
        write_line(plain(line))
    if not found.problems:
        many = len(found.warnings)
        write_line(f"{file}: fine" if not many else f"{file}: fine, {many} to look at")
