"""The site graph: what there is, and how what happens at one thing reaches another.

Assets go by the names that telemetry uses (`node-01/gpu3`); a path contains what stands below it
(`node-01` contains `node-01/gpu3`), stated or not. Kinds are Brick's classes of equipment, DCGM's
entities and Redfish's resources, in small letters.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.base import Message

Name = Annotated[str, Field(min_length=1, max_length=249)]


class AssetKind(StrEnum):
    """What an asset is."""

    UTILITY = "utility"
    """The grid, where it enters."""
    TRANSFORMER = "transformer"
    GENERATOR = "generator"
    SWITCHGEAR = "switchgear"
    BREAKER = "breaker"
    UPS = "ups"
    BATTERY = "battery"
    PDU = "pdu"
    """Distribution of power to racks, a remote power panel or busway too."""
    COOLING_TOWER = "cooling_tower"
    CHILLER = "chiller"
    PUMP = "pump"
    VALVE = "valve"
    HEAT_EXCHANGER = "heat_exchanger"
    CDU = "cdu"
    CRAH = "crah"
    """Air handling of a room, CRAC and AHU too."""
    RACK = "rack"
    NODE = "node"
    GPU = "gpu"
    CPU = "cpu"
    NVSWITCH = "nvswitch"
    NIC = "nic"
    """A host channel adapter, or one port of it."""
    SWITCH = "switch"
    PORT = "port"
    """Of a switch."""
    STORAGE = "storage"
    SENSOR = "sensor"
    JOB = "job"
    PLACE = "place"
    """A site, building, room, hall or row."""
    OTHER = "other"


class EdgeKind(StrEnum):
    """How what happens at the source reaches the target. `links` has two equal ends."""

    FEEDS = "feeds"
    """Power: source to target."""
    COOLS = "cools"
    """Heat is taken away: by the source, from the target."""
    LINKS = "links"
    """Data flows between the two, both ways."""
    CONTAINS = "contains"
    """The target is a part of the source, or stands in it."""
    RUNS = "runs"
    """The source, a job, runs on the target: a GPU or a node."""


class Medium(StrEnum):
    """What a link is made of."""

    NVLINK = "nvlink"
    INFINIBAND = "infiniband"
    PCIE = "pcie"
    ETHERNET = "ethernet"
    OTHER = "other"


class Pattern(StrEnum):
    """How the members of a job wait for each other."""

    RING = "ring"
    TREE = "tree"
    ALL_TO_ALL = "all_to_all"
    PIPELINE = "pipeline"
    INDEPENDENT = "independent"
    """They do not: replicas that serve."""
    UNKNOWN = "unknown"


class Asset(Message):
    """One thing that can fail, or be reached."""

    name: Name
    kind: AssetKind = AssetKind.OTHER
    aliases: tuple[Name, ...] = ()
    """Other names that telemetry has for it."""


class Edge(Message):
    """One way from `source` to `target`."""

    kind: EdgeKind
    source: Name
    target: Name
    medium: Medium | None = None
    """Of a link."""
    capacity: Annotated[float, Field(gt=0)] | None = None
    """Of a link, one way, in B/s; of a feed, in W."""
    pattern: Pattern | None = None
    """Of a job that runs."""


class Inventory(Message):
    """What the topic `inventory` holds: a site, or a part of it (a rack, a fabric, a job).

    The key is `SITE/PART`. A later message of the same key stands for the earlier one; one without
    assets and edges takes the part away. The site is the union of its parts, so an edge may name
    assets of other parts, and the same asset may stand in several.
    """

    site: Name
    part: Annotated[str, Field(max_length=200)] = ""
    assets: tuple[Asset, ...] = ()
    edges: tuple[Edge, ...] = ()
