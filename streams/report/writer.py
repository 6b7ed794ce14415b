"""Who writes reports beside the template."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Protocol

from schemas.report import Draft, Kind, Record
from schemas.report.model import Model
from streams.errors import ConfigError
from streams.report.key import FIELD, key_of


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
    for mistake in mistakes(model):
        raise mistake
    from streams.report.model import ModelWriter  # noqa: PLC0415 - the extra `model`

    return ModelWriter(model)


def mistakes(model: Model) -> Iterator[ConfigError]:
    """Say what keeps a configured model from being asked."""
    if model.url and find_spec("openai") is None:
        mend = "pip install 'alltobit[model]', or leave reporter.model out"
        yield ConfigError(f"{FIELD}.url", model.url, "openai is not installed", mend)
    try:
        if model.url:
            key_of(model)
    except ConfigError as error:
        yield error
