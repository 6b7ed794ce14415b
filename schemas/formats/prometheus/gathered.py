"""The spans of a batch, collected part by part."""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from schemas.formats.gpus import Told
from schemas.formats.merge import merged, named
from schemas.formats.prometheus.places import Layout, Places
from schemas.formats.prometheus.scan import Rows
from schemas.telemetry import Spans, SpansBuilder


class Gathered:
    """Spans of the parts read so far; of one memory, until it is forgotten for another."""

    def __init__(self) -> None:
        self._places: Places | None = None
        self._closed: list[Spans] = []
        self._open: list[Spans] = []
        self.told: dict[int, Told] = {}
        """GPUs that messages name in both ways, in order."""

    def add(
        self,
        places: Places,
        messages: Sequence[int],
        layouts: Sequence[tuple[int, Layout]],
        rows: Rows,
    ) -> None:
        """Add the spans of messages. `layouts`: of each, with its first row."""
        if not messages:
            return
        if places is not self._places:
            self._turn_to(places)
        found = [layout for _, layout in layouts]
        both = zip(messages, found, strict=True)
        self.told.update((message, layout.told) for message, layout in both if layout.told)
        length = np.concatenate([one.length for one in found])
        start = np.concatenate(([0], np.cumsum(length)))
        sizes = [one.order.size for one in found]
        order = np.concatenate([one.order for one in found])
        order = order + np.repeat([first for first, _ in layouts], sizes)
        spans = Spans(
            assets=(),
            shapes=(),
            message=np.repeat(np.array(messages, np.int32), [one.length.size for one in found]),
            asset=np.concatenate([one.asset for one in found]),
            shape=np.concatenate([one.shape for one in found]),
            time_ns=rows.time_ns[order[start[:-1]]],
            start=start,
            values=rows.value[order],
            quality=rows.quality[order],
        )
        self._open.append(spans)

    def close(self) -> Spans:
        """Return all spans."""
        self._turn_to(None)
        return reduce(merged, self._closed) if self._closed else SpansBuilder().build()

    def _turn_to(self, places: Places | None) -> None:
        """Name the numbers of the memory so far, and begin with another."""
        if self._places and self._open:
            self._closed.append(_named(self._open, self._places))
        self._open = []
        self._places = places


def _named(parts: Sequence[Spans], places: Places) -> Spans:
    """Join spans whose assets and shapes are numbers of `places`."""
    assets, asset = named(places.assets, np.concatenate([one.asset for one in parts]))
    shapes, shape = named(places.shapes, np.concatenate([one.shape for one in parts]))
    lengths = np.concatenate([np.diff(one.start) for one in parts])
    return Spans(
        assets,
        shapes,
        np.concatenate([one.message for one in parts]),
        asset,
        shape,
        np.concatenate([one.time_ns for one in parts]),
        np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        np.concatenate([one.values for one in parts]),
        np.concatenate([one.quality for one in parts]),
    )
