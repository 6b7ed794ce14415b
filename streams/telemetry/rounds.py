"""From raw messages to what a round of ingest sends: decoded, judged, gathered, or set aside."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

import numpy as np
from aiokafka import ConsumerRecord, TopicPartition

from models.health import reported
from models.names import Config
from models.telemetry import Gatherer, Judge, Piece
from schemas.formats import Decoder
from schemas.settings import Settings
from schemas.telemetry import About, Decoded, Quality, Reject, Spans, one_a_reason
from streams import metrics
from streams.telemetry.progress import Progress
from streams.telemetry.readers import Limit, Readers
from streams.telemetry.reads import size
from streams.telemetry.writer import Aside

_FUTURE = int(Quality.FUTURE)
_VALUE, _TIMESTAMP, _OFFSET = map(attrgetter, ("value", "timestamp", "offset"))


@dataclass(slots=True)
class Round:
    """What one linger has gathered and not yet sent."""

    gatherer: Gatherer
    samples: int = 0
    offsets: dict[TopicPartition, tuple[int, str]] = field(default_factory=dict)
    aside: Aside = field(default_factory=Aside)
    began_s: float = 0.0


class Reading:
    """Reads messages: which decoder, what quality, and when it had better stop."""

    def __init__(self, settings: Settings, config: Config) -> None:
        self._site = settings.site.name
        self._judge = Judge(config, round(settings.ingest.future_s * 1e9))
        self._readers = Readers(settings.raw, settings.ingest.max_message_bytes)
        self._limit = Limit(settings.ingest.reject_share, settings.ingest.reject_window)

    @property
    def decoders(self) -> Mapping[str, Decoder]:
        """Return the decoders, by format."""
        return self._readers.decoders

    def read(self, progress: Progress, records: Sequence[ConsumerRecord], into: Round) -> None:
        """Read messages of one source, in order. Raises `TooManyRejects`."""
        for decoder, run in self._readers.runs(records):
            self._decode(progress, decoder, run, into)
        metrics.MESSAGES.labels(progress.source.topic).inc(len(records))
        metrics.BYTES.labels(progress.source.topic).inc(size(records))

    def _decode(
        self,
        progress: Progress,
        decoder: Decoder | None,
        run: list[ConsumerRecord],
        into: Round,
    ) -> None:
        if decoder is None:
            rejects = [Reject(i, *self._readers.refusal(r)) for i, r in enumerate(run)]
            self._reject(run, rejects, into)
            return
        values, times = list(map(_VALUE, run)), list(map(_TIMESTAMP, run))
        about = About(
            progress.source, list(map(_OFFSET, run)), self._readers.subjects(decoder, run)
        )
        with metrics.DECODE_S.labels(progress.source.topic).time():
            decoded = decoder.decode(values, times, about)
        self._aside(decoder, decoded, about, into.aside)
        spans = self._judge.judge(decoded.spans, np.array(times, np.int64))
        if len(spans):
            offsets = np.array(about.offsets, np.int64)
            into.gatherer.add(Piece(progress.source, offsets, spans))
            into.samples += len(spans.values)
            progress.latest_ns = max(progress.latest_ns, _latest(spans))
            metrics.SPANS.labels(progress.source.topic).inc(len(spans))
            metrics.SAMPLES.labels(progress.source.topic).inc(len(spans.values))
        of_use = decoded.of_use() if decoded.rejects else ()
        self._reject(run, one_a_reason(decoded.rejects), into, of_use)

    def _aside(self, decoder: Decoder, decoded: Decoded, about: About, aside: Aside) -> None:
        """Take what messages led to besides readings and rejects."""
        aside.kept.extend((decoder.name, one) for one in decoded.kept)
        aside.health.extend(
            reported(self._site, one, about.source, about.offsets[one.message])
            for one in decoded.health
        )

    def _reject(
        self,
        run: list[ConsumerRecord],
        rejects: Sequence[Reject],
        into: Round,
        of_use: Collection[int] = (),
    ) -> None:
        """Set rejects aside. A message that is `of_use` for all that does not count to the limit.

        Raises `TooManyRejects`.
        """
        into.aside.rejects.extend((run[reject.message], reject) for reject in rejects)
        for reject in rejects:
            metrics.rejects(run[0].topic, reject.why).inc()
        useless = {one.message: one.detail for one in rejects if one.message not in of_use}
        self._limit.count(len(run), len(useless), next(reversed(useless.values()), ""))


def _latest(spans: Spans) -> int:
    """Return the latest event time that is believed; 0 when none is."""
    first = np.minimum(spans.start[:-1], len(spans.quality) - 1)
    sure = spans.quality[first] & _FUTURE == 0
    return int(spans.time_ns[sure].max()) if sure.any() else 0
