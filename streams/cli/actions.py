"""`alltobit actions`: what was decided, and who is waited for."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from schemas.trigger import Action
from streams.cli.console import out, write_json
from streams.cli.pending import Step, is_open, latest, quoted
from streams.cli.plain import plain
from streams.cli.running import run_async, settings_of

_ID = 8  # hex digits that are shown
_WORDS = 60  # characters of a proposer's words that are


def run(
    ctx: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    pending: Annotated[
        bool, typer.Option("--pending", help="Only those that wait for an answer.")
    ] = False,
    limit: Annotated[int, typer.Option(help="The most to show.", min=1)] = 50,
) -> None:
    """List actions, those that wait for an answer first."""
    found = run_async(latest(settings_of(ctx)))
    shown = [one for one in found if is_open(one) or not pending][:limit]
    if as_json:
        write_json([one.model_dump(mode="json") for one in shown])
    elif shown:
        out().print(table(shown))
    else:
        out().print("nothing waits for an answer" if pending else "no actions yet")


def table(found: list[Step]) -> Table:
    """Return them for a person, a row each."""
    shown = Table("id", "stage", "why", "action", "asset", "rule", "left", "by", box=None)
    for step in found:
        data = step.data
        stage, why = data.stage.value, data.why.value
        row = (
            data.action[:_ID],
            stage,
            why,
            data.name,
            data.asset,
            _by_whom(data),
            _left(step),
            data.by,
        )
        shown.add_row(*map(plain, row), style="bold" if is_open(step) else "")
    return shown


def _by_whom(data: Action) -> str:
    """Say which rule wants it, or who proposes it, with the beginning of their words."""
    if not data.proposed_by:
        return data.rule
    words = data.proposed_why
    return f"{data.rule} {quoted(words if len(words) <= _WORDS else f'{words[:_WORDS]}...')}"


def _left(step: Step) -> str:
    """Say how long an answer is still waited for."""
    data: Action = step.data
    if data.expires is None or not is_open(step):
        return ""
    return f"{(data.expires - datetime.now(UTC)).total_seconds():.0f} s"
