"""`alltobit broker`: a real Kafka on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from streams.broker import Broker, serve
from streams.cli.console import write_line
from streams.cli.running import run_async, settings_of


def run(
    ctx: typer.Context,
    folder: Annotated[
        Path, typer.Option(help="Where its data live; kept for the next start.")
    ] = Path(".alltobit/kafka"),
    port: Annotated[
        int,
        typer.Option(help="0: the folder's last one, or a free one.", min=0, max=65_534),
    ] = 9092,
) -> None:
    r"""Run a real Kafka here, with our topics made.

    It listens on 127.0.0.1 until Ctrl-C. Needs the extra `broker`: pip install
    'alltobit\[broker]'.
    """
    run_async(serve(folder, port, settings_of(ctx), _ready))


def _ready(broker: Broker) -> None:
    write_line(f"Kafka is ready at {broker.bootstrap}; Ctrl-C stops it")
