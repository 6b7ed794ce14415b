"""A YAML file as plain values, and where in it each stands. Refuses keys that stand twice."""

import re
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from streams.errors import ConfigError

Loc = tuple[int | str, ...]
"""The way to a value: names of fields, numbers of items."""

_QUOTED = re.compile(r"'(?!<)[^']{2,}'")  # YAML's complaint may quote what stands there: a secret?

_DEEPEST = 50  # of what somebody sent

OF_TAGS = (ValueError, LookupError, ArithmeticError, AttributeError)
"""What PyYAML lets through from values such as `!!timestamp x`, `!!bool x`, `2024-13-01`."""


@dataclass(frozen=True, slots=True)
class File:
    """What stands in a file. Empty without one."""

    path: Path | None
    tree: dict[str, Any]
    node: yaml.Node | None = None

    def place(self, loc: Loc) -> str:
        """Say where `loc` stands, or where the mapping begins that lacks it."""
        return f"{self.path}, line {_line(self.node, loc)}" if self.node else ""


def read(path: Path | None) -> File:
    """Read `path`. Raises `ConfigError`."""
    if path is None:
        return File(None, {})
    try:
        tree, node = _parse(path.read_bytes())
    except OSError as error:
        trouble = f"cannot be read: {error.strerror}"
        raise _wrong(path, trouble, "correct --config or ALLTOBIT_CONFIG") from None
    except (yaml.YAMLError, *OF_TAGS, RecursionError) as error:
        raise _wrong(path, _complaint(error), "correct it there") from None
    if tree is None:
        return File(path, {})
    if not isinstance(tree, dict):
        raise _wrong(path, "not a mapping of settings", "begin with `kafka:` or another section")
    return File(path, tree, node)


def read_text(text: str, name: str) -> File:
    """Read YAML that somebody sent; `name`: what it is called. Raises `ConfigError`.

    Refuses what takes more time or room than its length: aliases, and deep nesting.
    """
    try:
        _check_bounds(text, name)
        tree, node = _parse(text.encode())
    except (yaml.YAMLError, *OF_TAGS, RecursionError) as error:
        raise ConfigError(name, "...", _complaint(error), "correct it there") from None
    if not isinstance(tree, dict):
        raise ConfigError(name, "...", "not a mapping", "begin with `rules:`")
    return File(Path(name), tree, node)


def _check_bounds(text: str, name: str) -> None:
    depth = 0
    for one in yaml.parse(text, yaml.SafeLoader):
        depth += isinstance(one, yaml.CollectionStartEvent)
        depth -= isinstance(one, yaml.CollectionEndEvent)
        if isinstance(one, yaml.AliasEvent) or depth > _DEEPEST:
            trouble = "nested too deeply" if depth > _DEEPEST else "an alias of YAML"
            raise ConfigError(name, "...", trouble, "write it out plainly")


class _Loader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if not isinstance(name, Hashable):
                continue  # the next line of code refuses it
            if name in seen:
                raise yaml.MarkedYAMLError(None, None, f"{name} stands twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def _parse(text: bytes) -> tuple[Any, yaml.Node | None]:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        return (None, None) if node is None else (loader.construct_document(node), node)
    finally:
        loader.dispose()


def _complaint(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark, problem = error.problem_mark, _QUOTED.sub("'...'", error.problem or "not YAML")
        return f"line {mark.line + 1}, column {mark.column + 1}: {problem}"
    if isinstance(error, yaml.reader.ReaderError):
        return f"not text: {error.reason} at position {error.position}"
    return "nested too deeply" if isinstance(error, RecursionError) else "a value is malformed"


def _wrong(path: Path, trouble: str, mend: str) -> ConfigError:
    return ConfigError("config", path, trouble, mend)


def _line(node: yaml.Node | None, loc: Loc) -> int:
    """Follow `loc` as far as it goes; return that line, from 1."""
    line = node.start_mark.line if node else 0
    for part in loc:
        step = _step(node, part)
        if step is None:
            break
        line, node = step
    return int(line) + 1


def _step(node: yaml.Node | None, part: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line, node.value[part]
    if isinstance(node, yaml.MappingNode):
        for key, value in reversed(node.value):  # a merged key stands in front of its override
            if key.value == str(part):
                return key.start_mark.line, value
    return None
