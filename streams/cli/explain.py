"""`alltobit explain`: why an event was published, and what it rests on, read again."""

import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeGuard

import typer

from schemas.events import Evidence, Kind
from schemas.settings import Settings
from streams.cli import explain_action
from streams.cli.console import out, write_line
from streams.cli.incidents import about, block
from streams.cli.plain import plain
from streams.cli.running import run_async, settings_of
from streams.cli.show import lines, read_value
from streams.cli.tail import fetch, there
from streams.errors import AllToBitError, ConfigError

_LEAST = 4  # hex digits of an id that name it
_AROUND_S = 300.0
_MOST_AROUND = 12

Event = dict[str, Any]


class Found(NamedTuple):
    """An event, and what belongs to it."""

    event: Event
    around: list[Event]
    steps: list[Event]
    """Of the action that was asked about; of an alert, of all actions."""


def run(
    ctx: typer.Context,
    event: Annotated[
        str,
        typer.Argument(
            help="Its id, or an action's, or the beginning; a file with the event; or `-`."
        ),
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    raw: Annotated[bool, typer.Option(help="Read the messages it cites again.")] = True,
) -> None:
    """Say why an event was published, or what became of an action.

    Looks for it on `anomalies`, `incidents`, `alerts` and `actions`, shows what else happened to
    the same asset (or to the cause of the incident) within five minutes, and reads the raw messages
    that the evidence cites. Of an action it tells its alert; of both, what was decided and why, who
    answered, and what came of it.
    """
    settings = settings_of(ctx)
    found = run_async(_found(event, settings))
    cited = run_async(_cited(found.event, settings)) if raw else []
    if as_json:
        write_line(json.dumps({**found._asdict(), "cited": cited}))
        return
    console = out()
    for line in _told(found, cited):
        console.print(plain(line), highlight=False)


async def _found(asked: str, settings: Settings) -> Found:
    """Find the event and what belongs to it. Raises `ConfigError`: there is none, or several."""
    given = _given(asked)
    published = [one async for one in _published(settings)] if given is None else [given]
    steps = [one for one in published if explain_action.is_step(one)]
    events = [one for one in published if not explain_action.is_step(one)]
    ids = {one["id"]: one for one in events if _is_meant(one["id"], asked, given)}
    actions = {
        one["data"]["action"]
        for one in steps
        for name in (one["id"], one["data"]["action"])
        if _is_meant(name, asked, given)
    }
    _check_one(asked, len(ids) + len(actions), given)
    if actions:
        steps = explain_action.of_action(steps, actions.pop())
        about_ = steps[0]["data"].get("alert")
        event = next((one for one in events if one["id"] == about_), steps[0])
    else:
        event = next(iter(ids.values()))
        steps = explain_action.of_alert(steps, event["id"])
    around = [one for one in _unique(events) if _is_around(one, event) or _is_of(one, event)]
    return Found(event, around, steps)


def _is_of(one: Event, alert: Event) -> bool:
    """Say whether an alert is about this incident."""
    labels = alert["data"].get("labels") or {}
    return "incident" in one["data"] and one["data"]["incident"] == labels.get("event")


def _check_one(asked: str, many: int, given: Event | None) -> None:
    if (len(asked) < _LEAST and given is None) or many != 1:
        trouble = f"{many} events have an id that begins so" if many else "no such event"
        mend = "see `alltobit watch anomalies --from-beginning --json` for ids, `alltobit actions`"
        raise ConfigError("event", asked, trouble, mend)


def _is_meant(name: object, asked: str, given: Event | None) -> bool:
    return given is not None or str(name).startswith(asked)


def _given(asked: str) -> Event | None:
    """Read an event from standard input or a file, where that is meant."""
    if asked != "-" and not Path(asked).is_file():
        return None
    text = sys.stdin.read() if asked == "-" else Path(asked).read_text()
    try:
        read = json.loads(text)
        Evidence.model_validate(read["data"]["evidence"])
        return {**read, "id": str(read["id"]), "type": str(read["type"]), "time": read["time"]}
    except (ValueError, KeyError, TypeError) as error:
        trouble = f"no CloudEvent of ours: {error!r}"
        raise ConfigError("event", asked, trouble, "give an event as it was published") from error


async def _published(settings: Settings) -> AsyncIterator[Event]:
    """Yield what stands on `anomalies`, `incidents`, `alerts` and `actions` now."""
    topics = settings.topics
    for topic in (topics.anomalies, topics.incidents, topics.alerts, topics.actions):
        async with aclosing(there(settings.kafka, topic)) as records:
            async for record in records:
                read = read_value(record)
                if _is_event(read):
                    yield read


def _is_event(read: object) -> TypeGuard[Event]:
    """Say whether it is an event that has something to explain."""
    if not isinstance(read, dict) or not isinstance(read.get("data"), dict):
        return False
    return "id" in read and read.get("type") != Kind.PROGRESS


def _unique(events: list[Event]) -> Iterator[Event]:
    yield from {one["id"]: one for one in reversed(events)}.values()


def _is_around(one: Event, other: Event) -> bool:
    if one["id"] == other["id"] or not about(one["data"]) & about(other["data"]):
        return False
    times = (datetime.fromisoformat(event["time"]) for event in (one, other))
    first, second = times
    return abs((first - second).total_seconds()) <= _AROUND_S


async def _cited(event: Event, settings: Settings) -> list[dict[str, Any]]:
    """Read the messages that the facts cite; say what came in their place where they are gone."""
    cited = []
    for place in dict.fromkeys(_place(fact) for fact in _facts(event)):
        try:
            told = [line.text for line in lines(await fetch(settings.kafka, *place), full=False)]
        except AllToBitError as error:
            told = [str(error)]
        cited.append({"topic": place[0], "partition": place[1], "offset": place[2], "told": told})
    return cited


def _facts(event: Event) -> list[dict[str, Any]]:
    evidence = event["data"].get("evidence") or {}
    return list(evidence.get("facts") or [])


def _place(fact: dict[str, Any]) -> tuple[str, int, int]:
    return str(fact["topic"]), int(fact["partition"]), int(fact["offset"])


def _told(found: Found, cited: list[dict[str, Any]]) -> Iterator[str]:
    event, around = found.event, found.around
    data = event["data"]
    yield str(data.get("summary", event["id"]))
    yield f"  {event['type']} {event['id']} at {event['time']}, quality {data.get('quality')}"
    yield from _why(data)
    if found.steps:
        yield "what was decided, and what came of it:"
        yield from (f"  {text}" for text in explain_action.told(found.steps))
    yield "what was measured:"
    yield from (
        f"  {f['text']}  [{f['topic']}/{f['partition']}@{f['offset']}]" for f in _facts(event)
    )
    yield from _rest(data.get("evidence") or {})
    if cited:
        yield "the messages themselves:"
        for one in cited:
            where = f"[{one['topic']}/{one['partition']}@{one['offset']}]"
            yield from (f"  {where} {text[:300]}" for text in one["told"])
    if around:
        what = data.get("asset") or "its cause"
        yield f"what else happened to {what} within {_AROUND_S / 60:.0f} minutes:"
        for one in sorted(around, key=lambda one: str(one["time"]))[:_MOST_AROUND]:
            yield f"  {one['time']} {one['data'].get('summary', '')}"


def _why(data: dict[str, Any]) -> Iterator[str]:
    """Say which detector, rule or cause, what it expected, and since when."""
    if "incident" in data:
        yield from (f"  {text}" for text in block(data))
        return
    unit = f" {data['unit']}" if data.get("unit") else ""
    if "rule" in data:
        told = ((name, data.get(name)) for name in ("value", "limit"))
        shown = [f"{name} {one:g}{unit}" for name, one in told if one is not None]
        yield f"  rule {data['rule']}{': ' if shown else ''}{', '.join(shown)}"
    elif "expected" in data:
        yield f"  detector: {data.get('detector') or data.get('kind')}"
        low, high = (data["expected"] + sign * 3 * data["spread"] for sign in (-1, 1))
        yield f"  expected: about {data['expected']:g}{unit}" + (
            f", as a rule between {low:g} and {high:g}{unit}" if data["spread"] else ""
        )
        yield f"  seen: {data['value']:g}{unit}, score {data['score']:g}"
    since = f"since {data['since']}" if data.get("since") else ""
    yield f"  {since}{', ended: ' + str(data['ended']) if data.get('ended') else ''}"


def _rest(evidence: dict[str, Any]) -> Iterator[str]:
    for one in evidence.get("hypotheses") or []:
        yield f"what may be so: {one['text']} (score {one['score']:g})"
    for text in evidence.get("unknowns") or []:
        yield f"what is not known: {text}"
