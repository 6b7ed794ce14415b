"""A language model that writes reports: where it is, and how much it may take."""

import re
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from schemas.base import Message
from schemas.trigger.configured import Secret

_BASE: Final = re.compile(
    r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?(?:/[!-~]*)?"
)


def _address(url: str) -> str:
    found = _BASE.fullmatch(url)
    if url and (not found or not 0 < int(found["port"] or 1) < 65_536):  # noqa: PLR2004 - 16 bits
        raise ValueError("give http://host:port/v1 or https://..., without user or password")
    return url


Seconds = Annotated[float, Field(gt=0, le=86_400)]
Tokens = Annotated[int, Field(ge=1, le=10**12)]
Price = Annotated[float, Field(ge=0, le=1e6)]
"""Of a million tokens, in a currency of yours."""
Money = Annotated[float, Field(gt=0, le=1e12)]


class Model(Message):
    """A server that speaks OpenAI's chat completions: vLLM, Ollama, llama.cpp, a service."""

    url: Annotated[str, AfterValidator(_address)] = ""
    """Base of its API: `http://127.0.0.1:8000/v1`. Empty: reports are by template."""
    name: Annotated[str, Field(max_length=120, pattern=r"^[!-~]*$")] = ""
    """The model, as the server knows it."""
    key: Secret | None = None
    """Read anew for each try. None: no key is sent."""
    ca_file: Path | None = None
    redact: bool = False
    """Names leave as stand-ins (`gpu-1`), free texts not at all."""
    timeout_s: Seconds = 60.0
    """Of one try."""
    patience_s: Seconds = 180.0
    """Of a draft, with its wait for a turn, all tries and pauses; then it is by template."""
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    backoff_s: Seconds = 1.0
    """Before the second try; doubled for each one after it."""
    at_once: Annotated[int, Field(ge=1, le=64)] = 2
    rest_after: Annotated[int, Field(ge=1, le=1000)] = 5
    """After so many drafts in a row that failed, it is not asked for `rest_s`."""
    rest_s: Seconds = 300.0
    answer_tokens: Annotated[int, Field(ge=64, le=100_000)] = 2_000
    """Of one answer, at most; thinking counts."""
    report_tokens: Tokens = 60_000
    """Of all tries at one report. A text is taken for as many tokens as it has bytes, until the
    server says how many they were."""
    day_tokens: Tokens = 2_000_000
    """A UTC day and process."""
    price_in: Price = 0.0
    price_out: Price = 0.0
    report_cost: Money | None = None
    day_cost: Money | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.url and not self.name:
            raise ValueError("give `name`, the model to ask for")
        limits = (self.report_cost, self.day_cost)
        if any(limits) and not (self.price_in or self.price_out):
            raise ValueError("a cost has no limit without `price_in` and `price_out`")
        return self
