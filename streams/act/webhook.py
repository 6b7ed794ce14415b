"""Webhooks: signed, with an idempotency key."""

from time import time

from models.act.attempt import Came, Outcome
from models.act.ledger import Due
from models.act.request import request, shown
from schemas.trigger import Webhook
from streams.act import secrets
from streams.act.http import Http
from streams.act.target import Try
from streams.act.turns import Turns
from streams.errors import ConfigError


class WebhookTarget:
    """One endpoint."""

    def __init__(self, action: Webhook, http: Http) -> None:
        self.action, self._http = action, http
        self._turns = Turns(action)

    def prepare(self, due: Due) -> Try:
        """Return one try; it is signed anew each time, with the secrets of that time."""
        shown(self.action, due)

        async def attempt() -> Outcome:
            async with self._turns.one():
                try:
                    kept = secrets.of_webhook(self.action)
                except ConfigError as error:
                    return Outcome(Came.AGAIN, str(error))
                outcome = await self._http.send(request(self.action, due, kept, int(time())))
                return outcome._replace(answer=kept.hide(outcome.answer))

        return attempt

    def shown(self, due: Due) -> str:
        """Say what would be sent."""
        return shown(self.action, due)
