"""What alerts lead to, killed at any moment: each word once, as if nobody had been killed."""

import json
import signal
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from alerts import SECRETS, alert, at, says, yes
from incidents import telling

from models.events import event_id
from models.trigger.message import Source
from models.trigger.trigger import Trigger
from schemas.cascade import Incident, Stage
from schemas.events import Event, Kind
from schemas.settings import Settings
from schemas.trigger import Action, State, Verdict
from schemas.trigger import Stage as Step
from streams import topics
from streams.connection import client_options, reader
from streams.house import House, until
from streams.topics import administration
from streams.trigger import journal
from streams.trigger.part import Part
from streams.trigger.prepare import setup_of

BREAKER = 16
KILLS = (
    *(("state", 1), ("actions", 1), ("state", 2), ("actions", 5), ("state", 5)),
    *(("state", 3), ("alerts", 1), ("state", 4), ("actions", 9), ("rejects", 1)),
)
"""Messages of a topic, from its start, at which `trigger` is killed."""
RULES = [
    {"name": "gpu-hot", "point": "temp", "above": 85, "level": "ask", "then": ["drain"]},
    {"name": "act", "point": "temp", "above": 95, "level": "act", "then": ["drain"]},
    {
        "name": "far",
        "each": "incident",
        "level": "ask",
        "then": ["drain"],
        "if": "size(event.causes) > 0",
        "until": "event.stage == 'resolved'",
    },
]


def with_rules(settings):
    """Return settings in which much is asked, told and done, and little may be."""
    policy = {
        "group": settings.trigger.group,
        "snapshot_s": 0.1,
        "always": ["pager"],
        "breaker": {"least": BREAKER},
        "ask": {"a_person_hour": 30},
        "approvers": [{"name": "ada", "secret": {"env": "ADA"}}],
    }
    drain = {"name": "drain", "kind": "kafka", "topic": "commands", "mode": "live"}
    pager = {"name": "pager", "kind": "alertmanager", "mode": "live", "urls": ["http://h"]}
    told = settings.model_dump(exclude={"rules", "actions", "trigger"})
    more = {"rules": RULES, "actions": [drain, pager], "trigger": policy}
    return Settings.model_validate(told | more)


def an_incident(number, stage):
    """Return an event of an incident; what it reaches is explained by it."""
    over = stage is Stage.RESOLVED
    data = telling(
        0, f"node-{number}/gpu0", name=f"{number}", stage=stage, followers=(f"node-{number}/gpu1",)
    ).body
    kind = Kind.INCIDENT_RESOLVED if over else Kind.INCIDENT_OPENED
    return Event[Incident](
        id=event_id(kind, data.incident),
        source="/alltobit/s",
        type=kind,
        subject=data.incident,
        time=at(10 * number + 8 * over),
        dataschema="urn:alltobit:schema:incident:1",
        data=data,
    )


def incidents_of(number):
    """Return the beginning of one incident, and the end of the one before."""
    yield an_incident(number, Stage.OPENED)
    if number:
        yield an_incident(number - 1, Stage.RESOLVED)


def alerts_of(number):
    """Return alerts: new ones, one again, the end of another."""
    began = 10 * number
    for i in range(3):
        for rule in ("gpu-hot", "act"):
            asset = f"node-{number}/gpu{i}"
            yield alert(began + i, rule=rule, asset=asset, since=began + i)
    if number:
        was = {"rule": "gpu-hot", "asset": f"node-{number - 1}/gpu2", "since": began - 8}
        yield alert(began - 8, **was)
        yield alert(began + 3, State.RESOLVED, **was)


class Ledger:
    """All that Kafka holds, as it comes; each question is answered as soon as it is seen."""

    def __init__(self, settings, consumer, producer):
        ours = settings.topics
        self.topics = {
            **{name: getattr(ours, name) for name in ("alerts", "incidents", "decisions")},
            "actions": ours.actions,
            "rejects": ours.rejects,
            "state": topics.trigger_changelog(settings),
        }
        self.records = {topic: [] for topic in self.topics.values()}
        self.answered = set()
        self._consumer, self._producer = consumer, producer

    def of(self, name):
        """Return the messages of one topic."""
        return self.records[self.topics[name]]

    async def send(self, name, *said):
        """Publish."""
        for one in said:
            value = one if isinstance(one, bytes) else one.model_dump_json().encode()
            await self._producer.send(self.topics[name], value)
        await self._producer.flush()

    async def look(self):
        """Take in what came, and answer."""
        for place, records in (await self._consumer.getmany(timeout_ms=5)).items():
            self.records[place.topic] += records
            for one in records if place.topic == self.topics["actions"] else ():
                await self._answer(Event[Action].model_validate_json(one.value).data)

    async def _answer(self, action):
        if action.stage is not Step.AWAITING or action.action in self.answered:
            return
        self.answered.add(action.action)
        number = len(self.answered)
        answers = [yes(action, 100 * i + number) for i in range(1 + number % 2)]
        forged, late = yes(action, 0, signer="bob"), says(Verdict.TRUE, action.alert, number)
        await self.send("decisions", forged, *answers, late)

    async def until(self, what, holds):
        """Look until something holds."""

        async def found():
            await self.look()
            return await holds()

        await until(what, found, 60.0, every_s=0)

    async def grown(self, name, many):
        """Wait until a topic has so many messages more than now."""
        least = len(self.of(name)) + many

        async def is_there():
            return len(self.of(name)) >= least

        await self.until(f"{many} messages more of {name}", is_there)


@asynccontextmanager
async def following(settings):
    """Lend the ledger."""
    producer = AIOKafkaProducer(**client_options(settings.kafka))
    await producer.start()
    try:
        async with reader(settings.kafka, auto_offset_reset="earliest") as consumer:
            ledger = Ledger(settings, consumer, producer)
            parts = [TopicPartition(one, p) for one in ledger.records for p in (0, 1)]
            state = ledger.topics["state"]
            consumer.assign([one for one in parts if one != TopicPartition(state, 1)])
            yield ledger
    finally:
        await producer.stop()


async def is_all_taken_in(settings, ledger):
    """Say whether all that was said is committed, and all that was asked is answered."""
    async with administration(settings.kafka) as admin:
        standing = await topics.committed(admin, settings.trigger.group)
    before = {name: len(ledger.of(name)) for name in ("actions", "decisions")}
    await ledger.look()
    said = sum(len(ledger.of(name)) for name in ("alerts", "incidents", "decisions"))
    return sum(standing.values()) == said and before == {
        name: len(ledger.of(name)) for name in before
    }


def uninterrupted(settings, ledger):
    """Return what one process that lives on makes of the same messages: ids with their bytes."""
    sources = {
        ledger.topics["alerts"]: Source.ALERTS,
        ledger.topics["incidents"]: Source.INCIDENTS,
        ledger.topics["decisions"]: Source.DECISIONS,
    }
    there = {(r.topic, r.partition, r.offset): r for name in sources for r in ledger.records[name]}
    setup = setup_of(settings)
    offsets = {TopicPartition(name, p): 0 for name in sources for p in (0, 1)}
    part, made = Part(Trigger(setup), sources, {}, offsets), {}
    for entry in written_down(ledger):
        batch = {}
        for one in entry.spans:
            place = TopicPartition(one.topic, one.partition)
            assert part.offsets[place] == one.first  # nothing is left out, nothing comes twice
            batch[place] = [there[(*place, i)] for i in range(one.first, one.next)]
        made |= {one.id: one.model_dump_json().encode() for one in part.apply(entry, batch).told}
    assert sum(part.offsets.values()) == len(there)
    return made


def written_down(ledger):
    """Return the journal: each batch is written down once."""
    kept = [one for one in ledger.of("state") if one.key.startswith(journal.PREFIX) and one.value]
    assert [one.key for one in kept] == [journal.key_of(i) for i in range(len(kept))]
    return journal.entries({one.key: one.value for one in kept}, 0)


def told(ledger):
    """Return what `trigger` published, in order a partition."""
    alerts = [one for one in ledger.of("alerts") if b'"rule":"far"' in one.value]
    return sorted([*ledger.of("actions"), *alerts], key=lambda one: one.offset)


def once(ledger):
    """Return the first of each id; told again, it is the same."""
    found = {}
    for one in told(ledger):
        name = json.loads(one.value)["id"]
        assert found.setdefault(name, one).value == one.value
    return found


@pytest.mark.kafka
async def test_killed_at_any_moment_each_word_is_said_once_and_as_if_nobody_had_been(
    settings, tmp_path, monkeypatch
):
    own = with_rules(settings)
    monkeypatch.setenv("ADA", SECRETS["ada"].decode())
    instance = {"ALLTOBIT_KAFKA__INSTANCE": "one"}
    async with House(own, tmp_path / "house") as house, following(own) as ledger:
        for number, (name, many) in enumerate((*KILLS, ("", 0))):
            await ledger.send("alerts", *alerts_of(number), b"{")
            await ledger.send("incidents", *incidents_of(number))
            await ledger.look()
            member = house.start("trigger", environment=instance)
            if many:
                await ledger.grown(name, many)
                member.signal(signal.SIGKILL)
                await member.ended()
        await ledger.until("all is taken in", lambda: is_all_taken_in(own, ledger))
        assert (await house.stop())[-1] == 0
        await ledger.look()

    expected, found = uninterrupted(own, ledger), once(ledger)
    assert {name: one.value for name, one in found.items()} == expected
    for place in {(one.topic, one.partition) for one in found.values()}:
        here = [name for name, one in found.items() if (one.topic, one.partition) == place]
        assert here == [name for name in expected if name in {*here}]
    assert_each_question_is_answered(ledger, found)


def assert_each_question_is_answered(ledger, found):
    """Look at what came of it, whoever was killed."""
    steps = [json.loads(one.value)["data"] for one in found.values()]
    drains = [one for one in steps if one.get("name") == "drain"]
    ends = ("approved", "withdrawn", "breaker_open")
    over = {one["action"] for one in drains if {one["stage"], one["why"]} & {*ends}}
    asked = {one["action"] for one in drains if one["stage"] == "awaiting"}
    assert ledger.answered == asked
    assert asked <= over
    acted = {one["asset"] for one in drains if one["stage"] in {"approved", "requested"}}
    assert len(acted) == BREAKER
    assert len({one.headers[2:5] for one in ledger.of("rejects")}) == len(KILLS) + 1
