"""Files of rules: `rules:` and `values:`, and `groups:` as Prometheus has them, each with `rules:`.

They stand beside the settings, which name them in `rule_files`, or alone: `alltobit check`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.units.point import WILD
from streams.configuration_files import File, Loc, read
from streams.errors import ConfigError

FIELD = "rule_files"
SECTIONS = ("rules", "values")
"""What settings and files of rules both have."""
_KNOWN = frozenset({*SECTIONS, "groups"})
_OF_GROUPS = frozenset({*SECTIONS, "name"})
_THEIRS = {"alert": "`name`", "expr": "`if`, in CEL"}
"""Prometheus' words, and ours."""

Tree = dict[str, Any]
Place = Callable[[Loc], str]


@dataclass(slots=True)
class Joined:
    """Settings with the rules of their files behind their own, as plain values."""

    tree: Tree
    wrong: list[ConfigError] = field(default_factory=list)
    _from: dict[str, dict[int, tuple[File, Loc]]] = field(
        default_factory=lambda: {section: {} for section in SECTIONS}
    )

    def place(self, loc: Loc, otherwise: Place) -> str:
        """Say where `loc` stands."""
        if len(loc) > 1 and loc[0] in SECTIONS and isinstance(loc[1], int):
            found = self._from[str(loc[0])].get(loc[1])
            if found:
                return found[0].place((*found[1], *loc[2:]))
        return otherwise(loc)

    def add(self, file: File) -> None:
        """Put what a file says behind what there is."""
        for section, at, one in said(file.tree):
            known = self.tree.get(section)
            every = list(known) if isinstance(known, list) else []
            self._from[section][len(every)] = (file, at)
            self.tree[section] = [*every, one]
        self.wrong += _wrong(file)


def is_rule_file(file: File) -> bool:
    """Say whether a file holds rules and nothing else."""
    return bool(file.tree) and file.tree.keys() <= _KNOWN


def joined(tree: Tree, beside: Path | None) -> Joined:
    """Add the rules of the files that `tree` names; `beside`: the folder they are named from."""
    found = Joined(dict(tree))
    named = tree.get(FIELD)
    for one in named if isinstance(named, list) else []:
        if isinstance(one, str):
            try:
                for path in _paths(one, beside or Path()):
                    found.add(read(path))
            except ConfigError as error:
                found.wrong.append(error)
    return found


def _paths(named: str, beside: Path) -> list[Path]:
    """Return the files of a name, which may be a pattern. Raises `ConfigError`: there is none."""
    folder = beside / Path(named).parent
    if not WILD & set(named) or (beside / named).is_file():
        return [beside / named]
    paths = sorted(path for path in folder.glob(Path(named).name) if path.is_file())
    if not paths:
        raise ConfigError(FIELD, named, f"fits no file in {folder}", "correct it, or leave it out")
    return paths


def said(tree: Tree) -> Iterator[tuple[str, Loc, Any]]:
    """Walk through rules and values: section, where, and what is said."""
    groups = tree.get("groups")
    holders: list[tuple[Loc, Any]] = [((), tree)]
    holders += [(("groups", i), one) for i, one in enumerate(_list(groups))]
    for at, holder in holders:
        for section in SECTIONS if isinstance(holder, dict) else ():
            for i, one in enumerate(_list(holder.get(section))):
                yield section, (*at, section, i), one


def _list(found: Any) -> list[Any]:  # noqa: ANN401 - any YAML
    return found if isinstance(found, list) else []


def _wrong(file: File) -> Iterator[ConfigError]:
    """Tell what a file of rules has that it cannot have."""
    for name, found in file.tree.items():
        if name not in _KNOWN:
            yield _told(file, (name,), "no such field in a file of rules", _there(_KNOWN))
        elif found is not None and not isinstance(found, list):
            yield _told(file, (name,), "not a list", "give one: `- ...` a line")
    for i, group in enumerate(_list(file.tree.get("groups"))):
        at: Loc = ("groups", i)
        if not isinstance(group, dict):
            yield _told(file, at, "not a mapping", "give `name` and `rules`")
            continue
        for name in group.keys() - _OF_GROUPS:
            yield _told(file, (*at, name), "no such field of a group", _there(_OF_GROUPS))
    for section, at, one in said(file.tree):
        for name in one if section == "rules" and isinstance(one, dict) else ():
            if name in _THEIRS:
                yield _told(file, (*at, name), "a word of Prometheus'", f"give {_THEIRS[name]}")


def _there(known: frozenset[str]) -> str:
    return f"there are {', '.join(sorted(known))}"


def _told(file: File, loc: Loc, trouble: str, mend: str) -> ConfigError:
    dotted = ".".join(map(str, loc))
    return ConfigError(dotted, loc[-1], f"{trouble} ({file.place(loc)})", mend)
