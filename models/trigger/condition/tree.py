"""A condition as its author wrote it: a small tree, and where each part of it stands."""

from enum import StrEnum
from typing import NamedTuple

Constant = float | bool | str


class Place(NamedTuple):
    """Where in a text; both count from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


class ConditionError(ValueError):
    """A condition that cannot be run: what is wrong with it, where, and how it is mended."""

    def __init__(self, reason: str, place: Place, value: str = "") -> None:
        """`value`: name of the value in whose expression it stands; empty: in the rule's own."""
        self.reason, self.place, self.value = reason, place, value
        within = f"value `{value}`, " if value else ""
        super().__init__(f"{within}{place}: {reason}")


class Kind(StrEnum):
    """What a node is."""

    CONSTANT = "constant"
    NAME = "name"
    FIELD = "field"
    """`children[0].word`"""
    CALL = "call"
    """`word(children...)`, and operators, by the names that CEL gives them: `_+_`, `!_`."""
    METHOD = "method"
    """`children[0].word(children[1:]...)`"""
    LIST = "list"


class Node(NamedTuple):
    """One part of a condition."""

    kind: Kind
    at: Place
    """Where CEL says it is: of an operator, the operator."""
    word: str = ""
    constant: Constant = 0.0
    children: tuple["Node", ...] = ()

    @property
    def start(self) -> Place:
        """Where its text begins."""
        return min((self.at, *(child.start for child in self.children)))

    def __str__(self) -> str:
        """Return it as text that means the same."""
        return _written(self)


def _written(node: Node) -> str:
    if node.kind is Kind.CONSTANT:
        return _constant(node.constant)
    if node.kind is Kind.NAME:
        return node.word
    if is_operator(node):
        return _operator(node)
    if node.kind in {Kind.FIELD, Kind.METHOD}:
        called = f"({_listed(node.children[1:])})" if node.kind is Kind.METHOD else ""
        return f"{_tight(node.children[0])}.{node.word}{called}"
    if node.kind is Kind.LIST:
        return f"[{_listed(node.children)}]"
    return f"{node.word}({_listed(node.children)})"


def _listed(nodes: tuple[Node, ...]) -> str:
    return ", ".join(map(str, nodes))


def _operator(node: Node) -> str:
    parts = [_tight(child) for child in node.children]
    if node.word == "_?_:_":
        return "{} ? {} : {}".format(*parts)
    if node.word == "_[_]":
        return "{}[{}]".format(*parts)
    if len(parts) == 1:
        is_number = node.word == "-_" and node.children[0].kind is Kind.CONSTANT
        return f"-({parts[0]})" if is_number else node.word[0] + parts[0]
    return f"{parts[0]} {sign(node)} {parts[1]}"


def is_operator(node: Node) -> bool:
    """Say whether a node is an operator, and no function that is called by its name."""
    return node.kind is Kind.CALL and (
        node.word.startswith(("_", "@")) or node.word in {"!_", "-_"}
    )


def sign(node: Node) -> str:
    """Return an operator as it is written: `&&`, `in`, `?:`."""
    return node.word.replace("_", "").removeprefix("@")


def _tight(node: Node) -> str:
    """Return a node's text, in parentheses where others could tear it apart."""
    is_negative = node.kind is Kind.CONSTANT and _constant(node.constant).startswith("-")
    return f"({node})" if is_operator(node) or is_negative else str(node)


def _constant(constant: Constant) -> str:
    if isinstance(constant, bool):
        return str(constant).lower()
    if isinstance(constant, str):
        escaped = constant.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'.replace("\n", "\\n").replace("\r", "\\r")
    return f"{constant:.15g}" if float(f"{constant:.15g}") == constant else repr(constant)
