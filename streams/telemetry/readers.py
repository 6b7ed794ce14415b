"""Which decoder a raw message wants, and when ingest had better stop."""

from collections import deque
from collections.abc import Mapping, Sequence

from aiokafka import ConsumerRecord

from schemas.formats import FORMATS, WITH_SUBJECT, Decoder, decoders, format_of
from schemas.settings import AUTO, RawTopic
from schemas.telemetry import Why
from streams.errors import TooManyRejects

_SUBJECT_HEADERS = frozenset(("mqtt.topic", "mqtt_topic", "mqtt-topic", "topic"))


class Readers:
    """Decoders by format, and which one a message wants."""

    def __init__(self, raw: Sequence[RawTopic], max_bytes: int) -> None:
        self._fixed = {one.name: one.format for one in raw if one.format != AUTO}
        wanted = {*self._fixed.values()} if len(self._fixed) == len(raw) else FORMATS
        self.decoders: Mapping[str, Decoder] = decoders(wanted)
        self._max_bytes = max_bytes
        self._seen: dict[bytes, str | None] = {}

    def format_of(self, record: ConsumerRecord) -> str | None:
        """Name the format of a message: by setting, header or detection; None when unknown."""
        fixed = self._fixed.get(record.topic)
        if fixed is not None:
            return fixed
        told = (v for name, v in record.headers if name.lower() == "content-type" and v is not None)
        return format_of(next(told, b"").decode("latin-1"), record.value)

    def runs(
        self, records: Sequence[ConsumerRecord]
    ) -> list[tuple[Decoder | None, list[ConsumerRecord]]]:
        """Split messages of one source into runs of one format each, in order."""
        if self._alike(records):
            return [(self.decoders.get(self._fixed[records[0].topic]), list(records))]
        runs: list[tuple[Decoder | None, list[ConsumerRecord]]] = []
        last: str | None = ""
        for record in records:
            small = record.value is not None and len(record.value) <= self._max_bytes
            name = self.format_of(record) if small else None
            if name != last or not runs:
                runs.append((self.decoders.get(name) if name else None, []))
                last = name
            runs[-1][1].append(record)
        return runs

    def _alike(self, records: Sequence[ConsumerRecord]) -> bool:
        """Say whether all are of a topic whose format is set, and none is refused."""
        values = [record.value for record in records]
        known = bool(records) and records[0].topic in self._fixed and None not in values
        return known and max(map(len, values)) <= self._max_bytes

    def subjects(self, decoder: Decoder, records: Sequence[ConsumerRecord]) -> Sequence[str]:
        """Return where messages were published before Kafka, for the formats that ask for it."""
        return [_subject(one) for one in records] if decoder.name in WITH_SUBJECT else ()

    def refusal(self, record: ConsumerRecord) -> tuple[Why, str]:
        """Say why a message has no decoder."""
        if not record.value:
            return Why.EMPTY, "the message has no value"
        if len(record.value) > self._max_bytes:
            return Why.TOO_LARGE, f"{len(record.value)} bytes; at most {self._max_bytes} are read"
        return Why.UNKNOWN_FORMAT, "no decoder knows these bytes; name the topic's `format`"


def _subject(record: ConsumerRecord) -> str:
    """Return the MQTT topic that a bridge wrote into a header, else the key as text."""
    told = next((v for name, v in record.headers if name.lower() in _SUBJECT_HEADERS and v), None)
    return ((record.key or b"") if told is None else told).decode("utf-8", "replace")


class Limit:
    """Stops ingest when nearly everything is rejected."""

    def __init__(self, share: float, window: int) -> None:
        self._share, self._last = share, deque[bool](maxlen=window)

    def count(self, read: int, rejected: int, why: str) -> None:
        """Take the outcome of a batch. Raises `TooManyRejects`."""
        self._last.extend([True] * rejected + [False] * max(read - rejected, 0))
        bad = sum(self._last)
        if len(self._last) == self._last.maxlen and bad > self._share * len(self._last):
            raise TooManyRejects(
                "ingest.reject_share",
                self._share,
                f"{bad} of the last {len(self._last)} messages were rejected, the last: {why}",
                "set the raw topic's `format`, or look at the topic of rejects",
            )
