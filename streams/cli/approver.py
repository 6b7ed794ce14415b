"""Who is at the command line: a name, and the secret that signs what they say."""

import os
from pathlib import Path
from typing import NamedTuple

from models.trigger.signature import SHORTEST
from schemas.trigger import Secret
from streams import secrets
from streams.configuration import (
    APPROVER,
    APPROVER_SECRET,
    APPROVER_SECRET_FILE,
    PROPOSER,
    PROPOSER_SECRET,
    PROPOSER_SECRET_FILE,
)
from streams.errors import ConfigError


class Me(NamedTuple):
    """A person."""

    name: str
    secret: bytes


class _Names(NamedTuple):
    """The variables that say who it is."""

    name: str
    secret: str
    file: str
    among: str
    """The setting that names them all."""


_ANSWERS = _Names(APPROVER, APPROVER_SECRET, APPROVER_SECRET_FILE, "trigger.approvers")
_PROPOSES = _Names(PROPOSER, PROPOSER_SECRET, PROPOSER_SECRET_FILE, "trigger.proposers")


def me() -> Me:
    """Return who the environment says answers. Raises `ConfigError`."""
    return _who(_ANSWERS)


def proposer() -> Me:
    """Return who the environment says proposes. Raises `ConfigError`."""
    return _who(_PROPOSES)


def _who(names: _Names) -> Me:
    name, file = os.environ.get(names.name, ""), os.environ.get(names.file, "")
    if not name:
        raise ConfigError(names.name, "", "is not set", f"name yourself, as {names.among} does")
    is_given = os.environ.get(names.secret) or not file
    where = Secret(env=names.secret) if is_given else Secret(file=Path(file))
    secret = secrets.found(where, names.secret).encode()
    if len(secret) < SHORTEST:
        raise ConfigError(names.secret, "***", f"shorter than {SHORTEST} bytes", "correct it")
    return Me(name, secret)
