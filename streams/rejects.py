"""Dead letters: the original bytes, with headers that say why and from where."""

from aiokafka import ConsumerRecord

from schemas.telemetry import Reject

_PIECE = 900_000  # bytes of a message in `rejects`; a larger one is written in pieces


def dead_letters(
    record: ConsumerRecord, reject: Reject
) -> list[tuple[bytes, list[tuple[str, bytes]]]]:
    """Return the original bytes in pieces the broker takes, each with headers that say why."""
    value = record.value or b""
    pieces = [value[i : i + _PIECE] for i in range(0, len(value), _PIECE)] or [b""]
    said = {
        "alltobit-reason": reject.why.value,
        "alltobit-detail": reject.detail,
        "alltobit-topic": record.topic,
        "alltobit-partition": str(record.partition),
        "alltobit-offset": str(record.offset),
        "alltobit-timestamp": str(record.timestamp),
    }
    kept = [("alltobit-original-" + name, value) for name, value in record.headers]
    headers = [(name, text.encode("utf-8", "replace")) for name, text in said.items()] + kept
    return [
        (piece, [*headers, ("alltobit-piece", f"{i + 1}/{len(pieces)}".encode())])
        for i, piece in enumerate(pieces)
    ]
