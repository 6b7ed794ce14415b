"""The topic `inventory`: parts of a site, as keyed messages that stand for earlier ones."""

from collections.abc import Iterator, Sequence

import msgspec

from models.site.cut import left_over, messages, nothing
from schemas.cascade.site_rows import Rows, decode
from schemas.cascade.trouble import Flaw, Trouble
from schemas.settings import Settings
from schemas.trigger import Severity
from streams.cli.tail import there
from streams.publish import Message, publish

_HEADERS = [("content-type", b"application/json")]  # a list: aiokafka takes no tuple


async def published(settings: Settings) -> tuple[list[Rows], list[Trouble]]:
    """Return the parts of this site that the topic has, and the messages that are none."""
    parts, troubles = list[Rows](), list[Trouble]()
    for key, value in sorted((await _last(settings)).items()):
        try:
            rows = decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            troubles += [Trouble(Flaw.UNREADABLE, Severity.CRITICAL, key, detail=str(error))]
            continue
        parts += [rows] if rows.site == settings.site.name else []
    return parts, troubles


async def _last(settings: Settings) -> dict[str, bytes]:
    """Return the last value of every key, but for those that were deleted."""
    found = [one async for one in there(settings.kafka, settings.topics.inventory)]
    last = {(one.key or b"").decode("utf-8", "replace"): one.value for one in found}
    return {key: value for key, value in last.items() if value}


async def put(settings: Settings, parts: Sequence[Rows]) -> tuple[int, int]:
    """Publish parts in pieces, and take away pieces that they had before and have no more.

    Return how many pieces were published and taken away. Raises what `publish` raises.
    """
    topic = settings.topics.inventory
    last = await _last(settings)
    full = sorted(key for key, value in last.items() if value != nothing(key))
    pieces = [list(messages(rows)) for rows in parts]
    gone = [
        key
        for rows, own in zip(parts, pieces, strict=True)
        for key in full
        if left_over(key, rows.site, rows.part, len(own))
    ]
    told = [one for own in pieces for one in own]
    emptied = [(key, nothing(key)) for key in gone]
    await publish(settings.kafka, _messages(topic, [*told, *emptied]))
    return len(told), len(gone)


def _messages(topic: str, pairs: Sequence[tuple[str, bytes]]) -> Iterator[Message]:
    for key, value in pairs:
        yield Message(topic, key.encode(), value, _HEADERS)
