"""What `alltobit check` says of rules beyond what every start refuses: mistakes and warnings."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from models.replay import BadLine
from models.simulate.frame import Frame
from schemas.trigger import Level
from schemas.units import Point
from streams.configuration import Judged, judged
from streams.configuration_files import read
from streams.configuration_words import dotted, placed, shown
from streams.errors import ConfigError
from streams.replay_files import frames


class Seen(NamedTuple):
    """What a file says there is."""

    points: tuple[Point, ...] = ()
    names: frozenset[str] = frozenset()
    assets: frozenset[str] = frozenset()


class Checked(NamedTuple):
    """Lines for a person, one each."""

    problems: list[str]
    warnings: list[str]


def checked(
    path: Path, environ: Mapping[str, str], beside: Path | None = None, points: Path | None = None
) -> Checked:
    """Check settings, or a file of rules; `beside`: the settings that go with it.

    `points`: a file that says which points there are. Raises `ConfigError` where it cannot be read.
    """
    seen = Seen() if points is None else seen_in(points)
    return doubted(judged(path, environ, beside), seen)


def doubted(found: Judged, seen: Seen) -> Checked:
    """Say what is wrong, and what is legal and hardly meant."""
    problems = [str(one) for one in found.wrong]
    warnings = [str(one) for one in _nothing_may_act(found)]
    if found.settings.rules or found.settings.values:
        for is_mistake, error in _doubts(found, seen):
            (problems if is_mistake else warnings).append(str(error))
    return Checked(problems, warnings)


def _nothing_may_act(found: Judged) -> Iterator[ConfigError]:
    """Tell of a breaker that is open from the start, as far as nobody tells what there is."""
    settings = found.settings
    breaker, is_told = settings.trigger.breaker, settings.site.file is not None
    tell = {one.name for one in settings.actions if one.kind == "alertmanager"}
    tell |= {*settings.trigger.always}
    acting = [one for one in settings.rules if one.level is not Level.ADVISE and {*one.then} - tell]
    if found.is_whole and acting and not breaker.least and not is_told:
        loc = ("trigger", "breaker", "least")
        trouble = placed("without an inventory nothing may be done, not once", found.place(loc))
        mend = "give `site.file` or run `alltobit site publish`, or give `least: 1`"
        yield ConfigError(dotted(loc), breaker.least, trouble, mend)


def _doubts(found: Judged, seen: Seen) -> Iterator[tuple[bool, ConfigError]]:
    from models.trigger.trial.doubts import doubts  # noqa: PLC0415 - heavy
    from models.trigger.trial.there import There  # noqa: PLC0415 - heavy

    settings = found.settings
    actions = frozenset(one.name for one in settings.actions)
    cells = frozenset(cell.name for cell in settings.site.cells)
    there = There(
        points=(*settings.points, *seen.points),
        seen=seen.names,
        assets=seen.assets,
        cells=cells or None,
        actions=actions if found.is_whole else None,
        values=settings.values,
    )
    for one in doubts(settings.rules, there):
        trouble = placed(one.trouble, found.place(one.loc))
        said = shown(one.loc, one.said)
        yield one.is_mistake, ConfigError(dotted(one.loc), said, trouble, one.mend)


def seen_in(path: Path) -> Seen:
    """Read which points there are: `points:` in YAML, or recorded readings. Raises `ConfigError`.

    Readings are what `alltobit replay` takes, as `alltobit watch readings --json` writes them.
    """
    if path.suffix.lower() in {".yaml", ".yml"}:
        return Seen(points=tuple(_declared(path)))
    names: dict[str, None] = {}
    assets: dict[str, None] = {}
    for row in frames(path):
        if isinstance(row, Frame):
            names |= dict.fromkeys(row.points)
            assets[row.asset] = None
        elif isinstance(row, BadLine) and not names:
            raise ConfigError("points", path, str(row), "give readings, or YAML with `points:`")
    return Seen(names=frozenset(names), assets=frozenset(assets))


def _declared(path: Path) -> Iterator[Point]:
    said = read(path).tree.get("points")
    for one in said if isinstance(said, list) else []:
        try:
            yield Point.model_validate({"name": one} if isinstance(one, str) else one)
        except ValidationError as error:
            trouble = str(error.errors(include_url=False)[0]["msg"])
            raise ConfigError("points", shown(("points",), one), trouble, "correct it") from None
