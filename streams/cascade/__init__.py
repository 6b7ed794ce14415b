"""Cascade: `anomalies` and `inventory` to incidents."""

from streams.cascade.cascades import Cascades

__all__ = ["Cascades"]
