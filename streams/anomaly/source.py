"""The topic `readings`, as detection asks Kafka about it."""

from contextlib import suppress
from typing import NamedTuple

import faust
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError
from faust.types import TP

from schemas.settings import Settings
from streams.connection import reader
from streams.topics import administration, committed, topic_ids


class Standing(NamedTuple):
    """A partition of `readings`, as Kafka has it."""

    begin: int
    """Its first offset."""
    committed: int
    """The group's; -1: none."""
    topic: str
    """Kafka's id of the topic in its present life."""


class Source:
    """Asks for, and moves, the places in `readings` that a Faust app reads from."""

    def __init__(self, app: faust.App, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._name = settings.topics.readings

    async def standing(self, number: int) -> Standing:
        """Say how a partition stands."""
        partition = TopicPartition(self._name, number)
        async with reader(self._settings.kafka) as consumer:  # Faust's own may be waiting for more
            begin = await consumer.beginning_offsets([partition])
        async with administration(self._settings.kafka) as admin:
            standing = await committed(admin, self._settings.detect.group)
            ids = await topic_ids(admin._client, [self._name])  # noqa: SLF001 - no public client
        return Standing(begin[partition], standing.get(partition, -1), ids.get(self._name, ""))

    async def seek(self, number: int, offset: int) -> None:
        """Read a partition from `offset` on, if it is still ours: else who has it reads it."""
        with suppress(IllegalStateError):
            await self._app.consumer.seek(TP(self._name, number), offset)
