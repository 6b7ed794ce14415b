"""One issue spreads: the site it spreads through, and the incident that names its cause."""

from schemas.cascade.incident import (
    Cause,
    Count,
    Fault,
    Follower,
    Incident,
    Next,
    Outcome,
    Radius,
    Stage,
)
from schemas.cascade.site import Asset, AssetKind, Edge, EdgeKind, Inventory, Medium, Pattern

__all__ = [
    "Asset",
    "AssetKind",
    "Cause",
    "Count",
    "Edge",
    "EdgeKind",
    "Fault",
    "Follower",
    "Incident",
    "Inventory",
    "Medium",
    "Next",
    "Outcome",
    "Pattern",
    "Radius",
    "Stage",
]
