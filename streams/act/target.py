"""What an action is done by."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from models.act.attempt import Outcome
from models.act.ledger import Due
from schemas.trigger import Configured

Try = Callable[[], Awaitable[Outcome]]


class Target(Protocol):
    """One configured action, ready to be done."""

    @property
    def action(self) -> Configured:
        """What it was made from."""
        ...

    def prepare(self, due: Due) -> Try:
        """Return what does it once, each time it is called. Raises `Unfit`."""
        ...

    def shown(self, due: Due) -> str:
        """Say what would be done, without secrets. Raises `Unfit`."""
        ...
