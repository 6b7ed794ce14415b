"""What a model may take: tokens and money, a report and a day.

An upper bound is taken before a call, and what the call took is put in its place after it. A call
whose end nobody knows keeps its bound. While no call takes more than its bound, nothing is ever
over budget, whatever fails and in whatever order.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from math import inf
from typing import Final, NamedTuple

_MILLION: Final = 1e6


class Usage(NamedTuple):
    """Tokens."""

    read: int = 0
    written: int = 0

    def plus(self, other: "Usage") -> "Usage":
        """Return both."""
        return Usage(self.read + other.read, self.written + other.written)

    def minus(self, other: "Usage") -> "Usage":
        """Return how much more it is; less than 0 where it is less."""
        return Usage(self.read - other.read, self.written - other.written)


NOTHING: Final = Usage()


class Price(NamedTuple):
    """Money for a million tokens."""

    read: float = 0.0
    written: float = 0.0

    def of(self, some: Usage) -> float:
        """Return what tokens cost."""
        return (some.read * self.read + some.written * self.written) / _MILLION


FREE: Final = Price()


class Limits(NamedTuple):
    """How much, at most."""

    tokens: int
    money: float = inf


@dataclass(slots=True)
class Account:
    """What one report has taken so far."""

    spent: Usage = NOTHING


@dataclass(slots=True)
class Taken:
    """The bound of one call."""

    day: date
    account: Account
    bound: Usage
    is_open: bool = True


@dataclass(slots=True)
class Budget:
    """What is taken, of the day that it is."""

    of_day: Limits
    of_report: Limits
    price: Price = FREE
    spent: Usage = NOTHING
    """Of this UTC day, with the bounds of calls that go on."""
    _day: date = field(default=date.min)

    def take(self, account: Account, bound: Usage, now: datetime) -> Taken | None:
        """Take the bound of a call; None: it could be too much, and nothing was taken."""
        self._turn(now)
        of_day, of_report = self.spent.plus(bound), account.spent.plus(bound)
        if not (self._fits(of_day, self.of_day) and self._fits(of_report, self.of_report)):
            return None
        self.spent, account.spent = of_day, of_report
        return Taken(self._day, account, bound)

    def settle(self, taken: Taken, used: Usage) -> None:
        """Put what a call took in the place of its bound, once."""
        if not taken.is_open:
            return
        taken.is_open = False
        more = used.minus(taken.bound)
        taken.account.spent = taken.account.spent.plus(more)
        if taken.day == self._day:
            self.spent = self.spent.plus(more)

    def _turn(self, now: datetime) -> None:
        """Begin a new day; a clock that is set back begins none."""
        day = now.astimezone(UTC).date()
        if day > self._day:
            self._day, self.spent = day, NOTHING

    def _fits(self, some: Usage, limits: Limits) -> bool:
        return sum(some) <= limits.tokens and self.price.of(some) <= limits.money
