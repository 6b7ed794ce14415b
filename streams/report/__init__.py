"""Report: incidents, shifts and days to what people read."""

from streams.report.reporter import Reporter

__all__ = ["Reporter"]
