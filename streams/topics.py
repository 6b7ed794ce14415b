"""Our topics: which are wanted, making them, and what differs from what is there."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from aiokafka import errors as kafka_errors
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.partitioner import murmur2

from schemas.settings import Kafka, Settings
from streams.connection import client_options, reach
from streams.errors import AllToBitError, BrokerUnreachable, ConfigError, NoRights
from streams.metadata import Topic, describe

REJECT_BYTES = 16 * 1024 * 1024
"""Largest batch in `rejects`: a dead letter is at least as large as what it rejects."""
_KEPT_BYTES = 4 * 1024 * 1024  # the largest thing a decoder keeps
_SEGMENT_BYTES = 64 * 1024 * 1024  # only closed segments are compacted: small ones, short recovery
_SEEN_S = 30.0  # a new topic's time to be seen by the brokers
_BROKERS_TIME = {"message.timestamp.type": "LogAppendTime"}  # who answers late cannot say otherwise
_DELETE, _COMPACT = {"cleanup.policy": "delete"}, {"cleanup.policy": "compact"}


class WantedTopic(NamedTuple):
    """A topic as the settings want it. `config`: Kafka's topic settings, by Kafka's names."""

    name: str
    partitions: int
    replication: int
    config: dict[str, str]


def changelog(settings: Settings) -> str:
    """Name the topic that holds the worker's state."""
    return f"{settings.detect.group}-state-changelog"


def cascade_changelog(settings: Settings) -> str:
    """Name the topic that holds the cascade's state."""
    return f"{settings.cascade.group}-state-changelog"


def trigger_changelog(settings: Settings) -> str:
    """Name the topic that holds the state of `trigger`."""
    return f"{settings.trigger.group}-state-changelog"


def wanted(settings: Settings) -> list[WantedTopic]:
    """List every topic the settings name, raw ones first. Raises `ConfigError` on a double name."""
    topics = [*_raw(settings), *_ours(settings)]
    names = [topic.name for topic in topics]
    doubles = {name for name in names if names.count(name) > 1}
    if doubles:
        first = min(doubles)
        raise ConfigError("topics", first, "two topics of this name", "give each its own name")
    return topics


def _raw(settings: Settings) -> list[WantedTopic]:
    kept = _DELETE | _retention(settings) | {"max.message.bytes": str(REJECT_BYTES)}
    replication = settings.topics.replication
    return [WantedTopic(raw.name, raw.partitions, replication, kept) for raw in settings.raw]


def _ours(settings: Settings) -> list[WantedTopic]:
    topics, kept = settings.topics, _DELETE | _retention(settings)
    configs = [
        (topics.inventory, _COMPACT),
        (topics.readings, kept),
        (topics.bits, kept),
        (topics.anomalies, kept),
        (topics.incidents, kept),
        (topics.alerts, kept),
        (topics.actions, kept),
        (topics.decisions, kept | _BROKERS_TIME),
        (topics.reports, kept),
        (topics.proposals, kept | _BROKERS_TIME),
        (topics.rejects, kept | {"max.message.bytes": str(REJECT_BYTES)}),
        (topics.memory, _COMPACT | {"max.message.bytes": str(_KEPT_BYTES)}),
        *(
            (name, _COMPACT | {"segment.bytes": str(_SEGMENT_BYTES)})
            for name in (changelog(settings), cascade_changelog(settings))
        ),
    ]
    made = [
        WantedTopic(name, topics.partitions, topics.replication, config) for name, config in configs
    ]
    state = _COMPACT | {"segment.bytes": str(_SEGMENT_BYTES)}
    return [*made, WantedTopic(trigger_changelog(settings), 1, topics.replication, state)]


def _retention(settings: Settings) -> dict[str, str]:
    return {"retention.ms": str(int(settings.topics.retention_hours * 3_600_000))}


def partition_of(key: bytes, partitions: int) -> int:
    """Return where Kafka's own partitioner puts a key."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


@asynccontextmanager
async def administration(kafka: Kafka) -> AsyncIterator[AIOKafkaAdminClient]:
    """Lend an admin client, once Kafka was reached. Raises what `reach` raises."""
    await reach(kafka)
    admin = AIOKafkaAdminClient(**client_options(kafka))
    try:
        await admin.start()
        yield admin
    except (kafka_errors.KafkaError, TimeoutError) as error:
        mend = "see that Kafka runs, then run this again"
        raise BrokerUnreachable("kafka.bootstrap", kafka.bootstrap, repr(error), mend) from error
    finally:
        await admin.close()


async def create(settings: Settings) -> list[str]:
    """Make the topics that are missing and return their names; existing ones are left as they are.

    Returns once Kafka shows them all. Raises what `reach` raises, `ConfigError`, `NoRights`.
    """
    topics = wanted(settings)
    async with administration(settings.kafka) as admin:
        there = await describe(admin, [topic.name for topic in topics])
        missing = [topic for topic in topics if topic.name not in there]
        made = await _make(admin, missing) if missing else []
        await _seen(admin, made)
    return made


async def _make(admin: AIOKafkaAdminClient, topics: Sequence[WantedTopic]) -> list[str]:
    new = [NewTopic(t.name, t.partitions, t.replication, topic_configs=t.config) for t in topics]
    answer = await admin.create_topics(new)
    made = []
    for name, code, message in answer.topic_errors:
        error = kafka_errors.for_code(code)
        if error is kafka_errors.TopicAlreadyExistsError:
            continue
        if error is not kafka_errors.NoError:
            raise _refusal(name, error, message)
        made.append(name)
    return made


def _refusal(name: str, error: type[kafka_errors.KafkaError], message: str | None) -> AllToBitError:
    said = f"Kafka does not make it: {message or error.__name__}"
    if issubclass(
        error,
        kafka_errors.TopicAuthorizationFailedError | kafka_errors.ClusterAuthorizationFailedError,
    ):
        return NoRights("topic", name, said, "allow this user CREATE, or make the topics for it")
    if issubclass(error, kafka_errors.InvalidReplicationFactorError):
        return ConfigError("topic", name, said, "lower topics.replication or add brokers")
    return ConfigError("topic", name, said, "correct its settings, then run this again")


async def _seen(admin: AIOKafkaAdminClient, names: Sequence[str]) -> None:
    """Wait until a broker asked at random shows all of `names`."""
    async with asyncio.timeout(_SEEN_S):
        while set(names) - set(await describe(admin, names)):  # noqa: ASYNC110 - Kafka tells nobody
            await asyncio.sleep(0.02)


async def differences(settings: Settings) -> list[str]:
    """Say in one line each what is missing, or made otherwise than the settings want."""
    topics = wanted(settings)
    async with administration(settings.kafka) as admin:
        there = await describe(admin, [topic.name for topic in topics])
        configs = await _configs(admin, [topic for topic in topics if topic.name in there])
    lines: list[str] = []
    for topic in topics:
        found = there.get(topic.name)
        lines += _compare(topic, found, configs.get(topic.name, {})) if found else _missing(topic)
    return lines


def _missing(topic: WantedTopic) -> list[str]:
    return [f"{topic.name}: missing"]


def _compare(topic: WantedTopic, found: Topic, config: dict[str, str]) -> list[str]:
    pairs = [
        ("partitions", str(found.partitions), str(topic.partitions)),
        ("replication", str(found.replication), str(topic.replication)),
        *((key, config.get(key, "unknown"), value) for key, value in topic.config.items()),
    ]
    return [
        f"{topic.name}: {key} is {has}, {wants} wanted" for key, has, wants in pairs if has != wants
    ]


async def _configs(
    admin: AIOKafkaAdminClient, topics: Sequence[WantedTopic]
) -> dict[str, dict[str, str]]:
    """Read the settings that `topics` care about, as they are in force."""
    if not topics:
        return {}
    asked = [ConfigResource(ConfigResourceType.TOPIC, t.name, t.config) for t in topics]
    answers = await admin.describe_configs(asked)
    return {
        name: {entry[0]: entry[1] for entry in entries}
        for answer in answers
        for _, _, _, name, entries in answer.resources
    }


async def topic_ids(client: Any, topics: Iterable[str]) -> dict[str, str]:  # noqa: ANN401 - aiokafka has no types
    """Give Kafka's id of each existing topic; see `metadata.describe` for `client` and errors."""
    found = await describe(client, topics)
    return {name: topic.id for name, topic in found.items()}


async def partition_counts(client: Any, topics: Iterable[str]) -> dict[str, int]:  # noqa: ANN401 - aiokafka has no types
    """Give the number of partitions of each existing topic."""
    found = await describe(client, topics)
    return {name: topic.partitions for name, topic in found.items()}
