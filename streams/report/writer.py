"""Who writes reports besides the template: nobody, unless a model is set up."""

from typing import Protocol

from schemas.report import Draft, Kind, Record
from schemas.settings import Settings


class Writer(Protocol):
    """Drafts reports from records; what it drafts is checked like anybody's."""

    async def draft(self, record: Record, kind: Kind) -> Draft | None:
        """Return a draft; None: it has none, and the template stands in.

        May take long: other reports do not wait for it.
        """


def of(settings: Settings) -> Writer | None:
    """Return the writer that settings ask for; None: the template alone."""
    del settings
    return None
