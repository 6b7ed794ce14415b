"""What ingest decides: the quality a message alone can tell, and the block each span goes into."""

from models.telemetry.gather import Gatherer, Piece, tick_block
from models.telemetry.judge import Judge

__all__ = ["Gatherer", "Judge", "Piece", "tick_block"]
