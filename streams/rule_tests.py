"""Files of tests of rules, and how they came out."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from schemas.settings import Cell, Settings
from schemas.trigger.rule_test import Case, RuleTests
from streams import made
from streams.configuration import plain
from streams.configuration_files import File, Loc, read
from streams.configuration_words import dotted, shown
from streams.errors import ConfigError

LATENESS_NS = 1_000_000_000


class Outcome(NamedTuple):
    """How one case came out."""

    name: str
    checks: int
    differences: tuple[str, ...]


def outcomes(path: Path) -> Iterator[Outcome]:
    """Run the tests of a file. Raises `ConfigError`: it, or a file of rules, cannot be read."""
    from models.names import Config  # noqa: PLC0415 - heavy
    from models.trigger.condition.tree import ConditionError  # noqa: PLC0415 - heavy
    from models.trigger.trial.case import differences  # noqa: PLC0415 - heavy
    from models.trigger.trial.series import SeriesError  # noqa: PLC0415 - heavy

    file = read(path)
    tests = _tests(file)
    settings = _settings(tests, path)
    config = Config(
        rules=settings.rules,
        values=settings.values,
        points=settings.points,
        cells=settings.site.cells,
        lateness_ns=LATENESS_NS,
        peers=False,
        functions=made.functions(settings),
    )
    for i, case in enumerate(tests.tests):
        for k, test in enumerate(case.alert_rule_test):
            if not any(rule.name == test.alertname for rule in settings.rules):
                loc = ("tests", i, "alert_rule_test", k, "alertname")
                mend = f"there are {', '.join(rule.name for rule in settings.rules)}"
                raise _told(file, loc, test.alertname, "no such rule", mend)
        try:
            found = tuple(differences(config, case, tests.evaluation_interval))
        except SeriesError as error:
            said = f"{case.name} input_series"
            raise _told(file, ("tests", i, "input_series"), said, str(error)) from None
        except ConditionError as error:
            mend = "see `alltobit check`"
            raise ConfigError("rules", path, f"a rule on events: {error}", mend) from None
        yield Outcome(_name(case, i), len(case.alert_rule_test), found)


def _name(case: Case, index: int) -> str:
    return case.name or f"tests.{index}"


def _settings(tests: RuleTests, path: Path) -> Settings:
    tree = {
        "rule_files": [str(one) for one in tests.rule_files],
        "points": [point.model_dump(exclude_unset=True) for point in tests.points],
    }
    found = plain(tree, path.parent)
    if found.wrong:
        raise found.wrong[0]
    cells = tuple(Cell(name=one.name, assets=one.assets) for one in tests.cells)
    site = found.settings.site.model_copy(update={"cells": cells})
    return found.settings.model_copy(update={"site": site})


def _tests(file: File) -> RuleTests:
    try:
        return RuleTests.model_validate(file.tree)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        loc, said = first["loc"], "" if first["type"] == "missing" else first["input"]
        raise _told(file, loc, shown((), said), first["msg"]) from None


def _told(
    file: File, loc: Loc, said: str, trouble: str, mend: str = "correct it there"
) -> ConfigError:
    return ConfigError(dotted(loc), said, f"{trouble} ({file.place(loc)})", mend)
