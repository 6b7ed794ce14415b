"""What one try came to, when the next is due, and what an HTTP status means."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from hashlib import blake2b
from http import HTTPStatus
from typing import Final, NamedTuple

LONGEST_PAUSE_S: Final = 300.0
_AGAIN: Final = frozenset(
    (
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    )
)
_WORD = 2**64


class Came(StrEnum):
    """What a try came to; the `came` label of its metric."""

    DONE = "done"
    AGAIN = "again"
    """No answer, or one that a retry may mend."""
    REFUSED = "refused"
    """No retry mends it."""


class Outcome(NamedTuple):
    """What one try came to."""

    came: Came
    answer: str = ""
    after_s: float = 0.0
    """The other side wants no retry before."""


def of_status(status: int, answer: str, after_s: float = 0.0) -> Outcome:
    """Judge an HTTP answer. RFC 9110: 408, 425, 429 and 5xx may be mended by a retry.

    A redirection is not followed: it would take secrets and deeds to another host.
    """
    text = f"{status} {answer}".strip()
    if 200 <= status < 300:  # noqa: PLR2004 - the class of success
        return Outcome(Came.DONE, text)
    if status in _AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Outcome(Came.AGAIN, text, min(after_s, LONGEST_PAUSE_S))
    return Outcome(Came.REFUSED, text)


def of_several(outcomes: Sequence[Outcome]) -> Outcome:
    """Judge what several instances answered: one success is enough."""
    order = (Came.DONE, Came.AGAIN, Came.REFUSED)
    return min(outcomes, key=lambda one: (order.index(one.came), -one.after_s))


def retry_after_s(said: str, now: datetime) -> float:
    """Read a `Retry-After` (RFC 9110, 10.2.3): seconds or a date. 0.0: it says nothing."""
    if said.isascii() and said.isdigit():
        return min(float(said[:9]), LONGEST_PAUSE_S)
    try:
        due = parsedate_to_datetime(said)
    except ValueError:
        return 0.0
    due = due if due.tzinfo else due.replace(tzinfo=UTC)
    return min(max((due - now).total_seconds(), 0.0), LONGEST_PAUSE_S)


def pause_s(action: str, tries: int, backoff_s: float, after_s: float = 0.0) -> float:
    """Return how long to wait after the try of this number, from 1.

    Exponential, with "equal jitter" (half of it is by chance) that is the same for the same action
    and try: what fails together is not tried again together.
    """
    whole = min(backoff_s * 2.0 ** min(tries - 1, 30), LONGEST_PAUSE_S)
    digest = blake2b(f"{action}|{tries}".encode(), digest_size=8).digest()
    share = int.from_bytes(digest, "big") / _WORD
    return max(whole * (0.5 + 0.5 * share), after_s)
