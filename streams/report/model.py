"""A language model as a writer: asked within a budget, in turns, and not while it fails.

Whatever the server does, a draft or None comes within the patience of the settings, and a reason is
counted and logged. Nothing that a draft says is believed here.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from time import monotonic, time
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from models.act.attempt import pause_s
from models.report import answer, ask
from models.report.answer import NoDraft
from models.report.breaker import Breaker
from models.report.budget import NOTHING, Account, Budget, Limits, Price, Taken, Usage
from models.report.prompt import Messages, messages
from models.report.redact import Hidden, hidden, shown
from schemas.report import Draft, Kind, Record
from schemas.report.model import Model
from streams import metrics
from streams.report.client import Client, Tried

log = logging.getLogger(__name__)

_DRAFTED: Final = "drafted"
_OF_OURS: Final = frozenset((NoDraft.RESTING, NoDraft.OVER_BUDGET))
"""Reasons that say nothing of whether the server works."""


class Clock(NamedTuple):
    """Time as the process has it."""

    time: Callable[[], float] = time
    """s since 1970."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


WALL: Final = Clock()


@dataclass(slots=True)
class _Asked:
    """One report: what is asked, and what it took."""

    key: str
    kind: Kind
    said: Messages
    account: Account = field(default_factory=Account)
    has_turn: bool = False
    tries: int = 0
    after_s: float = 0.0
    """The server wants no other before."""


class ModelWriter:
    """Asks one model. Safe to cancel: a call that is cancelled has taken its bound."""

    def __init__(self, model: Model, clock: Clock = WALL) -> None:
        self._model, self._clock = model, clock
        self._client = Client(model)
        self._turns = asyncio.Semaphore(model.at_once)
        self._breaker = Breaker(model.rest_after, model.rest_s)
        self._shape = ask.Shape()
        self.name = f"{model.name}@{urlsplit(model.url).hostname}"
        self.price = Price(model.price_in, model.price_out)
        self.budget = Budget(
            Limits(model.day_tokens, model.day_cost or inf),
            Limits(model.report_tokens, model.report_cost or inf),
            self.price,
        )
        self.took = NOTHING
        """Tokens of all calls since the start, as far as it is known."""
        for came in (_DRAFTED, *NoDraft):
            metrics.DRAFTS.labels(str(came))

    @property
    def cost(self) -> float:
        """What these cost, by the prices of settings."""
        return self.price.of(self.took)

    async def draft(self, record: Record, kind: Kind) -> Draft | None:
        """Return a draft, or None within the patience."""
        found = await self.ask(record, kind)
        if isinstance(found, Draft):
            return found
        more = {"why": found.value, "kind": kind.value, "event": record.head.event}
        log.warning("the model gave no draft, the template writes", extra=more)
        return None

    async def ask(self, record: Record, kind: Kind) -> Draft | NoDraft:
        """Return a draft, or why there is none, within the patience."""
        began = monotonic()
        away = hidden(record) if self._model.redact else Hidden(record, {})
        asked = _Asked(f"{record.head.event}|{kind}", kind, messages(away.record, kind))
        try:
            async with asyncio.timeout(self._model.patience_s):
                found = await self._in_turn(asked)
        except TimeoutError:
            found = NoDraft.LATE
        self._judge(found, asked)
        metrics.DRAFT_S.observe(monotonic() - began)
        metrics.DRAFTS.labels(found.value if isinstance(found, NoDraft) else _DRAFTED).inc()
        return shown(found, away.names) if isinstance(found, Draft) else found

    async def close(self) -> None:
        """End its connections."""
        await self._client.close()

    async def _in_turn(self, asked: _Asked) -> Draft | NoDraft:
        async with self._turns:
            if not self._breaker.lets(self._clock.time()):
                return NoDraft.RESTING
            asked.has_turn = True
            return await self._written(asked)

    def _judge(self, found: Draft | NoDraft, asked: _Asked) -> None:
        """Tell the breaker; who never had a turn knows nothing of the server."""
        if isinstance(found, Draft):
            self._breaker.worked()
        elif asked.has_turn and found not in _OF_OURS:
            self._breaker.failed(self._clock.time(), asked.after_s)

    async def _written(self, asked: _Asked) -> Draft | NoDraft:
        """Ask until there is an answer, or no use in another try."""
        shape = self._shape
        while True:
            told = ask.options(shape, asked.kind, self._model.answer_tokens)
            most = ask.bound(asked.said, told, self._model.answer_tokens)
            taken = self.budget.take(asked.account, most, self._now())
            if taken is None:
                return NoDraft.OVER_BUDGET
            tried = await self._client.attempt(asked.said, told)
            if tried.why is None:
                self._shape = shape
                return self._read(tried, asked, taken)
            if tried.is_free:
                self.budget.settle(taken, NOTHING)
            simpler = ask.simpler(shape, tried.param) if tried.is_for_its_shape else None
            if simpler is not None:
                shape = simpler
            elif not await self._again(tried, asked):
                return tried.why

    async def _again(self, tried: Tried, asked: _Asked) -> bool:
        """Wait for another try; False: there is none."""
        asked.tries += 1
        asked.after_s = tried.after_s
        if not tried.is_worth_another or asked.tries >= self._model.attempts:
            return False
        wait_s = pause_s(asked.key, asked.tries, self._model.backoff_s, tried.after_s)
        if wait_s >= self._model.patience_s:
            return False
        await self._clock.sleep(wait_s)
        return True

    def _read(self, tried: Tried, asked: _Asked, taken: Taken) -> Draft | NoDraft:
        found = answer.answer(tried.body)
        used = found.used or ask.likely(asked.said, found.text, taken.bound)
        self.budget.settle(taken, used)
        self._count(used)
        return found.why or answer.draft(found.text, asked.kind, self.name)

    def _count(self, used: Usage) -> None:
        self.took = self.took.plus(used)
        metrics.MODEL_TOKENS.labels("read").inc(used.read)
        metrics.MODEL_TOKENS.labels("written").inc(used.written)
        metrics.MODEL_COST.inc(self.price.of(used))

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.time(), UTC)
