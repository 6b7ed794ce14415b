"""`alltobit refuse`."""

from typing import Annotated

import typer

from schemas.trigger import Verdict
from streams.cli.answer import answer


def run(
    ctx: typer.Context,
    action: Annotated[str, typer.Argument(help="Its id, or the beginning of it.")],
    *,
    why: Annotated[str, typer.Option(help="Your reason; it is recorded.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask again.")] = False,
) -> None:
    """Say no to an action that waits.

    Signed with ALLTOBIT_APPROVER and ALLTOBIT_APPROVER_SECRET, or ALLTOBIT_APPROVER_SECRET_FILE.
    """
    answer(ctx, action, Verdict.REFUSE, why, yes=yes)
