"""Metadata of DSX Exchange's BMS event bus: objects, whom they serve, and in which rack they stand.

A line is what `mosquitto_sub -v -t 'BMS/v1/PUB/Metadata/#'` prints, topic and JSON, or the JSON
alone. With a topic an asset has the name that the decoder `dsx-bms` gives it, with `objectId` and
`objectName` as aliases. Source: DSX Exchange, BMS Event Bus 1.0.0. `servesId` is power where the
server is electrical and cooling where it is mechanical; of what is neither it is told, not taken.
"""

from typing import Final

import msgspec

from schemas.cascade.site import AssetKind, EdgeKind
from schemas.cascade.trouble import Flaw, Trouble
from schemas.formats import dsx as bms
from schemas.sites.gather import Gathering, Imported, lines
from schemas.trigger import Severity

PART = "bms"
_KINDS: Final = {
    "Rack": AssetKind.RACK,
    "CDU": AssetKind.CDU,
    "CoolingTower": AssetKind.COOLING_TOWER,
    "HX": AssetKind.HEAT_EXCHANGER,
    "CRAH": AssetKind.CRAH,
    "CRAC": AssetKind.CRAH,
    "AHU": AssetKind.CRAH,
    "Chiller": AssetKind.CHILLER,
    "Valve": AssetKind.VALVE,
    "Pump": AssetKind.PUMP,
    "Sensor": AssetKind.SENSOR,
    "BESS": AssetKind.BATTERY,
    "UPS": AssetKind.UPS,
    "ATS": AssetKind.SWITCHGEAR,
    "Generator": AssetKind.GENERATOR,
    "Breaker": AssetKind.BREAKER,
}
_POWER: Final = frozenset({"PowerMeter", "BESS", "UPS", "ATS", "Generator", "Shunt", "Breaker"})
_COOLING: Final = frozenset(
    {
        *("CDU", "CoolingTower", "HX", "CRAH", "CRAC", "AHU", "Chiller"),
        *("Tank", "Valve", "Pump", "Fan", "Damper"),
    }
)

_read = msgspec.json.Decoder(bms.Metadata).decode


def dsx(data: bytes | str, site: str = "site") -> Imported:
    """Read metadata, a message a line. A line that is none is told, with its number."""
    found = Gathering()
    for line, text in lines(data):
        topic, brace, rest = text.strip().partition("{")
        if not topic and not brace:
            continue
        about = _metadata(brace + rest)
        name = _name(topic.strip(), about) if about else ""
        if about is None or not name:
            found.unread(line, text)
        else:
            _take(found, name, about, line)
    return found.imported(site, PART)


def _metadata(text: str) -> bms.Metadata | None:
    try:
        return _read(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


def _name(topic: str, about: bms.Metadata) -> str:
    """Return the asset's name; "": nothing names it."""
    if topic:
        return bms.asset_of(topic)
    return about.asset or about.object_name or about.object_id or ""


def _take(found: Gathering, name: str, about: bms.Metadata, line: int) -> None:
    own = [one for one in (about.object_id, about.object_name) if one]
    rack = about.rack_location_id
    is_rack = about.object_type == "Rack"
    kind = _KINDS.get(about.object_type, AssetKind.OTHER)
    if not found.asset(name, kind, line, *own, *([rack] if rack and is_rack else ())):
        return
    if rack and not is_rack:
        found.edge(EdgeKind.CONTAINS, rack, name, line)
    if about.associate_id and about.associate_id not in {name, *own}:
        found.edge(EdgeKind.CONTAINS, about.associate_id, name, line)
    for served in about.serves_id:
        _serve(found, (name, served), about.object_type, line)


def _serve(found: Gathering, ends: tuple[str, str], server: str, line: int) -> None:
    if server in _POWER:
        found.edge(EdgeKind.FEEDS, *ends, line)
    elif server in _COOLING:
        found.edge(EdgeKind.COOLS, *ends, line)
    else:
        said = f"{ends[0]} serves {ends[1]}"
        detail = f"a {server} neither feeds nor cools"
        trouble = Trouble(Flaw.MISFIT, Severity.CRITICAL, ends[0], said, detail, line)
        found.troubles.append(trouble)
