"""`alltobit reporter`."""

import typer

from streams.cli.running import settings_of
from streams.report.process import run_reporter


def run(ctx: typer.Context) -> None:
    """Run the reporter: incidents and shifts to what people read.

    Each claim of a report is checked against what was published. SIGTERM and Ctrl-C end it cleanly.
    """
    run_reporter(settings_of(ctx))
