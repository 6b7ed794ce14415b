"""`alltobit cascade`."""

import typer

from streams.cli.running import settings_of
from streams.worker import run_cascade


def run(ctx: typer.Context) -> None:
    """Run the cascade: anomalies to incidents.

    Each incident has one cause, and says who is next. One of these is enough for a site; several
    share the sites. SIGTERM and Ctrl-C end it cleanly.
    """
    run_cascade(settings_of(ctx))
