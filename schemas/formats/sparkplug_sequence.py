"""The numbers of an edge node's messages: which of them never came, or come late.

Sparkplug 3.0.0, 6.4.2: `seq` goes from 0 to 255 and around, one up with every message of an edge
node and its devices; a birth of the node begins anew. Deaths of nodes have none. What is said here
changes no sample: a process that has just begun does not know the number before its first.
"""

from typing import NamedTuple

from schemas.telemetry import Source

AROUND = 256
NODES = 65_536
"""Edge nodes whose last number is remembered."""
_LATE = 128
"""A number that is so far ahead is one that comes late, or twice."""


class _Last(NamedTuple):
    epoch: str
    offset: int
    number: int


class Sequences:
    """The last number of every edge node, in every partition. Bounded."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, int, str], _Last] = {}

    def __len__(self) -> int:
        """Return how many nodes are remembered."""
        return len(self._last)

    def begin(self) -> None:
        """Forget all: others may have read what stands between."""
        self._last.clear()

    def lost(self, source: Source, node: str, offset: int, number: int, *, birth: bool) -> int:
        """Take a message's number; return how many are missing before it, up to 127."""
        key = (source.topic, source.partition, node)
        last = self._last.get(key)
        if len(self._last) >= NODES and last is None:
            self._last.clear()
        missing = 0
        if last and last.epoch == source.epoch and last.offset < offset and not birth:
            missing = (number - last.number - 1) % AROUND
            if missing >= _LATE:
                return 0
        self._last[key] = _Last(source.epoch, offset, number % AROUND)
        return missing
