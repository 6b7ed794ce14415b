"""Format `prometheus-text`: exposition text 0.0.4, 1.0.0 and OpenMetrics, a line a sample.

A compiled scanner reads the lines; names and what stands in braces are numbered and their meaning
is remembered, a bounded memory that changes no result. One bad line spoils no other. The type of a
family is not needed: every line is a point.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from schemas.formats.gpus import Gpus
from schemas.formats.prometheus.chunk import Chunk, Scratch, parts
from schemas.formats.prometheus.gathered import Gathered
from schemas.formats.prometheus.hosts import hosted
from schemas.formats.prometheus.places import Limits, Places
from schemas.telemetry import About, Decoded, Kept, Reject

LIMITS = Limits()
NAME_AND_MORE = re.compile(rb"[a-zA-Z_:][a-zA-Z0-9_:]*(\{| +[-+0-9NI])")
LOOKED_AT = 4_096


class Prometheus:
    """Decodes exposition text. Lines of one asset and time become one span."""

    name = "prometheus-text"
    content_types = ("text/plain", "application/openmetrics-text")

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._limits = limits
        self._places = Places(limits)
        self._scratch = Scratch()
        self._gpus = Gpus(self.name)

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch. A line without a time takes the message's time, `times_ms`.

        Where no label names the host it is the message's subject: who published the text. `about`
        also has the offsets, without which no GPU is named by what stood before.
        """
        times = np.full(len(batch), -1, np.int64)
        times[:] = -1 if times_ms is None else times_ms
        gathered = Gathered()
        rejects: list[Reject] = []
        for part in parts(batch):
            chunk = Chunk(batch[part], times[part], part.start, self._scratch)
            while not chunk.is_done:
                self._make_room(chunk)
                rejects += chunk.read(self._places, gathered)
        spans = gathered.close()
        if about is None:
            return Decoded(spans, rejects)
        found = self._gpus.named(spans, gathered.told, about)
        spans = hosted(found.spans, about.subjects) if about.subjects else found.spans
        return Decoded(spans, rejects, found.kept, found.health)

    def recall(self, kept: Iterable[Kept]) -> None:
        """Take which GPUs indices mean, as any process kept it."""
        self._gpus.recall(kept)

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be exposition text."""
        start = data[:LOOKED_AT].lstrip()
        if start.startswith((b"# HELP ", b"# TYPE ", b"# EOF", b"# UNIT ")):
            return True
        return bool(NAME_AND_MORE.match(start))

    def _make_room(self, chunk: Chunk) -> None:
        """Forget all when there is no room for more; a giant message has its own."""
        is_own = self._places.limits is not self._limits
        if chunk.failures > 1:
            self._places = Places(chunk.needs)
        elif chunk.failures or is_own or self._places.memory_bytes > self._limits.memory_bytes:
            self._places = Places(self._limits)
