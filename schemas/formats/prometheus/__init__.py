"""Format `prometheus-text`."""

from schemas.formats.prometheus.decoder import Prometheus

__all__ = ["Prometheus"]
