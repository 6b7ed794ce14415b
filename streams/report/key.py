"""The key of a model's server: read when it is used."""

from typing import Final

from schemas.report.model import Model
from streams.errors import ConfigError
from streams.secrets import found

FIELD: Final = "reporter.model"


def key_of(model: Model) -> str:
    """Return the key as it is now; empty: there is none. Raises `ConfigError`."""
    if model.key is None:
        return ""
    key = found(model.key, f"{FIELD}.key")
    if not key or not key.isascii() or not key.isprintable():
        raise ConfigError(f"{FIELD}.key", "***", "is no key", "give one line of ASCII")
    return key
