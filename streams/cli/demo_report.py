"""What people read of an incident of the demo: how its report begins."""

from schemas.settings import Settings
from streams.cli.report import known, made

_LINES = 15


async def beginning(settings: Settings) -> list[str]:
    """Return the first lines of the report of an incident, if any is; of one that is over first."""
    found = [*(await known(settings)).values()]
    if not found:
        return []
    one = min(found, key=lambda one: not one.last.data.stage.is_over)
    page = (await made(settings, one)).data.markdown.splitlines()
    rest = f"... and {len(page) - _LINES} more lines: what was measured and where to read it, ..."
    return ["", "what `alltobit reporter` writes of it:", "", *page[:_LINES], rest]
