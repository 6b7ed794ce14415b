"""The executor on a real Kafka: each action is done once, however often it is killed."""

import asyncio
import signal
from contextlib import asynccontextmanager

import pytest
from acts import Endpoint, ask, ends, listening, request

from models.ids import event_id
from schemas.trigger import Stage, Webhook, Why
from streams import topics
from streams.act import Executor
from streams.errors import ConfigError
from streams.house import House, read_all, until
from streams.topics import administration

pytestmark = pytest.mark.kafka
KILLS = (1, 2, 3, 1, 8, 5, 4, 9, 7, 6)
"""Calls, from its start, at which the executor is killed: every other time, none is answered."""
ACTIONS = 60


def webhook(base, **more):
    given = {"name": "page", "mode": "live", "url": f"{base}/page", "backoff_s": 0.01, **more}
    return Webhook(kind="webhook", **given)


def acting(settings, *actions):
    return settings.model_copy(update={"actions": actions})


@asynccontextmanager
async def executing(settings):
    """Run an executor in this process while inside."""
    executor = Executor(settings)
    running = asyncio.create_task(executor.run())
    try:
        yield executor
    finally:
        executor.stopping.set()
        await running


async def ended(settings, count, executor=None):
    """Wait for so many ends, and return them."""
    found = []

    async def come():
        found[:] = await ends(settings)
        assert executor is None or not executor.stopping.is_set() or len(found) >= count
        return len(found) >= count

    await until(f"{count} ends of actions", come, 60.0)
    return found


async def committed(settings):
    async with administration(settings.kafka) as admin:
        return await topics.committed(admin, settings.act.group)


async def test_killed_at_any_moment_each_action_is_done_once(settings, tmp_path):
    endpoint = Endpoint()
    async with listening(endpoint) as base:
        own = acting(settings, webhook(base, at_once=4))
        asked = [request(number) for number in range(ACTIONS)]
        async with House(own, tmp_path / "house") as house:
            await ask(own, asked)
            for number, calls in enumerate(KILLS):
                endpoint.stop_after(calls, hangs=number % 2 == 0)
                member = house.start("act", environment={"ALLTOBIT_KAFKA__INSTANCE": "one"})
                await asyncio.wait_for(endpoint.at.wait(), 60)
                member.signal(signal.SIGKILL)
                await member.ended()
            endpoint.stops_at = None
            house.start("act", environment={"ALLTOBIT_KAFKA__INSTANCE": "one"})
            await ask(own, asked[:10])  # asked for again: by a trigger that was killed, too
            told = await ended(own, ACTIONS)

            async def is_all_over():
                read = await read_all(own, [own.topics.actions])
                return sum((await committed(own)).values()) == len(read[own.topics.actions])

            await until("all is committed", is_all_over)
            told = await ends(own)

    keys = [event.data.action for event in asked]
    assert sorted(event.data.action for event in told) == sorted(keys)
    assert {event.data.stage for event in told} == {Stage.DONE}
    assert endpoint.did == dict.fromkeys((f'"{key}"' for key in keys), 1)
    assert endpoint.calls > ACTIONS  # some were called in vain: that is what keys are for


async def test_one_that_joins_in_the_middle_takes_its_part_and_nothing_is_done_twice(settings):
    endpoint, some, go = Endpoint(), asyncio.Event(), asyncio.Event()

    async def wait(_):
        if endpoint.calls >= 10:
            some.set()
            await go.wait()
        return 200

    endpoint.answers = {"/page": wait}
    async with listening(endpoint) as base:
        own = acting(settings, webhook(base, at_once=4))
        await topics.create(own)
        await ask(own, [request(number) for number in range(ACTIONS)])
        async with executing(own) as first:
            await asyncio.wait_for(some.wait(), 60)
            async with executing(own) as second:

                async def moving():
                    return not first.health.ready

                await until("partitions move", moving, every_s=0.01)
                go.set()

                async def both():
                    return len(first.parts) == len(second.parts) == 1

                await until("each has a partition", both)
                told = await ended(own, ACTIONS)

    assert len(told) == len({event.data.action for event in told}) == ACTIONS
    assert endpoint.calls == ACTIONS


async def test_what_is_done_is_told_in_words_and_stands_in_the_partition_that_asked(settings):
    endpoint = Endpoint()
    async with listening(endpoint) as base:
        own = acting(settings, webhook(base, undo="uncordon {host}"))
        await topics.create(own)
        await ask(own, [request(), request(1, stage=Stage.APPROVED, by="ann: yes")])
        async with executing(own) as executor:
            told = {event.data.asset: event for event in await ended(own, 2, executor)}
    first = told["node-0/gpu0"]

    assert (first.data.stage, first.data.why) == (Stage.DONE, Why.CARRIED_OUT)
    assert first.type == "io.alltobit.action.done"
    assert first.id == event_id(first.type, first.data.action)
    assert first.data.undo == "uncordon node-0"
    assert first.data.attempts == 1
    assert first.data.answer.startswith("200 did ")
    assert first.data.by == "webhook page"
    records = (await read_all(own, [own.topics.actions]))[own.topics.actions]
    assert len({(one.key, one.partition) for one in records}) == 2
    assert all(dict(one.headers)["content-type"] for one in records if len(one.headers))


async def test_each_way_to_end_is_told_with_its_reason(settings):
    endpoint = Endpoint()
    endpoint.answers = {"/no": 403, "/away": 503, "/moved": 302}
    async with listening(endpoint) as base:
        own = acting(
            settings,
            webhook(base, name="off", mode="off"),
            webhook(base, name="shadow", mode="shadow", body={"on": "{asset}"}),
            webhook(base, name="refused", url=f"{base}/no"),
            webhook(base, name="away", url=f"{base}/away", retries=2),
            webhook(base, name="moved", url=f"{base}/moved"),
            webhook(base, name="unfit", url=f"{base}/{{labels.rack}}"),
            webhook(base, name="late", too_late_s=0.001),
        )
        names = ("unknown", *(action.name for action in own.actions))
        await topics.create(own)
        await ask(own, [request(n, name) for n, name in enumerate(names)] + [b"{", b'{"type":1}'])
        async with executing(own) as executor:
            told = {event.data.name: event.data for event in await ended(own, 8, executor)}

    assert {name: data.why for name, data in told.items()} == {
        "unknown": Why.OFF,
        "off": Why.OFF,
        "shadow": Why.DRY_RUN,
        "refused": Why.REFUSED_BY_TARGET,
        "away": Why.UNREACHABLE,
        "moved": Why.REFUSED_BY_TARGET,
        "unfit": Why.IMPOSSIBLE,
        "late": Why.TOO_LATE,
    }
    assert told["shadow"].stage is Stage.SHADOWED
    assert told["shadow"].answer == f'POST {base}/page {{"on": "node-2/gpu0"}}'
    assert told["away"].attempts == 3
    assert told["refused"].attempts == 1
    assert endpoint.calls == 1 + 3 + 1
    rejects = (await read_all(own, [own.topics.rejects]))[own.topics.rejects]
    assert sorted(one.value for one in rejects) == [b"{", b'{"type":1}']


async def test_a_hanging_endpoint_holds_nobody_else_up_and_each_asset_keeps_its_order(settings):
    endpoint, hung = Endpoint(), asyncio.Event()

    async def hang(_):
        await hung.wait()
        return 200

    endpoint.answers = {"/hang": hang}
    async with listening(endpoint) as base:
        slow = webhook(base, name="slow", url=f"{base}/hang", timeout_s=60)
        own = acting(settings, slow, webhook(base))
        await topics.create(own)
        behind = [request(7, action=event_id(n)) for n in range(5)]
        await ask(own, [request(7, "slow"), *behind, *(request(n) for n in range(20, 40))])
        async with executing(own) as executor:
            others = await ended(own, 20, executor)
            assert "node-7/gpu0" not in {event.data.asset for event in others}
            hung.set()
            told = await ended(own, 26, executor)

    of_seven = [event.data.action for event in told if event.data.asset == "node-7/gpu0"]
    assert of_seven == [event_id("slow", 7, False), *(event_id(n) for n in range(5))]


async def test_stopped_in_the_middle_it_ends_what_is_under_way_and_leaves_the_rest(settings):
    endpoint, began, go = Endpoint(), asyncio.Event(), asyncio.Event()

    async def wait(_):
        began.set()
        await go.wait()
        return 200

    endpoint.answers = {"/page": wait}
    async with listening(endpoint) as base:
        own = acting(settings, webhook(base))
        await topics.create(own)
        await ask(own, [request(7, action=event_id(n)) for n in range(5)])
        executor = Executor(own)
        running = asyncio.create_task(executor.run())
        await asyncio.wait_for(began.wait(), 60)
        executor.stopping.set()
        go.set()
        await running
        told = await ends(own)
        assert told  # what was under way ended; the next may have begun before it was heard
        assert [event.data.action for event in told] == [event_id(n) for n in range(len(told))]
        async with executing(own) as again:
            told = await ended(own, 5, again)

    assert [event.data.action for event in told] == [event_id(n) for n in range(5)]
    assert endpoint.calls == 5


async def test_what_was_done_within_memory_is_not_done_again_though_asked_again(settings):
    endpoint = Endpoint()
    async with listening(endpoint) as base:
        own = acting(settings, webhook(base))
        await topics.create(own)
        await ask(own, [request(1)])
        async with executing(own) as executor:
            await ended(own, 1, executor)
        await ask(own, [request(1), request(1, stage=Stage.APPROVED), request(2)])
        async with executing(own) as executor:
            told = await ended(own, 2, executor)

    assert len(told) == 2
    assert endpoint.calls == 2


async def test_without_actions_or_with_a_secret_missing_it_does_not_start(settings):
    with pytest.raises(ConfigError, match="actions='a list of 0': nothing can be done"):
        await Executor(settings).run()
    action = webhook("http://h", bearer_token={"env": "NOBODY_SET_THIS"})
    with pytest.raises(ConfigError, match=r"actions\.page\.bearer_token\.env=.* is not set"):
        await Executor(acting(settings, action)).run()
