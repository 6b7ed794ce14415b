"""What a person is told of an incident of the demo when it is over: how its report begins."""

from schemas.cascade import Stage
from schemas.settings import Settings
from streams.cli.report import known, made

_LINES = 14


async def beginning(settings: Settings) -> list[str]:
    """Return the first lines of the post-mortem of the first incident that is over, if any is."""
    over = [
        one for one in (await known(settings)).values() if one.last.data.stage is Stage.RESOLVED
    ]
    if not over:
        return []
    page = (await made(settings, over[0])).data.markdown.splitlines()
    rest = f"... and {len(page) - _LINES} more lines: what was measured, where to read it, what not"
    return ["", "what `alltobit reporter` writes when it is over:", "", *page[:_LINES], rest]
