import json
from collections.abc import Iterator

import pytest

from schemas.documents import asyncapi, json_schemas
from schemas.settings import Kafka, RawTopic, Security, Settings, Topics
from schemas.telemetry import Why

ALL = [
    Settings(),
    Settings(
        kafka=Kafka(bootstrap="a:9092, b:9092", security=Security.SASL_SSL, username="u"),
        topics=Topics(alerts="x.alerts", readings="x.readings", replication=3),
        raw=(RawTopic(name="readings", format="native-json"), RawTopic(name="x.y_z-1")),
    ),
]


def _walk(node: object) -> Iterator[dict[str, object]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value)


def _refs(document: object) -> set[str]:
    return {str(n["$ref"]) for n in _walk(document) if isinstance(n.get("$ref"), str)}


def _at(document: object, ref: str) -> object:
    assert ref.startswith("#/")
    for part in ref[2:].split("/"):
        document = document[part.replace("~1", "/").replace("~0", "~")]  # type: ignore[index]
    return document


@pytest.mark.parametrize("settings", ALL)
def test_every_reference_of_the_asyncapi_document_leads_to_something_in_it(settings):
    document = asyncapi(settings)

    for ref in _refs(document):
        assert _at(document, ref)


@pytest.mark.parametrize("settings", ALL)
def test_every_topic_is_a_channel_with_exactly_one_operation(settings):
    document = asyncapi(settings)
    ours = settings.topics
    names = {raw.name for raw in settings.raw} | {
        getattr(ours, n) for n in Topics.model_fields if isinstance(getattr(ours, n), str)
    }

    assert {c["address"] for c in document["channels"].values()} == names
    told = [op["channel"]["$ref"].rsplit("/", 1)[1] for op in document["operations"].values()]
    assert sorted(told) == sorted(names)


@pytest.mark.parametrize("settings", ALL)
def test_an_operation_uses_only_messages_of_its_own_channel(settings):
    for operation in asyncapi(settings)["operations"].values():
        assert operation["action"] in {"send", "receive"}
        for message in operation["messages"]:
            assert message["$ref"].startswith(operation["channel"]["$ref"] + "/messages/")


@pytest.mark.parametrize("settings", ALL)
def test_raw_topics_are_received_and_our_outputs_sent(settings):
    operations = asyncapi(settings)["operations"]

    for raw in settings.raw:
        assert operations[f"receive-{raw.name}"]["action"] == "receive"
    for name in ("readings", "bits", "anomalies", "incidents", "alerts", "actions", "rejects"):
        assert operations[f"send-{getattr(settings.topics, name)}"]["action"] == "send"


def test_component_names_are_such_as_asyncapi_allows():
    for part in asyncapi(ALL[1])["components"].values():
        for name in part:
            assert name.replace(".", "").replace("-", "").replace("_", "").isalnum(), name


def test_servers_say_how_to_log_in_but_never_a_secret():
    document = asyncapi(ALL[1])

    assert [s["host"] for s in document["servers"].values()] == ["a:9092", "b:9092"]
    assert {s["protocol"] for s in document["servers"].values()} == {"kafka-secure"}
    assert document["components"]["securitySchemes"]["kafka"] == {"type": "scramSha512"}
    assert "password" not in json.dumps(document)


def test_a_plain_kafka_asks_for_no_login():
    document = asyncapi(Settings())

    assert "securitySchemes" not in document["components"]
    assert all("security" not in server for server in document["servers"].values())


def test_every_reason_of_a_reject_is_told():
    headers = asyncapi(Settings())["components"]["messages"]["Reject"]["headers"]["properties"]

    assert set(headers["alltobit-reason"]["enum"]) == {why.value for why in Why}


def test_every_schema_stands_alone():
    for schema in json_schemas().values():
        assert schema["$schema"].endswith("2020-12/schema")
        for ref in _refs(schema):
            assert _at(schema, ref)


def test_the_schemas_of_event_bodies_carry_the_id_that_events_name():
    found = {schema.get("$id") for schema in json_schemas().values()} - {None}

    names = ("anomaly", "progress", "incident", "alert", "action", "health")
    names += ("record", "draft", "report")
    assert found == {f"urn:alltobit:schema:{name}:1" for name in names}


def test_documents_are_plain_json():
    for document in (json_schemas(), asyncapi(ALL[1])):
        assert json.loads(json.dumps(document)) == document
