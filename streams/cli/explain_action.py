"""What was decided about alerts, who answered, and what came of it, from the steps on `actions`."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeGuard

from schemas.trigger.action import TYPES

Event = dict[str, Any]
_LONGEST = 300  # characters of what the other side said


def is_step(event: object) -> TypeGuard[Event]:
    """Say whether an event is a step of an action."""
    if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
        return False
    return str(event.get("type", "")).startswith(TYPES) and bool(event["data"].get("action"))


def of_action(steps: Sequence[Event], action: str) -> list[Event]:
    """Return the steps of one action, each once, in the order in which they stand."""
    return [one for one in _each_once(steps) if one["data"]["action"] == action]


def of_alert(steps: Sequence[Event], alert: str) -> list[Event]:
    """Return the steps of all that was decided about an alert."""
    told = {one["data"]["action"] for one in steps if one["data"].get("alert") == alert}
    return [one for one in _each_once(steps) if one["data"]["action"] in told]


def _each_once(steps: Sequence[Event]) -> Iterator[Event]:
    found: dict[str, Event] = {}
    for one in steps:
        found.setdefault(str(one["id"]), one)
    yield from found.values()


def told(steps: Sequence[Event]) -> Iterator[str]:
    """Say it, an action after the other."""
    for action in dict.fromkeys(one["data"]["action"] for one in steps):
        yield from _one([one for one in steps if one["data"]["action"] == action])


def _one(steps: Sequence[Event]) -> Iterator[str]:
    first, last = steps[0]["data"], _last(steps)
    stands = f"{last.get('stage')} ({last.get('why')})"
    yield f"action {first['action']}: {first.get('name')} for {first.get('asset')}: {stands}"
    said = f"level {first.get('level')}, {first.get('asked')} is asked for"
    yield f"  {said}; quality {first.get('quality')}, floor {first.get('floor')}"
    for one in steps:
        yield f"  {one['time']} {_step(one['data'])}"
    if last.get("undo"):
        yield f"  to take it back: {last['undo']}"


def _last(steps: Sequence[Event]) -> dict[str, Any]:
    """Return where it stands: an answer that does not count leaves it there."""
    counts = [one["data"] for one in steps if one["data"].get("stage") != "ignored"]
    return dict(counts[-1] if counts else steps[-1]["data"])


def _step(data: dict[str, Any]) -> str:
    said = f"{data.get('stage')} ({data.get('why')})"
    said += f", until {data['expires']}" if data.get("stage") == "awaiting" else ""
    said += f", by {data['by']}" if data.get("by") else ""
    said += f", after {data['attempts']} tries" if data.get("attempts") else ""
    words = str(data.get("answer") or data.get("reason") or "")[:_LONGEST]
    return f"{said}: {words}" if words else said
