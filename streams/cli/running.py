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

TERMINATED = 143
"""Exit code after SIGTERM, as a shell tells it."""


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
    """Await `work`; SIGTERM cancels it and ends the command with 143."""
    task = asyncio.ensure_future(work)
    terminated = False

    def terminate() -> None:
        nonlocal terminated
        terminated = True
        task.cancel()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, terminate)
    try:
        return await task
    except asyncio.CancelledError:
        if terminated:
            raise typer.Exit(TERMINATED) from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
