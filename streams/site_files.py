"""A file that tells a site: YAML for people, with folded names; JSON for large sites; CSV.

They say what `schemas.cascade.site.Inventory` says; a YAML file may leave out `site` and `part`,
CSV has neither.
"""

import re
from pathlib import Path
from typing import Any

import msgspec
import yaml

from models.site import build
from models.site.cut import rows_of
from models.site.fold import unfolded
from schemas.cascade.site_rows import Rows, decode
from schemas.cascade.trouble import Trouble
from schemas.sites import table
from schemas.trigger import Severity
from streams.configuration_files import OF_TAGS, Loc
from streams.configuration_files import read as read_yaml
from streams.errors import ConfigError

FIELD = "site.file"
_PLACE = re.compile(r" - at `\$(.*)`$")
_STEP = re.compile(r"\[(\d+)\]|\.(\w+)")
_LONGEST_PART = 200

Tree = dict[str, Any]
Told = tuple[Rows, tuple[Trouble, ...]]
"""What a file says, and what of it could not be unfolded."""


def read(path: Path, site: str) -> Told:
    """Read a file; `site`: the name where it gives none. Raises `ConfigError`, naming the line."""
    if path.suffix.lower() == ".json":
        return _json(path), ()
    if path.suffix.lower() == ".csv":
        return _csv(path, site)
    return unfolded(_yaml(path, site))


def flaws(path: Path, site: str) -> list[Trouble]:
    """Return what is left out of a file that stands alone. Raises `ConfigError`."""
    rows, troubles = read(path, site)
    every = (*troubles, *build([rows])[1])
    return [one for one in every if one.severity is Severity.CRITICAL]


def _json(path: Path) -> Rows:
    try:
        return decode(path.read_bytes())
    except OSError as error:
        raise _unreadable(path, error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(FIELD, path, str(error), "correct it there") from None


def _csv(path: Path, site: str) -> Told:
    try:
        found, troubles = table(path.read_bytes(), site)
    except OSError as error:
        raise _unreadable(path, error) from None
    return rows_of(site, path.stem[:_LONGEST_PART], found), troubles


def _yaml(path: Path, site: str) -> Rows:
    """Read with the parser in C; only what it refuses is read again for the line to name."""
    around = {"site": site, "part": path.stem[:_LONGEST_PART]}
    try:
        return _rows(around, _Quick(path.read_bytes()).get_single_data())
    except (OSError, yaml.YAMLError, msgspec.MsgspecError, TypeError, *OF_TAGS, RecursionError):
        return _placed(path, around)


def _placed(path: Path, around: Tree) -> Rows:
    try:
        file = read_yaml(path)
    except ConfigError as error:
        _, value, trouble, _ = error.parts
        raise ConfigError(FIELD, value, trouble, "correct the path or the file") from None
    try:
        return _rows(around, file.tree)
    except (msgspec.ValidationError, RecursionError) as error:
        trouble, loc = _said(str(error))
        raise ConfigError(
            FIELD, path, f"{trouble} ({file.place(loc)})", "correct it there"
        ) from None


def _rows(around: Tree, tree: Tree | None) -> Rows:
    told = around | {name: value for name, value in (tree or {}).items() if value is not None}
    return msgspec.convert(told, Rows, strict=False)


class _Quick(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # chosen here
    """Refuses a key that stands twice, as `configuration_files` does, which says where."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Tree:
        if len({key.value for key, _ in node.value}) < len(node.value):
            raise yaml.YAMLError
        told: Tree = super().construct_mapping(node, deep)
        return told


def _unreadable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(FIELD, path, f"cannot be read: {error.strerror}", "correct the path")


def _said(complaint: str) -> tuple[str, Loc]:
    """Return what is wrong and the way to it."""
    found = _PLACE.search(complaint)
    if found is None:
        return complaint, ()
    steps = _STEP.findall(found[1])
    return complaint[: found.start()], tuple(int(item) if item else name for item, name in steps)
