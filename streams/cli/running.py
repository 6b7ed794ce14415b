"""What commands begin with: the settings, and an event loop that ends cleanly."""

import asyncio
import logging
import os
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

import typer

from schemas.settings import Settings
from streams import configuration, logs
from streams.cli.options import Options

T = TypeVar("T")

EXIT = {signal.SIGTERM: 143, signal.SIGINT: 130}
"""Exit codes after a signal, as a shell tells them."""


def settings_of(ctx: typer.Context) -> Settings:
    """Read the settings, with the options in front. Raises `ConfigError`. Starts the log."""
    options = ctx.ensure_object(Options)
    settings = configuration.load(options.config, os.environ)
    kafka, log = settings.kafka, options.log or settings.log
    if options.bootstrap:
        kafka = kafka.model_copy(update={"bootstrap": options.bootstrap})
    logs.configure(log, logging.DEBUG if options.verbose else logging.INFO)
    return settings.model_copy(update={"kafka": kafka, "log": log})


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run `work`; Ctrl-C and SIGTERM cancel it, so that it can tidy up."""
    return asyncio.run(_until_terminated(work))


async def _until_terminated(work: Coroutine[Any, Any, T]) -> T:
    """Await `work`; SIGTERM and SIGINT cancel it and end the command, also where they were ignored.

    A shell starts background jobs with SIGINT ignored; a handler of our own hears it all the same.
    """
    task = asyncio.ensure_future(work)
    heard: list[signal.Signals] = []

    def end(which: signal.Signals) -> None:
        heard.append(which)
        task.cancel()

    loop = asyncio.get_running_loop()
    for which in EXIT:
        loop.add_signal_handler(which, end, which)
    try:
        return await task
    except asyncio.CancelledError:
        if heard:
            raise typer.Exit(EXIT[heard[0]]) from None
        raise
    finally:
        for which in EXIT:
            loop.remove_signal_handler(which)
