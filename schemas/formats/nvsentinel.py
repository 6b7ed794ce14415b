"""Format `nvsentinel`: health events of NVIDIA NVSentinel's event exporter, as CloudEvents 1.0.

Source: NVSentinel, event-exporter/pkg/transformer (Apache-2.0) and its Event Exporter page; the
actions' numbers from data-models/protobufs/health_event.proto. One event a message, or CloudEvents'
batch, an array. They are events of the sender's own judgement: `Decoded.health`, never samples.

The asset is NODE/gpuN where exactly one entity is a GPU's number, as dcgm-exporter's series are
named, else NODE. Events may come more than once and out of order: the exporter says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from schemas.formats.base import is_name, lacks, parse_json, quoted, reject, time_ms_of
from schemas.telemetry import About, Decoded, Health, Reject, SpansBuilder, Why
from schemas.times import to_ns

LONGEST = 4_096
"""Characters that are kept of a text."""
MOST = 256
"""Codes and entities that are kept of an event."""

ACTIONS = {
    0: "NONE",
    2: "COMPONENT_RESET",
    5: "CONTACT_SUPPORT",
    6: "RUN_FIELDDIAG",
    15: "RESTART_VM",
    24: "RESTART_BM",
    25: "REPLACE_VM",
    26: "RUN_DCGMEUD",
    27: "CUSTOM",
    99: "UNKNOWN",
}
"""What the exporter means by a number; older pages show the name."""

_KEYS = ("checkName", "nodeName")


class NvSentinel:
    """Decodes health events."""

    name = "nvsentinel"
    content_types = ("application/cloudevents+json", "application/cloudevents-batch+json")

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch. An event without a time takes the message's, `times_ms`."""
        del about
        found: list[Health | Reject] = []
        for message, data in enumerate(batch):
            found += _read(message, data, time_ms_of(times_ms, message))
        health = [one for one in found if isinstance(one, Health)]
        rejects = [one for one in found if isinstance(one, Reject)]
        return Decoded(SpansBuilder().build(), rejects, health=health)

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be a health event."""
        start = data[:65_536]
        return (
            start.lstrip()[:1] in {b"{", b"["}
            and b'"specversion"' in start
            and b'"healthEvent"' in start
        )


def _read(message: int, data: bytes, time_ms: int) -> Iterator[Health | Reject]:
    document, failed = parse_json(message, data)
    if failed:
        yield failed
    elif document == []:
        yield reject(message, Why.EMPTY, "a batch of no event")
    else:
        for event in document if isinstance(document, list) else [document]:
            yield _event(message, event, time_ms)


def _event(message: int, event: object, time_ms: int) -> Health | Reject:
    """Read one CloudEvent."""
    lacking = lacks(message, event, ("specversion", "data"))
    if lacking or not _is_object(event):
        return lacking or reject(message, Why.WRONG_TYPE, "no object")
    told = event["data"].get("healthEvent") if _is_object(event["data"]) else None
    lacking = lacks(message, told, _KEYS)
    if lacking or not _is_object(told):
        return lacking or reject(message, Why.WRONG_TYPE, "data.healthEvent: no object")
    times = [to_ns(t) for t in (told.get("generatedTimestamp"), event.get("time"))]
    times.append(to_ns(time_ms) if time_ms > 0 else None)
    time_ns = next((one for one in times if one is not None), None)
    if time_ns is None:
        return reject(message, Why.BAD_TIME, f"generatedTimestamp: {str(event.get('time'))[:99]!a}")
    return _health(message, told, time_ns)


def _health(message: int, told: dict[str, Any], time_ns: int) -> Health | Reject:
    healthy, fatal = (told.get(key, False) for key in ("isHealthy", "isFatal"))
    if not isinstance(healthy, bool) or not isinstance(fatal, bool):
        return reject(message, Why.WRONG_TYPE, "isHealthy and isFatal: true or false")
    entities = _entities(told.get("entitiesImpacted"))
    check, node = told["checkName"], told["nodeName"]
    if not is_name(check) or not is_name(node):
        return reject(message, Why.BAD_NAME, f"checkName {quoted(check)}, nodeName {quoted(node)}")
    return Health(
        message,
        asset=_asset(node, entities),
        check=check,
        time_ns=time_ns,
        healthy=healthy,
        fatal=fatal,
        text=_text(told.get("message")),
        action=_action(told),
        codes=tuple(map(_text, _some(told.get("errorCode")))),
        entities=tuple(f"{kind}:{value}" for kind, value in entities),
    )


def _entities(listed: object) -> list[tuple[str, str]]:
    """Return the parts that an event is about, by kind."""
    found = (one for one in _some(listed) if _is_object(one))
    return [(_text(one.get("entityType")), _text(one.get("entityValue"))) for one in found]


def _asset(node: str, entities: list[tuple[str, str]]) -> str:
    gpus = [value for kind, value in entities if kind == "GPU"]
    is_index = len(gpus) == 1 and gpus[0].isascii() and gpus[0].isdecimal()
    return f"{node}/gpu{gpus[0]}" if is_index and is_name(f"{node}/gpu{gpus[0]}") else node


def _action(told: dict[str, Any]) -> str:
    """Return the recommended action's name: sent as a number, or as its name."""
    said = told.get("recommendedAction", 0)
    is_number = isinstance(said, int) and not isinstance(said, bool)
    name = ACTIONS.get(said, str(said)[:20]) if is_number else _text(said)
    return _text(told.get("customRecommendedAction")) or name if name == "CUSTOM" else name


def _some(listed: object) -> list[Any]:
    return listed[:MOST] if isinstance(listed, list) else []


def _text(value: object) -> str:
    """Return a sender's text, cut and fit to be written; of what is none, nothing."""
    return value[:LONGEST].encode(errors="replace").decode() if isinstance(value, str) else ""


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, Mapping)
