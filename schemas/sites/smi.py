"""What `nvidia-smi topo -m` prints of one host: which GPUs NVLink joins, which NIC is near which.

Source: the legend that it prints itself. NV18 is 18 NVLinks between two GPUs, straight or through
NVSwitches; PIX, PXB and PHB are one PCIe root; NODE and SYS go through the processor, as all do,
and are no links here. How fast an NVLink is, the matrix does not say: capacities stay unknown.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from schemas.cascade.site import AssetKind, Medium
from schemas.sites.gather import Gathering, Imported, lines

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_DEVICE = re.compile(r"(GPU|NIC)(\d{1,3})|mlx\d_(?:bond_)?\d{1,3}")
_LEGEND = re.compile(r"(NIC\d{1,3}):\s*([\w.-]+)")
_WORD = re.compile(r"NV\d{1,2}|PIX|PXB|PHB|NODE|SYS|PIB|PSB|C2C|X")
_NEAR: Final = frozenset({"PIX", "PXB", "PHB"})
_EXPLAINED = re.compile(r"(X|SYS|NODE|PHB|PXB|PIX|NV#|C2C|PIB|PSB)\s+=.*|(NIC )?Legend:")

Row = tuple[int, str, list[str]]
"""Line, device, its cells."""


def smi(data: bytes | str, host: str, site: str = "site") -> Imported:
    """Read the matrix of `host`. A line that is not its own is told, with its number."""
    found, columns, rows = Gathering(), list[str](), list[Row]()
    nics: dict[str, str] = {}
    for line, text in lines(data):
        said = _COLOURS.sub("", text).strip()
        words = said.split()
        if not said or _EXPLAINED.fullmatch(said):
            continue
        if legend := _LEGEND.fullmatch(said):
            nics[legend[1]] = legend[2]
        elif not columns and _DEVICE.fullmatch(words[0]):
            columns = [word for word in words if _DEVICE.fullmatch(word)]
        elif _is_row(words, columns):
            rows.append((line, words[0], words[1 : len(columns) + 1]))
        else:
            found.unread(line, text)
    if found.asset(host, AssetKind.NODE, 0):
        _take(found, rows, columns, {one: _name(host, one, nics) for one in columns})
    return found.imported(site, host[:200])


def _is_row(words: Sequence[str], columns: Sequence[str]) -> bool:
    cells = words[1 : len(columns) + 1]
    return (
        bool(columns)
        and words[0] in columns
        and len(cells) == len(columns)
        and all(_WORD.fullmatch(cell) for cell in cells)
    )


def _take(
    found: Gathering, rows: Sequence[Row], columns: Sequence[str], names: Mapping[str, str]
) -> None:
    for device, name in names.items():
        kind = AssetKind.GPU if device.startswith("GPU") else AssetKind.NIC
        found.asset(name, kind, 0)
    for line, device, cells in rows:
        for other, word in zip(columns, cells, strict=True):
            medium = _medium(word)
            if medium and other != device:
                found.link((names[device], names[other]), line, medium)


def _medium(word: str) -> Medium | None:
    if word.startswith("NV") or word == "C2C":
        return Medium.NVLINK
    return Medium.PCIE if word in _NEAR else None


def _name(host: str, device: str, nics: Mapping[str, str]) -> str:
    last = f"gpu{device[3:]}" if device.startswith("GPU") else nics.get(device, device.lower())
    return f"{host}/{last}"
