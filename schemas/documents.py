"""What we publish, for programs: JSON Schema of every model, and AsyncAPI 3.0 of all topics.

Generated from the models, so they cannot differ from what is published.
"""

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

import msgspec
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from schemas import bits, readings
from schemas import document_messages as messages
from schemas.anomaly import Anomaly
from schemas.cascade import Incident, Inventory
from schemas.document_messages import Document
from schemas.events import Event
from schemas.health import HealthReport
from schemas.progress import Progress
from schemas.report import Draft, Record, Report
from schemas.settings import Kafka, Security, Settings
from schemas.trigger import Action, Alert, Decision, Proposal, Rule
from schemas.units import Point

Mode = Literal["serialization", "validation"]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
CONTRACT: Final = "1.0.0"
"""Version of what is published: changes when a reader has to."""

_MODELS: Final[dict[str, tuple[type[BaseModel], Mode]]] = {
    "AnomalyEvent": (Event[Anomaly], "serialization"),
    "ProgressEvent": (Event[Progress], "serialization"),
    "IncidentEvent": (Event[Incident], "serialization"),
    "AlertEvent": (Event[Alert], "serialization"),
    "ActionEvent": (Event[Action], "serialization"),
    "ReportEvent": (Event[Report], "serialization"),
    "HealthReportEvent": (Event[HealthReport], "serialization"),
    "Anomaly": (Anomaly, "serialization"),
    "Progress": (Progress, "serialization"),
    "Incident": (Incident, "serialization"),
    "Alert": (Alert, "serialization"),
    "Action": (Action, "serialization"),
    "Decision": (Decision, "validation"),
    "Proposal": (Proposal, "validation"),
    "HealthReport": (HealthReport, "serialization"),
    "Inventory": (Inventory, "validation"),
    "Record": (Record, "serialization"),
    "Draft": (Draft, "validation"),
    "Report": (Report, "serialization"),
    "Rule": (Rule, "validation"),
    "Point": (Point, "validation"),
    "Settings": (Settings, "validation"),
}
"""pydantic models by their published name."""
_STRUCTS: Final = {"BitNames": bits.Names, "ReadingsMeta": readings.Meta}
"""msgspec structs by their published name."""
_IDS: Final = {
    "Anomaly": "urn:alltobit:schema:anomaly:1",
    "Progress": "urn:alltobit:schema:progress:1",
    "Incident": "urn:alltobit:schema:incident:1",
    "Alert": "urn:alltobit:schema:alert:1",
    "Action": "urn:alltobit:schema:action:1",
    "HealthReport": "urn:alltobit:schema:health:1",
    "Record": "urn:alltobit:schema:record:1",
    "Draft": "urn:alltobit:schema:draft:1",
    "Report": "urn:alltobit:schema:report:1",
}
"""What the `dataschema` of events says; records, drafts and reports are versioned so, too."""


def json_schemas() -> Document:
    """Return every model by name, each a JSON Schema (2020-12) that stands alone."""
    models = {
        name: TypeAdapter(model).json_schema(mode=mode) for name, (model, mode) in _MODELS.items()
    }
    structs = {name: msgspec.json.schema(struct) for name, struct in _STRUCTS.items()}
    return {name: _alone(name, schema) for name, schema in (models | structs).items()}


def _alone(name: str, schema: Document) -> Document:
    named = {"$id": _IDS[name]} if name in _IDS else {}
    return {"$schema": DIALECT, **named, **schema}


def asyncapi(settings: Settings) -> Document:
    """Return the AsyncAPI 3.0 document of all topics in `settings`."""
    channels = list(_channels(settings))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "alltobit",
            "version": CONTRACT,
            "description": "All telemetry of an AI data centre to bits, and the differences that "
            "matter as events. Publish telemetry in any known wire format; subscribe to the rest.",
            "license": {
                "name": "Apache-2.0",
                "url": "https://www.apache.org/licenses/LICENSE-2.0",
            },
        },
        "servers": _servers(settings.kafka),
        "channels": {channel.address: channel.document(settings) for channel in channels},
        "operations": {
            f"{channel.action}-{channel.address}": channel.operation() for channel in channels
        },
        "components": {
            "schemas": _components(),
            "messages": {channel.message: channel.said for channel in channels},
            **_security(settings.kafka),
        },
    }


class _Channel(NamedTuple):
    """One topic, and what its messages are."""

    address: str
    action: Literal["send", "receive"]
    """What alltobit does."""
    message: str
    """Name of its message in the components."""
    about: str
    said: Document
    """The message."""
    partitions: int
    compacted: bool = False

    def document(self, settings: Settings) -> Document:
        kept = int(settings.topics.retention_hours * 3_600_000)
        config: Document = {"cleanup.policy": ["delete"], "retention.ms": kept}
        return {
            "address": self.address,
            "description": self.about,
            "messages": {self.message: {"$ref": f"#/components/messages/{self.message}"}},
            "bindings": {
                "kafka": {
                    "topic": self.address,
                    "partitions": self.partitions,
                    "replicas": settings.topics.replication,
                    "topicConfiguration": {"cleanup.policy": ["compact"]}
                    if self.compacted
                    else config,
                    **messages.BINDING,
                }
            },
        }

    def operation(self) -> Document:
        place = f"#/channels/{self.address}"
        return {
            "action": self.action,
            "channel": {"$ref": place},
            "summary": self.about.split(". ")[0].rstrip("."),
            "messages": [{"$ref": f"{place}/messages/{self.message}"}],
        }


def _channels(settings: Settings) -> Iterator[_Channel]:
    topics, n = settings.topics, settings.topics.partitions
    for raw in settings.raw:
        about = "Raw telemetry, as your agents publish it. Any key."
        said = messages.telemetry(raw)
        yield _Channel(raw.name, "receive", said["name"], about, said, raw.partitions)
    inventory = "The site graph, by site and part: `alltobit site publish`."
    yield _Channel(
        topics.inventory, "receive", "Inventory", inventory, messages.inventory(), n, True
    )
    decisions = "What people say: yes or no to an action, labels, silences. Signed."
    yield _Channel(topics.decisions, "receive", "Decision", decisions, messages.decision(), n)
    proposals = "What somebody would have done: no order, it goes to people. Signed."
    yield _Channel(topics.proposals, "receive", "Proposal", proposals, messages.proposal(), n)
    kept = "What decoders keep for later messages: births, metadata. By format and sender."
    yield _Channel(topics.memory, "send", "Memory", kept, messages.memory(), n, True)
    for address, message, about, said in (
        (
            topics.readings,
            "Readings",
            "Every sample that could be read, in columns.",
            messages.readings_block(),
        ),
        (
            topics.bits,
            "BitFrame",
            "Every sample as packed bits, with its status.",
            messages.bit_frame(),
        ),
        (
            topics.anomalies,
            "AnomalyEvent",
            "Signals that departed or came back, what health monitors report, and progress.",
            messages.anomaly(),
        ),
        (
            topics.incidents,
            "IncidentEvent",
            "One cause and what it has reached: opened, updated, resolved, merged.",
            messages.incident(),
        ),
        (topics.alerts, "AlertEvent", "Rules that hold, and hold no longer.", messages.alert()),
        (
            topics.actions,
            "ActionEvent",
            "Each step of each action: asked, answered, done, or why not.",
            messages.action(),
        ),
        (
            topics.reports,
            "ReportEvent",
            "What people read of incidents, shifts and days, each claim checked.",
            messages.report(),
        ),
        (
            topics.rejects,
            "Reject",
            "What could not be read, byte for byte, and why.",
            messages.reject(),
        ),
    ):
        yield _Channel(address, "send", message, about, said, n)


def _components() -> Document:
    """Return every schema the messages refer to, with references into this document."""
    names = (
        *("AnomalyEvent", "ProgressEvent", "IncidentEvent", "AlertEvent", "HealthReportEvent"),
        *("ActionEvent", "ReportEvent", "Decision", "Proposal", "Inventory"),
    )
    _, found = models_json_schema([_MODELS[name] for name in names], ref_template=messages.REF)
    schemas: Document = {"NativeFrame": messages.NATIVE}
    for name, schema in found["$defs"].items():
        schemas[_published(name)] = schema
    for name, struct in _STRUCTS.items():
        _, parts = msgspec.json.schema_components(
            [struct], ref_template="#/components/schemas/{name}"
        )
        schemas |= {name if part == struct.__name__ else part: s for part, s in parts.items()}
    return schemas


def _published(name: str) -> str:
    """Return our name of a generic model that pydantic calls `Event_Anomaly_`."""
    return f"{name[6:-1]}Event" if name.startswith("Event_") else name


def _servers(kafka: Kafka) -> Document:
    secure = kafka.security in {Security.SSL, Security.SASL_SSL}
    asked = {"security": [{"$ref": "#/components/securitySchemes/kafka"}]}
    common = {
        "protocol": "kafka-secure" if secure else "kafka",
        "description": "Your Kafka.",
        **(asked if _security(kafka) else {}),
    }
    hosts: Sequence[str] = [one.strip() for one in kafka.bootstrap.split(",")]
    return {f"kafka-{i}": {"host": host, **common} for i, host in enumerate(hosts, 1)}


def _security(kafka: Kafka) -> Document:
    words = {"PLAIN": "plain", "SCRAM-SHA-256": "scramSha256", "SCRAM-SHA-512": "scramSha512"}
    if kafka.security in {Security.SASL_PLAINTEXT, Security.SASL_SSL}:
        return {"securitySchemes": {"kafka": {"type": words[kafka.sasl_mechanism]}}}
    if kafka.security is Security.SSL and kafka.cert_file is not None:
        return {"securitySchemes": {"kafka": {"type": "X509"}}}
    return {}
