"""What ingest decides: what points go by, what a message alone tells, the block of each span."""

from models.telemetry.gather import Gatherer, Piece, tick_block
from models.telemetry.judge import Judge
from models.telemetry.vocabulary import Vocabulary

__all__ = ["Gatherer", "Judge", "Piece", "Vocabulary", "tick_block"]
