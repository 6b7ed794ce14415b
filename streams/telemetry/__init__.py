"""Ingest: raw topics to `readings`."""

from streams.telemetry.ingest import Ingest

__all__ = ["Ingest"]
