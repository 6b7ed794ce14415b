"""A webhook as the request it becomes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from models.act import render
from models.act.ledger import Due
from models.act.signature import signed
from schemas.events import CONTENT_TYPE, Event
from schemas.trigger import Action, Webhook

USER_AGENT: Final = "alltobit"
_SHOWN: Final = 1500  # characters of a dry run


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a target keeps to itself."""

    named: Mapping[str, str] = field(default_factory=dict)
    signing: bytes | None = None
    bearer: str = ""

    def hide(self, text: str) -> str:
        """Return what may be told of an answer: an endpoint may say again what it was told."""
        for secret in filter(None, (*self.named.values(), self.bearer)):
            text = text.replace(secret, render.HIDDEN)
        return text


def request(action: Webhook, due: Due, secrets: Secrets, at_s: int) -> Request:
    """Write a webhook for one event; `at_s`: s since 1970, now. Raises `Unfit`.

    Idempotency-Key: draft-ietf-httpapi-idempotency-key-header-07, a structured string.
    """
    known = render.values(due.event, secrets.named)
    render.check_only(action.only, known)
    body = _body(action, due, known)
    content_type = CONTENT_TYPE if action.body is None else "application/json"
    given = {name.lower(): render.header(text, known) for name, text in action.headers.items()}
    sign = signed(secrets.signing, due.key, at_s, body) if secrets.signing else {}
    own = {"idempotency-key": f'"{due.key}"', "content-type": content_type}
    headers = {"user-agent": USER_AGENT, **own, **given, **authorized(secrets), **sign}
    return Request(action.method, render.url(action.url, known), headers, body)


def _body(action: Webhook, due: Due, known: render.Values) -> bytes:
    if action.body is None:
        return named(due).model_dump_json().encode()
    return json.dumps(render.body(action.body, known), ensure_ascii=False).encode()


def named(due: Due) -> Event[Action]:
    """Return the event for others: its id is the idempotency key."""
    return due.event.model_copy(update={"id": due.key})


def authorized(secrets: Secrets) -> dict[str, str]:
    """Return the header that a bearer token goes in; none without one. Raises `Unfit`."""
    token = secrets.bearer
    if not token.isascii() or not token.isprintable():
        raise render.Unfit("the bearer token holds a character that it may not")
    return {"authorization": f"Bearer {token}"} if token else {}


def shown(action: Webhook, due: Due) -> str:
    """Say what would be sent, without secrets. Raises `Unfit`."""
    hidden = dict.fromkeys(action.secrets, render.HIDDEN)
    made = request(action, due, Secrets(hidden), 0)
    return f"{made.method} {made.url} {made.body.decode()}"[:_SHOWN]
