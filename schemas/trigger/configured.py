"""Actions as an operator configures them: what a rule's `then` names, and how it is done."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    JsonValue,
    WithJsonSchema,
    model_validator,
)

from schemas.base import Message
from schemas.durations import Duration
from schemas.trigger.rule import Name, Word
from schemas.trigger.template import OpenTemplate, Template, has_secret, names

_URL = re.compile(
    r"https?://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>[0-9]{1,5}))?([/?][!-~]*)?"
)
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")
_OURS = frozenset(
    (
        *("content-length", "host", "idempotency-key", "transfer-encoding", "connection"),
        *("webhook-id", "webhook-timestamp", "webhook-signature"),
    )
)
_VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]{0,127}$"


class Mode(StrEnum):
    """How far an action goes."""

    OFF = "off"
    """Not at all."""
    SHADOW = "shadow"
    """A dry run: what would be done is told on `actions`."""
    LIVE = "live"


def _word(value: object) -> object:
    return Mode.OFF if value is False else value  # `mode: off` is a boolean in YAML


class Secret(Message):
    """Where a secret is found: never in the settings themselves."""

    file: Path | None = None
    """Read each time it is used, without the line's end: a token that is renewed is seen."""
    env: Annotated[str, Field(pattern=_VARIABLE)] | None = None
    """Name of an environment variable."""

    @model_validator(mode="after")
    def _in_one_place(self) -> Self:
        if (self.file is None) == (self.env is None):
            raise ValueError("give exactly one of `file` and `env`")
        return self


def _address(url: str) -> str:
    found = _URL.fullmatch(url)
    if not found or not 0 < int(found["port"] or 1) < 65_536:  # noqa: PLR2004 - ports are 16 bits
        raise ValueError("give http://host:port/path or https://..., without user or password")
    return url


Url = Annotated[Template, AfterValidator(_address)]
"""The host is fixed; path and query may have names, which are quoted."""


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from error
    return text


Pattern = Annotated[str, Field(min_length=1, max_length=512), AfterValidator(_pattern)]
Json = Annotated[JsonValue, WithJsonSchema({"description": "Any JSON."})]
Guarded = Literal["asset", "host", "rule"]
Within = Annotated[Duration, Field(gt=0, le=600)]


class _Target(Message):
    """What every action has."""

    name: Name
    """A rule's `then` names it."""
    mode: Annotated[Mode, BeforeValidator(_word)] = Mode.OFF
    timeout_s: Within = 10.0
    """Of one try."""
    retries: Annotated[int, Field(ge=0, le=20)] = 5
    """Tries behind the first, where one may mend it."""
    backoff_s: Within = 1.0
    """Before the first retry; doubled for each further one, up to 5 min."""
    most_per_minute: Annotated[int, Field(ge=1, le=100_000)] = 600
    """What is over waits."""
    at_once: Annotated[int, Field(ge=1, le=100)] = 8
    """How many of it may be under way; of one asset it is always one."""
    too_late_s: Annotated[Duration, Field(gt=0)] = 3600.0
    """What was asked for longer ago is not done any more."""
    only: dict[Guarded, Pattern] = Field(default_factory=dict)
    """Regular expressions that all of these must match: `{host: "node-[0-9]+"}`."""
    undo: OpenTemplate = ""
    """Tells a person how to take it back."""


def _headers(headers: dict[str, str]) -> dict[str, str]:
    for name in headers:
        if not _HEADER.fullmatch(name) or name.lower() in _OURS:
            raise ValueError(f"{name} is no header of yours to set")
    said = {name.lower(): value for name, value in headers.items()}
    if "authorization" in said and not has_secret(said["authorization"]):
        raise ValueError("a secret in a file of settings; use `bearer_token`, or `{secret.x}`")
    return headers


class Webhook(_Target):
    """An HTTP request. Signed as Standard Webhooks 1.0 where there is a `signing_secret`."""

    kind: Literal["webhook"]
    url: Url
    method: Literal["POST", "PUT", "PATCH", "DELETE"] = "POST"
    headers: Annotated[dict[str, Template], AfterValidator(_headers)] = Field(default_factory=dict)
    body: dict[str, Json] | None = None
    """As YAML; every text in it is a template. None: the action's CloudEvent."""
    signing_secret: Secret | None = None
    """Base64, with or without `whsec_` in front; 24 to 64 bytes."""
    bearer_token: Secret | None = None
    secrets: dict[Word, Secret] = Field(default_factory=dict)
    """Filled in for `{secret.x}` in `url`, `headers` and `body`."""
    ca_file: Path | None = None
    """Instead of the system's authorities."""

    @model_validator(mode="after")
    def _secrets_are_there(self) -> Self:
        used = set().union(*map(names, (self.url, *self.headers.values(), *texts(self.body))))
        lacking = {one for one in used if one.startswith("secret.")} - {
            f"secret.{name}" for name in self.secrets
        }
        if lacking:
            raise ValueError(f"{{{min(lacking)}}} is not among its `secrets`")
        return self


class Alertmanager(_Target):
    """Alerts to Prometheus' Alertmanager, API v2. All instances are told; one is enough."""

    kind: Literal["alertmanager"]
    too_late_s: Annotated[Duration, Field(gt=0)] = 604_800.0
    urls: Annotated[tuple[Url, ...], Field(min_length=1, max_length=16)]
    """Of each instance, without `/api/v2/alerts`."""
    resend_s: Annotated[Duration, Field(ge=0.1, le=3600)] = 60.0
    """While an alert fires it is told so often; untold for four times that, it is over there."""
    linger_s: Annotated[Duration, Field(ge=0, le=60)] = 0.05
    """How long alerts are gathered for one request."""
    generator_url: OpenTemplate = ""
    """Where a person reads more."""
    external_labels: dict[Word, Annotated[str, Field(max_length=1024)]] = Field(
        default_factory=dict
    )
    """Added to the labels of every alert."""
    bearer_token: Secret | None = None
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _fixed(self) -> Self:
        if any(names(url) for url in self.urls):
            raise ValueError("`urls` take no names in braces")
        return self


class Command(_Target):
    """A program, by its arguments: there is no shell, and no value becomes an option."""

    kind: Literal["command"]
    argv: Annotated[tuple[OpenTemplate, ...], Field(min_length=1, max_length=64)]
    """Each is one argument. The first, the program, is fixed."""
    cwd: Path | None = None
    env: Annotated[tuple[Annotated[str, Field(pattern=_VARIABLE)], ...], Field(max_length=64)] = (
        "PATH",
        "LANG",
        "HOME",
    )
    """Variables of our environment that it is given; beside `ALLTOBIT_ACTION`, the action's id."""

    @model_validator(mode="after")
    def _fixed(self) -> Self:
        if not self.argv[0] or names(self.argv[0]):
            raise ValueError("the first of `argv`, the program, is a fixed name")
        return self


class KafkaTopic(_Target):
    """A CloudEvent to a topic: `id` is the action's."""

    kind: Literal["kafka"]
    topic: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,249}$")]
    """Made by whoever reads it."""
    key: OpenTemplate = "{asset}"


Configured = Annotated[Webhook | Alertmanager | Command | KafkaTopic, Field(discriminator="kind")]
"""One action."""


def texts(body: JsonValue) -> list[str]:
    """List every text of a body. Raises `ValueError` for one that is no template."""
    if isinstance(body, str):
        names(body)
        return [body]
    if isinstance(body, dict):
        return [one for value in body.values() for one in texts(value)]
    if isinstance(body, list):
        return [one for value in body for one in texts(value)]
    return []
