"""From settings to what decisions need: rules, actions, policy, and people with their secrets."""

from collections.abc import Iterator

from models.trigger.approval import Person
from models.trigger.setup import Setup
from models.trigger.signature import SHORTEST
from schemas.settings import Settings
from schemas.trigger import Approver
from streams import secrets
from streams.errors import ConfigError


def setup_of(settings: Settings) -> Setup:
    """Return it all. Raises `ConfigError`."""
    made = Setup.of(settings.rules, settings.actions, settings.trigger)
    made.people = {one.name: person(one) for one in settings.trigger.approvers}
    return made


def person(approver: Approver) -> Person:
    """Return a person with their secret. Raises `ConfigError`."""
    field = f"trigger.approvers.{approver.name}.secret"
    secret = secrets.found(approver.secret, field).encode()
    if len(secret) < SHORTEST:
        trouble = f"shorter than {SHORTEST} bytes"
        raise ConfigError(field, "***", trouble, "make one: `openssl rand -base64 32`")
    return Person(approver, secret)


def mistakes(settings: Settings) -> Iterator[ConfigError]:
    """Say whose secret is not there."""
    for one in settings.trigger.approvers:
        try:
            person(one)
        except ConfigError as error:
            yield error
