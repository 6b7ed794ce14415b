"""Entry point of the executor's process: settings in, exit code out."""

import uvloop

from schemas.settings import Settings
from streams.act.executor import Executor
from streams.member import until_told


def run_act(settings: Settings) -> None:
    """Run the executor until SIGTERM or SIGINT; then end what is under way and commit."""
    uvloop.run(_act(settings))


async def _act(settings: Settings) -> None:
    await until_told(settings.http, Executor(settings))
