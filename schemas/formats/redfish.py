"""Format `redfish-json`: a Redfish resource as a service answers it, OCP's CDU profile among them.

Source: DMTF DSP0266 and DSP0268 (Redfish), OCP Coolant Distribution Unit API v1.0.0. Any resource
with `@odata.id` is walked: of its numbers, those whose names end in a unit (`FlowLitersPerMinute`,
`ReadingCelsius`, `PowerWatts`, ..) or are `Reading` and its like are samples; ratings, limits and
thresholds are not. Words of state are samples by the codes in `STATES`.

The asset is what the resource belongs to (`ThermalEquipment/CDUs/1`, `Chassis/1`), the point the
rest of its path and the property's, without `Reading`. Every service has a `Chassis/1`: where the
bridge tells a subject (the BMC's host name), the asset begins with it. In a MetricReport, the path
is each value's `MetricProperty`; without one, the point is `MetricId`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import NamedTuple

from schemas.formats.base import is_name, lacks, parse_json, quoted, reject, sample, subject_of
from schemas.telemetry import About, Decoded, Quality, Reject, SpansBuilder, Why
from schemas.times import to_ns

DEEPEST = 24
"""Objects and arrays within each other, at most."""

_HEALTH = {"OK": 0, "Warning": 1, "Critical": 2}
_STATE = (
    "Enabled Disabled StandbyOffline StandbySpare InTest Starting Absent UnavailableOffline"
    " Deferring Quiesced Updating Qualified Degraded"
)
_POWER = "Off On PoweringOff PoweringOn Paused"
STATES: dict[str, dict[str, int]] = {
    "Health": _HEALTH,
    "HealthRollup": _HEALTH,
    "DetectorState": _HEALTH,
    "FluidLevelStatus": _HEALTH,
    "State": {word: code for code, word in enumerate(_STATE.split())},
    "PowerState": {word: code for code, word in enumerate(_POWER.split())},
}
"""Codes of words, by property: 0 is well, but for a power state, where it is off."""

_MEASURED = re.compile(
    "(Reading|SetPoint|PowerFactor|CrestFactor|PhaseAngleDegrees|BandwidthGbps|ServiceHours"
    "|(?!Rated|Nominal|Max|Min|Upper|Lower|Allowable|Capacity|Additive|.*(Capacity|Threshold|Limit))"
    "[A-Z]\\w*(Celsius|kPa|Pa|LitersPerMinute|CubicMetersPerMinute|Percent|Watts|kW|kWh|Wh|Joules"
    "|Volts|Amps|VA|VAR|VARh|kVAh|kVARh|Hz|MHz|RPM|Lux|Liters|Grams|CFM))"
)
_SKIPPED = {"Thresholds", "Actions", "Links", "Location", "Coolant", "@odata.id"}
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_LONGEST = 400
"""Characters of a number that is written as text."""
_BELOW = {"ThermalEquipment": 3, "PowerEquipment": 3}
"""How many levels of a path name the asset; 2 where nothing is said."""
_ROOT = re.compile("/redfish/v[0-9]+/")

Groups = dict[tuple[str, int], dict[str, tuple[float, int]]]
"""Value and quality by point, of one asset at one time."""


class Place(NamedTuple):
    """Where in a document a value stands."""

    path: tuple[str, ...]
    """Levels of `@odata.id` below the root, and the properties in it."""
    time_ns: int | None
    depth: int = 0

    def at(self, key: str) -> "Place":
        """Return the place of a property in this one."""
        return Place((*self.path, key), self.time_ns, self.depth + 1)


@dataclass(slots=True)
class Walk:
    """A walk through one document."""

    message: int
    prefix: str
    groups: Groups = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)

    def put(self, place: Place, value: float, mark: int) -> None:
        """Put a sample into its group, or say what is wrong with it."""
        levels = _BELOW.get(place.path[0], 2)
        asset = "/".join(place.path[:levels])
        point = "/".join(place.path[levels:]).removesuffix("/Reading")
        asset = f"{self.prefix}/{asset}" if self.prefix else asset
        if not is_name(asset) or not is_name(point):
            self.reject(Why.BAD_NAME, quoted("/".join(place.path)))
        elif place.time_ns is None:
            self.reject(Why.BAD_TIME, f"{quoted(point)}: neither it nor its message has a time")
        else:
            self.groups.setdefault((asset, place.time_ns), {})[point] = (value, mark)

    def reject(self, why: Why, detail: str) -> None:
        """Say what is wrong."""
        self.rejects.append(reject(self.message, why, detail))

    def enter(self, node: object, place: Place) -> None:
        """Walk through an object or array."""
        if place.depth > DEEPEST:
            self.reject(Why.TOO_LARGE, f"deeper than {DEEPEST} levels")
        elif isinstance(node, Mapping):
            place = _moved(node, place)
            for key, value in node.items():
                self.property(key, value, place)
        elif isinstance(node, list):
            for i, value in enumerate(node):
                self.enter(value, place.at(str(i)))

    def property(self, key: str, value: object, place: Place) -> None:
        """Put a property's sample, or walk into it."""
        if key == "MetricValues" and isinstance(value, list):
            for entry in value:
                self.metric(entry, place)
        elif isinstance(value, dict | list):
            if key not in _SKIPPED:
                self.enter(value, place.at(key))
        else:
            found = _found(key, value)
            if found:
                self.put(place.at(key), *found)

    def metric(self, entry: object, place: Place) -> None:
        """Put one value of a MetricReport."""
        lacking = lacks(self.message, entry, ("MetricValue",))
        if lacking or not isinstance(entry, Mapping):
            self.rejects.extend([lacking] if lacking else [])
            return
        path = _path(entry.get("MetricProperty")) or (*place.path, str(entry.get("MetricId", "")))
        time_ns = to_ns(entry["Timestamp"]) if "Timestamp" in entry else place.time_ns
        self.put(Place(path, time_ns), *_reported(path[-1], entry["MetricValue"]))


class Redfish:
    """Decodes Redfish resources. Properties of one asset and time become one span."""

    name = "redfish-json"
    content_types = ("application/vnd.dmtf.redfish+json",)

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch. What has no time of its own takes the message's, `times_ms`."""
        spans = SpansBuilder()
        rejects: list[Reject] = []
        for message, data in enumerate(batch):
            time_ns = to_ns(times_ms[message]) if times_ms and times_ms[message] > 0 else None
            walk = Walk(message, subject_of(about, message).strip("/"))
            walk.rejects.extend(_read(walk, data, time_ns))
            for (asset, at_ns), found in walk.groups.items():
                values, marks = zip(*found.values(), strict=True)
                spans.add(message, asset, tuple(found), at_ns, values, marks)
            rejects += walk.rejects
        return Decoded.of(spans, rejects)

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be a Redfish resource."""
        start = data[:65_536]
        return start.lstrip()[:1] == b"{" and b'"@odata.id"' in start and b"/redfish/v" in start


def _read(walk: Walk, data: bytes, time_ns: int | None) -> Iterator[Reject]:
    document, failed = parse_json(walk.message, data)
    failed = failed or lacks(walk.message, document, ("@odata.id",))
    if failed or not isinstance(document, Mapping):
        yield from [failed] if failed else []
    elif _path(document["@odata.id"]) is None:
        yield reject(walk.message, Why.BAD_NAME, f"@odata.id: {quoted(document['@odata.id'])}")
    else:
        walk.enter(document, Place((), time_ns))
        if not walk.groups and not walk.rejects:
            yield reject(walk.message, Why.EMPTY, "the resource has no measurement")


def _moved(node: Mapping[str, object], place: Place) -> Place:
    """Return the place of an object: its own path and time, where it has them."""
    path = _path(node.get("@odata.id")) or place.path
    times = (to_ns(node[key]) for key in ("ReadingTime", "Timestamp") if key in node)
    return Place(path, next(filter(None, times), place.time_ns), place.depth)


def _path(uri: object) -> tuple[str, ...] | None:
    """Return the levels of a resource's path, a JSON pointer's among them; None: it is none."""
    root = _ROOT.match(uri) if isinstance(uri, str) else None
    if root is None or not isinstance(uri, str):
        return None
    levels = uri[root.end() :].replace("#", "/").split("/")
    return tuple(filter(None, levels)) or None


def _found(key: str, value: object) -> tuple[float, int] | None:
    """Return the sample that a property is, if it is one."""
    codes = STATES.get(key)
    if codes is not None and value is not None:
        return _code(codes, value)
    return sample(value) if _MEASURED.fullmatch(key) else None


def _code(codes: Mapping[str, int], word: object) -> tuple[float, int]:
    """Return the code of a word; of one that is not known, none."""
    code = codes.get(word) if isinstance(word, str) else None
    return (nan, Quality.NOT_A_NUMBER) if code is None else (float(code), Quality.GOOD)


def _reported(key: str, value: object) -> tuple[float, int]:
    """Return the sample that a MetricValue is: a number or a word, as text."""
    if isinstance(value, str) and len(value) <= _LONGEST and _NUMBER.fullmatch(value.strip()):
        return sample(float(value))
    if isinstance(value, str) and key in STATES:
        return _code(STATES[key], value)
    return sample(value)
