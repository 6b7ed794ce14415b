"""`alltobit worker`."""

import typer

from streams.cli.running import settings_of
from streams.worker import run_worker


def run(ctx: typer.Context) -> None:
    """Run the worker: readings to bits and alerts.

    Any number of these share the partitions of readings. SIGTERM and Ctrl-C end it cleanly.
    """
    run_worker(settings_of(ctx))
