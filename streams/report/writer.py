"""Who writes reports beside the template."""

from importlib.util import find_spec
from typing import Protocol

from schemas.report import Draft, Kind, Record
from schemas.report.model import Model
from streams.errors import ConfigError


class Writer(Protocol):
    """Drafts a report of a record."""

    async def draft(self, record: Record, kind: Kind) -> Draft | None:
        """Return a draft, which is not yet believed; None: the template is to write it."""

    async def close(self) -> None:
        """End what is open."""


def of(model: Model) -> Writer | None:
    """Return the writer that settings name. None: the template writes. Raises `ConfigError`."""
    if not model.url:
        return None
    if find_spec("openai") is None:
        mend = "install alltobit[model], or leave reporter.model out"
        raise ConfigError("reporter.model.url", model.url, "openai is not installed", mend)
    from streams.report.model import ModelWriter  # noqa: PLC0415 - the extra `model`

    return ModelWriter(model)
