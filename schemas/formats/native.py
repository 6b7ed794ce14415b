"""Format `native-json`: `{"asset": "...", "time": ..., "values": {"point": 1.5, ...}}`."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from schemas.formats.frame import read_frame
from schemas.formats.merge import merged, named
from schemas.formats.scan import Output
from schemas.formats.shapes import Limits, Memory, output
from schemas.telemetry import About, Decoded, Ints, Reject, Spans, SpansBuilder

LIMITS = Limits()

PART_BYTES = 262_144
"""Messages are scanned in parts of about this size: they stay in the processor's cache."""


class NativeJson:
    """Decodes native JSON; remembers shapes."""

    name = "native-json"
    content_types = ("application/vnd.alltobit+json", "application/json")

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._memory = Memory(limits)

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch; `times_ms` is not needed."""
        del times_ms, about
        if self._memory.is_crowded:
            self._memory.forget()
        lengths = np.fromiter(map(len, batch), np.int64, len(batch))
        out = output(len(batch), int(lengths.sum()))
        slow, rejects, samples = SpansBuilder(), [], 0
        for part in parts(lengths):
            rows = out._replace(template=out.template[part], time_ns=out.time_ns[part])
            samples = self._memory.scan(batch[part], lengths[part], rows, samples)
            for i in np.flatnonzero(rows.template < 0).tolist():
                rejects += self._general(part.start + i, batch[part.start + i], slow)
        spans = self._known(out, samples)
        return Decoded(spans if len(spans) == len(batch) else merged(spans, slow.build()), rejects)

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be a native JSON frame."""
        start = data[:65_536]
        return start.lstrip()[:1] == b"{" and b'"asset"' in start and b'"values"' in start

    def _general(self, message: int, data: bytes, spans: SpansBuilder) -> list[Reject]:
        found, rejects = read_frame(message, data)
        if found:
            spans.add(message, *found)
            if not rejects:
                self._memory.learn(data, found)
        return rejects

    def _known(self, out: Output, samples: int) -> Spans:
        """Return the spans that the scanner found."""
        store = self._memory.store
        message = np.flatnonzero(out.template >= 0).astype(np.int32)
        template = out.template[message]
        assets, asset = named(store.assets, store.asset_of[template])
        shapes, shape = named(store.shapes, store.shape_of[template])
        lengths = store.arena.templates[template, 2]
        start = np.concatenate(([0], np.cumsum(lengths)))
        values, quality = out.values[:samples], out.quality[:samples]
        time_ns = out.time_ns[message]
        return Spans(assets, shapes, message, asset, shape, time_ns, start, values, quality)


def parts(lengths: Ints) -> list[slice]:
    """Cut messages of these lengths into parts of about `PART_BYTES`."""
    cuts = np.flatnonzero(np.diff(lengths.cumsum() // PART_BYTES)) + 1
    edges = [0, *cuts.tolist(), lengths.size] if lengths.size else []
    return [slice(a, b) for a, b in pairwise(edges)]
