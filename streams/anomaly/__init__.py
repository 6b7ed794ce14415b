"""Detect: `readings` to bits, anomalies and alerts."""

from streams.anomaly.detect import Detect, register
from streams.anomaly.outputs import Outputs

__all__ = ["Detect", "Outputs", "register"]
