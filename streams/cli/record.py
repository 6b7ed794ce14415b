"""A message as it stands in Kafka, before anybody reads it."""

from collections.abc import Mapping
from typing import NamedTuple


class Record(NamedTuple):
    """One message, as it came."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes
    headers: Mapping[str, str]
