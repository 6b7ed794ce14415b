"""The topic `readings`, as detection asks Kafka about it."""

from contextlib import suppress

import faust
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError
from faust.types import TP

from schemas.settings import Settings
from streams.connection import reader
from streams.topics import administration


class Source:
    """Asks for, and moves, the places in `readings` that a Faust app reads from."""

    def __init__(self, app: faust.App, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._name = settings.topics.readings

    async def offsets(self, number: int) -> tuple[int, int]:
        """Return a partition's first offset, and the group's committed one (-1: none)."""
        partition = TopicPartition(self._name, number)
        async with reader(self._settings.kafka) as consumer:  # Faust's own may be waiting for more
            begin = await consumer.beginning_offsets([partition])
        async with administration(self._settings.kafka) as admin:
            committed = await admin.list_consumer_group_offsets(self._settings.detect.group)
        found = committed.get(partition)
        return begin[partition], found.offset if found else -1

    async def seek(self, number: int, offset: int) -> None:
        """Read a partition from `offset` on, if it is still ours: else who has it reads it."""
        with suppress(IllegalStateError):
            await self._app.consumer.seek(TP(self._name, number), offset)
