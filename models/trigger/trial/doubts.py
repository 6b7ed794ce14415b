"""What is wrong with rules, or hardly meant, as far as it is seen without any data."""

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from models.trigger.condition.compile import Compiled, condition, value
from models.trigger.condition.event import on_event
from models.trigger.condition.fields import unknown_fields
from models.trigger.condition.names import nearest
from models.trigger.condition.parse import parse
from models.trigger.condition.program import Bound
from models.trigger.condition.term import Finding, Mark
from models.trigger.condition.tree import ConditionError
from models.trigger.trial.there import There
from models.words import BRACES
from schemas.trigger import Each, Level, Rule
from schemas.units.point import WILD

Loc = tuple[str | int, ...]

_FILLED = frozenset({"asset", "cell", "point", "value", "unit"})
_MENDS = {
    Mark.UNKNOWN_POINT: "correct it, or declare it under `points:`",
    Mark.UNKNOWN_FIELD: "correct it: such a condition never holds",
    Mark.UNREACHABLE: "correct the limits, or the point's declared range",
    Mark.UNIT_ASSUMED: "see that the number is right",
}


class Doubt(NamedTuple):
    """One thing about one rule."""

    loc: Loc
    """Where in the settings."""
    said: str
    """What stands there."""
    trouble: str
    mend: str
    is_mistake: bool = False
    """Else it may be meant."""


def doubts(rules: Sequence[Rule], there: There) -> Iterator[Doubt]:
    """Return what is to be said of rules and values; of those that do not compile, nothing."""
    for i in range(len(there.values)):
        yield from _if_it_compiles(_of_value(i, there))
    for i, rule in enumerate(rules):
        yield from _if_it_compiles(_of_rule(("rules", i), rule, there))


def _if_it_compiles(found: Iterator[Doubt]) -> list[Doubt]:
    try:
        return list(found)
    except ConditionError:
        return []


def _of_value(index: int, there: There) -> Iterator[Doubt]:
    one = there.values[index]
    if one.expression is not None:
        found = value(one.name, there.vocabulary)
        yield from _of_findings(("values", index, "is"), one.expression, found.findings, there)


def _of_rule(at: Loc, rule: Rule, there: There) -> Iterator[Doubt]:
    if rule.is_on_events:
        yield from _on_event(at, rule)
    elif rule.is_short:
        yield from _point((*at, "point"), rule.point, there)
    else:
        yield from _on_values(at, rule, there)
    yield from _asked(at, rule, there)
    yield from _actions(at, rule, there)


def _on_event(at: Loc, rule: Rule) -> Iterator[Doubt]:
    for name, text in (("if", rule.condition), ("until", rule.until)):
        if text is None:
            continue
        try:
            on_event(text)
            found = tuple(unknown_fields(text, rule.each))
        except ConditionError as error:
            yield Doubt((*at, name), text, str(error), "correct it there", is_mistake=True)
            continue
        yield from _of_findings((*at, name), text, found, There())


def _on_values(at: Loc, rule: Rule, there: There) -> Iterator[Doubt]:
    words = there.vocabulary.within(rule.where, rule.each)
    texts = {"if": rule.condition, "until": rule.until}
    found = {name: condition(text, words) for name, text in texts.items() if text is not None}
    for name, one in found.items():
        own = tuple(finding for finding in one.findings if not finding.value)
        yield from _of_findings((*at, name), texts[name] or "", own, there)
    inputs = _inputs(found.values())
    yield from _inputs_there(at, rule, inputs, there)
    yield from _peers((*at, "if"), inputs, there)
    known = {one.name for one in inputs}
    for name, text in (("summary", rule.summary), *_annotations(rule)):
        for word in BRACES.findall(text):
            if word not in _FILLED | known and not word.startswith("labels."):
                mend = f"there are {', '.join(sorted(_FILLED | known))} and labels.x"
                yield Doubt((*at, *name.split("/")), word, "nothing is filled in for it", mend)


def _peers(loc: Loc, inputs: list[Bound], there: There) -> Iterator[Doubt]:
    """Tell of peers where no cell is declared: what nobody has is never known."""
    asked = [one.name for one in inputs if one.of_peers]
    if asked and not there.cells:
        trouble, mend = "no cell is declared, so there are no peers", "declare `site.cells`"
        if there.actions is None:
            trouble = "only declared cells have peers, and nobody says which cells there are"
            mend = "give the settings too: `alltobit --config settings.yaml check ...`"
        yield Doubt(loc, asked[0], trouble, mend)


def _annotations(rule: Rule) -> Iterator[tuple[str, str]]:
    return ((f"annotations/{name}", text) for name, text in rule.annotations.items())


def _inputs(found: Iterable[Compiled]) -> list[Bound]:
    return list(dict.fromkeys(bound for one in found for bound in one.program.inputs))


def _inputs_there(at: Loc, rule: Rule, inputs: list[Bound], there: There) -> Iterator[Doubt]:
    """Tell of inputs that nothing known fits: names of `where`, and what no reading has."""
    made = {one.name for one in there.values}
    for bound in inputs:
        point, in_where = bound.signals.point, bound.name in rule.where
        if bound.name in made or there.has_point(point):
            continue
        if in_where:
            yield from _point((*at, "where", bound.name, "point"), point, there)
        elif there.vocabulary.table.meaning(point).point:
            yield _unseen((*at, "if"), point, there)
    for name in rule.where.keys() - {one.name for one in inputs}:
        yield Doubt((*at, "where", name), name, "the condition does not name it", "leave it out")


def _point(loc: Loc, pattern: str, there: There) -> Iterator[Doubt]:
    if not there.has_point(pattern):
        yield _unseen(loc, pattern, there)


def _unseen(loc: Loc, pattern: str, there: There) -> Doubt:
    trouble = "fits no known point" if WILD & set(pattern) else "no known point"
    if there.seen and there.vocabulary.table.meaning(pattern).point:
        trouble = "no reading has this point"
    near = there.near_points(pattern)
    mend = f"near: {', '.join(near)}" if near else _MENDS[Mark.UNKNOWN_POINT]
    return Doubt(loc, pattern, trouble, mend, there.is_told)


def _asked(at: Loc, rule: Rule, there: There) -> Iterator[Doubt]:
    """Tell of patterns that no asset, or cell, fits."""
    if rule.each is Each.CELL:
        told: frozenset[str] | None = there.cells
        patterns = [((*at, "asset"), rule.asset, "cell", told)]
    else:
        patterns = [((*at, "asset"), rule.asset, "asset", there.assets or None)]
    patterns += [
        ((*at, "where", name, "asset"), one.asset, "asset", there.assets or None)
        for name, one in rule.where.items()
    ]
    for loc, pattern, what, known in patterns:
        if known is not None and not any(fnmatchcase(one, pattern) for one in known):
            near = nearest(pattern, tuple(known))
            mend = f"near: {', '.join(near)}" if near else "correct it"
            yield Doubt(loc, pattern, f"fits no known {what}", mend, what == "asset")


def _actions(at: Loc, rule: Rule, there: There) -> Iterator[Doubt]:
    for i, name in enumerate(rule.then):
        loc = (*at, "then", i)
        if there.actions is None:
            mend = "give the settings too: `alltobit --config settings.yaml check ...`"
            yield Doubt(loc, name, "nobody says whether there is such an action", mend)
        elif name not in there.actions:
            near = nearest(name, tuple(there.actions))
            mend = f"did you mean {near[0]}?" if near else "configure it under `actions:`"
            yield Doubt(loc, name, "no such action is configured", mend, is_mistake=True)
    if rule.level is not Level.ADVISE and not rule.then:
        mend = "give `then`, or leave `level` out"
        yield Doubt((*at, "level"), rule.level, "there is nothing to do", mend)


def _of_findings(loc: Loc, text: str, findings: Iterable[Finding], there: There) -> Iterator[Doubt]:
    for one in findings:
        strict = one.mark is Mark.UNKNOWN_POINT and there.is_told
        is_mistake = strict or one.mark is Mark.UNKNOWN_FIELD or _is_all(one, text)
        yield Doubt(loc, text, str(one), _MENDS[one.mark], is_mistake)


def _is_all(finding: Finding, text: str) -> bool:
    """Say whether a part that never holds, or always does, is the whole condition."""
    if finding.mark is not Mark.UNREACHABLE or finding.value:
        return False
    return finding.text.startswith(f"`{parse(text)}` ")
