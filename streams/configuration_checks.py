"""What is wrong with settings that are right one by one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from importlib.util import find_spec
from math import isfinite
from typing import Any

from schemas.settings import AUTO, Settings
from schemas.trigger import Level, Mode, Rule
from schemas.units import Point, Table, find
from schemas.units.point import WILD
from streams import connection, topics
from streams.configuration_files import Loc
from streams.configuration_words import dotted, field_name, placed, shown
from streams.errors import ConfigError

Place = Callable[[Loc], str]
Check = Callable[[Settings, Place], Iterator[ConfigError]]
Checks = tuple[tuple[frozenset[str], Check], ...]
"""Each check, and the sections it reads."""

_A_PAIR_MB = 0.01  # memory of an asset of two signals that are judged together


def raw_twice(tree: Mapping[str, Any], place: Place) -> Iterator[ConfigError]:
    """Refuse two raw topics of one name; `tree` need not be valid."""
    raw = tree.get("raw")
    items = raw if isinstance(raw, list) else []
    names = [item.get("name") if isinstance(item, dict) else None for item in items]
    yield from _doubles(("raw",), names, place)


def _rules_twice(settings: Settings, place: Place) -> Iterator[ConfigError]:
    yield from _doubles(("rules",), (rule.name for rule in settings.rules), place)


def _values_named_twice(settings: Settings, place: Place) -> Iterator[ConfigError]:
    yield from _doubles(("values",), (value.name for value in settings.values), place)


def _conditions_compile(settings: Settings, place: Place) -> Iterator[ConfigError]:
    """Refuse conditions on values that cannot be run: syntax, names, types, units."""
    if not any(rule.condition for rule in settings.rules) and not settings.values:
        return
    from models.trigger.machine.asked import mistakes  # noqa: PLC0415 - heavy

    for loc, text, error in mistakes(settings.rules, settings.values, settings.points):
        trouble = placed(str(error), place(loc))
        yield ConfigError(dotted(loc), shown(loc, text), trouble, "correct it there")


def _functions_are_there(settings: Settings, place: Place) -> Iterator[ConfigError]:
    if not any(value.code for value in settings.values):
        return
    from streams import made  # noqa: PLC0415 - heavy

    there = made.installed()
    for index, value in enumerate(settings.values):
        if value.code and value.code not in there:
            loc = ("values", index, "code")
            near = get_close_matches(value.code, there, n=1)
            mend = f"did you mean {near[0]}?" if near else "install the package that has it"
            trouble = placed(f"no entry point in the group {made.GROUP}", place(loc))
            yield ConfigError(dotted(loc), value.code, trouble, mend)


def _points_twice(settings: Settings, place: Place) -> Iterator[ConfigError]:
    yield from _doubles(("points",), (point.name for point in settings.points), place)


def _actions_twice(settings: Settings, place: Place) -> Iterator[ConfigError]:
    yield from _doubles(("actions",), (action.name for action in settings.actions), place)


def _approvers_twice(settings: Settings, place: Place) -> Iterator[ConfigError]:
    trigger = settings.trigger
    yield from _doubles(("trigger", "approvers"), (one.name for one in trigger.approvers), place)
    yield from _doubles(("trigger", "proposers"), (one.name for one in trigger.proposers), place)


def _always_are_actions(settings: Settings, place: Place) -> Iterator[ConfigError]:
    known = {one.name for one in settings.actions}
    for index, name in enumerate(settings.trigger.always):
        if name not in known:
            loc = ("trigger", "always", index)
            trouble = placed("no such action", place(loc))
            yield ConfigError(dotted(loc), name, trouble, "name one of `actions`")


def _somebody_can_be_asked(settings: Settings, place: Place) -> Iterator[ConfigError]:
    """Refuse a rule that asks where nobody may answer."""
    if settings.trigger.approvers:
        return
    for index, rule in enumerate(settings.rules):
        if rule.level is Level.ASK and rule.then:
            loc = ("rules", index, "level")
            trouble = placed("there is nobody who may answer", place(loc))
            yield ConfigError(dotted(loc), rule.level, trouble, "give trigger.approvers")


def _somebody_else_can_approve(settings: Settings, place: Place) -> Iterator[ConfigError]:
    """Refuse a proposer whose proposals nobody but itself may approve."""
    people = {one.name for one in settings.trigger.approvers}
    for index, proposer in enumerate(settings.trigger.proposers):
        if proposer.level is Level.ASK and not people - {proposer.name}:
            loc = ("trigger", "proposers", index, "level")
            trouble = placed("there is nobody else who may approve", place(loc))
            mend = "give trigger.approvers, or `level: advise`"
            yield ConfigError(dotted(loc), proposer.level, trouble, mend)


def _cells_twice(settings: Settings, place: Place) -> Iterator[ConfigError]:
    yield from _doubles(("site", "cells"), (cell.name for cell in settings.site.cells), place)


def _doubles(at: Loc, names: Iterable[object], place: Place) -> Iterator[ConfigError]:
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if isinstance(name, str) and first.setdefault(name, index) != index:
            loc = (*at, index, "name")
            trouble = placed(f"the name of {dotted((*at, first[name]))} too", place(loc))
            yield ConfigError(dotted(loc), name, trouble, "give each a name of its own")


def _topics_twice(settings: Settings, place: Place) -> Iterator[ConfigError]:
    try:
        ours = {topic.name for topic in topics.wanted(settings)}
    except ConfigError as error:
        yield error
        return
    for index, action in enumerate(settings.actions):
        if action.kind == "kafka" and action.topic in ours:  # it would be taken for ours
            loc = ("actions", index, "topic")
            trouble = placed("a topic of ours", place(loc))
            yield ConfigError(dotted(loc), action.topic, trouble, "name one of your own")


def _groups_differ(settings: Settings, place: Place) -> Iterator[ConfigError]:
    first: dict[str, str] = {}
    for stage in ("ingest", "detect", "cascade", "trigger", "act"):
        group = getattr(settings, stage).group
        if first.setdefault(group, stage) != stage:
            trouble = placed(f"the group of {first[group]} too", place((stage, "group")))
            mend = "give each stage a group of its own"
            yield ConfigError(f"{stage}.group", group, trouble, mend)


def _together_has_room(settings: Settings, place: Place) -> Iterator[ConfigError]:
    detect = settings.detect
    if detect.together and detect.together_mb < _A_PAIR_MB:
        trouble = placed("no room for what detect.together names", place(("detect", "together_mb")))
        mend = f"give {_A_PAIR_MB} or more, or leave detect.together out"
        yield ConfigError("detect.together_mb", detect.together_mb, trouble, mend)


def _second_opinion_can_be_asked(settings: Settings, place: Place) -> Iterator[ConfigError]:
    named, loc = settings.detect.second_opinion, ("detect", "second_opinion")
    if named and not settings.detect.together:
        trouble = placed("its assets are not judged together", place(loc))
        yield ConfigError(dotted(loc), named[0], trouble, "name them in detect.together, too")
    if named and find_spec("river") is None:
        trouble = placed("river is not installed", place(loc))
        mend = "pip install 'alltobit[river]', or leave it out"
        yield ConfigError(dotted(loc), named[0], trouble, mend)


def _limits_can_be_passed(settings: Settings, place: Place) -> Iterator[ConfigError]:
    for index, rule in enumerate(settings.rules):
        for name, limit in _limits(rule):
            mend = _impossible(rule, name, limit, settings.points)
            if mend:
                loc = ("rules", index, name)
                yield ConfigError(dotted(loc), limit, placed("impossible", place(loc)), mend)


def _limits(rule: Rule) -> Iterator[tuple[str, float]]:
    for name in ("above", "below", "clear"):
        limit = getattr(rule, name)
        if limit is not None:
            yield name, limit


def _impossible(rule: Rule, name: str, limit: float, points: tuple[Point, ...]) -> str:
    """Say why `limit` is never passed, or "": a value out of its point's range fires no rule."""
    if not isfinite(limit):
        return "give a finite number"
    point = None if WILD & set(rule.point) else find(rule.point, points)
    if point is None or point.low is None or point.high is None:
        return ""
    never = {"above": limit >= point.high, "below": limit <= point.low, "clear": False}
    range_is = f"{rule.point} is declared {point.low:g} to {point.high:g} {point.unit}".rstrip()
    return f"{range_is}; correct the limit or `points`" if never[name] else ""


def _names_end_somewhere(settings: Settings, place: Place) -> Iterator[ConfigError]:
    for index, name in Table(settings.points).chains():
        loc = ("points", index, "canonical")
        trouble = placed(f"goes by {name} itself", place(loc))
        yield ConfigError(dotted(loc), settings.points[index].canonical, trouble, f"give {name}")


def _units_agree(settings: Settings, place: Place) -> Iterator[ConfigError]:
    for index, unit in Table(settings.points).strays():
        point = settings.points[index]
        loc = ("points", index, "unit")
        trouble = placed(f"{point.canonical} is in {unit or 'no unit'}", place(loc))
        mend = f"give `unit: {unit}` and the factor to it, or another canonical name"
        yield ConfigError(dotted(loc), point.unit, trouble, mend)


def _rules_name_what_is_watched(settings: Settings, place: Place) -> Iterator[ConfigError]:
    """Refuse a rule on a name that no reading has: its values go, converted, by another one."""
    table = Table(settings.points)
    for index, rule in enumerate(settings.rules):
        if not rule.is_short:
            continue
        meaning = table.meaning(rule.point)
        if meaning.name != rule.point and meaning.converts and meaning.point:
            loc = ("rules", index, "point")
            unit = meaning.point.unit
            trouble = placed(f"goes by {meaning.name} from ingest on", place(loc))
            mend = f"give {meaning.name}, and limits in {unit}"
            yield ConfigError(dotted(loc), rule.point, trouble, mend)


def _something_is_read(settings: Settings, place: Place) -> Iterator[ConfigError]:
    if not settings.raw:
        trouble = placed("no topic", place(("raw",)))
        yield ConfigError("raw", "a list of 0", trouble, "name one, or leave `raw` out")


def _formats_are_known(settings: Settings, place: Place) -> Iterator[ConfigError]:
    named = [(index, raw.format) for index, raw in enumerate(settings.raw) if raw.format != AUTO]
    if not named:
        return
    from schemas.formats import FORMATS  # noqa: PLC0415 - heavy

    for index, name in named:
        if name not in FORMATS:
            loc = ("raw", index, "format")
            near = get_close_matches(name, (*FORMATS, AUTO), n=1)
            mend = f"did you mean {near[0]}?" if near else "see `alltobit formats`, or give auto"
            yield ConfigError(dotted(loc), name, placed("no such format", place(loc)), mend)


def _can_connect(settings: Settings, place: Place) -> Iterator[ConfigError]:
    for error in connection.mistakes(settings.kafka):
        name, value, trouble, mend = error.parts
        where = place(tuple(name.split("."))) if value else ""
        yield ConfigError(name, value, placed(trouble, where), mend)


def _site_stands(settings: Settings, place: Place) -> Iterator[ConfigError]:
    """Refuse a site of which something would be left out."""
    if settings.site.file is None:
        return
    from streams import site_files  # noqa: PLC0415 - heavy

    try:
        found = site_files.flaws(settings.site.file, settings.site.name)
    except ConfigError as error:
        yield error
        return
    for trouble in found:
        said = placed(str(trouble), place(("site", "file")))
        yield ConfigError("site.file", settings.site.file, said, "correct it there")


def _secrets_are_there(settings: Settings, place: Place) -> Iterator[ConfigError]:
    del place
    from streams.act.secrets import mistakes  # noqa: PLC0415 - for those that act

    live = [one for one in settings.actions if one.mode is Mode.LIVE]
    yield from mistakes(live)


def _approvers_have_secrets(settings: Settings, place: Place) -> Iterator[ConfigError]:
    del place
    if settings.trigger.approvers or settings.trigger.proposers:
        from streams.trigger.prepare import mistakes  # noqa: PLC0415 - for those that ask

        yield from mistakes(settings)


CHECKS: Checks = (
    (frozenset({"rules"}), _rules_twice),
    (frozenset({"values"}), _values_named_twice),
    (frozenset({"rules", "values", "points"}), _conditions_compile),
    (frozenset({"values"}), _functions_are_there),
    (frozenset({"points"}), _points_twice),
    (frozenset({"actions"}), _actions_twice),
    (frozenset({"site"}), _cells_twice),
    (frozenset({"trigger"}), _approvers_twice),
    (frozenset({"trigger", "actions"}), _always_are_actions),
    (frozenset({"trigger", "rules"}), _somebody_can_be_asked),
    (frozenset({"trigger"}), _somebody_else_can_approve),
    (frozenset({"topics", "raw", "detect", "actions"}), _topics_twice),
    (frozenset({"ingest", "detect", "cascade", "trigger", "act"}), _groups_differ),
    (frozenset({"detect"}), _together_has_room),
    (frozenset({"detect"}), _second_opinion_can_be_asked),
    (frozenset({"rules", "points"}), _limits_can_be_passed),
    (frozenset({"points"}), _names_end_somewhere),
    (frozenset({"points"}), _units_agree),
    (frozenset({"rules", "points"}), _rules_name_what_is_watched),
    (frozenset({"raw"}), _something_is_read),
    (frozenset({"raw"}), _formats_are_known),
    (frozenset({"site"}), _site_stands),
)
"""What every start looks at."""

BEFORE_CONNECTING: Checks = (
    (frozenset({"kafka"}), _can_connect),
    (frozenset({"actions"}), _secrets_are_there),
    (frozenset({"trigger"}), _approvers_have_secrets),
)
"""What only a start that connects would meet. They read the files that are named."""


def no_booleans(settings: Settings, tree: Mapping[str, Any], place: Place) -> Iterator[ConfigError]:
    """Refuse `yes` where a number stands: pydantic takes it for 1."""
    for loc, value in _values(tree, ()):
        found = _at(settings, loc) if isinstance(value, bool) else None
        if isinstance(found, int | float) and not isinstance(found, bool):
            trouble = placed("not a number", place(loc))
            yield ConfigError(dotted(loc), str(value).lower(), trouble, "give a number")


def _values(tree: Any, at: Loc) -> Iterator[tuple[Loc, Any]]:  # noqa: ANN401 - any JSON
    pairs: Iterable[tuple[Any, Any]]
    if isinstance(tree, dict):
        pairs = tree.items()
    elif isinstance(tree, list):
        pairs = enumerate(tree)
    else:
        yield at, tree
        return
    for name, value in pairs:
        yield from _values(value, (*at, name))


def _at(settings: Any, loc: Loc) -> Any:  # noqa: ANN401 - any setting
    for part in loc:
        by_key = isinstance(settings, dict | tuple | list)
        settings = settings[part] if by_key else getattr(settings, field_name(type(settings), part))
    return settings
