"""`alltobit ingest`."""

import typer

from streams.cli.running import settings_of
from streams.worker import run_ingest


def run(ctx: typer.Context) -> None:
    """Run ingest: raw topics to readings.

    Any number of these share the raw topics. SIGTERM and Ctrl-C end it cleanly.
    """
    run_ingest(settings_of(ctx))
