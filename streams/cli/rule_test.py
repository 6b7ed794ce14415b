"""`alltobit test`: unit tests of rules, as promtool has them."""

from pathlib import Path
from typing import Annotated

import typer

from streams.cli.console import write_json, write_line
from streams.cli.plain import plain
from streams.rule_tests import Outcome, outcomes


def run(
    files: Annotated[list[Path], typer.Argument(help="Files of tests (YAML).")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Run tests of rules, without Kafka.

    They are written as promtool's: `rule_files`, `tests` with `input_series` and `alert_rule_test`.
    A series is named `point{asset="gpu-0"}`. Exit code 0: all is as expected, 1: something differs.
    """
    found = {file: list(outcomes(file)) for file in files}
    if as_json:
        write_json({str(file): [one._asdict() for one in every] for file, every in found.items()})
    else:
        for file, every in found.items():
            _show(file, every)
    if any(one.differences for every in found.values() for one in every):
        raise typer.Exit(1)


def _show(file: Path, every: list[Outcome]) -> None:
    for one in every:
        for text in one.differences:
            for line in f"{one.name}: {text}".split("\n"):
                write_line(plain(line))
    checks, wrong = sum(one.checks for one in every), sum(len(one.differences) for one in every)
    said = f"{wrong} of {checks} expectations differ" if wrong else f"{checks} expectations hold"
    write_line(f"{file}: {said}, in {len(every)} tests")
