"""What became of anomalies: in an incident, of work that is done or not asked, or neither.

Each counts once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from models.cascade.groups import Group, Key


@dataclass(slots=True)
class Fates:
    """Anomalies that have opened, by what became of them; those still known are in `of`."""

    folded: int = 0
    """In an incident that was told."""
    work: int = 0
    """A job's other work explains them, or they tell no more than that a link does all it can, or
    a machine more, or less than its peers: no fault, so no incident."""
    neither: int = 0
    """Unexplained, or not surely enough to be told."""
    of: dict[Key, int] = field(default_factory=dict)
    """Of signs that are still known: 2 folded, 1 work; the most they ever were."""
    before: dict[Key, int] = field(default_factory=dict)
    """Of signs that are still known: how many anomalies came before it was counted. Not saved."""

    @property
    def came(self) -> int:
        """Return how many have opened."""
        return self.folded + self.work + self.neither

    def see(self, told: Iterable[Key], work: Iterable[Key]) -> None:
        """Know which signs are part of an incident now, and which of other work."""
        for rank, keys in ((1, work), (2, told)):
            for key in keys:
                self.of[key] = max(self.of.get(key, 0), rank)

    def end(self, groups: Iterable[Group]) -> None:
        """Count signs that are about to be forgotten."""
        for group in groups:
            self._count(group, self.of.pop(group.key, 0))
            self.before.pop(group.key, None)

    def upto_now(self, groups: Iterable[Group]) -> "Fates":
        """Return the same with those that are still known counted."""
        now = Fates(self.folded, self.work, self.neither, before=dict(self.before))
        for group in groups:
            now._count(group, self.of.get(group.key, 0))
        return now

    def anew(self, groups: Iterable[Group]) -> "Fates":
        """Return one that counts what comes from now on. `groups`: all that are known."""
        return Fates(of=dict(self.of), before={group.key: group.many for group in groups})

    def _count(self, group: Group, rank: int) -> None:
        many = group.many - self.before.get(group.key, 0)
        self.folded += many * (rank == 2)  # noqa: PLR2004 - see `of`
        self.work += many * (rank == 1)
        self.neither += many * (rank == 0)
