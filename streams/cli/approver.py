"""Who a person is at the command line: a name, and the secret that signs what they say."""

import os
from pathlib import Path
from typing import NamedTuple

from schemas.trigger import Secret
from streams import secrets
from streams.configuration import APPROVER, APPROVER_SECRET, APPROVER_SECRET_FILE
from streams.errors import ConfigError


class Me(NamedTuple):
    """A person."""

    name: str
    secret: bytes


def me() -> Me:
    """Return who the environment says. Raises `ConfigError`."""
    name, file = os.environ.get(APPROVER, ""), os.environ.get(APPROVER_SECRET_FILE, "")
    if not name:
        raise ConfigError(APPROVER, "", "is not set", "name yourself, as trigger.approvers does")
    is_given = os.environ.get(APPROVER_SECRET) or not file
    where = Secret(env=APPROVER_SECRET) if is_given else Secret(file=Path(file))
    return Me(name, secrets.of_person(where, APPROVER_SECRET))
