"""Questions and answers over HTTP: `GET /actions`, `POST /actions/ID/approve`, `.../refuse`.

Who asks shows their secret as a bearer token (RFC 6750); an answer is signed with it and published
on `decisions`, where it counts as any other. Plain HTTP on loopback: put TLS in front elsewhere.
"""

import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Annotated

from aiohttp import web
from pydantic import Field, ValidationError

from models.trigger.approval import Person
from schemas.base import Message
from schemas.trigger import Verdict
from streams import decisions, signed
from streams.trigger.triggers import Triggers

_VERDICTS = {"approve": Verdict.APPROVE, "refuse": Verdict.REFUSE}


class Answer(Message):
    """The body of a POST, as JSON."""

    evidence_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Of what was read before: `GET /actions` tells it."""
    why: Annotated[str, Field(max_length=2000)] = ""


def routes(triggers: Triggers) -> Sequence[web.RouteDef]:
    """Return what people can ask and say."""

    async def actions(request: web.Request) -> web.Response:
        _who(triggers, request)
        part = triggers.part
        if part is None:
            return _said(HTTPStatus.SERVICE_UNAVAILABLE, triggers.health.why)
        open_ = [one.action.model_dump(mode="json") for one in part.core.open()]
        return web.json_response({"awaiting": open_})

    answer = "/actions/{action:[0-9a-f]{32}}/{verdict:approve|refuse}"
    return [web.get("/actions", actions), web.post(answer, _answers(triggers))]


def _answers(triggers: Triggers) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        person, about = _who(triggers, request), request.match_info["action"]
        try:
            body = Answer.model_validate_json(await request.read())
        except ValidationError as error:
            trouble = error.errors(include_url=False, include_input=False, include_context=False)
            return web.json_response({"wrong": trouble}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        if triggers.part is None:
            return _said(HTTPStatus.SERVICE_UNAVAILABLE, triggers.health.why)
        if about not in triggers.part.core.memory.questions:
            return _said(HTTPStatus.NOT_FOUND, "no such question is known")
        verdict, name = _VERDICTS[request.match_info["verdict"]], person.approver.name
        said = decisions.said(name, person.secret, verdict, about, **body.model_dump())
        await signed.publish(triggers.producer, triggers.settings.topics.decisions, said)
        return _said(HTTPStatus.ACCEPTED, "published; whether it counts is told on `actions`")

    return answer


def _who(triggers: Triggers, request: web.Request) -> Person:
    """Return whose token it is. Every secret is compared, each in constant time."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    shown = token.strip().encode("utf-8", "surrogateescape") if kind.lower() == "bearer" else b""
    people = triggers.setup.people.values()
    found = [one for one in people if hmac.compare_digest(one.secret, shown)]
    if not found:
        wrong = json.dumps({"said": "whose token is this?"})
        raise web.HTTPUnauthorized(text=wrong, headers={"WWW-Authenticate": "Bearer"})
    return found[0]


def _said(status: HTTPStatus, text: str) -> web.Response:
    return web.json_response({"said": text}, status=status)
