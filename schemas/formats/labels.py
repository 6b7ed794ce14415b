"""What a metric's name and labels mean: which asset, which point. For every format with labels.

The same asset whatever the agent's release calls it: `Hostname` and `hostname`, `UUID` and
`gpu_uuid`. Labels that say who the asset is, or describe it, are dropped from the point's name; of
hardware also those of the pod that uses it, which moves. All others stay, sorted: they tell
series of one name apart. Assets are paths: host/gpu0, host/gpu0/nvlink3, host/mlx5_0/p1.

Two series of one message can still mean the same asset and point (a GPU that pods share): the
first keeps that name, each further one takes the name that `whole` gives, with all its labels.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

UNKNOWN_ASSET = "prometheus"

HOSTS = ("hostname", "Hostname", "host.name", "host_name")
"""Labels that name the host, whoever scraped it."""
FALLBACKS = ("instance", "host")
"""Labels that name who was scraped; a web server's metrics have another `host`."""
WORKLOAD = frozenset(
    f"{before}{label}"
    for before in ("", "exported_")
    for label in (
        *("container", "namespace", "pod", "pod_uid"),
        *("container_name", "pod_name", "pod_namespace", "namespace_name"),
    )
)
"""Labels of who uses the hardware or runs the exporter; both move."""

_WHO = (*HOSTS, *FALLBACKS)
_MOVING = WORKLOAD | {*HOSTS}
_GPU = ("gpu", "UUID", "gpu_uuid", "pci_bus_id", "modelName", "model_name")
_FABRIC = ("source", "source_id", "tag", "port_guid", "node_desc", "node_description", "node_name")
_XID = frozenset(("err_code", "err_msg"))
_RENAMED = {"Hostname": "hostname", "UUID": "gpu_uuid", "modelName": "model_name"}
_HARDWARE = ("DCGM_", "nvidia_", "node_")
_SPECIAL = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_PORT = re.compile(r"(?<!:)(?<=[^:]):[0-9]+\Z")
_GUID = re.compile(r"(?:0[xX])?0*([0-9a-fA-F]{1,16})")
_DEVICE = re.compile(r"nvidia([0-9]{1,4})")
_INDEX_DIGITS = 4


class Series(NamedTuple):
    """What a name and its labels mean."""

    asset: str
    point: str


class Kind(NamedTuple):
    """All that a metric's name says of what its labels mean."""

    is_hardware: bool
    is_dcgm: bool
    is_infiniband: bool


class Gpu(NamedTuple):
    """A GPU that labels name in both ways."""

    host: str
    path: str
    """`gpu0`."""
    uuid: str


class Place(NamedTuple):
    """What labels mean under names of one kind."""

    asset: str
    inside: str
    """What follows the name in the point's name: `{x="1"}`, or nothing."""
    gpu: Gpu | None = None
    """Where labels name host, index and UUID."""


class Part(NamedTuple):
    """A piece of hardware that labels name."""

    path: str
    """Under its host."""
    labels: tuple[str, ...]
    """Those that name or describe it."""
    has_host: bool = True
    """Whether its path begins under a host; else it is known everywhere."""


def meaning(name: str, labels: Mapping[str, str]) -> Series:
    """Return the asset and point that a metric's name and labels mean."""
    found = place(kind(name), labels)
    return Series(found.asset, name + found.inside)


def whole(name: str, labels: Mapping[str, str]) -> Series:
    """As `meaning`, but every label stays in the point's name: where two would become one."""
    found = place(kind(name), labels)
    return Series(found.asset, name + rendered(_there(labels)))


def kind(name: str) -> Kind:
    """Return what `name` says of what its labels mean."""
    is_hardware = name.startswith(_HARDWARE) and ":" not in name
    return Kind(is_hardware, name.startswith("DCGM_"), "infiniband" in name)


def place(of: Kind, labels: Mapping[str, str]) -> Place:
    """Return what `labels` mean under a name of a kind; an empty label is none, as it is there."""
    there = _there(labels)
    part = _part(of, there)
    host = _host(there)
    asset = _asset(of, there, part, host)
    left = there.keys() - _dropped(of, there, part, host)
    inside = rendered({label: there[label] for label in left}) if left else ""
    return Place(asset, inside, _whole_gpu(there, part, host))


def rendered(labels: Mapping[str, str]) -> str:
    """Write labels in one way, whatever their order and the agent's release."""
    named = sorted((_RENAMED.get(label, label), text) for label, text in labels.items())
    inside = ",".join(f'{label}="{text.translate(_SPECIAL)}"' for label, text in named)
    return f"{{{inside}}}" if inside else ""


def guid(text: str) -> str | None:
    """Write a GUID as InfiniBand's tools do: 0x and 16 digits. None: it is none."""
    found = _GUID.fullmatch(text)
    return f"0x{found[1].lower():0>16}" if found else None


def without_port(instance: str) -> str:
    """Return the host of a Prometheus `instance`: `node-1:9100`, `[::1]:9100`."""
    bare = instance.count(":") > 1 and not instance.startswith("[")
    return instance if bare else _PORT.sub("", instance)


def _there(labels: Mapping[str, str]) -> dict[str, str]:
    return {label: text for label, text in labels.items() if text and label != "__name__"}


def _part(of: Kind, labels: Mapping[str, str]) -> Part | None:
    """Return the hardware that labels name: of the first rule that knows."""
    for wanted, rule in _RULES:
        if not wanted.isdisjoint(labels):
            part = rule(of, labels)
            if part:
                return part
    return None


def _asset(of: Kind, labels: Mapping[str, str], part: Part | None, host: str | None) -> str:
    if part is None:
        named = labels[host] if host else UNKNOWN_ASSET
        return without_port(named) if of.is_hardware and host == "instance" else named
    if not part.has_host:
        return part.path
    if host is None:
        first, _, under = part.path.partition("/")
        uuid = _uuid(labels) if first.startswith(("gpu", "GPU-", "MIG-")) else None
        return "/".join(filter(None, (uuid or UNKNOWN_ASSET, under if uuid else part.path)))
    return f"{_host_name(labels, host)}/{part.path}"


def _host(labels: Mapping[str, str]) -> str | None:
    """Return the label that names the host."""
    return next(filter(labels.__contains__, _WHO), None)


def _host_name(labels: Mapping[str, str], host: str) -> str:
    """Return what hardware goes by under the host that a label names."""
    return without_port(labels[host]) if host == "instance" else labels[host]


def _dropped(of: Kind, labels: Mapping[str, str], part: Part | None, host: str | None) -> set[str]:
    """Return the labels that the point's name needs not."""
    dropped = {*(part.labels if part else ())}
    keeps_port = part and host == "instance" and without_port(labels[host]) != labels[host]
    if host and (of.is_hardware or not keeps_port):
        dropped.add(host)
    if of.is_hardware or (part and not part.has_host):
        dropped |= _MOVING
        if part or host in HOSTS:
            dropped.add("instance")
    if of.is_dcgm:
        dropped.update(label for label in labels if label.startswith("DCGM_FI_"))
        dropped |= _XID
    return dropped


def _number(labels: Mapping[str, str], label: str) -> str | None:
    text = labels.get(label, "")
    is_number = text.isascii() and text.isdigit() and len(text) <= _INDEX_DIGITS
    return text if is_number else None


def _uuid(labels: Mapping[str, str]) -> str | None:
    for label in ("UUID", "gpu_uuid", "uuid", "gpu"):
        text = labels.get(label)
        if text and text.startswith(("GPU-", "MIG-")):
            return text
    return None


def _port(_: Kind, labels: Mapping[str, str]) -> Part | None:
    """Name a port of the fabric, as UFM tells of it."""
    node = next((one for one in ("node_guid", "Node_GUID") if one in labels), None)
    name = guid(labels[node]) if node else None
    if node is None or name is None:
        return None
    port = next((one for one in ("port_num", "Port_Number") if _number(labels, one)), None)
    path = f"{name}/p{labels[port]}" if port else name
    return Part(path, (node, *([port] if port else []), *_FABRIC), has_host=False)


def _gpu(of: Kind, labels: Mapping[str, str]) -> Part | None:
    """Name a GPU or a link of it, by index where there is one."""
    index = _number(labels, "gpu")
    device = _DEVICE.fullmatch(labels.get("device", ""))
    uuid = _uuid(labels)
    if index is None and device and (of.is_dcgm or uuid):
        index = device[1]
    if index is None and uuid is None:
        return None
    path = f"gpu{index}" if index else str(uuid)
    link = _number(labels, "nvlink")
    if link:
        return Part(f"{path}/nvlink{link}", (*_named(labels, bool(device)), "nvlink"))
    return Part(path, _named(labels, bool(device)))


def _whole_gpu(labels: Mapping[str, str], part: Part | None, host: str | None) -> Gpu | None:
    """Return the GPU that labels name by host, index and UUID."""
    uuid = _uuid(labels) if part and host else None
    if not (part and host and uuid and uuid.startswith("GPU-")) or "/" in uuid:
        return None
    path = part.path.partition("/")[0]
    return Gpu(_host_name(labels, host), path, uuid) if path.startswith("gpu") else None


def _named(labels: Mapping[str, str], is_gpu: bool) -> tuple[str, ...]:
    """Return the labels that describe a GPU; `device` and `uuid` may be of something else."""
    is_uuid = labels.get("uuid", "").startswith(("GPU-", "MIG-"))
    return (*_GPU, *(("device",) if is_gpu else ()), *(("uuid",) if is_uuid else ()))


def _link(_: Kind, labels: Mapping[str, str]) -> Part | None:
    """Name a switch in the host, or a link of it."""
    switch, link = _number(labels, "nvswitch"), _number(labels, "nvlink")
    path = [f"nvswitch{switch}"] * bool(switch) + [f"nvlink{link}"] * bool(link)
    used = ["nvswitch"] * bool(switch) + ["nvlink"] * bool(link)
    return Part("/".join(path), tuple(used)) if path else None


def _cpu(of: Kind, labels: Mapping[str, str]) -> Part | None:
    """Name a processor or a core of it, as DCGM does; node_exporter's `cpu` is a thread."""
    cpu, core = _number(labels, "cpu"), _number(labels, "cpucore")
    if not of.is_dcgm or not (cpu or core):
        return None
    path = [f"cpu{cpu}"] * bool(cpu) + [f"core{core}"] * bool(core)
    return Part("/".join(path), ("cpu", "cpucore"))


def _adapter(of: Kind, labels: Mapping[str, str]) -> Part | None:
    """Name an InfiniBand adapter or a port of it."""
    if not of.is_infiniband or "device" not in labels:
        return None
    port = labels.get("port")
    path = f"{labels['device']}/p{port}" if port else labels["device"]
    return Part(path, ("device", "port"))


_RULES: tuple[tuple[frozenset[str], Callable[[Kind, Mapping[str, str]], Part | None]], ...] = (
    (frozenset(("node_guid", "Node_GUID")), _port),
    (frozenset(("gpu", "UUID", "gpu_uuid", "uuid", "device")), _gpu),
    (frozenset(("nvswitch", "nvlink")), _link),
    (frozenset(("cpu", "cpucore")), _cpu),
    (frozenset(("device",)), _adapter),
)
"""Which hardware labels name, where one of these labels is; the first that knows."""
