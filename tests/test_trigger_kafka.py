"""What alerts lead to, on a real Kafka: a question, answers that count and do not, kill -9."""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.structs import ConsumerRecord
from alerts import SECRETS, alert, yes

from models.snapshot import SnapshotError
from models.trigger.message import Source
from schemas.events import Event
from schemas.settings import Settings
from schemas.trigger import Action, Stage, Verdict
from streams import topics
from streams.cli.pending import latest
from streams.cli.precision import feedback
from streams.connection import client_options
from streams.house import House, read_all, until
from streams.trigger import Triggers, journal

ADA = {"ADA": SECRETS["ada"].decode()}
ME = {"ALLTOBIT_APPROVER": "ada", "ALLTOBIT_APPROVER_SECRET": ADA["ADA"]}
BREAKER = 5
POLICY = {
    "rules": [
        {"name": "gpu-hot", "point": "temp", "above": 85, "level": "ask", "then": ["drain"]},
        {"name": "act", "point": "temp", "above": 95, "level": "act", "then": ["drain"]},
    ],
    "actions": [{"name": "drain", "kind": "kafka", "topic": "commands", "mode": "live"}],
    "trigger": {
        "snapshot_s": 600,  # all is taken in once more from what was written down
        "breaker": {"least": BREAKER},
        "approvers": [{"name": "ada", "secret": {"env": "ADA"}}],
    },
}


def with_policy(settings, **more):
    """Return settings with rules, actions and who may answer; `more`: of `trigger`."""
    told = settings.model_dump(exclude={"rules", "actions", "trigger"})
    trigger = {"group": settings.trigger.group} | POLICY["trigger"] | more
    return Settings.model_validate(told | POLICY | {"trigger": trigger})


async def send(settings, topic, *said):
    """Publish events, decisions or bytes, in order."""
    producer = AIOKafkaProducer(**client_options(settings.kafka))
    await producer.start()
    try:
        for one in said:
            value = one if isinstance(one, bytes) else one.model_dump_json().encode()
            await producer.send_and_wait(topic, value, key=b"key")
    finally:
        await producer.stop()


async def steps(settings):
    """Return what was told of actions: the first message of each id, in order."""
    records = (await read_all(settings, [settings.topics.actions]))[settings.topics.actions]
    read = [Event[Action].model_validate_json(record.value) for record in records]
    found = {}
    for event in sorted(read, key=lambda event: event.time):
        found.setdefault(event.id, event)
    return [event.data for event in found.values()]


async def seen(settings, stage, many, house_or_task=None):
    """Wait until so many steps of a stage are told; return them."""

    async def there():
        if isinstance(house_or_task, asyncio.Task) and house_or_task.done():
            house_or_task.result()
        return sum(one.stage is stage for one in await steps(settings)) >= many

    await until(f"{many} {stage}", there, 120.0)
    return [one for one in await steps(settings) if one.stage is stage]


async def alltobit(house, *words):
    """Run a command as ada; return its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "streams", "--config", str(house.file), *words),
        env=os.environ | ME,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


def at_another_site(i):
    """Return an alert that is acted upon where the breaker lets it."""
    one = alert(i, rule="act", asset=f"node-{i:02d}", since=i)
    return one.model_copy(update={"source": "/alltobit/t"})


@asynccontextmanager
async def running(settings):
    """Run it meanwhile; it ends without trouble, or raises what it was."""
    triggers = Triggers(settings)
    task = asyncio.create_task(triggers.run())
    try:
        yield triggers, task
    finally:
        triggers.stopping.set()
        await task


@pytest.mark.kafka
async def test_a_question_is_answered_once_by_who_may_also_through_kill_9(
    settings, tmp_path, monkeypatch
):
    set_ = with_policy(settings)
    ours = set_.topics
    acts = [at_another_site(i) for i in range(12)]
    async with House(set_, tmp_path / "house") as house:
        again = ADA | {"ALLTOBIT_KAFKA__INSTANCE": "one"}
        first = house.start("trigger", environment=again)
        await send(set_, ours.alerts, alert(10), *acts[:8], b"{")
        (asked,) = await seen(set_, Stage.AWAITING, 1)
        await send(
            set_,
            ours.decisions,
            yes(asked, 11, signer="bob"),
            yes(asked, 12, evidence_hash="d" * 64),
        )
        await seen(set_, Stage.IGNORED, 2)
        first.signal(signal.SIGKILL)
        await first.ended()
        await send(set_, ours.alerts, *acts[6:], alert(10))  # some of it again
        house.start("trigger", environment=again)
        await seen(set_, Stage.DROPPED, 12 - BREAKER)

        code, said = await alltobit(house, "approve", asked.action[:8], "--why", "I looked")
        assert code == 0, said
        assert "node-01/gpu0 temp was 91" in said
        assert asked.evidence_hash in said
        (approved,) = await seen(set_, Stage.APPROVED, 1)
        await send(set_, ours.decisions, yes(asked, 13, verdict=Verdict.REFUSE))
        await seen(set_, Stage.IGNORED, 3)

        code, said = await alltobit(house, "actions", "--json")
        assert json.loads(said)[0]["data"]["action"]
        code, said = await alltobit(house, "approve", asked.action)
        assert (code, "nobody waits for an answer" in said) == (2, True)
        code, said = await alltobit(house, "label", acts[0].id, "false-alarm")
        assert code == 0, said
        assert await house.stop() == [-9, 0]

    found = Counter((one.rule, one.stage.value, one.why.value) for one in await steps(set_))
    assert found == {
        ("gpu-hot", "awaiting", "needs_approval"): 1,
        ("gpu-hot", "approved", "said_yes"): 1,
        ("gpu-hot", "ignored", "forged"): 1,
        ("gpu-hot", "ignored", "other_evidence"): 1,
        ("gpu-hot", "ignored", "answered"): 1,
        ("act", "requested", "allowed"): BREAKER,
        ("act", "dropped", "breaker_open"): 12 - BREAKER,
    }
    assert (approved.by, approved.reason) == ("ada", "I looked")
    rejects = (await read_all(set_, [ours.rejects]))[ours.rejects]
    assert {dict(one.headers)["alltobit-reason"] for one in rejects} == {b"not_json"}

    monkeypatch.setenv("ADA", ADA["ADA"])
    await goes_on(with_policy(settings, ask={"expires_s": 0.5}), acts[0].id)
    assert [*(await feedback(set_)).counts] == ["rule:act"]
    assert (await latest(set_))[0].data.stage is not Stage.IGNORED


async def goes_on(settings, labelled):
    """Two processes on the same state: one goes on with it, the other waits."""
    async with running(settings) as (one, task), running(settings) as (other, beside):

        async def both():
            for each in (task, beside):
                each.done() and each.result()
            parts = [triggers.part is not None for triggers in (one, other)]
            return sum(parts) == 1 and one.health.ready and other.health.ready

        await until("one is active, one waits", both)
        await send(settings, settings.topics.alerts, alert(50, asset="node-50", since=50))
        (expired,) = await seen(settings, Stage.EXPIRED, 1, task)
        await send(settings, settings.topics.decisions, yes(expired, 60))
        late = await seen(settings, Stage.IGNORED, 4, task)
        active = one if one.part else other
        assert active.part is not None
        feedback = active.part.core.memory.feedback

        assert {each.why.value for each in late} >= {"too_late"}
        assert feedback.precision("rule:act")[:1] == (0.0,)
        assert labelled in feedback.labels


@pytest.mark.kafka
async def test_a_topic_that_is_not_there_is_named(settings):
    with pytest.raises(Exception, match="does not exist; run `alltobit topics create`"):
        await Triggers(settings).run()
    assert topics.trigger_changelog(settings).endswith("-trigger-state-changelog")


# The journal, without Kafka.


def record(topic, partition, offset, timestamp):
    """Return a message as aiokafka gives it."""
    return ConsumerRecord(topic, partition, offset, timestamp, 0, None, b"", None, 0, 0, ())


def test_messages_are_taken_in_by_time_and_those_of_a_partition_in_their_order():
    a, b = TopicPartition("alerts", 0), TopicPartition("decisions", 1)
    batch = {
        b: [record("decisions", 1, 7, 30), record("decisions", 1, 8, 50)],
        a: [record("alerts", 0, 1, 40), record("alerts", 0, 2, 20), record("alerts", 0, 3, 50)],
    }
    sources = {"alerts": Source.ALERTS, "decisions": Source.DECISIONS}
    order = [(one.topic, one.offset) for _, one in journal.in_order(batch, sources)]

    assert order == [
        ("decisions", 7),
        ("alerts", 1),
        ("alerts", 2),
        ("alerts", 3),
        ("decisions", 8),
    ]
    entry = journal.entry_of(3, 17, batch)
    key, value = journal.pair(entry)
    assert journal.entries({key: value}, 3) == [entry]
    assert journal.entries({key: value}, 2) == []
    with pytest.raises(SnapshotError):
        journal.entries({key: b"{"}, 3)
