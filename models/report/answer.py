"""What came back of a model: an answer in an envelope, a draft in the answer, or why not.

Nothing is believed here: ids that the record does not have, and all that a sentence says, are for
the check. Whatever the bytes are, there is an answer.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from models.report.budget import Usage
from models.report.template import sections
from schemas.report import Draft, Kind, Part, Section, Sentence
from schemas.report.record import Id

LONGEST: Final = 100_000
"""Characters of a draft."""
_MOST_CITES: Final = 30
_MOST_TOKENS: Final = 10**9
_FENCED: Final = re.compile(r"```[A-Za-z]*[ \t\r]*\n(.*?)```", re.DOTALL)
_ID: Final = TypeAdapter(Id)


class NoDraft(StrEnum):
    """Why a draft did not come. Also the `came` label of its metric."""

    RESTING = "resting"
    """It failed too often; it is not asked for a while."""
    OVER_BUDGET = "over_budget"
    LATE = "late"
    """Not within the patience."""
    NO_KEY = "no_key"
    UNREACHABLE = "unreachable"
    SLOW = "slow"
    """No answer within the time of a try."""
    BUSY = "busy"
    """Too many requests, says the server."""
    BROKEN = "broken"
    """The server failed."""
    REFUSED = "refused"
    """The server does not take such a request."""
    REDIRECTED = "redirected"
    TOO_LARGE = "too_large"
    NO_ANSWER = "no_answer"
    """What came is no chat completion."""
    DECLINED = "declined"
    """The model would not."""
    CUT_SHORT = "cut_short"
    """The answer did not fit its limit."""
    EMPTY = "empty"
    MALFORMED = "malformed"
    TOO_LONG = "too_long"
    WRONG_SECTION = "wrong_section"


class Answer(NamedTuple):
    """What a model said."""

    text: str = ""
    why: NoDraft | None = None
    """Why it is no draft, where that is seen already."""
    used: Usage | None = None
    """What the server says that it took."""


class _Given(BaseModel):
    """Others' JSON: what we do not know in it is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Message(_Given):
    content: str | None = None
    refusal: str | None = None


class _Choice(_Given):
    message: _Message
    finish_reason: str | None = None


class _Used(_Given):
    prompt_tokens: int = Field(ge=0, le=_MOST_TOKENS)
    completion_tokens: int = Field(ge=0, le=_MOST_TOKENS)


class _Completion(_Given):
    choices: tuple[_Choice, ...] = Field(min_length=1)
    usage: Any = None


class _Line(_Given):
    text: str
    cites: tuple[Any, ...] = ()


class _Section(_Given):
    section: str
    sentences: tuple[_Line, ...]


class _Written(_Given):
    sections: tuple[_Section, ...]


def answer(body: bytes) -> Answer:
    """Read a chat completion."""
    try:
        found = _Completion.model_validate_json(body)
    except ValidationError:
        return Answer(why=NoDraft.NO_ANSWER)
    first = found.choices[0]
    return Answer(first.message.content or "", _why(first), _used(found.usage))


def _why(one: _Choice) -> NoDraft | None:
    if one.message.refusal or one.finish_reason == "content_filter":
        return NoDraft.DECLINED
    if one.finish_reason == "length":
        return NoDraft.CUT_SHORT
    return None if (one.message.content or "").strip() else NoDraft.EMPTY


def _used(said: object) -> Usage | None:
    try:
        found = _Used.model_validate(said)
    except ValidationError:
        return None
    used = Usage(found.prompt_tokens, found.completion_tokens)
    return used if used.read else None


def draft(said: str, kind: Kind, writer: str) -> Draft | NoDraft:
    """Read a draft. Ids that are none are left out: who cites nothing is struck."""
    if len(said) > LONGEST:
        return NoDraft.TOO_LONG
    try:
        found = _Written.model_validate_json(_json(said))
    except ValidationError:
        return NoDraft.MALFORMED
    some = [one for one in found.sections if one.sentences]
    if not some:
        return NoDraft.EMPTY
    if not {one.section for one in some} <= set(map(str, sections(kind))):
        return NoDraft.WRONG_SECTION
    try:
        return Draft(parts=tuple(map(_part, some)), writer=writer)
    except ValidationError:
        return NoDraft.TOO_LONG


def _json(said: str) -> str:
    """Return the object in an answer: some think aloud before it, or put it in a fence."""
    if said.lstrip().startswith("<think>"):
        said = said.rpartition("</think>")[2]
    fenced = _FENCED.search(said)
    if fenced and not said.lstrip().startswith("{"):
        said = fenced[1]
    return said[said.find("{") : said.rfind("}") + 1]


def _part(one: _Section) -> Part:
    lines = (line for line in one.sentences if line.text.strip())
    told = (Sentence(text=line.text.strip(), cites=tuple(_ids(line.cites))) for line in lines)
    return Part(section=Section(one.section), sentences=tuple(told))


def _ids(cites: tuple[Any, ...]) -> Iterator[str]:
    """Yield what are ids, each once."""
    unique = dict.fromkeys(one for one in cites if isinstance(one, str))
    for one in list(unique)[:_MOST_CITES]:
        try:
            yield _ID.validate_python(one)
        except ValidationError:
            continue
