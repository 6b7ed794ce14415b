"""Which life of each raw topic is read: Kafka's topic id, asked after every read."""

import asyncio
from collections.abc import Sequence
from time import monotonic

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from schemas.settings import Kafka
from streams.errors import BrokerUnreachable
from streams.topics import topic_ids

_AWAY_S = 20.0  # as long as the producer waits for a broker that went away
_AGAIN_S = 0.2


class Epochs:
    """The ids of raw topics as they were last told."""

    client: AIOKafkaClient

    def __init__(self, kafka: Kafka, topics: Sequence[str]) -> None:
        self._kafka, self._topics = kafka, topics
        self.of: dict[str, str] = {}

    async def ask(self) -> set[str]:
        """Ask again; return the topics that are new or made anew since the last time.

        A broker that goes and comes back is waited for. Raises `BrokerUnreachable`.
        """
        ids = await self._ids()
        new = {name for name, epoch in ids.items() if self.of.get(name) != epoch}
        self.of.update(ids)
        return new

    async def _ids(self) -> dict[str, str]:
        until_s = monotonic() + _AWAY_S
        while True:
            try:
                return await topic_ids(self.client, self._topics)
            except (KafkaError, TimeoutError) as error:
                if monotonic() > until_s:
                    raise BrokerUnreachable(
                        "kafka.bootstrap",
                        self._kafka.bootstrap,
                        f"it went away: {error!r}",
                        "see that Kafka runs; what was read and not committed is read again",
                    ) from error
            await asyncio.sleep(_AGAIN_S)
