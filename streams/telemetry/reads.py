"""What was read of each source and is not yet decoded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import ConsumerRecord, TopicPartition

from streams.telemetry.progress import Progress

_RECORD_BYTES = 500  # of a message in memory, without its value


@dataclass(slots=True)
class Reads:
    """Messages of several reads, by partition, in order."""

    by_partition: dict[TopicPartition, tuple[Progress, list[ConsumerRecord]]] = field(
        default_factory=dict
    )
    """With the progress of the source when they were read."""
    bytes: int = 0
    """Of memory, about."""

    def add(
        self,
        batch: Mapping[TopicPartition, list[ConsumerRecord]],
        progress: Mapping[TopicPartition, Progress],
    ) -> None:
        """Take one read. What was read of a source that began anew since then is dropped."""
        for partition, records in batch.items():
            now = progress.get(partition)
            before, held = self.by_partition.get(partition, (None, []))
            if now is not None:
                mine = [*held, *records] if before is now else records
                self.by_partition[partition] = now, mine
                self.bytes += size(records) + _RECORD_BYTES * len(records)


def size(records: Sequence[ConsumerRecord]) -> int:
    """Return the bytes of the messages' values."""
    return sum(len(record.value or b"") for record in records)
