import pytest
from aiokafka import AIOKafkaProducer

from schemas.telemetry import Decoded, Kept, SpansBuilder
from streams import topics
from streams.connection import client_options
from streams.telemetry.memory import Memory
from streams.topics import partition_counts

pytestmark = pytest.mark.kafka


class Remembering:
    """A decoder that writes down what it is given back."""

    name = "remembering"
    content_types = ()

    def __init__(self):
        self.calls = []

    def decode(self, batch, times_ms=None, about=None):
        """Decode nothing."""
        del batch, times_ms, about
        return Decoded.of(SpansBuilder(), [])

    def looks_like(self, data):
        """Know nothing."""
        return not data

    def recall(self, kept):
        """Write it down."""
        self.calls.append(list(kept))


class House:
    """A producer, and memories that use it."""

    def __init__(self, settings):
        self.settings, self.memories = settings, []

    async def __aenter__(self):
        await topics.create(self.settings)
        self.producer = AIOKafkaProducer(**client_options(self.settings.kafka))
        await self.producer.start()
        return self

    async def __aexit__(self, *_):
        for memory in self.memories:
            await memory.stop()
        await self.producer.stop()

    async def memory(self):
        """Start another process's memory."""
        decoder = Remembering()
        memory = Memory(self.settings, {decoder.name: decoder}, self.producer)
        self.memories.append(memory)
        counts = await partition_counts(self.producer.client, [self.settings.topics.memory])
        await memory.start(counts[self.settings.topics.memory])
        return memory, decoder


def of(key, text):
    return "remembering", Kept(key, text)


async def test_what_one_process_kept_another_recalls_once_and_the_last_of_a_key_comes_last(
    settings,
):
    async with House(settings) as house:
        first, _ = await house.memory()
        await first.keep([of("a", b"1"), of("b", b"1"), of("a", b"2")])
        second, decoder = await house.memory()
        await second.recall()
        await second.recall()

    assert [k.value for k in decoder.calls[0] if k.key == "a"] == [b"1", b"2"]
    assert Kept("b", b"1") in decoder.calls[0]
    assert decoder.calls[1:] == [[]]


async def test_what_was_kept_already_is_not_written_again(settings):
    async with House(settings) as house:
        first, decoder = await house.memory()
        for _ in range(3):
            await first.keep([of("a", b"1")])
        await first.keep([of("a", b"2")])
        await first.keep([of("a", b"1")])
        await first.recall()

    assert [one.value for one in decoder.calls[0]] == [b"1", b"2", b"1"]


async def test_what_another_process_kept_meanwhile_is_overwritten(settings):
    async with House(settings) as house:
        first, _ = await house.memory()
        other, _ = await house.memory()
        await first.keep([of("a", b"1")])
        await other.keep([of("a", b"2")])
        await first.recall()
        await first.keep([of("a", b"1")])
        last, decoder = await house.memory()
        await last.recall()

    assert [one.value for one in decoder.calls[0]] == [b"1", b"2", b"1"]


async def test_what_other_formats_keep_and_what_is_deleted_is_not_told(settings):
    async with House(settings) as house:
        first, decoder = await house.memory()
        await first.keep([("other", Kept("a", b"1"))])
        await house.producer.send_and_wait(settings.topics.memory, None, key=b"remembering|a")
        await first.recall()

    assert decoder.calls == [[]]
