"""Which names of which rules a point stands for."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from models.trigger.machine.tables import Asked
from schemas.units.point import WILD


class Covered(NamedTuple):
    """A rule and one of its inputs."""

    rule: int
    input: int


def fits(name: str, pattern: str) -> bool:
    """Say whether a pattern, as a rule's `asset`, covers a name."""
    return pattern == "*" or fnmatchcase(name, pattern)


class Covers:
    """The inputs of all rules by point; a name without wildcards costs a look-up."""

    def __init__(self, every: Sequence[Asked]) -> None:
        self._exact: dict[str, list[Covered]] = {}
        self._wild: list[tuple[str, Covered]] = []
        for rule, asked in enumerate(every):
            for i, bound in enumerate(asked.inputs):
                pattern, what = bound.signals.point, Covered(rule, i)
                if WILD & set(pattern):
                    self._wild.append((pattern, what))
                else:
                    self._exact.setdefault(pattern, []).append(what)

    def of(self, names: Sequence[str]) -> list[Covered]:
        """Return the inputs that a point stands for, by all the names it goes by; in order."""
        found = {what for name in names for what in self._exact.get(name, ())}
        found |= {
            what for pattern, what in self._wild if any(fnmatchcase(n, pattern) for n in names)
        }
        return sorted(found)
