"""Secrets of actions: from the environment or files, read when they are used."""

from collections.abc import Iterable, Iterator

from models.act import signature
from models.act.request import Secrets
from schemas.trigger import Alertmanager, Configured, Webhook
from streams.errors import ConfigError
from streams.secrets import found

_SHOWN = "***"


def of_webhook(action: Webhook) -> Secrets:
    """Return what a webhook needs. Raises `ConfigError`."""
    field = f"actions.{action.name}"
    named = {
        name: found(secret, f"{field}.secrets.{name}") for name, secret in action.secrets.items()
    }
    return Secrets(named, _signing(action, f"{field}.signing_secret"), _bearer(action))


def of_alertmanager(action: Alertmanager) -> Secrets:
    """Return what an Alertmanager needs. Raises `ConfigError`."""
    return Secrets(bearer=_bearer(action))


def _bearer(action: Webhook | Alertmanager) -> str:
    field = f"actions.{action.name}.bearer_token"
    return found(action.bearer_token, field) if action.bearer_token else ""


def _signing(action: Webhook, field: str) -> bytes | None:
    if action.signing_secret is None:
        return None
    try:
        return signature.key(found(action.signing_secret, field))
    except ValueError as error:
        mend = "give base64 of 24 to 64 bytes: `openssl rand -base64 32`"
        raise ConfigError(field, _SHOWN, str(error), mend) from None


def mistakes(actions: Iterable[Configured]) -> Iterator[ConfigError]:
    """Say which secrets are not there."""
    for action in actions:
        try:
            if action.kind == "webhook":
                of_webhook(action)
            elif action.kind == "alertmanager":
                of_alertmanager(action)
        except ConfigError as error:
            yield error
