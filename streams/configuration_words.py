"""From what pydantic says to one line for the person who mends it. Never shows a secret."""

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic_core import ErrorDetails

from schemas.settings import Settings
from schemas.trigger import Secret
from streams.configuration_files import Loc
from streams.errors import ConfigError

HIDDEN = "***"
_LONGEST = 80  # characters of a value that are shown
_SECRETIVE = re.compile(r"pass|pwd|secret|token|cred|jaas|key", re.IGNORECASE)
_USER = re.compile(r"://[^/]*@")  # a URL that names a user, and their password
_SUBJECT = re.compile(r"^\w+ should")


def kind(loc: Loc) -> Any:  # noqa: ANN401 - a type
    """Return the type of the setting at `loc`; None where there is none."""
    found: Any = Settings
    for part in loc:
        found = _inside(found, part)
    return found


def is_section(found: object) -> bool:
    """Say whether `found` is the type of a mapping of named settings."""
    return isinstance(found, type) and issubclass(found, BaseModel)


def is_list(found: object) -> bool:
    """Say whether `found` is the type of a list."""
    return get_origin(found) is tuple


def is_nested(found: object) -> bool:
    """Say whether `found` is the type of a section, list or mapping."""
    return is_section(found) or is_list(found) or get_origin(found) is dict


def leaves(found: Any = Settings, at: Loc = ()) -> Iterator[Loc]:  # noqa: ANN401 - a type
    """List every setting that is no section."""
    if not is_section(found):
        yield at
        return
    for name, field in found.model_fields.items():
        yield from leaves(field.annotation, (*at, field.alias or name))


def members(found: Any) -> dict[str, Any]:  # noqa: ANN401 - types
    """Return the sections of which a value is one, by its `kind`; most settings have none."""
    if get_origin(found) is Annotated:
        found = get_args(found)[0]
    if get_origin(found) not in (Union, UnionType):
        return {}
    kinds = {one: one.model_fields.get("kind") for one in get_args(found) if is_section(one)}
    return {get_args(field.annotation)[0]: one for one, field in kinds.items() if field}


def without_kinds(loc: Loc) -> Loc:
    """Return `loc` as the file has it: pydantic puts the kind of a section into it."""
    found, kept = Settings, []
    for part in loc:
        if part not in members(found):
            kept.append(part)
        found = _inside(found, part)
    return tuple(kept)


def _inside(found: Any, part: int | str) -> Any:  # noqa: ANN401 - types
    of_kind = members(found)
    if of_kind:
        fields = (_inside(one, part) for one in of_kind.values())
        return of_kind.get(str(part)) or next((one for one in fields if one is not None), None)
    if get_origin(found) is UnionType:
        found = next(one for one in get_args(found) if one is not NoneType)
    if is_section(found):
        field = found.model_fields.get(field_name(found, part))
        return field.annotation if field else None
    if is_list(found) and isinstance(part, int):
        return get_args(found)[0]
    if get_origin(found) is dict:
        return get_args(found)[1]
    return None


def field_name(section: type[BaseModel], part: int | str) -> str:
    """Return the name that code has for a setting: `if` is `condition`."""
    fields = section.model_fields.items()
    return next((name for name, field in fields if field.alias == part), str(part))


SECRETS = frozenset(loc for loc in leaves() if kind(loc) is SecretStr)


def shown(loc: Loc, value: object) -> str:
    """Return `value` as far as it may be seen: nothing of what is, or may hold, a secret."""
    if _may_hold_a_secret(loc) or (isinstance(value, str) and _USER.search(value)):
        return HIDDEN
    return _summary(loc, value) if isinstance(value, dict | list | tuple) else _plain(value)


def _may_hold_a_secret(loc: Loc) -> bool:
    if "headers" in loc or any(_is_secret(kind(loc[:end])) for end in range(1, len(loc) + 1)):
        return True
    if kind(loc) is not None:
        return any(secret[: len(loc)] == loc for secret in SECRETS)
    beside_one = any(secret[0] in loc for secret in SECRETS)  # a password under a wrong name
    return beside_one or _SECRETIVE.search(dotted(loc)) is not None


def _is_secret(found: object) -> bool:
    """Say whether a value of this type tells of a secret: one may stand there by mistake."""
    inner = get_args(found) if get_origin(found) in (UnionType, dict) else (found,)
    return Secret in inner


def _plain(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _summary(loc: Loc, value: Any) -> str:  # noqa: ANN401 - any container
    if not isinstance(value, dict):
        return f"a list of {len(value)}"
    simple = {name: one for name, one in value.items() if isinstance(one, str | int | float)}
    known = (
        f"{name}: {shown((*loc, name), one)}"
        for name, one in simple.items()
        if kind((*loc, name)) is not None
    )
    return _plain("{" + ", ".join(known) + "}")


def say(error: ErrorDetails, place: str) -> ConfigError:
    """Turn one complaint of pydantic into ours; `place` says where it was given."""
    loc = error["loc"]
    trouble, mend = _trouble_and_mend(error)
    value = "" if error["type"] == "missing" else shown(loc, error["input"])
    return ConfigError(dotted(loc), value, placed(trouble, place), mend)


def placed(trouble: str, place: str) -> str:
    """Add `place` to `trouble` where there is one."""
    return f"{trouble} ({place})" if place else trouble


def _trouble_and_mend(error: ErrorDetails) -> tuple[str, str]:
    match error["type"]:
        case "extra_forbidden":
            return "no such setting", nearest(error["loc"])
        case "value_error":
            return "impossible", str(error["ctx"]["error"])
        case "model_type" | "dict_type" | "model_attributes_type":
            return "not a mapping", f"give {_fields(error['loc'])}"
        case "union_tag_not_found" | "union_tag_invalid":
            kinds = ", ".join(members(kind(error["loc"])))
            return "no such kind", f"give `kind:` as one of {kinds}"
    return _FIXED.get(error["type"]) or ("not accepted", _SUBJECT.sub("it should", _short(error)))


_FIXED = {
    "missing": ("missing", "give it"),
    "tuple_type": ("not a list", "give one: `- ...` a line in YAML, JSON in the environment"),
    "string_type": ("not text", "put it in quotes"),
    "invalid_key": ("a name that is not text", "put it in quotes"),
}


def _short(error: ErrorDetails) -> str:
    message = error["msg"]
    return message.split(",")[0] if error["type"].endswith("_parsing") else message


def dotted(loc: Loc) -> str:
    """Return `loc` as people write it."""
    return ".".join(map(str, without_kinds(loc))) or "settings"


def nearest(loc: Loc, write: Callable[[Loc], str] = dotted) -> str:
    """Say which setting may have been meant, or which there are. `write` writes its name."""
    name, section = str(loc[-1]), loc[:-1]
    for leaf in leaves():
        if "_".join(map(str, leaf)) == "_".join(map(str, loc)):
            return f"did you mean {write(leaf)}?"
    near = get_close_matches(name, _names(section), n=1)
    if near:
        return f"did you mean {write((*section, near[0]))}?"
    everywhere = {dotted(leaf): leaf for leaf in leaves()}
    same = [whole for whole, leaf in everywhere.items() if leaf[-1] == name]
    far = same or get_close_matches(dotted(loc).replace("_", "."), everywhere, n=1, cutoff=0.8)
    return f"did you mean {write(everywhere[far[0]])}?" if far else f"there are {_fields(section)}"


def _names(loc: Loc) -> list[str]:
    found = kind(loc)
    if members(found):
        return list(dict.fromkeys(one for kinds in members(found).values() for one in _own(kinds)))
    return _own(found) if is_section(found) else []


def _own(section: Any) -> list[str]:  # noqa: ANN401 - a section
    return [field.alias or name for name, field in section.model_fields.items()]


def _fields(loc: Loc) -> str:
    return ", ".join(_names(loc)) or "names and texts"
