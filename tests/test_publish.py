import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.settings import Kafka, Settings
from streams import topics
from streams.cli.tail import tail
from streams.errors import BrokerUnreachable, ConfigError, TopicMissing
from streams.publish import Message, OnTheirWay, Pace, at_speed, publish


class Clock:
    """Time that passes only while something sleeps, or when told."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def now(self) -> float:
        """Seconds."""
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        """Let them pass."""
        self.now_s += seconds


@given(rate=st.floats(0.5, 1e6), weights=st.lists(st.floats(0.1, 10), max_size=200))
def test_never_more_is_let_through_than_the_rate_allows(rate, weights):
    clock = Clock()
    pace = Pace(rate, clock.now, clock.sleep)

    async def walk() -> list[float]:
        times = []
        for weight in weights:
            await pace.wait(weight)
            times.append(clock.now_s)
        return times

    let_through = 0.0
    for time_s, weight in zip(asyncio.run(walk()), weights, strict=True):
        assert let_through / rate <= time_s - 100.0 + 0.0021
        let_through += weight


async def test_a_pace_of_zero_never_waits():
    clock = Clock()
    pace = Pace(0, clock.now, clock.sleep)

    for _ in range(1000):
        await pace.wait()

    assert clock.now_s == 100.0


async def test_no_flood_follows_a_standstill():
    clock = Clock()
    pace = Pace(10, clock.now, clock.sleep)
    clock.now_s += 3600

    for _ in range(100):
        await pace.wait()

    assert clock.now_s - 3700 == pytest.approx((100 - 1) / 10 - 1.0)


async def test_recorded_time_passes_at_the_speed_asked_for(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("streams.publish.monotonic", clock.now)
    timed = [(int(s * 1e9), Message("t", None, b"%d" % s)) for s in (1000, 1001, 1001, 1010)]

    seen = [clock.now_s - 100 async for _ in at_speed(timed, 2.0, clock.sleep)]

    assert seen == pytest.approx([0, 0.5, 0.5, 5.0])


async def test_the_first_failure_is_raised_even_behind_many_successes():
    loop = asyncio.get_running_loop()
    futures = [loop.create_future() for _ in range(10)]
    for future in futures[:9]:
        future.set_result(None)
    futures[9].set_exception(ValueError("refused"))
    on_way = OnTheirWay(most=20)

    for future in futures[:9]:
        await on_way.add(future)
    with pytest.raises(ValueError, match="refused"):
        await on_way.add(futures[9])
    on_way.forget()

    assert on_way.acknowledged == 9


async def test_no_more_are_on_their_way_than_allowed():
    loop = asyncio.get_running_loop()
    futures = [loop.create_future() for _ in range(4)]
    on_way = OnTheirWay(most=3)
    for future in futures[:3]:
        await on_way.add(future)

    adding = asyncio.ensure_future(on_way.add(futures[3]))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not adding.done()

    futures[0].set_result(None)
    await adding
    assert on_way.acknowledged == 1
    on_way.forget()


async def test_a_broker_that_is_away_is_told_and_no_message_is_asked_for():
    asked = []

    def messages():
        asked.append(1)
        yield Message("t", None, b"")

    with pytest.raises(BrokerUnreachable):
        await publish(Kafka(bootstrap="127.0.0.1:9", patience_s=0), messages())
    assert asked == []


@pytest.mark.kafka
async def test_messages_of_one_key_arrive_in_order_each_once(settings: Settings):
    await topics.create(settings)
    topic = settings.raw[0].name
    told: list[int] = []

    async def messages() -> AsyncIterator[Message]:
        for i in range(2500):
            yield Message(topic, b"%d" % (i % 7), b"%d" % i, [("h", b"x")], 1_700_000_000_000 + i)

    sent = await publish(settings.kafka, messages(), on_progress=told.append)

    assert sent == 2500
    assert told == sorted(told)
    assert told[-1] == 2500
    seen: dict[bytes | None, list[int]] = {}
    left = 2500
    records = tail(settings.kafka, topic, from_beginning=True)
    async for record in records:
        assert record.headers == {"h": "x"}
        assert record.timestamp_ms == 1_700_000_000_000 + int(record.value)
        seen.setdefault(record.key, []).append(int(record.value))
        left -= 1
        if left == 0:
            break
    await records.aclose()
    assert seen == {b"%d" % k: list(range(k, 2500, 7)) for k in range(7)}


@pytest.mark.kafka
async def test_a_missing_topic_is_told_at_once(settings: Settings):
    with pytest.raises(TopicMissing, match="alltobit topics create"):
        await publish(settings.kafka, [Message("nowhere", None, b"")])


@pytest.mark.kafka
async def test_a_message_the_broker_refuses_is_no_silent_loss(settings: Settings):
    await topics.create(settings)
    topic = settings.topics.readings
    messages = [*[Message(topic, b"k", b"1")] * 50, Message(topic, b"k", b"x" * 2_000_000)]

    with pytest.raises(ConfigError, match="refused"):
        await publish(settings.kafka, messages)
