"""How far each source has come in this process."""

from dataclasses import dataclass

from schemas.telemetry import Source


@dataclass(slots=True)
class Progress:
    """How far one source has come in this process."""

    source: Source
    position: int
    """Next offset to be read."""
    latest_ns: int = 0
    silent_s: float = 0.0
    heard_s: float = 0.0
    """On the monotonic clock: when it last gave a message, or when it was assigned."""
    told: tuple[int, int] = (-1, 0)
    """Position and silence of the last tick."""
