"""Entry point of the executor's process: settings in, exit code out."""

import uvloop

from schemas.settings import Settings
from streams.act.executor import Executor, check
from streams.stopping import leave_at_end, on_stop
from streams.web import serve


def run_act(settings: Settings) -> None:
    """Run the executor until SIGTERM or SIGINT; then end what is under way and commit."""
    check(settings)
    uvloop.run(_act(settings))


async def _act(settings: Settings) -> None:
    executor = Executor(settings)

    def stop() -> None:
        if executor.health.ready:
            leave_at_end(executor.consumer)
        executor.stopping.set()

    on_stop(stop)
    async with serve(settings.http, executor.health):
        await executor.run()
