"""What a topic is, asked of Kafka: its id (KIP-516), partitions and replicas.

aiokafka 0.14 asks Metadata up to version 5; ids came with 10. Version 12 is spoken here, on a
connection of its own: on the consumer's, an answer would wait behind a parked fetch. Nothing asked
here ever creates a topic, whatever the broker's `auto.create.topics.enable` says.
Source: Kafka's clients/src/main/resources/common/message/Metadata{Request,Response}.json.
"""

from collections.abc import Iterable
from io import BytesIO
from typing import Any, NamedTuple
from uuid import UUID

from aiokafka.errors import for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    AbstractType,
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from streams.errors import NoRights

_NO_ID = UUID(int=0)
_GROUP = "topic metadata"  # aiokafka keeps one connection for each (node, group)
_ABSENT = frozenset({3, 17, 100})  # unknown topic, name that cannot exist, unknown id
_FORBIDDEN = 29


class Topic(NamedTuple):
    """A topic as Kafka has it."""

    name: str
    id: str
    """UUID; another one after the topic was deleted and made anew."""
    partitions: int
    replication: int
    """Replicas of its least replicated partition."""


class _Uuid(AbstractType):  # type: ignore[misc]  # aiokafka has no types
    """Sixteen bytes, big endian."""

    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        return UUID(bytes=data.read(16))


_NAME = CompactString("utf-8")

_BROKER = (
    ("node_id", Int32),
    ("host", _NAME),
    ("port", Int32),
    ("rack", _NAME),
    ("tags", TaggedFields),
)
_PARTITION = (
    ("error_code", Int16),
    ("partition", Int32),
    ("leader", Int32),
    ("leader_epoch", Int32),
    ("replicas", CompactArray(Int32)),
    ("isr", CompactArray(Int32)),
    ("offline_replicas", CompactArray(Int32)),
    ("tags", TaggedFields),
)
_TOPIC = (
    ("error_code", Int16),
    ("name", _NAME),
    ("topic_id", _Uuid),
    ("is_internal", Boolean),
    ("partitions", CompactArray(*_PARTITION)),
    ("authorized_operations", Int32),
    ("tags", TaggedFields),
)


class _MetadataResponse(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", CompactArray(*_BROKER)),
        ("cluster_id", _NAME),
        ("controller_id", Int32),
        ("topics", CompactArray(*_TOPIC)),
        ("tags", TaggedFields),
    )


class _MetadataRequest(RequestStruct):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 3
    API_VERSION = 12
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Uuid), ("name", _NAME), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class Metadata(Request[_MetadataRequest]):  # type: ignore[misc]  # aiokafka has no types
    """Ask about these topics and the brokers; needs Kafka 3.1, else NotImplementedError."""

    API_KEY = 3

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(names)

    def build(self, request_struct_class: type[_MetadataRequest]) -> _MetadataRequest:
        """Answer aiokafka once the connection's versions are known."""
        asked: list[tuple[UUID, str, dict[int, bytes]]] = [
            (_NO_ID, name, {}) for name in self._names
        ]
        return request_struct_class(asked, False, False, {})


async def describe(client: Any, names: Iterable[str]) -> dict[str, Topic]:  # noqa: ANN401 - no types
    """Say what exists of `names`; one round trip. `client`: AIOKafkaClient, admin or consumer.

    Raises `NoRights`, and aiokafka's KafkaError when no broker answers.
    """
    inner = getattr(client, "_client", client)
    answer = await inner.send(inner.get_random_node(), Metadata(names), group=_GROUP)
    topics = (_topic(*row) for row in answer.topics)
    return {topic.name: topic for topic in topics if topic is not None}


def _topic(code: int, name: str, topic_id: UUID, _internal: bool, *rest: Any) -> Topic | None:  # noqa: ANN401 - a decoded row
    if code in _ABSENT:
        return None
    if code == _FORBIDDEN:
        raise NoRights("topic", name, "Kafka does not show it to this user", "allow DESCRIBE")
    if code and not rest[0]:
        raise for_code(code)(name)
    replication = min((len(partition[4]) for partition in rest[0]), default=0)
    return Topic(name, str(topic_id), len(rest[0]), replication)
