"""What every decoder is, and what they share."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf, isfinite, isnan, nan
from typing import Any, NamedTuple, Protocol, runtime_checkable

from schemas.telemetry import (
    About,
    Decoded,
    Health,
    Kept,
    Quality,
    Reject,
    Shape,
    SpansBuilder,
    Why,
)

NAME_BYTES = 512
"""UTF-8 bytes of an asset's or point's name, at most."""
DETAIL = 200
QUOTED = 60
"""Characters of a sender's text that are shown in a detail."""

_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_ALWAYS_FITS = NAME_BYTES // 4
_WHOLE_DIGITS = 300


class Decoder(Protocol):
    """One wire format: bytes to spans. May remember shapes; that changes speed, never results."""

    @property
    def name(self) -> str:
        """Return the format's name: `alltobit formats` lists it."""

    @property
    def content_types(self) -> tuple[str, ...]:
        """Return the `content-type` values that mean this format."""

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch. Bad bytes become rejects, never an error.

        `times_ms`: Kafka's timestamp of each message, -1 unknown; for formats that carry no time.
        `about`: where the messages stood, for formats whose messages need each other.
        """

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be of this format. Cheap, a guess."""


@runtime_checkable
class Remembers(Protocol):
    """A decoder whose messages need earlier ones (births that name aliases)."""

    def recall(self, kept: Iterable[Kept]) -> None:
        """Take what was kept by any process, in order of writing; known ones change nothing."""


class Golden(NamedTuple):
    """A message as its agent's documentation or source shows it, and all it must decode to."""

    origin: str
    """Page or file of the agent's documentation or source, and its licence where copied."""
    message: bytes
    samples: tuple[tuple[str, str, int, float, int], ...]
    """Asset, point, event time in ns, value (NaN: none), `Quality`."""
    subject: str = ""
    time_ms: int = -1
    health: tuple[Health, ...] = ()


class Found(NamedTuple):
    """One span, as a decoder of single messages finds it. `quality` absent: all good."""

    asset: str
    points: Shape
    time_ns: int
    values: list[float]
    quality: list[int] | None


def is_name(text: object) -> bool:
    """Say whether `text` can be the name of an asset or point."""
    if not isinstance(text, str) or not 0 < len(text) <= NAME_BYTES or _FORBIDDEN.search(text):
        return False
    return len(text) <= _ALWAYS_FITS or len(text.encode()) <= NAME_BYTES


def are_names(points: Shape) -> bool:
    """Say whether all `points` can be names."""
    if points and all(points) and max(map(len, points)) <= _ALWAYS_FITS:
        text = "".join(points)
        return text.isprintable() or not _FORBIDDEN.search(text)
    return all(map(is_name, points))


def reject(message: int, why: Why, detail: str) -> Reject:
    """Make a reject whose detail is one line of at most 200 printable characters."""
    line = detail if detail.isprintable() else ascii(detail)[1:-1]
    return Reject(message, why, line if len(line) <= DETAIL else line[: DETAIL - 3] + "...")


def quoted(text: object) -> str:
    """Return a sender's text, cut and made printable."""
    return ascii(text[:QUOTED] if isinstance(text, str) else type(text).__name__)


def sample(value: object) -> tuple[float, int]:
    """Return what `value` is as a sample, and its quality."""
    if value is None:
        return nan, Quality.MISSING
    if isinstance(value, bool) or not isinstance(value, int | float):
        return nan, Quality.NOT_A_NUMBER
    try:
        number = float(value)
    except OverflowError:
        return (inf if value > 0 else -inf), Quality.INFINITE
    if isfinite(number):
        return number, Quality.GOOD
    return number, Quality.NOT_A_NUMBER if isnan(number) else Quality.INFINITE


def samples(values: list[Any]) -> tuple[list[float], list[int] | None]:
    """Return values as samples, and their quality unless all are good."""
    if set(map(type, values)) == {float} and isfinite(sum(values)):
        return values, None
    pairs = [sample(value) for value in values]
    marks = [int(mark) for _, mark in pairs]
    return [number for number, _ in pairs], marks if any(marks) else None


def _whole(text: str) -> float:
    """Read an integer of any length; one that no float64 could hold is infinite."""
    return int(text) if len(text) <= _WHOLE_DIGITS else float(text)


def parse_json(message: int, data: bytes) -> tuple[object, Reject | None]:
    """Parse JSON as Python does: NaN and infinities are taken, and of equal keys the last."""
    if not data.strip():
        return None, reject(message, Why.EMPTY, "the message is empty")
    try:
        return json.loads(data.decode(), parse_int=_whole), None
    except UnicodeDecodeError as error:
        return None, reject(message, Why.INVALID_UTF8, f"{error.reason} (byte {error.start})")
    except (ValueError, RecursionError) as error:
        return None, reject(message, Why.NOT_JSON, str(error))


def subject_of(about: About | None, message: int) -> str:
    """Return the subject of a message; empty: it has none."""
    return about.subjects[message] if about else ""


def time_ms_of(times_ms: Sequence[int] | None, message: int) -> int:
    """Return Kafka's time of a message; -1: unknown."""
    return times_ms[message] if times_ms else -1


def lacks(message: int, document: object, keys: Sequence[str]) -> Reject | None:
    """Reject a document that is no object with these keys."""
    if not isinstance(document, Mapping):
        detail = f"an object was expected, not {type(document).__name__}"
        return reject(message, Why.WRONG_TYPE, detail)
    missing = [key for key in keys if key not in document]
    return reject(message, Why.MISSING_FIELD, ", ".join(missing)) if missing else None


def one_by_one(
    batch: Sequence[bytes], read: Callable[[int, bytes, SpansBuilder], list[Reject]]
) -> Decoded:
    """Decode a batch with `read`, which adds a message's spans and returns its rejects."""
    spans = SpansBuilder()
    rejects: list[Reject] = []
    for message, data in enumerate(batch):
        rejects += read(message, data, spans)
    return Decoded.of(spans, rejects)
