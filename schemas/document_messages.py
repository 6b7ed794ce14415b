"""The message of each topic in words and schemas, for `schemas.documents`.

Bodies are in `#/components/schemas` of the document; what is not JSON is described in text.
"""

from typing import Any, Final

from schemas import bits, readings
from schemas.events import CONTENT_TYPE
from schemas.settings import RawTopic
from schemas.telemetry import Quality, Why

Document = dict[str, Any]

REF: Final = "#/components/schemas/{model}"
BINDING: Final = {"bindingVersion": "0.5.0"}

NATIVE: Final[Document] = {
    "title": "NativeFrame",
    "description": "Native JSON, the simplest telemetry: one asset at one time.",
    "type": "object",
    "required": ["asset", "time", "values"],
    "properties": {
        "asset": {"type": "string", "minLength": 1},
        "time": {
            "type": ["number", "string"],
            "description": "Since 1970 UTC in s, ms, us or ns by its size; or ISO 8601.",
        },
        "values": {
            "type": "object",
            "additionalProperties": {"type": ["number", "null"]},
            "description": "A value a point; null where there is none.",
        },
    },
}
_EXAMPLE: Final[Document] = {
    "asset": "node-01/gpu0",
    "time": 1767225600.0,
    "values": {"DCGM_FI_DEV_GPU_TEMP": 61, "DCGM_FI_DEV_POWER_USAGE": 612.4},
}
_TEXT: Final[Document] = {"type": "string"}


def _message(  # noqa: PLR0913 - the fields of a message
    name: str,
    summary: str,
    payload: Document,
    *,
    key: str,
    content_type: str = "",
    headers: Document | None = None,
) -> Document:
    typed = {"contentType": content_type} if content_type else {}
    told = {"headers": {"type": "object", "properties": headers}} if headers else {}
    bound = {"kafka": {"key": {"type": "string", "description": key}, **BINDING}}
    said = {"name": name, "title": name, "summary": summary, "payload": payload}
    return {**said, **typed, **told, "bindings": bound}


def telemetry(raw: RawTopic) -> Document:
    """Describe what users publish to a raw topic."""
    name = f"Telemetry.{raw.format}"
    how = "by the header `content-type`, else by its look" if raw.format == "auto" else raw.format
    payload: Document = {"description": f"Format: {how}. `alltobit formats` lists all."}
    if raw.format in {"auto", "native-json"}:
        payload = {"anyOf": [{"$ref": REF.format(model="NativeFrame")}, payload]}
    said = _message(
        name,
        "Telemetry in a wire format that is read.",
        payload,
        key="Anything; messages of one key keep their order.",
        headers={"content-type": {"type": "string", "description": "Names the format. Optional."}},
    )
    return {**said, "examples": [{"name": "native-json", "payload": _EXAMPLE}]}


def inventory() -> Document:
    """Describe the site graph."""
    return _message(
        "Inventory",
        "A part of the site graph; stands for the earlier one of its key.",
        {"$ref": REF.format(model="Inventory")},
        key="Site, slash, part; of a part in pieces, a slash and the piece's number, too.",
    )


def memory() -> Document:
    """Describe what decoders keep."""
    return _message(
        "Memory",
        "What a decoder keeps for later messages; of its own layout.",
        {"type": "string", "format": "binary"},
        key="The format, a bar, and the decoder's own key.",
    )


def readings_block() -> Document:
    """Describe a readings block."""
    marks = ", ".join(f"{one.value} {one.name}" for one in Quality if one.name)
    text = f"{readings.__doc__}\nQuality bits: {marks}. `Meta`: schema `ReadingsMeta`.\n"
    return _message(
        "Readings",
        "A block of readings: an Arrow IPC stream.",
        {"type": "string", "format": "binary", "description": text},
        key="None; a block's partition is that of its cells.",
        content_type=readings.CONTENT_TYPE,
        headers=_headers(("content-type", readings.CONTENT_TYPE)),
    )


def bit_frame() -> Document:
    """Describe a bit frame."""
    text = f"{bits.__doc__}\n`Names`: schema `BitNames`.\n"
    said = ("ce_id", "ce_source", "ce_subject", "ce_time", "ce_quality")
    return _message(
        "BitFrame",
        "The samples of one asset over a few seconds; CloudEvents in binary mode.",
        {"type": "string", "format": "binary", "description": text},
        key="The cell.",
        content_type=bits.CONTENT_TYPE,
        headers={
            **_headers(("content-type", bits.CONTENT_TYPE)),
            **_headers(("ce_specversion", "1.0"), ("ce_type", bits.TYPE)),
            **dict.fromkeys(said, _TEXT),
        },
    )


def anomaly() -> Document:
    """Describe an anomaly event."""
    said = _event("AnomalyEvent", "A signal departed from what it was, or came back.", "The site.")
    others = [{"$ref": REF.format(model=f"{name}Event")} for name in ("HealthReport", "Progress")]
    return said | {"payload": {"anyOf": [said["payload"], *others]}}


def incident() -> Document:
    """Describe an incident event."""
    return _event("IncidentEvent", "One cause, what it has reached, and who is next.", "The site.")


def alert() -> Document:
    """Describe an alert event."""
    text = "A rule held on a signal long enough, or holds no longer."
    return _event("AlertEvent", text, "Rule and asset: `rule|asset`.")


def action() -> Document:
    """Describe a step of an action."""
    text = "A step of an action, what was decided about it and why."
    return _event("ActionEvent", text, "The asset.")


def report() -> Document:
    """Describe a report."""
    text = "A report of an incident, a shift or a day, as Markdown and in parts, with its sources."
    return _event("ReportEvent", text, "The site.")


def decision() -> Document:
    """Describe what a person says."""
    text = "An answer, a label or a silence, signed with the secret of who says it."
    payload = {"$ref": REF.format(model="Decision")}
    return _message("Decision", text, payload, key="What it is about.")


def proposal() -> Document:
    """Describe what somebody would have done."""
    text = "An action that is proposed, signed with the secret of who proposes it."
    payload = {"$ref": REF.format(model="Proposal")}
    return _message("Proposal", text, payload, key="The asset.")


def _event(name: str, summary: str, key: str) -> Document:
    return _message(
        name,
        f"{summary} A CloudEvent in structured JSON mode.",
        {"$ref": REF.format(model=name)},
        key=key,
        content_type=CONTENT_TYPE,
        headers=_headers(("content-type", CONTENT_TYPE)),
    )


def reject() -> Document:
    """Describe a dead letter."""
    said = {
        "alltobit-reason": {"type": "string", "enum": [why.value for why in Why]},
        "alltobit-detail": {"type": "string", "maxLength": 200},
        "alltobit-topic": _TEXT,
        "alltobit-partition": {"type": "string", "pattern": "^[0-9]+$"},
        "alltobit-offset": {"type": "string", "pattern": "^[0-9]+$"},
        "alltobit-timestamp": {"type": "string", "description": "Of the original, ms since 1970."},
        "alltobit-piece": {
            "type": "string",
            "description": "Which piece of how many: large messages come in several.",
        },
    }
    return _message(
        "Reject",
        "A message that could not be read. Its own headers come as `alltobit-original-*`.",
        {"type": "string", "format": "binary", "description": "The original bytes."},
        key="The original key.",
        content_type="application/octet-stream",
        headers=said,
    )


def _headers(*fixed: tuple[str, str]) -> Document:
    return {name: {"type": "string", "const": value} for name, value in fixed}
