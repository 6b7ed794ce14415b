"""`alltobit demo`."""

import typer

from streams.cli.running import run_async, settings_of
from streams.demo import demo


def run(ctx: typer.Context) -> None:
    """Show everything at work, on this machine alone.

    Starts a Kafka, ingest, a worker and a simulated data centre in which a fan breaks; Ctrl-C ends
    all. Needs the extra `broker`: pip install 'alltobit[broker]'.
    """
    run_async(demo(settings_of(ctx)))
