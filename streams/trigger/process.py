"""Entry point of the process: settings in, exit code out."""

import uvloop

from schemas.settings import Settings
from streams.member import until_told
from streams.trigger.http import routes
from streams.trigger.triggers import Triggers


def run_trigger(settings: Settings) -> None:
    """Run what alerts lead to until SIGTERM or SIGINT; then save and commit."""
    uvloop.run(_trigger(settings))


async def _trigger(settings: Settings) -> None:
    triggers = Triggers(settings)
    await until_told(settings.http, triggers, routes(triggers))
