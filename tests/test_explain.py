"""`alltobit explain`: an event is found by its id, and what it cites is read again."""

import json
from datetime import UTC, datetime
from random import Random

import pytest
from aiokafka import AIOKafkaProducer
from alerts import alert, at
from cli_calls import call, one_line, settings_file
from incidents import telling
from troubles import bad_cable, mixed, run, streams

from models.act.message import Result
from models.act.message import told as act_told
from models.trigger.steps import action_of, moved, step_event
from schemas.anomaly import Anomaly
from schemas.events import Event, Evidence, Fact, Hypothesis, Kind
from schemas.trigger import Stage, Why
from streams.connection import client_options
from streams.topics import create

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def opened(number: int, topic: str, offset: int, **changed) -> Event[Anomaly]:
    fact = Fact(text=f"node-1 temp was {number}", topic=topic, partition=0, offset=offset)
    said = Evidence(
        facts=(fact,),
        hypotheses=(Hypothesis(text="departed from its centre", score=11.5),),
        unknowns=("why",),
    )
    data = {
        "asset": "node-1",
        "point": "temp",
        "cell": "node-1",
        "value": number,
        "unit": "Cel",
        "expected": 60.0,
        "spread": 2.0,
        "score": 11.5,
        "since": AT,
        "quality": 1.0,
        "summary": f"node-1 temp is {number} Cel",
        "evidence": said,
    }
    return Event[Anomaly](
        id=f"{number:032x}",
        source="/alltobit/site",
        type=Kind.ANOMALY_OPENED,
        subject="node-1/temp",
        time=AT,
        dataschema="urn:alltobit:schema:anomaly:1",
        data=Anomaly(**(data | changed)),
    )


async def send(settings, topic, values):
    producer = AIOKafkaProducer(**client_options(settings.kafka))
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(topic, value, partition=0)
    finally:
        await producer.stop()


@pytest.fixture
async def config(settings, tmp_path):
    await create(settings)
    raw = settings.raw[0].name
    await send(settings, raw, [b'{"asset":"node-1","time":1767323045,"values":{"temp":90}}'])
    events = [opened(90, raw, 0), opened(91, raw, 99), opened(92, raw, 0, asset="node-2")]
    values = [event.model_dump_json().encode() for event in events]
    await send(settings, settings.topics.anomalies, [*values, values[0]])
    return ("--config", settings_file(tmp_path, settings))


@pytest.mark.kafka
def test_an_event_is_explained_with_the_messages_it_cites_and_what_else_its_asset_did(config):
    told = call(*config, "explain", f"{90:032x}")

    text = told.stdout
    assert told.exit_code == 0
    assert "expected: about 60 Cel" in text
    assert "between 54 and 66 Cel" in text
    assert '"temp":90' in text
    assert "departed from its centre (score 11.5)" in text
    assert "what is not known: why" in text
    assert "node-1 temp is 91 Cel" in text
    assert "is 92" not in text


@pytest.mark.kafka
def test_a_message_that_is_gone_is_said_to_be_gone(config):
    told = call(*config, "explain", f"{91:032x}", "--json")

    (cited,) = json.loads(told.stdout)["cited"]
    assert told.exit_code == 0
    assert cited["offset"] == 99
    assert "no such message" in cited["told"][0]


@pytest.fixture
async def incident(config, settings):
    """Publish an incident and the anomalies of its cause; give its id."""
    del config  # makes the topics
    event = run(mixed(streams(bad_cable(), 100), Random(0)))[-1]
    await send(settings, settings.topics.incidents, [event.encode()])
    values = [one.model_dump_json().encode() for _, _, one in bad_cable()[:2]]
    await send(settings, settings.topics.anomalies, values)
    return json.loads(event)["id"]


@pytest.mark.kafka
def test_an_incident_is_explained_with_its_cause_and_what_happened_to_it(config, incident):
    done = call(*config, "explain", incident, "--no-raw")

    assert done.exit_code == 0
    assert "cause    leaf-1/p1 - node-01/ib0 (infiniband)" in done.stdout
    assert "what else happened to its cause within 5 minutes:" in done.stdout
    assert "leaf-1/p1 SymbolErrorCounter is 50" in done.stdout


@pytest.fixture
async def action(config, settings):
    """Publish an alert about an incident, and what came of it; give ids of action, alert, step."""
    del config  # makes the topics
    about = alert(0, labels={"event": "c" * 32})
    asked = action_of(about, None, "drain", stage=Stage.AWAITING, why="needs_approval", level="ask")
    forged = moved(asked, Stage.IGNORED, Why.FORGED, by="bob")
    yes = moved(asked, Stage.APPROVED, Why.SAID_YES, by="ada", reason="I looked")
    steps = [step_event(one, "s", at(i)) for i, one in enumerate((asked, forged, yes))]
    result = Result(Stage.DONE, Why.CARRIED_OUT, "200 drained", 2, "webhook drain", "undrain it")
    told_ = [*steps, steps[0], act_told(steps[-1], result)]
    of_another = step_event(
        asked.model_copy(update={"action": "e" * 32, "alert": "f" * 32}), "s", at(9)
    )
    values = [one.model_dump_json().encode() for one in (*told_, of_another)]
    await send(settings, settings.topics.actions, values)
    await send(settings, settings.topics.alerts, [about.model_dump_json().encode()])
    said = telling(0, "node-01", name="x").body.model_copy(update={"incident": "c" * 32})
    opened_ = opened(7, "raw", 0).model_dump(mode="json") | {
        "type": Kind.INCIDENT_OPENED,
        "data": said.model_dump(mode="json") | {"summary": "node-01 began it"},
    }
    await send(settings, settings.topics.incidents, [json.dumps(opened_).encode()])
    return asked.action, about.id, steps[2].id


@pytest.mark.kafka
def test_an_action_is_explained_with_its_alert_its_decision_who_answered_and_what_came(
    config, action
):
    name, about, step = action
    done = call(*config, "explain", name[:12], "--no-raw")

    assert done.exit_code == 0
    assert done.stdout.startswith("gpu-hot: node-01/gpu0 is hot\n")
    assert f"action {name}: drain for node-01/gpu0: done (carried_out)" in done.stdout
    assert "level ask, advise is asked for; quality 1.0, floor 0.0" in done.stdout
    assert done.stdout.count("awaiting (needs_approval)") == 1
    assert "ignored (forged), by bob" in done.stdout
    assert "approved (said_yes), by ada: I looked" in done.stdout
    assert "done (carried_out), by webhook drain, after 2 tries: 200 drained" in done.stdout
    assert "to take it back: undrain it" in done.stdout
    assert "node-01 began it" in done.stdout
    for other in (about, step):
        assert call(*config, "explain", other, "--no-raw").stdout == done.stdout
    in_json = json.loads(call(*config, "explain", name, "--no-raw", "--json").stdout)
    assert in_json["event"]["id"] == about
    assert [one["data"]["stage"] for one in in_json["steps"]] == [
        *("awaiting", "ignored", "approved", "done"),
    ]


@pytest.mark.kafka
def test_an_action_whose_alert_is_gone_is_explained_by_itself(config, action):
    del action  # publishes one more
    done = call(*config, "explain", "e" * 32, "--no-raw")

    assert done.exit_code == 0
    assert f"action {'e' * 32}: drain for node-01/gpu0: awaiting (needs_approval)" in done.stdout


@pytest.mark.kafka
@pytest.mark.parametrize("asked", ["0000", "f" * 32])
def test_an_id_that_names_several_events_or_none_is_told(config, asked):
    told = call(*config, "explain", asked)

    assert told.exit_code == 2
    assert "event" in one_line(told.stderr)


def test_an_event_in_a_file_needs_no_kafka(tmp_path):
    file = tmp_path / "event.json"
    file.write_text(opened(90, "raw", 0).model_dump_json())

    told = call("explain", str(file), "--no-raw")

    assert told.exit_code == 0
    assert "node-1 temp is 90 Cel" in told.stdout


@pytest.mark.parametrize(
    "text", ["{", "[1]", '{"id": 1}', '{"id": 1, "data": 5}', '{"id": 1, "data": {}}']
)
def test_a_file_that_holds_no_event_is_a_mistake(tmp_path, text):
    file = tmp_path / "event.json"
    file.write_text(text)

    told = call("explain", str(file), "--no-raw")

    assert told.exit_code == 2
    assert "CloudEvent" in one_line(told.stderr)
