"""What there is, as far as it is known before a rule is trusted: points, assets, cells, actions."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property

from models.trigger.condition.names import Vocabulary, nearest
from schemas.trigger import Value
from schemas.units import BUILT_IN, Point, Table
from schemas.units.point import WILD, bare


@dataclass(frozen=True)
class There:
    """What rules may name."""

    points: tuple[Point, ...] = ()
    """Declared."""
    seen: frozenset[str] = frozenset()
    """Points of which there are readings; empty: nobody looked."""
    assets: frozenset[str] = frozenset()
    """Those that have readings; empty: nobody looked."""
    cells: frozenset[str] | None = None
    """None: nobody said."""
    actions: frozenset[str] | None = None
    """None: nobody said."""
    values: tuple[Value, ...] = field(default=())

    @property
    def is_told(self) -> bool:
        """Whether somebody said which points there are: then another one is a mistake."""
        return bool(self.points or self.seen)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The names that conditions may use; of unknown ones it tells."""
        table = Table(self.points)
        plain = sorted({bare(name) for name in self.seen})
        more = (Point(name=name) for name in plain if table.known(name) is None)
        values = {one.name: one for one in self.values}
        return Vocabulary((*self.points, *more), values, allows_unknown=True)

    def has_point(self, pattern: str) -> bool:
        """Say whether a name, or pattern, may fit a point that is known, and was seen."""
        if not WILD & set(pattern) and self.vocabulary.table.meaning(pattern).point:
            return not self.seen or self._is_seen(pattern)
        known = self.seen or {point.name for point in (*self.points, *BUILT_IN)}
        return any(_may_meet(pattern, one) for name in known for one in (name, bare(name)))

    def _is_seen(self, name: str) -> bool:
        table = self.vocabulary.table
        names = {name, table.meaning(name).name}
        return any(
            one in names or table.meaning(one).name in names
            for seen in self.seen
            for one in (seen, bare(seen))
        )

    def near_points(self, name: str) -> list[str]:
        """Return up to three known points that look like it."""
        return nearest(name, tuple(self.seen or self.vocabulary.words()))


def _may_meet(pattern: str, name: str) -> bool:
    """Say whether a pattern fits a name; where that is one too, whether both may fit a third."""
    if not WILD & set(name):
        return fnmatchcase(name, pattern)
    if not WILD & set(pattern):
        return fnmatchcase(pattern, name)
    one, other = _head(pattern), _head(name)
    return bool(other) and (one.startswith(other) or other.startswith(one))


def _head(pattern: str) -> str:
    """Return what stands before the first wildcard."""
    return pattern[: min((pattern.find(c) for c in WILD if c in pattern), default=len(pattern))]
