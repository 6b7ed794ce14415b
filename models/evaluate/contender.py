"""What is judged: anything that answers rows in their order, each before the next is seen."""

from typing import Protocol

from schemas.telemetry import Floats, Ints


class Contender(Protocol):
    """Scores the rows of one recording, strictly online. A new recording wants a new contender."""

    def score(self, times_ns: Ints, values: Floats) -> Floats:
        """Return one score a row, shape (n,), finite; the higher the more surprising.

        `times_ns`: (n,), `values`: (n, k), NaN where missing; the rows that follow those of the
        last call. The score of a row depends on this row and those before it, on nothing else.
        """
