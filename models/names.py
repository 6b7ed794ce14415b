"""Who is who in a partition: assets, cells, points and the row of each signal. Only grows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from math import nan

from models.trigger.machine.asked import compiled
from models.trigger.machine.tables import Asked
from models.trigger.made import Function
from schemas.settings import Cell, Settings
from schemas.trigger import Rule, Value
from schemas.units import LEVEL_BITS, Meaning, Point, PointKind, Table
from schemas.units.point import bare

PAST_BYTES = 1_688
"""What a signal remembers of shapes and seasons, `models.anomaly.past`."""
_MOST_KNOWN = 100_000


@dataclass(frozen=True, slots=True)
class Known:
    """What is declared of a point, under the name that it goes by from ingest on."""

    unit: str = ""
    low: float = nan
    high: float = nan
    width: int = LEVEL_BITS
    kind: PointKind = PointKind.GAUGE
    capacity: float = nan
    factor: float = 1.0
    factors: tuple[float, ...] = ()
    wraps: int = 0
    rules: tuple[int, ...] = ()
    """Rules whose point pattern covers it; their asset pattern is still to be asked."""
    limit_low: float = nan
    limit_high: float = nan


@dataclass(frozen=True, slots=True)
class Config:
    """What detection is told beforehand. Times in ns."""

    site: str = "site"
    frame_ns: int = 5_000_000_000
    lateness_ns: int = 10_000_000_000
    false_alarms: float = 0.002
    """A day, of each signal."""
    remembered: tuple[str, ...] = ()
    """Patterns of points whose signals remember shapes and seasons; those with rules do anyway."""
    most_pasts: int = 40_000
    """Signals that do so."""
    together: tuple[str, ...] = ()
    """Patterns of assets whose signals are judged together."""
    together_bytes: int = 64 * 2**20
    """For that."""
    second_opinion: tuple[str, ...] = ()
    """Patterns of those of them that river judges, too."""
    max_signals: int = 2_000_000
    silence_ns: int = 60_000_000_000
    peers: bool = True
    horizon_ns: int = 604_800_000_000_000
    alerts_at_once: int = 100
    """Of a rule: how many are told one by one, where it says nothing else."""
    is_capped: bool = True
    """Whether no more than that are; else all are."""
    rules: tuple[Rule, ...] = ()
    values: tuple[Value, ...] = ()
    functions: Mapping[str, Function] = field(default_factory=dict, compare=False)
    """Of values by code, by their name."""
    points: tuple[Point, ...] = ()
    cells: tuple[Cell, ...] = ()
    _known: dict[str, Known] = field(default_factory=dict, compare=False)
    _meanings: dict[str, Meaning] = field(default_factory=dict, compare=False)
    _table: Table = field(init=False, compare=False)
    asked: tuple[Asked, ...] = field(init=False, compare=False)
    """The rules that have a condition on values, compiled."""

    def __post_init__(self) -> None:
        asked = compiled(self.rules, self.values, self.points)
        object.__setattr__(self, "asked", asked)
        object.__setattr__(self, "_table", Table(self.points))

    @classmethod
    def of(cls, settings: Settings, functions: Mapping[str, Function] | None = None) -> "Config":
        """Take what detection needs from `settings`."""
        detect = settings.detect
        return cls(
            site=settings.site.name,
            frame_ns=round(detect.frame_s * 1e9),
            lateness_ns=round(detect.lateness_s * 1e9),
            false_alarms=detect.false_alarms,
            remembered=detect.remember,
            most_pasts=int(detect.remember_mb * 2**20 / PAST_BYTES),
            together=detect.together,
            second_opinion=detect.second_opinion,
            together_bytes=int(detect.together_mb * 2**20),
            max_signals=detect.max_signals,
            silence_ns=round(detect.silence_s * 1e9),
            peers=detect.peers,
            horizon_ns=round(detect.horizon_s * 1e9),
            alerts_at_once=detect.alerts_at_once,
            rules=settings.rules,
            values=settings.values,
            functions=functions or {},
            points=settings.points,
            cells=settings.site.cells,
        )

    def known(self, point: str) -> Known:
        """Return what is declared of `point`; remembered, within bounds."""
        known = self._known.get(point)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[point] = self._look_up(point)
        return known

    def meaning(self, point: str) -> Meaning:
        """Return what a sender's point goes by from ingest on; remembered, within bounds."""
        found = self._meanings.get(point)
        if found is None:
            if len(self._meanings) >= _MOST_KNOWN:
                self._meanings.clear()
            found = self._meanings[point] = self._table.meaning(point)
        return found

    def names_of(self, point: str) -> tuple[str, ...]:
        """Return all names that a condition may call a point by: with its labels and without."""
        plain = bare(point)
        names = (point, *self._table.senders(point))
        return names if plain == point else (*names, plain, *self._table.senders(plain))

    def _look_up(self, point: str) -> Known:
        names = (point, *self._table.senders(point))
        rules = tuple(
            i
            for i, r in enumerate(self.rules)
            if r.is_short and any(fnmatchcase(one, r.point) for one in names)
        )
        found = self._table.known(point)
        if found is None:
            return Known(rules=rules)
        low, high = (nan, nan) if found.low is None else (found.low, found.high or 0.0)
        return Known(
            found.unit,
            low,
            high,
            found.bits,
            found.kind,
            nan if found.capacity is None else found.capacity,
            found.factor,
            found.factors,
            found.wraps,
            rules,
            nan if found.limit_low is None else found.limit_low,
            nan if found.limit_high is None else found.limit_high,
        )

    def remembers(self, point: str) -> bool:
        """Say whether signals of a point are to remember shapes and seasons."""
        return any(fnmatchcase(point, pattern) for pattern in self.remembered)

    def joins(self, asset: str) -> bool:
        """Say whether the signals of an asset are to be judged together."""
        return any(fnmatchcase(asset, pattern) for pattern in self.together)

    def asks(self, asset: str) -> bool:
        """Say whether river is to judge the signals of an asset, too."""
        return any(fnmatchcase(asset, pattern) for pattern in self.second_opinion)

    def rules_of(self, asset: str, point: str) -> list[int]:
        """Return the rules that watch this signal."""
        known = self.known(point).rules
        return [i for i in known if fnmatchcase(asset, self.rules[i].asset)]


def cells(config: Sequence[Cell]) -> Callable[[str], str]:
    """Return the function from asset to cell: the first declared cell that has it, else itself.

    A pattern without wildcards, and one that is a path and `/*`, costs a dictionary look-up; others
    are tried in order.
    """
    every = [(i, a, cell.name) for i, cell in enumerate(config) for a in cell.assets]
    plain = {a: name for _, a, name in reversed(every) if not _wild(a)}
    below = {a[:-2]: (i, name) for i, a, name in reversed(every) if _is_below(a)}
    wild = [one for one in every if _wild(one[1]) and not _is_below(one[1])]

    def cell_of(asset: str) -> str:
        if asset in plain:
            return plain[asset]
        found = [below[above] for above in _above(asset) if above in below]
        found += next(([(i, name)] for i, one, name in wild if fnmatchcase(asset, one)), [])
        return min(found)[1] if found else asset

    return cell_of


def _is_below(pattern: str) -> bool:
    return pattern.endswith("/*") and not _wild(pattern[:-2])


def _above(asset: str) -> Iterator[str]:
    """Yield every path that an asset stands below."""
    end = asset.find("/")
    while end >= 0:
        yield asset[:end]
        end = asset.find("/", end + 1)


def _wild(pattern: str) -> bool:
    return any(c in pattern for c in "*?[")


@dataclass(slots=True)
class Names:
    """The dictionaries of one partition; ids count from 0 in order of first sight."""

    assets: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    asset_of: list[int] = field(default_factory=list)
    """By signal."""
    point_of: list[str] = field(default_factory=list)
    """By signal."""
    points: list[str] = field(default_factory=list)
    """Different ones, by id."""
    _asset_ids: dict[str, int] = field(default_factory=dict)
    _rows: list[dict[str, int]] = field(default_factory=list)
    _point_ids: dict[str, int] = field(default_factory=dict)

    def asset(self, name: str, cell_of: Callable[[str], str]) -> int:
        """Return the id of an asset, new or not."""
        found = self._asset_ids.get(name)
        if found is None:
            found = self._asset_ids[name] = len(self.assets)
            self.assets.append(name)
            self.cells.append(cell_of(name))
            self._rows.append({})
        return found

    def known(self, name: str) -> int:
        """Return the id of an asset, -1 when it is new."""
        return self._asset_ids.get(name, -1)

    def point(self, name: str) -> int:
        """Return the id of a point's name, new or not."""
        found = self._point_ids.get(name)
        if found is None:
            found = self._point_ids[name] = len(self.points)
            self.points.append(name)
        return found

    def row(self, asset: int, point: str) -> int | None:
        """Return the row of a signal, or None when it is new."""
        return self._rows[asset].get(point)

    def add(self, asset: int, point: str) -> int:
        """Give a new signal its row."""
        point = self.points[self.point(point)]
        row = self._rows[asset][point] = len(self.asset_of)
        self.asset_of.append(asset)
        self.point_of.append(point)
        return row
