"""Secrets that settings name: from the environment or a file, never from the settings."""

import os

from models.trigger.signature import SHORTEST
from schemas.trigger import Secret
from streams.errors import ConfigError


def found(secret: Secret, field: str) -> str:
    """Return a secret; `field`: the setting that names it. Raises `ConfigError`."""
    if secret.env is not None:
        value = os.environ.get(secret.env, "")
        if not value:
            raise ConfigError(f"{field}.env", secret.env, "is not set", "set this variable")
        return value
    try:
        assert secret.file is not None  # noqa: S101 - one of the two
        return secret.file.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8"
        trouble = f"cannot be read: {why}"
        raise ConfigError(f"{field}.file", secret.file, trouble, "correct it") from error


def of_person(secret: Secret, field: str) -> bytes:
    """Return the secret that signs what a person says. Raises `ConfigError`."""
    kept = found(secret, field).encode()
    if len(kept) < SHORTEST:
        mend = "make one: `openssl rand -base64 32`"
        raise ConfigError(field, "***", f"shorter than {SHORTEST} bytes", mend)
    return kept
