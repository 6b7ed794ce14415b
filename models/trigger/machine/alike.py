"""Whose peers a rule looks at: signals of one point of assets in a cell that differ in numbers.

So `models.peers` has them, too. Each is compared with the `REACH` that were first heard before it
and as many behind: in a large cell those are its neighbours, and what it costs does not grow.
"""

from collections import deque
from typing import NamedTuple

from models.trigger.machine.covers import Covered

REACH = 16


class Kin(NamedTuple):
    """What those have in common that are alike for an input of a rule."""

    what: Covered
    cell: str
    role: str
    point: str


class Peer(NamedTuple):
    """A signal that is looked at by its peers, and looks at them."""

    asked: str
    """The asset, where the rule is asked of it; else empty: it does not look."""
    labels: str
    reading: int


class Alike:
    """Who came last, of each kind."""

    def __init__(self) -> None:
        self._last: dict[Kin, deque[Peer]] = {}

    def meet(self, kin: Kin, new: Peer) -> list[tuple[Peer, Peer]]:
        """Let a signal join its kin; return who is to look at whom."""
        last = self._last.setdefault(kin, deque(maxlen=REACH))
        both = [pair for other in last for pair in ((new, other), (other, new))]
        last.append(new)
        return [pair for pair in both if pair[0].asked]
