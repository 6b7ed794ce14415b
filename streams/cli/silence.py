"""`alltobit silence`: nothing comes of some alerts for a while."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from schemas.durations import seconds
from schemas.trigger import Verdict
from streams.cli.approver import me
from streams.cli.console import write_line
from streams.cli.running import run_async, settings_of
from streams.decisions import said, say
from streams.errors import ConfigError


def run(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(help="RULE or RULE/ASSET, glob patterns.")],
    *,
    how_long: Annotated[
        str, typer.Option("--for", help="As in 90s, 30m or 2h; 0s takes a silence back.")
    ],
    why: Annotated[str, typer.Option(help="Your reason; it is recorded.")],
) -> None:
    """Let nothing come of some alerts for a while.

    They are told on `alerts` all the same.
    Signed with ALLTOBIT_APPROVER and ALLTOBIT_APPROVER_SECRET, or ALLTOBIT_APPROVER_SECRET_FILE.
    """
    settings = settings_of(ctx)
    try:
        until = datetime.now(UTC) + timedelta(seconds=seconds(how_long))
    except (ValueError, OverflowError) as error:
        raise ConfigError("--for", how_long, "no duration", "write it like 90s or 2h") from error
    run_async(say(settings, said(*me(), Verdict.SILENCE, what, why=why, until=until)))
    write_line(f"said: silence {what} until {until:%Y-%m-%dT%H:%M:%SZ}")
