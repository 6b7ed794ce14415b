"""An answer that is no longer than it may be: rows go from its end, and it says how many."""

from typing import Final, TypeVar

from schemas.ask.answer import Answer

AnAnswer = TypeVar("AnAnswer", bound=Answer)
NOTE: Final = "not all fits into an answer: ask for less at a time"


def limited(answer: AnAnswer, limit: int) -> AnAnswer:
    """Return an answer with at most so many rows."""
    over = len(getattr(answer, answer.rows)) - limit if answer.rows else 0
    return answer if over <= 0 else without(answer, over)


def fitted(answer: AnAnswer, most_bytes: int) -> AnAnswer | None:
    """Return as much of an answer as fits, as JSON; None: not even without its rows."""
    low, high = 0, len(getattr(answer, answer.rows)) if answer.rows else 0
    if size(answer) <= most_bytes:
        return answer
    if size(without(answer, high, NOTE)) > most_bytes:
        return None
    while low < high:
        middle = (low + high) // 2
        fits = size(without(answer, middle, NOTE)) <= most_bytes
        low, high = (low, middle) if fits else (middle + 1, high)
    return without(answer, low, NOTE)


def size(answer: Answer) -> int:
    """Return how long it is as JSON, bytes."""
    return len(answer.model_dump_json().encode())


def without(answer: AnAnswer, many: int, note: str = "") -> AnAnswer:
    """Return an answer without its last rows."""
    changed: dict[str, object] = {"left_out": answer.left_out + many}
    if answer.rows:
        rows = getattr(answer, answer.rows)
        changed[answer.rows] = rows[: len(rows) - many]
    if note:
        changed["note"] = f"{answer.note}; {note}" if answer.note else note
    return answer.model_copy(update=changed)
