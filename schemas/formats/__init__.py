"""The wire formats that users may publish, by name."""

from collections.abc import Callable, Collection
from itertools import chain

from schemas.formats.adapter import PrometheusAdapter
from schemas.formats.arrow import Arrow
from schemas.formats.base import Decoder
from schemas.formats.collectd import Collectd
from schemas.formats.columnar import NativeColumnar
from schemas.formats.dsx import Dsx
from schemas.formats.influx import InfluxLine
from schemas.formats.native import NativeJson
from schemas.formats.nvsentinel import NvSentinel
from schemas.formats.otlp.proto import OtlpProto, warmed
from schemas.formats.otlp.text import OtlpJson
from schemas.formats.prometheus import Prometheus
from schemas.formats.redfish import Redfish
from schemas.formats.remote_write import RemoteWrite
from schemas.formats.sparkplug import Sparkplug
from schemas.formats.telegraf import TelegrafJson
from schemas.formats.ufm import Ufm
from schemas.formats.volttron import Volttron

__all__ = [
    "DECODERS",
    "FORMATS",
    "GENERIC",
    "WITH_SUBJECT",
    "Decoder",
    "by_content_type",
    "decoders",
    "detect",
    "format_of",
]

DECODERS: dict[str, Callable[[], Decoder]] = {
    "otlp-json": OtlpJson,
    "native-columnar": NativeColumnar,
    "native-json": NativeJson,
    "prometheus-adapter-json": PrometheusAdapter,
    "telegraf-json": TelegrafJson,
    "collectd-json": Collectd,
    "dsx-bms": Dsx,
    "redfish-json": Redfish,
    "volttron-all": Volttron,
    "nvsentinel": NvSentinel,
    "sparkplug-b": Sparkplug,
    "otlp-proto": OtlpProto,
    "prometheus-remote-write": RemoteWrite,
    "ufm-csv": Ufm,
    "influx-line": InfluxLine,
    "prometheus-text": Prometheus,
    "arrow-ipc": Arrow,
}
"""How to make a decoder of each format. A decoder belongs to one process: it remembers shapes."""

WITH_SUBJECT = frozenset(
    ("sparkplug-b", "dsx-bms", "volttron-all", "redfish-json", "prometheus-text")
)
"""Formats whose messages are told by the topic they were published to before Kafka."""

FORMATS = tuple(DECODERS)
"""Names of all formats, in the order in which bytes are tried."""

GENERIC = frozenset(("application/json", "text/plain"))
"""Content types that many formats go by; their bytes are looked at first."""

_SAMPLES: tuple[Decoder, ...] = tuple(make() for make in DECODERS.values())
_BY_FIRST = tuple(
    tuple(one for one in _SAMPLES if first in getattr(one, "begins", bytes(range(256))))
    for first in range(256)
)
"""The formats to try, by a message's first byte that is no white space. A decoder that knows its
first bytes says so in `begins`; any other is tried always."""
_BY_TYPE = dict(chain.from_iterable(((t, d.name) for t in d.content_types) for d in _SAMPLES))


_WARM: dict[str, bytes] = {
    "native-json": b'{"asset":"a","time":1,"values":{"p":1}}',
    "native-columnar": b'{"asset":"a","points":["p"],"times":[1],"values":[[1]]}',
    "collectd-json": b'[{"values":[1],"time":1,"host":"a","plugin":"p","type":"t"}]',
    "prometheus-adapter-json": b'{"timestamp":"1970-01-01T00:00:00Z","value":"1","name":"a"}',
    "prometheus-remote-write": b"\x1et\n\x1c\n\r\n\x08__name__\x12\x01a\x12\x0b\t"
    b"\x00\x00\x00\x00\x00\x00\xf0?\x10\x01",
    "influx-line": b"a f=1 1",
    "prometheus-text": b"a 1\na +1\n",
}
"""A message of each format that has compiled code, seen often enough for all of it to be used."""


def decoders(formats: Collection[str] = FORMATS) -> dict[str, Decoder]:
    """Make a decoder of each of `formats`, for one process. Compiles what is compiled.

    That is about 1 s from the cache, and a minute for all of them the first time.
    """
    for name in formats:
        if name == "otlp-proto":
            warmed()
        elif name in _WARM:
            warm = DECODERS[name]()
            for _ in range(3):
                warm.decode([_WARM[name]], [0])
    return {name: make() for name, make in DECODERS.items() if name in formats}


def by_content_type(content_type: str) -> str | None:
    """Return the format that a `content-type` header means; parameters are ignored."""
    return _BY_TYPE.get(_kind(content_type))


def format_of(content_type: str, data: bytes) -> str | None:
    """Name the format of a message: by a `content-type` of its own, else by its bytes.

    Where the bytes tell nothing, a generic `content-type` means the format that names it. None:
    none of ours.
    """
    said = by_content_type(content_type)
    if said and _kind(content_type) not in GENERIC:
        return said
    return detect(data) or said


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def detect(data: bytes) -> str | None:
    """Guess the format of one message from how it begins; None: none of ours."""
    first = data.lstrip()[:1]
    tried = _BY_FIRST[first[0]] if first else ()
    return next((one.name for one in tried if one.looks_like(data)), None)
