"""What OTLP's resources and attributes mean: which asset, which point.

Assets, whatever order attributes come in: hardware with `hw.id` is host/ID (host/gpu0 where a GPU's
ID is its index, as dcgm-exporter's labels give); labels of other agents (a scraped exporter's) mean
what `labels` says; everything else is of the resource: host, Kubernetes' names, service instance.
Points: OTLP's name, `_total` behind that of a counter (a cumulative monotonic sum, as OTLP turns to
Prometheus), `_delta` behind what only tells of the time since the last message. Attributes stay in
the point's name, but empty ones and those that name or describe the asset.

Sources: OpenTelemetry semantic conventions, Hardware and Resource; OpenTelemetry specification,
Prometheus and OpenMetrics compatibility.
"""

from collections.abc import Mapping
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from schemas.formats import labels
from schemas.formats.base import NAME_BYTES, is_name
from schemas.formats.otlp.attributes import cut

NOBODY = "otlp"
"""The asset of a resource that says nothing of itself."""

GAUGE, COUNTER, DELTA = "", "_total", "_delta"
"""What follows a point's name, by what its numbers are."""

_HOST = ("host.name", "k8s.node.name", "host.id")
_WORKLOADS = tuple(
    f"k8s.{one}.name"
    for one in ("deployment", "statefulset", "daemonset", "replicaset", "cronjob", "job", "hpa")
)
_DESCRIBING = tuple(
    f"{one}."
    for one in (
        *("aws", "azure", "cloud", "container", "deployment", "device", "faas", "gcp", "host"),
        *("http", "k8s", "net", "os", "process", "server", "service", "telemetry", "url"),
    )
)
"""How resource attributes begin that name or describe the resource; others tell series apart."""
_UNNAMED = "unknown_service"
_HARDWARE = frozenset(
    f"hw.{one}"
    for one in (
        *("id", "name", "parent", "vendor", "model", "serial_number"),
        *("firmware_version", "driver_version"),
    )
)
_WHO = labels.FALLBACKS
_MOST_DIGITS = 4
_AROUND = len('="",')
LONGEST = 1_024
"""Characters of a metric's name, and of the texts of attributes, that are remembered."""
REMEMBERED = 16_384


class Origin(NamedTuple):
    """What a resource's attributes mean."""

    asset: str
    host: str
    """Empty: not told."""
    instance: str
    """Empty: not told."""
    rest: tuple[tuple[str, str], ...]
    """Attributes that neither name nor describe; of more than fit in a name, the first."""


class Named(NamedTuple):
    """What a data point's name and attributes mean."""

    asset: str
    point: str
    whole: str
    """The point's name with every attribute: where two of one message would become one."""
    fits: bool
    """Whether asset and point can be names."""


def origin_of(attributes: Mapping[str, str]) -> Origin:
    """As `origin`, remembering what is short."""
    if sum(map(len, attributes.values())) > LONGEST:
        return origin(attributes)
    return _origin(tuple(attributes.items()))


@lru_cache(maxsize=REMEMBERED)
def _origin(attributes: tuple[tuple[str, str], ...]) -> Origin:
    return origin(dict(attributes))


def origin(attributes: Mapping[str, str]) -> Origin:
    """Return what a resource's attributes mean."""
    host = _first(attributes, _HOST)
    service = attributes.get("service.instance.id") or attributes.get("service.name", "")
    parts = [host, *_kubernetes(attributes)]
    if not service.startswith(_UNNAMED):
        parts.append(service)
    if not service:
        parts += [attributes.get("process.executable.name", ""), attributes.get("process.pid", "")]
    if host and labels.without_port(service) == host:
        parts.remove(host)
    asset = "/".join(filter(None, parts)) or service or NOBODY
    return Origin(asset, host, attributes.get("service.instance.id", ""), _rest(attributes))


def _rest(attributes: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what neither names nor describes, to where the keys alone are longer than a name."""
    rest = sorted(pair for pair in attributes.items() if not pair[0].startswith(_DESCRIBING))
    ends = accumulate(len(key) + _AROUND for key, _ in rest)
    most = next((i for i, end in enumerate(ends, 1) if end > NAME_BYTES), len(rest))
    return tuple(rest[:most])


def _kubernetes(attributes: Mapping[str, str]) -> list[str]:
    """Return the names of what runs, from the outside to the inside."""
    runs = ("k8s.pod.name",) if attributes.get("k8s.pod.name") else _WORKLOADS
    inside = _first(attributes, ("k8s.container.name", "container.name", "container.id"))
    names = [attributes.get(one, "") for one in ("k8s.namespace.name", *runs)]
    return [*names, inside, attributes.get("k8s.volume.name", "")]


def _first(attributes: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((attributes[key] for key in keys if attributes.get(key)), "")


def remembered(of: Origin, name: str, attributes: Mapping[str, str]) -> Named:
    """As `named`, remembering what is short."""
    if sum(map(len, attributes.values())) > LONGEST or len(name) > LONGEST:
        return named(of, name, attributes)
    return _named(of, name, tuple(attributes.items()))


@lru_cache(maxsize=REMEMBERED)
def _named(of: Origin, name: str, attributes: tuple[tuple[str, str], ...]) -> Named:
    return named(of, name, dict(attributes))


def named(of: Origin, name: str, attributes: Mapping[str, str]) -> Named:
    """Return the asset and point that a metric's name and a data point's attributes mean."""
    there = {key: text for key, text in attributes.items() if text}
    if "hw.id" in there:
        return _hardware(of, name, there)
    kind = labels.kind(name)
    told = dict(there)
    if of.host and not any(map(told.get, labels.HOSTS)):
        told["host.name"] = of.host
    elif not any(map(told.get, (*labels.HOSTS, *labels.FALLBACKS))):
        told["instance"] = of.instance or of.asset
    place = labels.place(kind, told)
    is_said = of.asset == NOBODY and place.asset != NOBODY
    if kind.is_hardware or is_said or place.asset not in (of.host, *map(told.get, _WHO)):
        return _fitted(place.asset, name + place.inside, name + labels.rendered(told))
    point = name + labels.rendered(dict(of.rest) | there)
    return _fitted(of.asset, point, point)


def _hardware(of: Origin, name: str, attributes: Mapping[str, str]) -> Named:
    """Name a part of the host by `hw.id`, which is unique within it."""
    kind = attributes.get("hw.type") or (name.split(".")[1] if name.count(".") > 1 else "")
    part = attributes["hw.id"]
    is_index = part.isascii() and part.isdigit() and len(part) <= _MOST_DIGITS
    known = _HARDWARE | ({"hw.type"} if name.startswith(f"hw.{kind}.") else set())
    left = {key: text for key, text in attributes.items() if key not in known}
    asset = f"{of.host or of.asset}/{kind if is_index else ''}{part}"
    return _fitted(asset, name + labels.rendered(left), name + labels.rendered(attributes))


def _fitted(asset: str, point: str, whole: str) -> Named:
    return Named(asset, point, whole, is_name(asset) and is_name(point))


def spelt(name: str, behind: str) -> str:
    """Return a metric's name, cut if long, with what says what its numbers are."""
    name = cut(name)
    return name if behind == COUNTER and name.endswith(COUNTER) else name + behind
