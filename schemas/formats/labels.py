"""What a metric's name and labels mean: which asset, which point. For every format with labels.

The same asset whatever the agent's release calls it: `Hostname` and `hostname`, `UUID` and
`gpu_uuid`. Labels that say who the asset is are dropped from the point's name.
"""

from collections.abc import Mapping
from typing import NamedTuple

UNKNOWN_ASSET = "prometheus"

_ASSET_LABELS = ("instance", "Hostname", "hostname", "host")
_GPU_LABELS = frozenset(
    ("gpu", "UUID", "pci_bus_id", "device", "modelName", "hostname", "Hostname")
)
_SPECIAL = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


class Series(NamedTuple):
    """What a name and its labels mean."""

    asset: str
    point: str


def meaning(name: str, labels: Mapping[str, str]) -> Series:
    """Return the asset and point that a metric's name and labels mean."""
    left = dict(labels)
    asset = _gpu(left) or _asset(left)
    return Series(asset, _canonical(name, left))


def _gpu(labels: dict[str, str]) -> str | None:
    """Return the name of the GPU that dcgm-exporter's labels are about, and drop them."""
    host = labels.get("hostname") or labels.get("Hostname")
    if not host or not labels.get("gpu"):
        return None
    asset = f"{host}/gpu{labels['gpu']}"
    for label in _GPU_LABELS & labels.keys():
        del labels[label]
    return asset


def _asset(labels: dict[str, str]) -> str:
    """Return the asset that the labels name, and drop its label."""
    label = next((one for one in _ASSET_LABELS if labels.get(one)), None)
    return labels.pop(label) if label else UNKNOWN_ASSET


def _canonical(name: str, labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{k}="{labels[k].translate(_SPECIAL)}"' for k in sorted(labels))
    return f"{name}{{{inside}}}" if inside else name
