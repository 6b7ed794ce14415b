"""Alertmanager: alerts are told in batches, again while they fire, and to every instance.

Each instance has a queue and a sender of its own: one that hangs holds up nobody, and what is told
to one stays in order. One that answers is enough for an action to be done.
"""

import asyncio
import json
from asyncio import Future
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic

from models.act.attempt import Came, Outcome, of_several
from models.act.firing import Alert, Firing, Key, key_of
from models.act.ledger import Due
from models.act.render import Unfit
from models.act.request import USER_AGENT, Request, authorized
from schemas.events import Event
from schemas.trigger import Action, Alertmanager
from streams.act import secrets
from streams.act.http import Http
from streams.act.target import Try
from streams.act.turns import Turns
from streams.errors import ConfigError

_MOST = 500  # alerts of a request
_IDLE_S = 1.0
Told = tuple[Alert, list["Future[Outcome]"]]


@dataclass(slots=True)
class Instance:
    """One Alertmanager, and what it is still to be told: of each alert the latest."""

    target: "AlertmanagerTarget"
    url: str
    turns: Turns
    waiting: dict[Key, Told] = field(default_factory=dict)
    some: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, key: Key, alert: Alert, answered: "Future[Outcome] | None" = None) -> None:
        """Add what is to be told; an older word on the same alert is dropped."""
        _, heard = self.waiting.pop(key, (alert, []))
        self.waiting[key] = alert, heard + ([answered] if answered is not None else [])
        self.some.set()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self.some.wait()
            await asyncio.sleep(self.target.action.linger_s)
            batch = list(self.waiting.items())[:_MOST]
            for key, _ in batch:
                del self.waiting[key]
            if not self.waiting:
                self.some.clear()
            await self._tell([told for _, told in batch])

    async def _tell(self, batch: Sequence[Told]) -> None:
        async with self.turns.one():
            outcome = await self.target.post(self.url, [alert for alert, _ in batch])
        if outcome.came is Came.REFUSED and len(batch) > 1:
            for one in batch:  # one that cannot be read must not take the others with it
                await self._tell([one])
            return
        for answered in (one for _, heard in batch for one in heard):
            if not answered.done():
                answered.set_result(outcome)


class AlertmanagerTarget:
    """All instances, and the alerts they are to know."""

    def __init__(self, action: Alertmanager, http: Http) -> None:
        self.action, self._http = action, http
        self.firing = Firing(action.resend_s, action.external_labels, action.generator_url)
        self.instances = [Instance(self, url.rstrip("/"), Turns(action)) for url in action.urls]

    def prepare(self, due: Due) -> Try:
        """Return one telling, to all instances."""
        data = due.event.data
        known = self.firing.take(due, monotonic())
        ended = due.event.time if data.resolves else None

        async def attempt() -> Outcome:
            return await self._tell(key_of(due.event), self._alert(known, ended))

        return attempt

    def remember(self, due: Due) -> None:
        """Know what was told before; it is told again at once while it fires."""
        self.firing.take(due, monotonic() - self.action.resend_s)

    def shown(self, due: Due) -> str:
        """Say what would be posted."""
        ended = due.event.time if due.event.data.resolves else None
        return json.dumps(self._alert(due.event, ended))

    def _alert(self, event: Event[Action], ended: datetime | None) -> Alert:
        return self.firing.alert(event, ended, datetime.now(UTC))

    async def _tell(self, key: Key, alert: Alert) -> Outcome:
        loop = asyncio.get_running_loop()
        heard = [loop.create_future() for _ in self.instances]
        for instance, answered in zip(self.instances, heard, strict=True):
            instance.put(key, alert, answered)
        return await first_done(heard)

    async def post(self, url: str, alerts: Sequence[Alert]) -> Outcome:
        """Post alerts to one instance."""
        try:
            kept = secrets.of_alertmanager(self.action)
            own = {"content-type": "application/json", "user-agent": USER_AGENT}
            headers = own | authorized(kept)
        except ConfigError as error:
            return Outcome(Came.AGAIN, str(error))
        except Unfit as error:
            return Outcome(Came.REFUSED, str(error))
        body = json.dumps(alerts).encode()
        request = Request("POST", f"{url}/api/v2/alerts", headers, body)
        outcome = await self._http.send(request)
        return outcome._replace(answer=kept.hide(outcome.answer))

    async def run(self) -> None:
        """Send, and tell again what still fires, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for instance in self.instances:
                group.create_task(instance.run())
            group.create_task(self._resend())

    async def _resend(self) -> None:
        while True:
            for event in self.firing.due(monotonic()):
                for instance in self.instances:
                    instance.put(key_of(event), self._alert(event, None))
            await asyncio.sleep(min(self.action.resend_s / 4, _IDLE_S))


async def first_done(heard: Sequence["Future[Outcome]"]) -> Outcome:
    """Return the first success, or the best of all."""
    waiting: set[Future[Outcome]] = set(heard)
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for one in done:
            if one.result().came is Came.DONE:
                return one.result()
    return of_several([one.result() for one in heard])
