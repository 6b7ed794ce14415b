"""What people say of events, and how often a rule or detector was right."""

from typing import Final

import msgspec

from models.wilson import Share, share_of
from schemas.trigger import Verdict

LABELS: Final = (Verdict.TRUE, Verdict.FALSE_ALARM, Verdict.KNOWN, Verdict.MAINTENANCE)
RIGHT: Final = frozenset(LABELS) - {Verdict.FALSE_ALARM}
"""What says that an event was right."""
_MOST: Final = 10_000
"""Events that are remembered, so that they can be labelled."""


def wilson(right: int, all_: int) -> Share:
    """Return the share of `right`, with its 95 % interval; 0..1 where nothing is known."""
    return share_of(right, all_) if all_ else Share(0.0, 0.0, 1.0)


class Label(msgspec.Struct):
    """What was said of an event last."""

    verdict: Verdict
    time_ns: int
    source: str


class Feedback(msgspec.Struct):
    """Who published which event, what was said of it, and how often each was right."""

    sources: dict[str, str] = {}
    """By id, `rule:gpu-hot`, `detector:jump` or `anomaly:silence`; the newest."""
    labels: dict[str, Label] = {}
    """By id."""
    counts: dict[str, dict[Verdict, int]] = {}
    """By source."""

    def published(self, event: str, source: str) -> None:
        """Remember who published an event."""
        self.sources[event] = source
        while len(self.sources) > _MOST:
            oldest = next(iter(self.sources))
            del self.sources[oldest]
            self.labels.pop(oldest, None)

    def label(self, event: str, verdict: Verdict, time_ns: int) -> bool:
        """Take what a person says of an event; False where it is not remembered.

        The last one said holds, whoever said it and in whatever order they come.
        """
        source = self.sources.get(event)
        if source is None:
            return False
        before = self.labels.get(event)
        if before is None or before.time_ns < time_ns:
            if before is not None:
                self.counts[source][before.verdict] -= 1
            counts = self.counts.setdefault(source, {})
            counts[verdict] = counts.get(verdict, 0) + 1
            self.labels[event] = Label(verdict, time_ns, source)
        return True

    def precision(self, source: str) -> Share:
        """Return how often it was right, of what was labelled."""
        counts = self.counts.get(source, {})
        all_ = sum(counts.values())
        return wilson(all_ - counts.get(Verdict.FALSE_ALARM, 0), all_)
