"""What the names in a condition stand for: signals of `where`, values, points."""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from math import inf

from models.trigger.condition.program import Bound, Feature
from models.trigger.condition.term import Finding, Mark, Read, Term
from models.trigger.condition.tree import ConditionError, Node
from models.trigger.condition.units import UNKNOWN, Measure, a_second, measured
from schemas.trigger import Each, Input, Take, Value
from schemas.units import BUILT_IN, Point, PointKind, Table
from schemas.units.point import WILD

_OF_THE_VALUE = {
    *(Feature.VALUE, Feature.AVG, Feature.MIN, Feature.MAX, Feature.AGO),
    Feature.PEERS,
}
_NEVER_NEGATIVE = {
    *(Feature.AGE, Feature.QUALITY, Feature.SCORE, Feature.STATUS, Feature.COUNT),
    *(Feature.CHANGES, Feature.DEVIATION),
}
_CHOSEN = {
    "labels": 'a label is asked for by its name: `labels.port == "1"`',
    "event": "events are asked by rules with `each: anomaly` or `each: incident`",
}
"""Names of texts, which conditions on values do not have."""
_ADDS = {Take.SUM, Take.COUNT}


@dataclass(frozen=True)
class Vocabulary:
    """Every name that conditions may use. Remembers what is in common of a pattern's points."""

    points: tuple[Point, ...] = ()
    """Declared by the user; the built-in ones are known anyway."""
    values: Mapping[str, Value] = field(default_factory=dict)
    where: Mapping[str, Input] = field(default_factory=dict)
    """Of the rule."""
    each: Each = Each.ASSET
    """What the rule is asked of."""
    allows_unknown: bool = False
    """Whether a point that nobody declared is told as a finding, not refused."""
    table: Table = field(init=False, compare=False)
    _patterns: dict[str, Measure] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", Table(self.points))

    def within(self, where: Mapping[str, Input], each: Each | None = None) -> "Vocabulary":
        """Return the same, in which these names stand for signals, of a rule that asks `each`."""
        found = copy(self)  # not `replace`: the table is built once
        object.__setattr__(found, "where", where)
        object.__setattr__(found, "each", each or self.each)
        return found

    def measure(self, pattern: str) -> Measure:
        """Return the unit that all known points of a pattern are in; else it is not known."""
        if pattern not in self._patterns:
            measures = {_measure(one) for one in _covered(pattern, self)}
            self._patterns[pattern] = measures.pop() if len(measures) == 1 else UNKNOWN
        return self._patterns[pattern]

    def words(self) -> Iterator[str]:
        """Return every name there is."""
        yield from self.where
        yield from self.values
        yield from (point.name for point in (*self.points, *BUILT_IN))


@dataclass(frozen=True)
class Scope:
    """Where a name is read: in a rule, or in the values that its values are made of."""

    vocabulary: Vocabulary
    inside: tuple[str, ...] = ()
    """Values that are being read, the outermost first."""
    done: dict[str, Term] = field(default_factory=dict)
    """Values that have been read."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def value(self) -> str:
        """Return the name of the value whose expression is read; empty: the rule's own."""
        return self.inside[-1] if self.inside else ""

    def error(self, node: Node, reason: str) -> ConditionError:
        """Return what is wrong with a node."""
        return ConditionError(reason, node.start, self.value)

    def tell(self, node: Node, mark: Mark, text: str) -> None:
        """Note what is legal and perhaps not meant."""
        finding = Finding(mark, text, node.start, self.value)
        if finding not in self.findings:
            self.findings.append(finding)

    def names(self, word: str) -> bool:
        """Say whether a word is a name of `where`, of a value or of a point."""
        words = self.vocabulary
        is_ours = word in words.where or word in words.values
        return is_ours or words.table.meaning(word).point is not None

    def expression(self, name: str) -> Value | None:
        """Return the value by expression that a name stands for, if it does."""
        value = None if name in self.vocabulary.where else self.vocabulary.values.get(name)
        return value if value and value.expression is not None else None


@dataclass(frozen=True)
class Signal:
    """What a name stands for that is no expression."""

    bound: Bound
    measure: Measure
    low: float = -inf
    high: float = inf

    def read(self, feature: Feature, window_s: float = 0.0) -> Read:
        """Return one of its features, and between what it can be."""
        low, high = -inf, inf
        if feature in _OF_THE_VALUE:
            low, high = self.low, self.high
        elif feature in _NEVER_NEGATIVE:
            is_ratio = feature is Feature.QUALITY and self.bound.signals.take not in _ADDS
            low, high = 0.0, 1.0 if is_ratio else inf
        return Read(self.bound, feature, window_s, low, high)


def signal(node: Node, scope: Scope) -> Signal:
    """Return what a name stands for that is no value by expression. Raises `ConditionError`."""
    vocabulary, name = scope.vocabulary, node.word
    if name in vocabulary.where:
        return _of_where(name, vocabulary)
    if name in vocabulary.values:
        unit = vocabulary.values[name].unit
        return Signal(Bound(name, Input(point=name), unit), measured(unit))
    meaning = vocabulary.table.meaning(name)
    if meaning.point is None:
        _unknown(node, scope)
    return _signal(Bound(name, Input(point=meaning.name), ""), meaning.point)


def _unknown(node: Node, scope: Scope) -> None:
    if node.word in _CHOSEN:
        raise scope.error(node, f"`{node.word}`: {_CHOSEN[node.word]}")
    near = nearest(node.word, tuple(scope.vocabulary.words()))
    text = f"`{node.word}` is no known point, value or name of `where`"
    text += f"; near: {', '.join(f'`{one}`' for one in near)}" if near else ""
    if not scope.vocabulary.allows_unknown:
        raise scope.error(node, text)
    scope.tell(node, Mark.UNKNOWN_POINT, text)


def nearest(word: str, words: Sequence[str]) -> list[str]:
    """Return up to three of `words` that look like it, however they are capitalised."""
    plain = {one.lower(): one for one in words}
    return [plain[one] for one in get_close_matches(word.lower()[:128], plain, 3, 0.6)]


def _of_where(name: str, vocabulary: Vocabulary) -> Signal:
    """Return what a name of `where` stands for; of patterns: what all that fit have in common."""
    signals = vocabulary.where[name]
    if not WILD & set(signals.point):
        meaning = vocabulary.table.meaning(signals.point)
        signals = signals.model_copy(update={"point": meaning.name})
        return _signal(Bound(name, signals, ""), meaning.point)
    return _taken(Signal(Bound(name, signals, ""), vocabulary.measure(signals.point)))


def _covered(pattern: str, vocabulary: Vocabulary) -> Iterator[Point]:
    """Return the known points, under the names they go by, that a pattern fits."""
    for name in {point.name for point in (*vocabulary.points, *BUILT_IN)}:
        if WILD & set(name):
            continue
        if fnmatchcase(name, pattern) or fnmatchcase(name, pattern.rpartition("/")[2]):
            point = vocabulary.table.meaning(name).point
            if point:
                yield point


def _signal(bound: Bound, point: Point | None) -> Signal:
    if point is None:
        return _taken(Signal(bound, UNKNOWN))
    is_level = point.kind is PointKind.GAUGE and bound.signals.take not in _ADDS
    low, high = (point.low, point.high) if is_level else (None, None)
    found = Signal(
        bound, _measure(point), -inf if low is None else low, inf if high is None else high
    )
    return _taken(found)


def _measure(point: Point) -> Measure:
    """Return what its signals are in; a counter is told as its change a second."""
    found = measured(point.unit)
    return a_second(found) if point.kind is PointKind.COUNTER else found


def _taken(found: Signal) -> Signal:
    measure = measured("count") if found.bound.signals.take is Take.COUNT else found.measure
    bound = found.bound._replace(unit=measure.text)
    return replace(found, bound=bound, measure=measure)
