"""What a block of readings did to a state."""

from dataclasses import dataclass
from typing import NamedTuple

from models.frames import BitFrame
from models.rows import Table
from schemas.telemetry import Source


class Overflow(NamedTuple):
    """A span with signals beyond `max_signals`."""

    source: Source
    offset: int
    asset: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What a block did."""

    frames: list[BitFrame]
    happened: Table
    """`models.rows.Happened`, in the order in which they happened."""
    overflow: list[Overflow]
    samples: int
    skipped: int
    """Spans that had been applied before."""
