"""Whose peers a rule looks at: signals of one point of assets of a cell that are alike.

So `models.peers` has them, too. Each is compared with the `REACH` that were first heard before it
and as many behind: in a large cell those are its neighbours, and what it costs does not grow.
"""

import re
from collections import deque
from typing import NamedTuple

from models.trigger.machine.covers import Covered
from models.trigger.machine.tables import Asked

REACH = 16
LABEL = re.compile(r'([^{},="]+)="((?:[^"\\]|\\.)*)"')


class Kin(NamedTuple):
    """What those have in common that are alike for an input of a rule."""

    what: Covered
    cell: str
    alike: str
    """What their names have in common."""
    point: str


class Peer(NamedTuple):
    """A signal that is looked at by its peers, and looks at them."""

    asked: str
    """The asset, where the rule is asked of it; else empty: it does not look."""
    labels: str
    reading: int
    cell: str

    def answers(self, asked: Asked) -> list[bool]:
        """Return what each of a rule's traits is of an instance that bears these names."""
        labels = {**dict(LABEL.findall(self.labels)), **asked.rule.labels}
        names = {f"labels.{name}": text for name, text in labels.items()}
        names |= {"asset": self.asked, "cell": self.cell}
        return [trait.holds(names) for trait in asked.traits]


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
