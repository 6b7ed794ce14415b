"""From a file and the environment to `Settings`, or to one line a mistake.

`ALLTOBIT_KAFKA__BOOTSTRAP` is `kafka.bootstrap`; lists and sections are given as JSON. A variable
that is empty counts as not given. What the environment says goes before what the file says.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.settings import Settings
from streams.configuration_checks import BEFORE_CONNECTING, CHECKS, Checks, no_booleans, raw_twice
from streams.configuration_files import File, Loc, read
from streams.configuration_words import (
    HIDDEN,
    SECRETS,
    dotted,
    is_list,
    is_nested,
    kind,
    nearest,
    placed,
    say,
    shown,
    without_kinds,
)
from streams.errors import ConfigError
from streams.rule_files import FIELD, SECTIONS, Joined, is_rule_file, joined, said

PREFIX = "ALLTOBIT_"
CONFIG = "ALLTOBIT_CONFIG"
"""Names the file; no setting."""
APPROVER = "ALLTOBIT_APPROVER"
APPROVER_SECRET = "ALLTOBIT_APPROVER_SECRET"  # noqa: S105 - a name
APPROVER_SECRET_FILE = "ALLTOBIT_APPROVER_SECRET_FILE"  # noqa: S105 - a name
"""Who a person at the command line is; no settings."""
PROPOSER = "ALLTOBIT_PROPOSER"
PROPOSER_SECRET = "ALLTOBIT_PROPOSER_SECRET"  # noqa: S105 - a name
PROPOSER_SECRET_FILE = "ALLTOBIT_PROPOSER_SECRET_FILE"  # noqa: S105 - a name
"""Who proposes; no settings."""
_NO_SETTINGS = frozenset(
    (
        *(CONFIG, APPROVER, APPROVER_SECRET, APPROVER_SECRET_FILE),
        *(PROPOSER, PROPOSER_SECRET, PROPOSER_SECRET_FILE),
    )
)

_KUBERNETES = re.compile(
    r"_SERVICE_HOST$|_SERVICE_PORT(_\w+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$"
)
"""What Kubernetes puts into every container beside a service whose name begins with `alltobit`."""

_LINK = ("tcp://", "udp://", "sctp://")

Tree = dict[str, Any]


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read all settings. Raises `ConfigError` with the first of `problems`."""
    found = _judge(path, environ, CHECKS)
    if found.wrong:
        raise found.wrong[0]
    return found.settings


def problems(path: Path | None, environ: Mapping[str, str]) -> list[str]:
    """Say every mistake, each in a line; none is an empty list.

    Among them those that a start would meet when it connects, as far as they are seen from here.
    """
    return [str(one) for one in judged(path, environ).wrong]


@dataclass(frozen=True, slots=True)
class Judged:
    """Settings, what is wrong with them, and where each of them stands."""

    settings: Settings
    wrong: list[ConfigError]
    place: Callable[[Loc], str]
    is_whole: bool = False
    """Whether settings were given, not rules alone."""


def judged(path: Path | None, environ: Mapping[str, str], beside: Path | None = None) -> Judged:
    """Judge settings; `path` may also be a file of rules alone, beside the settings in `beside`."""
    checks = (*CHECKS, *BEFORE_CONNECTING)
    try:
        is_rules = is_rule_file(read(path))
    except ConfigError as error:
        return Judged(Settings(), [error], lambda _: "")
    return _judge(beside, environ, checks, path) if is_rules else _judge(path, environ, checks)


@dataclass(slots=True)
class _Given:
    """What the environment says."""

    tree: Tree = field(default_factory=dict)
    names: dict[Loc, str] = field(default_factory=dict)
    wrong: list[ConfigError] = field(default_factory=list)


def plain(tree: Tree, beside: Path) -> Judged:
    """Judge plain values, without any file or environment; `beside`: where rule files are."""
    both = joined(tree, beside)

    def anywhere(loc: Loc) -> str:
        return both.place(loc, lambda _: "")

    settings, wrong = _validated(both.tree, anywhere, _of_rules(CHECKS))
    return Judged(settings, [*both.wrong, *wrong], anywhere)


def beside(file: File, settings: Settings) -> Judged:
    """Judge rules beside settings that are right, whose own rules they stand in for.

    Reads no further file, and not the environment. Values by code may be those of `settings` alone.
    """
    told = settings.model_dump(mode="json", by_alias=True, include={"points", "values"})
    both = Joined(told)
    both.add(file)

    def anywhere(loc: Loc) -> str:
        return both.place(loc, lambda _: "")

    found, wrong = _validated(both.tree, anywhere, _of_rules(CHECKS))
    kept = settings.model_copy(update={"rules": found.rules, "values": found.values})
    return Judged(kept, [*both.wrong, *_by_code(file), *wrong], anywhere, is_whole=True)


def _by_code(file: File) -> Iterator[ConfigError]:
    for section, at, one in said(file.tree):
        if section == "values" and isinstance(one, dict) and one.get("code"):
            loc = (*at, "code")
            trouble = placed("code is not run for whoever asks", file.place(loc))
            yield ConfigError(dotted(loc), shown(loc, one["code"]), trouble, "give `is`, in CEL")


def _judge(
    path: Path | None, environ: Mapping[str, str], checks: Checks, rules: Path | None = None
) -> Judged:
    """Judge settings; `rules`: a file whose rules stand in for theirs."""
    path = path or _named(environ)
    try:
        file = read(path)
    except ConfigError as error:
        return Judged(Settings(), [error], lambda _: "")
    given = _environment(environ)
    wrong = [*given.wrong, *_take_secrets(file)]
    tree = _merged(_without_empty(file.tree, ()), given.tree)
    both = _with_rules(tree, path, rules)

    def place(loc: Loc) -> str:
        return _variable(given, loc) or file.place(without_kinds(loc))

    def anywhere(loc: Loc) -> str:
        return both.place(loc, place)

    is_whole = rules is None or path is not None
    asked = checks if is_whole else _of_rules(checks)
    settings, more = _validated(both.tree, anywhere, asked)
    return Judged(settings, [*wrong, *both.wrong, *more], anywhere, is_whole)


def _of_rules(checks: Checks) -> Checks:
    """Return the checks that need no more than rules, and what they name."""
    return tuple(one for one in checks if one[0] <= {*SECTIONS, "points"})


def _with_rules(tree: Tree, path: Path | None, rules: Path | None) -> Joined:
    """Add the rules of files, or let those of one file stand in for all."""
    if rules is None:
        return joined(tree, path.parent if path else None)
    theirs = {*SECTIONS[:1], FIELD}
    kept = {name: one for name, one in tree.items() if name not in theirs}
    return joined({**kept, FIELD: [str(rules.absolute())]}, None)


def _named(environ: Mapping[str, str]) -> Path | None:
    return Path(environ[CONFIG]) if environ.get(CONFIG) else None


def _validated(
    tree: Tree, place: Callable[[Loc], str], checks: Checks
) -> tuple[Settings, list[ConfigError]]:
    """Validate each value; then, among the sections that are right, what is only wrong together."""
    errors = [error for error in _errors(tree) if error["loc"]]
    found = list(raw_twice(tree, place))
    bad = {str(error["loc"][0]) for error in errors} | ({"raw"} if found else set())
    sound = {name: value for name, value in tree.items() if name not in bad}
    together = _errors(sound)
    found += [say(error, place(error["loc"])) for error in (*errors, *together)]
    if together:
        return Settings(), found
    settings = Settings.model_validate(sound)
    found += no_booleans(settings, sound, place)
    for sections, check in checks:
        found += [] if bad & sections else check(settings, place)
    return settings, found


def _errors(tree: Tree) -> list[ErrorDetails]:
    try:
        Settings.model_validate(tree)
    except ValidationError as error:
        return error.errors(include_url=False)
    return []


def _take_secrets(file: File) -> Iterator[ConfigError]:
    """Take the secrets out of the file's values, and say so."""
    for *section, name in SECRETS:
        holder: Any = file.tree
        for part in section:
            holder = holder.get(part) if isinstance(holder, dict) else None
        if isinstance(holder, dict) and holder.pop(name, None) not in (None, ""):
            loc = (*section, name)
            trouble = placed("a secret in a file of settings", file.place(loc))
            mend = f"set {_name(loc)}, or name a file of its own in {dotted(loc)}_file"
            yield ConfigError(dotted(loc), HIDDEN, trouble, mend)


def _environment(environ: Mapping[str, str]) -> _Given:
    given = _Given()
    for name in sorted(environ):
        if name.upper().startswith(PREFIX) and environ[name] and not _foreign(name, environ[name]):
            try:
                _put(given, name, environ[name])
            except ConfigError as error:
                given.wrong.append(error)
    return given


def _foreign(name: str, value: str) -> bool:
    """Say whether `name` is ours to ignore."""
    link = name.endswith("_PORT") and value.startswith(_LINK)
    return name in _NO_SETTINGS or link or _KUBERNETES.search(name) is not None


def _put(given: _Given, name: str, text: str) -> None:
    loc: Loc = tuple(name[len(PREFIX) :].lower().split("__"))
    if kind(loc) is None:
        trouble = placed("no such setting", f"from {name}")
        raise ConfigError(dotted(loc), shown(loc, text), trouble, _meant(loc))
    holder = given.tree
    for part in loc[:-1]:
        holder = holder.setdefault(str(part), {})
        if not isinstance(holder, dict):
            return  # a section given as something else: that is told
    holder[str(loc[-1])] = _value(name, loc, text)
    given.names[loc] = name


def _meant(loc: Loc) -> str:
    outer = next((loc[:end] for end in range(1, len(loc)) if is_list(kind(loc[:end]))), None)
    return f"give the whole list in {_name(outer)}, as JSON" if outer else nearest(loc, _name)


def _value(name: str, loc: Loc, text: str) -> Any:  # noqa: ANN401 - any JSON
    if not is_nested(kind(loc)):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        trouble = placed("not JSON", f"from {name}")
        raise ConfigError(dotted(loc), shown(loc, text), trouble, "give JSON") from None


def _name(loc: Loc) -> str:
    return PREFIX + "__".join(map(str, loc)).upper()


def _variable(given: _Given, loc: Loc) -> str:
    names = (given.names.get(loc[:end]) for end in range(len(loc), 0, -1))
    return next((f"from {name}" for name in names if name), "")


def _without_empty(tree: Tree, at: Loc) -> Tree:
    """Leave out sections and lists with nothing under their name: all is commented out."""
    kept = {}
    for name, value in tree.items():
        if isinstance(value, dict) and is_nested(kind((*at, name))):
            kept[name] = _without_empty(value, (*at, name))
        elif value is not None or not is_nested(kind((*at, name))):
            kept[name] = value
    return kept


def _merged(below: Tree, above: Tree) -> Tree:
    """Lay `above` over `below`, section by section."""
    both = {**below, **above}
    for name in below.keys() & above.keys():
        if isinstance(below[name], dict) and isinstance(above[name], dict):
            both[name] = _merged(below[name], above[name])
        elif isinstance(above[name], dict):
            both[name] = below[name]  # no section: to be told, not covered up
    return both
