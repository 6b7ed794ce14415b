"""Entry point of the process: settings in, exit code out."""

import uvloop

from schemas.settings import Settings
from streams.stopping import leave_at_end, on_stop
from streams.trigger.http import routes
from streams.trigger.triggers import Triggers
from streams.web import serve


def run_trigger(settings: Settings) -> None:
    """Run what alerts lead to until SIGTERM or SIGINT; then save and commit."""
    uvloop.run(_trigger(settings))


async def _trigger(settings: Settings) -> None:
    triggers = Triggers(settings)

    def stop() -> None:
        if triggers.health.ready:
            leave_at_end(triggers.consumer)
        triggers.stopping.set()

    on_stop(stop)
    async with serve(settings.http, triggers.health, routes=routes(triggers)):
        await triggers.run()
