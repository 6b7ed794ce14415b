"""The memory of series: what bytes of resources, metrics and attributes mean.

Read by the protobuf runtime when they come first. Memory changes speed, never results; it is
bounded: when it is full, all is forgotten.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from google.protobuf.message import DecodeError
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    Metric,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from schemas.formats.otlp.arrays import Arrays, Meaning, Text, Triple
from schemas.formats.otlp.attributes import texts
from schemas.formats.otlp.names import Named, Origin, named, origin, spelt
from schemas.formats.otlp.points import PATIENCE, ending
from schemas.formats.otlp.tables import EMPTY, REPEATS, UNKNOWN, Known
from schemas.formats.otlp.walk import BEFORE, BEHIND, LABELS, POINTS, RESOURCE, SCHEMA
from schemas.telemetry import Ints, Shape

_NOTHING = (UNKNOWN, UNKNOWN)
ENTRY_BYTES = 200
"""What a text or triple needs beside its bytes, about."""


class Limits(NamedTuple):
    """How much may be remembered before all is forgotten."""

    memory_bytes: int = 128 * 2**20


class Head(NamedTuple):
    """What data points of one metric of one resource share."""

    of: Origin
    name: str
    resource: int
    metric: int


class Memory:
    """Texts and triples, by number, and what they mean."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.memory_bytes = 0
        self.assets: list[str] = []
        self.shapes: list[Shape] = []
        self._asset_ids: dict[str, int] = {}
        self._point_ids: dict[str, int] = {}
        self._shapes: dict[bytes, int] = {}
        self._arrays = Arrays()
        self._names: list[str] = []
        self._texts: dict[tuple[int, bytes], int] = {}
        self._triples: dict[Triple, int] = {}
        self._new_texts: list[Text] = []
        self._new_triples: list[Triple] = []
        self._meanings: dict[Triple, Meaning] = {}
        self._origins: dict[bytes, Origin | None] = {}
        self._metrics: dict[bytes, str | None] = {}

    @property
    def is_crowded(self) -> bool:
        """Whether it is time to forget."""
        return self.memory_bytes > self._limits.memory_bytes

    @property
    def texts(self) -> int:
        """Return how many texts are remembered."""
        return self._arrays.texts

    @property
    def known(self) -> Known:
        """Return what compiled code looks into. Good until the next change."""
        return self._arrays.known

    def learn(self, message: bytes, misses: Ints) -> None:
        """Learn what the scanner did not know of `message`: rows of `Found.misses`."""
        attributes: dict[bytes, dict[str, str] | None] = {}
        heads: dict[tuple[int, ...], Head | None] = {}
        wrong: Counter[int] = Counter()
        for use, *spans, kind, at, stop in misses.tolist():
            text = message[at:stop]
            if use != LABELS:
                self._learn_text(use, text)
                continue
            if text not in attributes:
                attributes[text] = _attributes(text)
            key, told = (*spans, kind), attributes[text]
            if told is None or wrong[spans[0]] > PATIENCE:
                continue
            if key not in heads:
                pieces = [message[a:b] for a, b in zip(spans[::2], spans[1::2], strict=True)]
                heads[key] = self._head(pieces, kind)
            head = heads[key]
            if head is not None and not self._learn_series(head, text, told):
                wrong[spans[0]] += 1
        self.settle()

    def learn_shape(self, names: bytes) -> int:
        """Return the shape that a span's points are, int32 each; REPEATS when one comes again."""
        number = self._shapes.get(names)
        if number is None:
            number = self._shapes[names] = self._shape(names)
            self._new_texts.append((POINTS, names, number))
            self.memory_bytes += ENTRY_BYTES + 4 * len(names)
        return number

    def _shape(self, names: bytes) -> int:
        points = tuple(self._names[i] for i in np.frombuffer(names, np.int32).tolist())
        if len(set(points)) < len(points):
            return REPEATS
        self.shapes.append(points)
        return len(self.shapes) - 1

    def _learn_text(self, use: int, text: bytes) -> None:
        """Remember a text that only must be well-formed."""
        try:
            (ResourceMetrics if use == SCHEMA else ScopeMetrics).FromString(text)
        except DecodeError:
            return
        self._text(use, text)

    def _head(self, pieces: Sequence[bytes], kind: int) -> Head | None:
        """Remember a resource and a metric; None: they are not well-formed."""
        resource, before, behind = pieces
        of, name = self._origin(resource), self._metric(before + behind)
        if of is None or name is None:
            return None
        around = (self._text(BEFORE, before), self._text(BEHIND, behind), -2 - kind)
        metric = self._triple(around)
        return Head(of, spelt(name, _ending(kind)), self._text(RESOURCE, resource), metric)

    def _learn_series(self, head: Head, labels: bytes, told: dict[str, str]) -> bool:
        """Remember a series. False: it cannot be named."""
        series = named(head.of, head.name, told)
        if series.fits:
            own = (head.resource, head.metric, self._text(LABELS, labels))
            self._triple(own)
            self._meanings[own] = self._meaning(series)
        return series.fits

    def _meaning(self, series: Named) -> Meaning:
        asset = self._number(series.asset, self._asset_ids, self.assets)
        return asset, self._number(series.point, self._point_ids, self._names)

    def _number(self, name: str, ids: dict[str, int], names: list[str]) -> int:
        if name not in ids:
            ids[name] = len(names)
            names.append(name)
            self.memory_bytes += ENTRY_BYTES + 2 * len(name)
        return ids[name]

    def _origin(self, resource: bytes) -> Origin | None:
        if resource not in self._origins:
            self._origins[resource] = _origin(resource)
            self.memory_bytes += ENTRY_BYTES + 4 * len(resource)
        return self._origins[resource]

    def _metric(self, metric: bytes) -> str | None:
        if metric not in self._metrics:
            self._metrics[metric] = _metric(metric)
            self.memory_bytes += ENTRY_BYTES + 2 * len(metric)
        return self._metrics[metric]

    def _text(self, use: int, text: bytes) -> int:
        if not text:
            return EMPTY
        number = self._texts.get((use, text))
        if number is None:
            number = self._texts[use, text] = self._arrays.texts + len(self._new_texts)
            self._new_texts.append((use, text, UNKNOWN))
            self.memory_bytes += ENTRY_BYTES + 2 * len(text)
        return number

    def _triple(self, triple: Triple) -> int:
        number = self._triples.get(triple)
        if number is None:
            number = self._triples[triple] = len(self._triples)
            self._new_triples.append(triple)
            self.memory_bytes += ENTRY_BYTES
        return number

    def settle(self) -> None:
        """Let compiled code find what is new."""
        if self._new_texts:
            self._arrays.add_texts(self._new_texts)
        if self._new_triples:
            meanings = [self._meanings.get(one, _NOTHING) for one in self._new_triples]
            self._arrays.add_triples(self._new_triples, meanings)
        self._new_texts, self._new_triples, self._meanings = [], [], {}


def _attributes(text: bytes) -> dict[str, str] | None:
    """Return the attributes of a data point; None: they are not well-formed."""
    try:
        return texts(NumberDataPoint.FromString(text).attributes)
    except DecodeError:
        return None


def _origin(text: bytes) -> Origin | None:
    try:
        return origin(texts(Resource.FromString(text).attributes))
    except DecodeError:
        return None


def _metric(text: bytes) -> str | None:
    try:
        return Metric.FromString(text).name
    except DecodeError:
        return None


def _ending(kind: int) -> str:
    """Return what follows a point's name, by the scanner's code of a metric's kind."""
    return ending(kind >> 4, grows=bool(kind & 1))
