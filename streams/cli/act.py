"""`alltobit act`."""

import typer

from streams.act.process import run_act
from streams.cli.running import settings_of


def run(ctx: typer.Context) -> None:
    """Run the executor: requested actions, done outside.

    Does only what `actions:` of the settings names, in `mode: live`; in `mode: shadow` it tells
    what it would do. SIGTERM and Ctrl-C end it cleanly.
    """
    run_act(settings_of(ctx))
