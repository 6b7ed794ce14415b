"""Entry point of the reporter's process: settings in, exit code out."""

import uvloop

from schemas.settings import Settings
from streams.member import until_told
from streams.report.reporter import Reporter


def run_reporter(settings: Settings) -> None:
    """Run the reporter until SIGTERM or SIGINT; then end what is under way and commit."""
    uvloop.run(_reporter(settings))


async def _reporter(settings: Settings) -> None:
    await until_told(settings.http, Reporter(settings))
