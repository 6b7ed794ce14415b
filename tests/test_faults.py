"""The comparison can fail; the service on the real Kafka, disturbed, gives it nothing to find."""

import json
from dataclasses import replace

import pytest

from models.simulate.wire import messages
from schemas.settings import Kafka
from schemas.telemetry import Source
from streams.bench.faults import (
    START_NS,
    Outcome,
    Report,
    compare,
    disturb,
    plant,
    settings_for,
    without_broker,
)
from streams.bench.faults.feed import RAW, Sent

ROWS = 120  # seconds: a fault begins after 90
END_NS = START_NS + ROWS * 10**9


def published(rows: int = ROWS) -> list[list[Sent]]:
    """Give what a feed would have sent, as if every topic had one partition."""
    ends = dict.fromkeys(RAW.values(), 0)
    written = []
    ticks = plant(3).run(START_NS, rows)
    for tick in ticks:
        written.append([])
        for message in messages(tick):
            topic = RAW[message.topic]
            written[-1].append(Sent(Source(topic, 0, "life"), ends[topic], -1, message.value))
            ends[topic] += 1
    return written


def alone(written: list[list[Sent]]) -> Outcome:
    return without_broker(settings_for(Kafka(), "alone"), written, END_NS)


@pytest.fixture(scope="module")
def quiet() -> Outcome:
    return alone(published())


def changed(value: bytes) -> bytes:
    """Move the first value of a message."""
    document = json.loads(value)
    first = next(name for name, number in document["values"].items() if number)
    document["values"][first] *= 1.5
    return json.dumps(document).encode()


def compared(first: Outcome, *others: Outcome) -> Report:
    report = Report("kill", 1)
    compare(report, dict.fromkeys(others[0].samples, 1), first, *others)
    return report


def test_a_run_without_a_broker_has_every_sample_in_a_frame_once(quiet):
    sent = [
        (frame.asset, point, frame.time_ns)
        for tick in plant(3).run(START_NS, ROWS)
        for frame in tick.frames()
        for point in frame.points
    ]

    assert quiet.samples == dict.fromkeys(sent, 1)


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_run_without_a_broker_does_not_depend_on_batches(quiet, size):
    flat = [one for second in published() for one in second]

    assert alone([flat[i : i + size] for i in range(0, len(flat), size)]) == quiet


def test_equal_runs_differ_in_nothing(quiet):
    assert compared(quiet, quiet, quiet).wrong == 0


@pytest.mark.parametrize("what", ["frames", "events"])
def test_one_bit_of_one_frame_or_event_is_a_difference(quiet, what):
    kept = getattr(quiet, what)
    name, data = next(iter(kept.items()))
    other = replace(quiet, **{what: kept | {name: data[:-1] + bytes([data[-1] ^ 1])}})

    assert compared(quiet, quiet, other).different == 1


@pytest.mark.parametrize("what", ["frames", "events"])
def test_a_frame_or_event_that_only_one_run_has_is_a_difference(quiet, what):
    kept = dict(getattr(quiet, what))
    kept.popitem()
    fewer = replace(quiet, **{what: kept})

    assert compared(quiet, fewer).different == 1
    assert compared(fewer, quiet).different == 1


def test_a_message_that_was_not_read_is_lost_and_a_difference(quiet):
    written = published()
    del written[10][0]

    report = compared(alone(written), quiet)

    assert report.lost > 0
    assert report.invented == 0
    assert report.different > 0


def test_a_sample_with_another_value_is_a_difference_though_nothing_is_lost(quiet):
    written = published()
    one = written[10][0]
    written[10][0] = one._replace(value=changed(one.value))

    report = compared(alone(written), quiet)

    assert (report.lost, report.invented) == (0, 0)
    assert report.different > 0


@pytest.mark.kafka
@pytest.mark.parametrize("kind", ["kill", "term", "pause", "anew"])
async def test_what_is_published_does_not_depend_on_disturbances(kind, tmp_path):
    report = await disturb(kind, seed=3, times=1, folder=tmp_path)

    assert report.disturbances > 0
    assert (report.lost, report.invented, report.different) == (0, 0, 0), report.line()
    assert report.sent > 10_000
    assert report.events > 0
