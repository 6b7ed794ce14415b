"""Actions as `actions` tells them: the last step of each; those that wait for an answer first."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from datetime import UTC, datetime

from pydantic import ValidationError

from schemas.events import Event
from schemas.settings import Settings
from schemas.trigger import Action, Stage
from streams.cli.tail import there
from streams.errors import ConfigError

_LEAST = 4  # hex digits of an id that name it
Step = Event[Action]


async def steps(settings: Settings) -> AsyncIterator[Step]:
    """Yield the steps that stand on `actions` now."""
    async with aclosing(there(settings.kafka, settings.topics.actions)) as records:
        async for record in records:
            try:
                yield Step.model_validate_json(record.value)
            except ValidationError:
                continue  # somebody else's message


async def latest(settings: Settings) -> list[Step]:
    """Return the last step of each action: those that wait first, then the newest."""
    found: dict[str, Step] = {}
    async for step in steps(settings):
        if step.data.stage is not Stage.IGNORED:
            found.pop(step.data.action, None)
            found[step.data.action] = step
    ordered = sorted(found.values(), key=lambda step: step.time, reverse=True)
    return sorted(ordered, key=lambda step: not is_open(step))


def is_open(step: Step) -> bool:
    """Say whether an answer is still waited for."""
    expires = step.data.expires
    is_in_time = expires is None or expires > datetime.now(UTC)
    return step.data.stage is Stage.AWAITING and is_in_time


async def named(settings: Settings, asked: str) -> Step:
    """Return the action whose id begins so. Raises `ConfigError` where it is not one."""
    fits = [one for one in await latest(settings) if one.data.action.startswith(asked)]
    if len(asked) < _LEAST or len(fits) != 1:
        trouble = f"{len(fits)} actions have an id that begins so" if fits else "no such action"
        raise ConfigError("action", asked, trouble, "see `alltobit actions`")
    return fits[0]


def block(action: Action) -> Iterator[str]:
    """Yield what a person reads before they answer: what, why, and on which evidence."""
    yield from _asked(action)
    yield f"  {action.summary}"
    expires = f", until {action.expires:%Y-%m-%dT%H:%M:%SZ}" if action.expires else ""
    yield f"  {action.stage} ({action.why}){expires}"
    yield f"  quality {action.quality:.2f}, floor {action.floor:.2f}; {action.asked} is asked for"
    yield f"evidence {action.evidence_hash}:"
    for fact in action.evidence.facts:
        yield f"  {fact.text}  [{fact.topic}/{fact.partition}@{fact.offset}]"
    for one in action.evidence.hypotheses:
        yield f"  what may be so: {one.text} (score {one.score:g})"
    for text in action.evidence.unknowns:
        yield f"  what is not known: {text}"


def _asked(action: Action) -> Iterator[str]:
    """Yield what is asked; a proposer's words in quotation marks, in a line of their own."""
    if not action.proposed_by:
        yield f"{action.name} for {action.asset}, by rule {action.rule} ({action.severity})"
        return
    yield f"{action.name} for {action.asset}, as {action.proposed_by} proposes ({action.severity})"
    yield f"  {action.proposed_by} says: {quoted(action.proposed_why)}"
    if action.point or action.labels:
        told = {"point": action.point} | action.labels
        named = ", ".join(f"{name} {quoted(value)}" for name, value in told.items() if value)
        yield f"  with {named}"


def quoted(text: str) -> str:
    """Return somebody's words as a quotation: one line, which they cannot end."""
    return json.dumps(text, ensure_ascii=False)
