"""What Telegraf's measurements, fields and tags mean; for all formats that Telegraf writes."""

from schemas.formats.base import NAME_BYTES
from schemas.formats.series import Labels, Meaning

_ONLY = frozenset(("value", "gauge", "counter"))
"""Fields that add nothing to the measurement's name: of Telegraf's own `prometheus` input, too."""


def series_of(measurement: str, field: str, tags: Labels) -> Meaning | None:
    """Return what a field of a measurement means; None where it gives no good names.

    The point is `measurement.field`, as in `infiniband.port_xmit_data`, which is in words of
    4 bytes; values stay as they are sent, and this name is what tells the vocabulary. What Telegraf
    itself took from Prometheus keeps Prometheus' name: the fields of a measurement `prometheus`,
    and the measurement of a field `gauge`, `counter` or `value`.
    """
    if not 0 < len(measurement) <= NAME_BYTES or not field:
        return None
    if measurement == "prometheus":
        return tags.under(field)
    return tags.under(measurement if field in _ONLY else f"{measurement}.{field}")
