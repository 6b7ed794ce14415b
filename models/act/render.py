"""Templates filled in: values are data, escaped for where they go, and never read as templates."""

import json
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlsplit

from pydantic import JsonValue

from schemas.events import Event
from schemas.trigger import Action
from schemas.trigger.configured import Guarded
from schemas.trigger.template import Piece, pieces

Values = Mapping[str, JsonValue]
"""What names stand for; `secret.x` among them, by its whole name."""

HIDDEN: Final = "***"
LONGEST_ARGUMENT: Final = 8192
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HOP = frozenset({".", ".."})


class Unfit(ValueError):  # noqa: N818 - it says what is so
    """It cannot be made of this event."""


def values(event: Event[Action], secrets: Mapping[str, str]) -> Values:
    """Return what names stand for in this event."""
    data = event.data.model_dump(mode="json", exclude={"evidence"})
    hidden = {f"secret.{name}": value for name, value in secrets.items()}
    host = event.data.asset.partition("/")[0]
    site = event.source.rpartition("/")[2]
    return {**data, "host": host, "site": site, "time": event.time.isoformat(), **hidden}


def value_of(name: str, known: Values) -> JsonValue:
    """Return what one name stands for. Raises `Unfit` where a label is missing."""
    if name in known:
        return known[name]
    mapping, _, key = name.partition(".")
    inner = known.get(mapping)
    if isinstance(inner, dict) and key in inner:
        return inner[key]
    raise Unfit(f"it has no {name}")


def text_of(value: JsonValue) -> str:
    """Write a value as people do: texts as they are, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def fill(template: str, known: Values) -> str:
    """Fill a template in. Raises `Unfit`."""
    return "".join(
        text_of(value_of(piece.text, known)) if piece.is_name else piece.text
        for piece in pieces(template)
    )


def url(template: str, known: Values) -> str:
    """Fill path and query in: every value is one word there. Raises `Unfit`."""
    filled = "".join(
        _word(piece.text, known) if piece.is_name else piece.text for piece in pieces(template)
    )
    hops = _HOP & set(urlsplit(filled).path.split("/")) - set(template.split("/"))
    if hops:
        raise Unfit(f"a part of the path would be {min(hops)}")
    return filled


def _word(name: str, known: Values) -> str:
    """Quote a value whole; a secret of the operator's may be several words of a path."""
    safe = "/*" if name.startswith("secret.") else ""
    return quote(text_of(value_of(name, known)), safe=safe)


def header(template: str, known: Values) -> str:
    """Fill a header in; characters that end one are refused. Raises `Unfit`."""
    filled = fill(template, known)
    if _CONTROL.search(filled) or not filled.isascii():
        raise Unfit("a header would hold a character that it may not")
    return filled


def argument(template: str, known: Values) -> str:
    """Fill one argument of a program in: nothing of the event makes it an option.

    Raises `Unfit`.
    """
    filled, parts = fill(template, known), pieces(template)
    if filled.startswith("-") and (not parts or not _begins_with_dash(parts[0])):
        raise Unfit("an argument would be an option")
    if "\0" in filled or len(filled) > LONGEST_ARGUMENT:
        raise Unfit("an argument would be too long, or hold a zero byte")
    return filled


def _begins_with_dash(piece: Piece) -> bool:
    return not piece.is_name and piece.text.startswith("-")


def body(template: JsonValue, known: Values) -> JsonValue:
    """Fill every text of a body in; `{labels}` or `{quality}` alone keeps its kind.

    Raises `Unfit`.
    """
    if isinstance(template, dict):
        return {key: body(value, known) for key, value in template.items()}
    if isinstance(template, list):
        return [body(value, known) for value in template]
    return _leaf(template, known) if isinstance(template, str) else template


def _leaf(template: str, known: Values) -> JsonValue:
    parts = pieces(template)
    if len(parts) == 1 and parts[0].is_name:
        return value_of(parts[0].text, known)
    return fill(template, known)


def check_only(only: Mapping[Guarded, str], known: Values) -> None:
    """Raise `Unfit` where a value does not match its expression as a whole."""
    for name, pattern in only.items():
        if not re.fullmatch(pattern, text_of(known[name])):
            raise Unfit(f"its {name} does not match `only`")
