"""What an asset may be, from its name and its points. A guess: a declared kind goes before it.

First what only one kind of thing measures (DCGM, port counters, a host's own), then a word of the
name, then what several kinds measure (water, air, power), then short tags, then what is below it.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from models.site.words import BELOW_NODE, BELOW_SWITCH, SHORT, SURE
from schemas.cascade import AssetKind
from schemas.units.infiniband import INFINIBAND
from schemas.units.point import bare

_WORD = re.compile(r"[A-Z]+s?(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_TAG = re.compile(r"([a-z]+)[-_ .]?([0-9]{1,4}[a-z]?|[a-z])?", re.IGNORECASE)
_HOST = re.compile(r"[0-9]*[A-Za-z][^./]*\.[^/]*[A-Za-z]")

_SURE_POINTS: Final = (
    (re.compile(r"node_(cpu|memory|load|filesystem|boot)|system\.(cpu|memory)"), AssetKind.NODE),
    (re.compile(r"DCGM_FI_DEV_NVSWITCH"), AssetKind.NVSWITCH),
    (re.compile(r"DCGM_FI_DEV_CPU"), AssetKind.CPU),
    (re.compile(r"DCGM_(FI|EXP)_|hw\.gpu\."), AssetKind.GPU),
    (re.compile(r"node_infiniband_|port_xmit_data|port_rcv_data"), AssetKind.NIC),
)
"""Who else would say so."""

_POINTS: Final = (
    (re.compile(r"Top_Oil|Winding_Temperature"), AssetKind.TRANSFORMER),
    (re.compile(r"On_Battery|Battery_Charge|UPS"), AssetKind.UPS),
    (re.compile(r"State_Of_Charge|BESS"), AssetKind.BATTERY),
    (re.compile(r"Fuel_Level|Engine_|Generator"), AssetKind.GENERATOR),
    (re.compile(r"Wet_Bulb|Basin_|Cooling_Tower"), AssetKind.COOLING_TOWER),
    (re.compile(r"(Supply|Return|Discharge)_Air_"), AssetKind.CRAH),
    (re.compile(r"Chilled_Water_Temperature|Evaporator|Compressor"), AssetKind.CHILLER),
    (re.compile(r"Fluid_Level|Thermal_Power|Secondary_"), AssetKind.CDU),
    (re.compile(r"Tray_Leak|Rack[A-Z]"), AssetKind.RACK),
    (re.compile(r"Pump_"), AssetKind.PUMP),
    (re.compile(r"Air_Flow"), AssetKind.CRAH),
    (re.compile(r"Breaker_"), AssetKind.BREAKER),
    (re.compile(r"Phase_Current|Power_Factor|Apparent_Power"), AssetKind.PDU),
    (re.compile(r"Valve_Position"), AssetKind.VALVE),
)
"""Brick's classes, as `schemas.units` has them; the first that fits."""

_REMEMBERED = 4_096  # assets of a kind have the same points
_FABRIC: Final = frozenset(point.canonical or point.name for point in INFINIBAND)


def words(name: str) -> list[str]:
    """Return the words of a name in small letters, without numbers: `XFMR-2a`: xfmr, a."""
    return [found.lower() for found in _WORD.findall(name) if not found.isdigit()]


def by_name(name: str, above: AssetKind) -> AssetKind:
    """Guess from the last part of a path; `above`: what the asset is that it stands below."""
    *_, whole, last = ("", *name.split("/"))
    tag = words(last)
    if below := _below(tag, above):
        return below
    if not whole and _HOST.fullmatch(last):  # a host's full name: behind the dot stands a place
        host = _said(words(last.partition(".")[0]))
        return AssetKind.NODE if host in {None, AssetKind.GPU} else host or AssetKind.OTHER
    if not tag:
        return _of_group(words(whole)) or AssetKind.OTHER
    return _said(tag) or (AssetKind.PLACE if _of_group(tag) else AssetKind.OTHER)


def _below(tag: list[str], above: AssetKind) -> AssetKind | None:
    """Say what a name means below a switch, node or device, that means much elsewhere."""
    first = tag[0] if tag else ""
    if above is AssetKind.SWITCH and first in BELOW_SWITCH:
        return AssetKind.PORT
    if above in {AssetKind.NODE, AssetKind.NIC} and first in BELOW_NODE:
        return AssetKind.NIC
    parts = {AssetKind.PORT, AssetKind.NIC, AssetKind.GPU}
    return above if (above in parts and not tag) or above is AssetKind.CPU else None


def _said(tag: list[str]) -> AssetKind | None:
    """Return what the last word means, or the last two as one: `NVSwitch`, `dry_cooler`."""
    two = [f"{before}{word}" for before, word in zip(["", *tag], tag, strict=False)]
    found = [SURE.get(both) or SURE.get(word) for both, word in zip(two, tag, strict=True)]
    return next((kind for kind in reversed(found) if kind), None)


def _of_group(tag: list[str]) -> AssetKind | None:
    """Return what a plural is made of: `CDUs`, `pumps`."""
    return SURE.get(tag[-1].removesuffix("s")) if tag and tag[-1].endswith("s") else None


def by_tag(name: str) -> AssetKind:
    """Guess from a short tag that is all of a name at the top of a path."""
    found = _TAG.fullmatch(name)
    return SHORT.get(found[1].lower(), AssetKind.OTHER) if found else AssetKind.OTHER


@lru_cache(_REMEMBERED)
def by_sure_points(points: tuple[str, ...]) -> AssetKind:
    """Guess from points that one kind of thing alone has."""
    names = [bare(point) for point in points]
    for pattern, kind in _SURE_POINTS:
        if any(pattern.search(name) for name in names):
            return kind
    fabric = any(name.rpartition("/")[2] in _FABRIC for name in names)
    return AssetKind.NIC if fabric else AssetKind.OTHER


@lru_cache(_REMEMBERED)
def by_points(points: tuple[str, ...]) -> AssetKind:
    """Guess from points that several kinds of things have."""
    names = [bare(point) for point in points]
    fits = (kind for pattern, kind in _POINTS if any(pattern.search(name) for name in names))
    return next(fits, AssetKind.OTHER)


def by_parts(parts: Iterable[AssetKind]) -> AssetKind:
    """Guess from what stands below: a node has GPUs; more than two ports are a switch's."""
    below = list(parts)
    if {AssetKind.GPU, AssetKind.NVSWITCH, AssetKind.CPU} & set(below):
        return AssetKind.NODE
    ports = sum(kind is AssetKind.PORT for kind in below)
    if ports:
        return AssetKind.SWITCH if ports > 2 else AssetKind.NIC  # noqa: PLR2004 - adapters have two
    return AssetKind.RACK if AssetKind.NODE in below else AssetKind.OTHER
