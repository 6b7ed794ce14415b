"""What `ibnetdiscover` prints: switches and adapters by GUID, and every link from both its ends.

Source: manual page ibnetdiscover(8) of infiniband-diags; node descriptions as Mellanox' firmware
(`MF0;leaf-1:MQM9700/U1`) and the Linux driver (`node-01 mlx5_0`) write them. A description that
names no device, or names two, leaves the GUID as the name, written as telemetry does: `0x..`.
Ports are `leaf-1/p7`, `node-01/mlx5_0/p1`. Rates are the lanes' data rates (IBTA; FDR by its code).
"""

import re
from typing import Final, NamedTuple

from schemas.cascade.site import AssetKind, Medium
from schemas.cascade.trouble import Flaw, Trouble
from schemas.sites.gather import Gathering, Imported, lines
from schemas.trigger import Severity

PART = "infiniband"
_RATES: Final = ("SDR", "DDR", "QDR", "FDR10", "FDR", "EDR", "HDR", "NDR", "XDR")
_GBIT: Final = (2.0, 4.0, 8.0, 10.0, 13.64, 25.0, 50.0, 100.0, 200.0)
_LANES: Final = dict(zip(_RATES, _GBIT, strict=True))
"""Gb/s."""
_NODE = re.compile(r'(Switch|Ca|Rt)\s+\d+\s+"([SHR])-([0-9a-fA-F]{1,16})"\s*(?:#\s*"([^"]*)")?.*')
_END = r"\[(\d{1,4})\](?:\[ext \d+\])?(?:\([0-9a-fA-F]*\))?"
_PORT = re.compile(rf'{_END}\s+"([SHR])-([0-9a-fA-F]{{1,16}})"{_END}\s*(?:#(.*))?')
_RATE = re.compile(r"\b(\d{1,2})x(FDR10|[SDQFEHNX]DR)\b")
_HEAD = re.compile(
    r"(vendid|devid|sysimgguid|(switch|ca|rt)guid)=.*|Chassis .*|Non-Chassis Nodes.*"
)
_DEVICE = re.compile(r"([^\s;:]+)[ ]([A-Za-z][\w-]*)")
_MANAGED = re.compile(r"MF0;([^;:\s]+):\S+")
_PLAIN = re.compile(r"[A-Za-z][\w.-]*")
_NOBODY: Final = frozenset({"mellanox", "technologies", "nvidia"})


class _End(NamedTuple):
    guid: str
    port: int


class _Link(NamedTuple):
    ends: tuple[_End, _End]
    capacity: float | None
    line: int


class _Fabric:
    """What the text says, by GUID."""

    def __init__(self) -> None:
        self.kinds: dict[str, AssetKind] = {}
        self.names: dict[str, str] = {}
        self.lines: dict[str, int] = {}
        self.links: list[_Link] = []
        self._taken: dict[str, str] = {}

    def node(self, letter: str, guid: str, description: str, line: int) -> Trouble | None:
        """Take a switch or an adapter; say if its name is another's already."""
        self.kinds[guid] = AssetKind.NIC if letter == "H" else AssetKind.SWITCH
        self.lines.setdefault(guid, line)
        name = _name(letter, description) or guid
        owner = self._taken.setdefault(name, guid)
        self.names[guid] = name if owner == guid else guid
        if owner == guid:
            return None
        detail = f"the description of {owner} too; goes by its GUID"
        return Trouble(Flaw.TWO_ASSETS, Severity.WARNING, guid, name, detail, line)


def ibnetdiscover(data: bytes | str, site: str = "site") -> Imported:
    """Read the output of `ibnetdiscover`. A line that is not its own is told, with its number."""
    found, fabric, here = Gathering(), _Fabric(), ""
    for line, text in lines(data):
        said = text.strip()
        if not said or said.startswith("#") or _HEAD.fullmatch(said):
            continue
        if node := _NODE.fullmatch(said):
            here = _guid(node[3])
            trouble = fabric.node(node[2], here, node[4] or "", line)
            found.troubles += [trouble] if trouble else []
        elif here and (port := _PORT.fullmatch(said)):
            ends = _End(here, int(port[1])), _End(_guid(port[3]), int(port[4]))
            fabric.links.append(_Link(ends, _capacity(port[5] or ""), line))
        else:
            found.unread(line, text)
    _take(found, fabric)
    return found.imported(site, PART)


def _take(found: Gathering, fabric: _Fabric) -> None:
    for guid, name in fabric.names.items():
        host, slash, _ = name.rpartition("/")
        if slash:
            found.asset(host, AssetKind.NODE, fabric.lines[guid])
        found.asset(name, fabric.kinds[guid], fabric.lines[guid], guid)
    for ends, capacity, line in fabric.links:
        if all(end.guid in fabric.names for end in ends):
            one, other = (_port(found, fabric, end, line) for end in ends)
            if one != other:
                found.link((one, other), line, Medium.INFINIBAND, capacity)
        else:
            stray = next(end.guid for end in ends if end.guid not in fabric.names)
            said = Trouble(Flaw.UNKNOWN_ASSET, Severity.CRITICAL, stray, line=line)
            found.troubles.append(said)


def _port(found: Gathering, fabric: _Fabric, end: _End, line: int) -> str:
    """Take a port as an asset and return its name."""
    name = f"{fabric.names[end.guid]}/p{end.port}"
    switch = fabric.kinds[end.guid] is AssetKind.SWITCH
    found.asset(name, AssetKind.PORT if switch else AssetKind.NIC, line, f"{end.guid}/p{end.port}")
    return name


def _guid(text: str) -> str:
    return f"0x{text.lower():0>16}"


def _name(letter: str, description: str) -> str:
    """Return the name that a description gives, "" if it tells what it is and not who."""
    said = description.strip()
    if _NOBODY & set(said.lower().split()):
        return ""
    if letter == "H":
        device = _DEVICE.fullmatch(said)
        return f"{device[1]}/{device[2]}" if device else ""
    managed = _MANAGED.fullmatch(said)
    return managed[1] if managed else said if _PLAIN.fullmatch(said) else ""


def _capacity(remark: str) -> float | None:
    """Return B/s one way; the rate stands last, behind what may be in the description."""
    rates = _RATE.findall(remark)
    return int(rates[-1][0]) * _LANES[rates[-1][1]] * 1e9 / 8 or None if rates else None
