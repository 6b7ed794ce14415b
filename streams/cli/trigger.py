"""`alltobit trigger`."""

import typer

from streams.cli.running import settings_of
from streams.trigger.process import run_trigger


def run(ctx: typer.Context) -> None:
    """Run what alerts lead to: actions, and questions to people.

    One is active; others wait until it is gone. With no `actions:` configured it asks and does
    nothing. SIGTERM and Ctrl-C end it cleanly.
    """
    run_trigger(settings_of(ctx))
