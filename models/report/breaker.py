"""Whether a server that failed is asked again."""


class Breaker:
    """Closed; open after `most` failures in a row; then one is let through a rest, until it works.

    All times in s, on one clock.
    """

    def __init__(self, most: int, rest_s: float) -> None:
        self._most, self._rest_s = most, rest_s
        self._failures, self._until_s = 0, 0.0

    def lets(self, now_s: float) -> bool:
        """Say whether one more may be tried now; while it is open, that begins another rest."""
        if now_s < self._until_s:
            return False
        if self._failures >= self._most:
            self._until_s = now_s + self._rest_s
        return True

    def failed(self, now_s: float, after_s: float = 0.0) -> None:
        """Count a failure. `after_s`: the server wants nothing before."""
        self._failures += 1
        rest_s = self._rest_s if self._failures >= self._most else 0.0
        self._until_s = max(self._until_s, now_s + max(rest_s, after_s))

    def worked(self) -> None:
        """Forget what failed."""
        self._failures, self._until_s = 0, 0.0
