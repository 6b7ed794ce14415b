"""No more than so many in any minute. No clock: `now_s` is told."""

from collections import deque
from dataclasses import dataclass, field

_MINUTE_S = 60.0


@dataclass(slots=True)
class Rate:
    """Times of the last minute's deeds, s of any clock that does not go back."""

    most: int
    """In any 60 s."""
    times: deque[float] = field(default_factory=deque)

    def wait_s(self, now_s: float) -> float:
        """Take a place, and return how long to wait for it."""
        due_s = self._free_s(now_s)
        self.times.append(due_s)
        return due_s - now_s

    def refused_s(self, now_s: float) -> float:
        """Take a place if one is free, and return 0.0; else how long until one is."""
        due_s = self._free_s(now_s)
        if due_s <= now_s:
            self.times.append(now_s)
        return due_s - now_s

    def _free_s(self, now_s: float) -> float:
        """Return when a place is free."""
        while self.times and self.times[0] <= now_s - _MINUTE_S:
            self.times.popleft()
        free_s = self.times[-self.most] + _MINUTE_S if len(self.times) >= self.most else now_s
        return max(now_s, free_s)
