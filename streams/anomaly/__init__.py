"""Detect: `readings` to bits, anomalies and alerts."""

from streams.anomaly.detect import Detect, register
from streams.anomaly.outputs import Outputs
from streams.anomaly.source import Source

__all__ = ["Detect", "Outputs", "Source", "register"]
