"""Texts with names in braces: `drain {asset}: {summary}`. Names only: no attributes, no formats.

`{{` and `}}` are braces. What a name stands for is filled in as data, never read again.
"""

import re
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, Field

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")
_OF_MAPPING = re.compile(r"(labels|annotations|secret)\.([A-Za-z_][A-Za-z0-9_.-]{0,127})")
MAPPINGS: Final = frozenset({"labels", "annotations"})
"""Names that stand for a mapping."""
NAMES: Final = MAPPINGS | frozenset(
    (
        *("action", "name", "stage", "why", "rule", "asset", "host", "alert", "severity", "level"),
        *("quality", "evidence_hash", "by", "reason", "summary", "site", "time", "resolves"),
    )
)
"""What can be named, beside `labels.x`, `annotations.x` and, of webhooks, `secret.x`; `host` is the
asset up to its first slash."""


class Piece(NamedTuple):
    """A part of a template: a text, or a name."""

    text: str
    is_name: bool = False


def pieces(template: str) -> tuple[Piece, ...]:
    """Take a template apart. Raises `ValueError` on what is no name and on a lone brace."""
    return tuple(_piece(found) for found in _PIECE.finditer(template))


def _piece(found: re.Match[str]) -> Piece:
    text, name = found[0], found[1]
    if text in ("{{", "}}"):
        return Piece(text[0])
    if name is not None:
        if name not in NAMES and not _OF_MAPPING.fullmatch(name):
            raise ValueError(f"{{{name}}} stands for nothing; there are {_all()}")
        return Piece(name, is_name=True)
    if text in "{}":
        raise ValueError(f"a lone {text}; write {text}{text} for the character")
    return Piece(text)


def _all() -> str:
    return ", ".join((*sorted(NAMES), "labels.x", "annotations.x", "secret.x"))


def names(template: str) -> set[str]:
    """Say which names a template has."""
    return {piece.text for piece in pieces(template) if piece.is_name}


def has_secret(template: str) -> bool:
    """Say whether a secret is filled in."""
    return any(name.startswith("secret.") for name in names(template))


def _checked(template: str) -> str:
    pieces(template)
    return template


def _without_secrets(template: str) -> str:
    if has_secret(template):
        raise ValueError("a secret would be seen there; put it into a header or the body")
    return template


Template = Annotated[str, Field(max_length=4000), AfterValidator(_checked)]
"""May name secrets."""
OpenTemplate = Annotated[Template, AfterValidator(_without_secrets)]
"""What it becomes is seen by others: in logs, in lists of processes, on a topic."""
