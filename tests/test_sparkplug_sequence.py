"""Messages of a Sparkplug node that never came are counted, and said; nothing else changes."""

import logging
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_format_sparkplug import birth, run

from models.names import Config
from models.telemetry import Gatherer
from schemas.formats import sparkplug_sequence
from schemas.formats.sparkplug import Sparkplug
from schemas.formats.sparkplug_payload import Payload
from schemas.formats.sparkplug_sequence import Sequences
from schemas.settings import RawTopic, Settings
from schemas.telemetry import Lost, Source
from streams import metrics
from streams.telemetry.progress import Progress
from streams.telemetry.rounds import Reading, Round

SOURCE = Source("raw", 0, "epoch")
T_MS = 1_700_000_000_000
NBIRTH, NDATA = "spBv1.0/G/NBIRTH/E", "spBv1.0/G/NDATA/E"
DBIRTH, DDATA, NDEATH = "spBv1.0/G/DBIRTH/E/d", "spBv1.0/G/DDATA/E/d", "spBv1.0/G/NDEATH/E"


def numbered(number):
    sent = Payload(timestamp=T_MS) if number is None else Payload(timestamp=T_MS, seq=number)
    sent.metrics.add(name=b"p", datatype=10, timestamp=T_MS, double_value=1.0)
    return sent.SerializeToString()


@given(lost=st.lists(st.integers(0, 127), max_size=30))
def test_what_is_missing_is_counted_also_around_255(lost):
    sequences, number, found = Sequences(), 0, []
    sequences.lost(SOURCE, "n", 0, 0, birth=True)
    for offset, missing in enumerate(lost, 1):
        number = (number + 1 + missing) % 256
        found.append(sequences.lost(SOURCE, "n", offset, number, birth=False))

    assert found == lost


@pytest.mark.parametrize(
    ("numbers", "lost"),
    [
        ([0, 1, 2], []),
        ([0, 1, 1, 2], []),
        ([0, 2, 1, 3], [Lost(1, "G/E", 1)]),
        ([0, None, 1], []),
        ([254, 1], [Lost(1, "G/E", 2)]),
    ],
    ids=["in order", "one twice", "one late", "one without a number", "around"],
)
def test_a_gap_is_told_of_the_message_behind_it(numbers, lost):
    decoded = run((NBIRTH, numbered(numbers[0])), *[(NDATA, numbered(n)) for n in numbers[1:]])

    assert decoded.lost == lost
    assert not decoded.rejects


def test_devices_count_with_their_node_and_a_birth_begins_anew():
    log = [(NBIRTH, numbered(0)), (DBIRTH, numbered(1)), (DDATA, numbered(2)), (NDATA, numbered(3))]
    again = [(NDEATH, numbered(None)), (NBIRTH, numbered(77)), (DDATA, numbered(80))]

    assert run(*log, *again).lost == [Lost(6, "G/E", 2)]


def test_who_begins_or_reads_again_knows_of_no_gap():
    decoder = Sparkplug()
    assert not run((NDATA, numbered(9)), decoder=decoder, first=50).lost
    assert not run((NDATA, numbered(3)), decoder=decoder, first=20).lost
    assert run((NDATA, numbered(5)), decoder=decoder, first=21).lost == [Lost(0, "G/E", 1)]
    decoder.recall([])
    assert not run((NDATA, numbered(9)), decoder=decoder, first=60).lost


def test_memory_of_numbers_is_bounded(monkeypatch):
    monkeypatch.setattr(sparkplug_sequence, "NODES", 3)
    sequences = Sequences()
    for i in range(50):
        sequences.lost(SOURCE, f"n{i}", i, 0, birth=True)
        assert len(sequences) <= 3


def test_ingest_counts_and_logs_what_never_came(caplog):
    settings = Settings(raw=(RawTopic(name="t-lost", format="sparkplug-b"),))
    reading, into = Reading(settings, Config.of(settings)), Round(Gatherer(lambda _asset: 0))
    records = [
        SimpleNamespace(
            topic="t-lost",
            partition=0,
            offset=i,
            timestamp=T_MS,
            key=topic.encode(),
            value=value,
            headers=(),
        )
        for i, (topic, value) in enumerate(
            [(NBIRTH, birth("p")), (NDATA, numbered(4)), (NDATA, numbered(6))]
        )
    ]
    with caplog.at_level(logging.WARNING):
        reading.read(Progress(Source("t-lost", 0, "e"), 0), records, into)

    name = "alltobit_ingest_lost_messages_total"
    assert metrics.REGISTRY.get_sample_value(name, {"topic": "t-lost"}) == 4
    (said,) = caplog.records
    assert said.getMessage() == "4 messages never came, by their senders' numbers; 3 of 'G/E'"
    assert (said.topic, said.partition, said.offset) == ("t-lost", 0, 1)
