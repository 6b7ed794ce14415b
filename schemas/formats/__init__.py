"""The wire formats that users may publish, by name."""

from collections.abc import Callable
from itertools import chain

from schemas.formats.arrow import Arrow
from schemas.formats.base import Decoder
from schemas.formats.collectd import Collectd
from schemas.formats.columnar import NativeColumnar
from schemas.formats.native import NativeJson
from schemas.formats.prometheus import Prometheus

__all__ = [
    "DECODERS",
    "FORMATS",
    "WITH_SUBJECT",
    "Decoder",
    "by_content_type",
    "decoders",
    "detect",
]

DECODERS: dict[str, Callable[[], Decoder]] = {
    "native-columnar": NativeColumnar,
    "native-json": NativeJson,
    "collectd-json": Collectd,
    "prometheus-text": Prometheus,
    "arrow-ipc": Arrow,
}
"""How to make a decoder of each format. A decoder belongs to one process: it remembers shapes."""

WITH_SUBJECT = frozenset(("sparkplug-b", "dsx-bms", "volttron-all", "redfish-json"))
"""Formats whose messages are told by the topic they were published to before Kafka."""

FORMATS = tuple(DECODERS)
"""Names of all formats, in the order in which bytes are tried."""

_SAMPLES: tuple[Decoder, ...] = tuple(make() for make in DECODERS.values())
_BY_TYPE = dict(chain.from_iterable(((t, d.name) for t in d.content_types) for d in _SAMPLES))


def decoders() -> dict[str, Decoder]:
    """Make one decoder of each format, for one process. Compiles what is compiled: about 1 s."""
    warm = NativeJson()
    for _ in range(3):
        warm.decode([b'{"asset":"a","time":1,"values":{"p":1}}'])
    return {name: make() for name, make in DECODERS.items()}


def by_content_type(content_type: str) -> str | None:
    """Return the format that a `content-type` header means; parameters are ignored."""
    return _BY_TYPE.get(content_type.partition(";")[0].strip().lower())


def detect(data: bytes) -> str | None:
    """Guess the format of one message from how it begins; None: none of ours."""
    return next((one.name for one in _SAMPLES if one.looks_like(data)), None)
