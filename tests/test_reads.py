"""Reads are gathered in order, decoded only after a question that came later, and never twice."""

import subprocess
import sys
from platform import libc_ver
from types import SimpleNamespace

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from schemas.formats import FORMATS
from schemas.settings import RawTopic, Settings
from schemas.telemetry import Source
from streams.telemetry import Ingest, epochs, ingest
from streams.telemetry.clients import fetch_wait_ms
from streams.telemetry.progress import Progress
from streams.telemetry.readers import Readers
from streams.telemetry.reads import Reads, size

RAW = TopicPartition("raw", 0)
FRAME = b'{"asset":"a","time":1,"values":{"p":1}}'


def record(offset=0, value=FRAME, topic="raw", headers=()):
    return ConsumerRecord(topic, 0, offset, 0, 0, None, value, None, -1, len(value or b""), headers)


def progress(position=0):
    return Progress(Source("raw", 0, "life"), position)


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(1, 5), st.sampled_from(["", "anew", "gone"])),
        max_size=20,
    )
)
def test_what_is_held_is_what_came_since_its_source_began_in_order(steps):
    reads, now, wanted = Reads(), {}, {}
    for offset, (number, count, change) in enumerate(steps):
        partition = TopicPartition("raw", number)
        if change == "gone":
            now.pop(partition, None)
        elif change == "anew" or partition not in now:
            now[partition] = progress()
        records = [record(10 * offset + i) for i in range(count)]
        reads.add({partition: records}, now)
        if partition in now:
            before, held = wanted.get(partition, (None, []))
            same = before is now[partition]
            wanted[partition] = now[partition], held + records if same else records

    assert reads.by_partition.keys() == wanted.keys()
    for partition, (source, records) in wanted.items():
        assert reads.by_partition[partition][0] is source
        assert reads.by_partition[partition][1] == records


def test_the_batches_of_the_consumer_are_not_changed():
    reads, now, batch = Reads(), {RAW: progress()}, [record(0)]

    reads.add({RAW: batch}, now)
    reads.add({RAW: [record(1)]}, now)

    assert len(batch) == 1
    assert size(reads.by_partition[RAW][1]) == 2 * len(FRAME)


@hypothesis_settings(deadline=None)
@given(
    st.sampled_from(["auto", "native-json", "prometheus-text"]),
    st.lists(st.sampled_from([None, b"", FRAME, b"x" * 100, b"up 1\n"]), min_size=1, max_size=12),
)
def test_runs_hold_every_message_once_in_order_with_the_decoder_it_wants(fixed, values):
    readers = Readers([RawTopic(name="raw", format=fixed)], 99)
    records = [record(i, value) for i, value in enumerate(values)]

    told = [(one, decoder) for decoder, run in readers.runs(records) for one in run]

    assert [one for one, _ in told] == records
    for one, decoder in told:
        read = one.value is not None and len(one.value) <= 99
        wanted = readers.format_of(one) if read else None
        assert (decoder.name if decoder else None) == wanted
        assert wanted is None or wanted in FORMATS


class Consumer:
    """Gives one message a read, and writes into `story` what happens."""

    def __init__(self, story):
        self.story, self.offset, self.sought = story, 0, []

    async def getmany(self, **_):
        """Give the next one."""
        self.story.append("read")
        self.offset += 1
        return {RAW: [record(self.offset - 1)]}

    async def seek_to_beginning(self, partition):
        """Remember it."""
        self.sought.append(partition)


@pytest.fixture
def told(monkeypatch):
    """Give an ingest whose consumer has messages for ever, and the story of what it did."""
    story = []
    one = Ingest(Settings(raw=(RawTopic(name="raw", format="native-json"),)))
    one.consumer, one._epochs.client = Consumer(story), None  # noqa: SLF001 - what `run` makes
    one._epochs.of["raw"] = "life"  # noqa: SLF001 - what Kafka would have told
    one._progress = {RAW: progress()}  # noqa: SLF001 - what a rebalance would have given

    async def topic_ids(*_):
        story.append("asked")
        return {"raw": "life"}

    def read(_progress, records, _into):
        story.extend(["decoded"] * len(records))

    monkeypatch.setattr(epochs, "topic_ids", topic_ids)
    monkeypatch.setattr(ingest, "_TAKE_BYTES", 3_000)
    monkeypatch.setattr(one._reading, "read", read)  # noqa: SLF001 - what it does is not looked at
    return SimpleNamespace(ingest=one, story=story)


async def turn(told):
    """Do what the loop does between two looks at the clock."""
    await told.ingest._take(await told.ingest._read(float("inf")))  # noqa: SLF001 - a turn of the loop


async def test_nothing_is_decoded_before_a_question_that_came_after_its_read(told):
    await turn(told)
    await turn(told)

    reads = told.story.index("asked")
    assert reads > 1
    assert told.story == (["read"] * reads + ["asked"] + ["decoded"] * reads) * 2
    assert told.ingest._progress[RAW].position == 2 * reads  # noqa: SLF001 - what a tick would tell


async def test_reads_of_a_topic_made_anew_are_dropped_and_it_begins_at_its_first_message(
    told, monkeypatch
):
    async def topic_ids(*_):
        return {"raw": "another life"}

    monkeypatch.setattr(epochs, "topic_ids", topic_ids)
    await turn(told)

    assert "decoded" not in told.story
    assert told.ingest.consumer.sought == [RAW]
    assert told.ingest._progress[RAW].source.epoch == "another life"  # noqa: SLF001 - what a tick would tell


async def test_reads_of_a_partition_that_went_and_came_back_meanwhile_are_dropped(told):
    reads = await told.ingest._read(float("inf"))  # noqa: SLF001 - half a turn of the loop
    told.ingest._progress[RAW] = progress()  # noqa: SLF001 - what a rebalance gives
    await told.ingest._take(reads)  # noqa: SLF001 - the other half

    assert "decoded" not in told.story


async def test_a_round_that_is_due_is_read_no_longer(told):
    reads = await told.ingest._read(0.0)  # noqa: SLF001 - half a turn of the loop

    assert len(reads.by_partition[RAW][1]) == 1


@given(st.floats(0.001, 86_400))
def test_kafka_gathers_for_a_fraction_of_a_linger_and_never_for_long(linger_s):
    assert 10 <= fetch_wait_ms(linger_s) <= 100
    assert linger_s < 0.05 or fetch_wait_ms(linger_s) <= 200 * linger_s + 0.5


@pytest.mark.skipif(libc_ver()[0] != "glibc", reason="glibc's mallopt")
def test_memory_freed_stays_with_the_process_and_cycles_are_still_found():
    code = (
        "import gc; from streams.heap import keep_freed, settle\n"
        "settle(); assert keep_freed() and gc.isenabled() and gc.get_freeze_count() > 1000\n"
        "class Node: pass\n"
        "import weakref; node = Node(); node.me = node; gone = weakref.ref(node); del node\n"
        "kept = [[] for _ in range(20_000)]; assert gone() is None\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own code
