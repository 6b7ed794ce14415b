"""`alltobit label`: whether an event was right."""

from enum import StrEnum
from typing import Annotated

import typer

from schemas.trigger import Verdict
from streams.cli.approver import me
from streams.cli.console import write_line
from streams.cli.running import run_async, settings_of
from streams.decisions import said, say


class Label(StrEnum):
    """What is said of it."""

    TRUE = "true"
    FALSE_ALARM = "false-alarm"
    KNOWN = "known"
    MAINTENANCE = "maintenance"


def run(
    ctx: typer.Context,
    event: Annotated[str, typer.Argument(help="Id of an alert, anomaly or incident, in full.")],
    label: Annotated[Label, typer.Argument(help="What it was.")],
    *,
    why: Annotated[str, typer.Option(help="Your reason; it is recorded.")] = "",
) -> None:
    """Say whether an event was right.

    `alltobit precision` shows what comes of it.
    Signed with ALLTOBIT_APPROVER and ALLTOBIT_APPROVER_SECRET, or ALLTOBIT_APPROVER_SECRET_FILE.
    """
    settings, verdict = settings_of(ctx), Verdict(label.value.replace("-", "_"))
    run_async(say(settings, said(*me(), verdict, event, why=why)))
    write_line(f"said: {label} of {event}")
