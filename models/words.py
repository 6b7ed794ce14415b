"""What events are put together from: times, numbers, facts, and how a value was mended."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from models import happened as tell
from models.names import Known
from models.repair.law import a_second
from schemas.anomaly import AnomalyKind, Ended
from schemas.events import Evidence, Fact
from schemas.telemetry import Quality, Source

if TYPE_CHECKING:
    from models.state import State as Memory

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BRACES = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")
_UNIT_AGAIN = re.compile(r"\{value\} ?\{unit\}")
"""A word of a rule's text that is to be filled in."""
_LONGEST = 1_900  # characters of a summary; `schemas.events.Text` takes 2,000


class Told(NamedTuple):
    """What people read of an anomaly, and who it is about."""

    kind: AnomalyKind
    asset: str
    point: str
    cell: str
    unit: str
    summary: str
    evidence: Evidence
    ended: Ended | None
    who: tuple[str, ...]
    """What its id is made of, beside its times."""


def moment(time_ns: int) -> datetime:
    """Return a time in UTC, to the microsecond."""
    return _EPOCH + timedelta(microseconds=time_ns // 1000)


def nanoseconds(time: datetime) -> int:
    """Return a time, to the microsecond, as nanoseconds since 1970; the inverse of `moment`."""
    return (time - _EPOCH) // timedelta(microseconds=1) * 1000


def second(time_ns: int) -> str:
    """Return a time as people read it."""
    return f"{moment(time_ns):%Y-%m-%dT%H:%M:%SZ}"


def number(value: float, unit: str) -> str:
    """Return a value as people read it."""
    return f"{value:.6g} {unit}".strip()


def filled(text: str, words: Mapping[str, str]) -> str:
    """Fill in the words that stand in braces; what is none of them stays.

    `{value}` says its unit: `{unit}` right behind it is not said again.
    """
    once = _UNIT_AGAIN.sub("{value}", text)
    return BRACES.sub(lambda found: words.get(found[1], found[0]), once)


def shortened(text: str) -> str:
    """Cut a text to what an event takes."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def fact(source: Source, offset: int, text: str, **more: Any) -> Fact:  # noqa: ANN401 - its fields
    """Return a fact that cites its raw message."""
    return Fact(
        text=shortened(text),
        topic=source.topic,
        partition=source.partition,
        offset=offset,
        **more,
    )


def unit_of(known: Known, row: np.void) -> str:
    """Return the unit of the value that was told: a counter's is a rate's."""
    return a_second(known.unit) if int(row["mark"]) & Quality.RATE else known.unit


def sample_fact(memory: "Memory", row: np.void, text: str, unit: str) -> Fact:
    """Return the fact that is the sample itself."""
    source = memory.sources[int(row["source"])]
    value = float(row["value"])
    time = moment(_told_ns(row))
    return fact(source, int(row["offset"]), text, value=value, unit=unit, time=time)


def _told_ns(row: np.void) -> int:
    # A rule that waited cites the sample that began it.
    is_rule = tell.ALERT <= row["what"] < tell.EVENT_CAME
    waited = is_rule and row["offset"] == row["since_offset"]
    return int(row["since_ns"] if waited else row["time_ns"])


def mended(memory: "Memory", row: np.void, name: str, known: Known) -> Iterator[Fact]:
    """Say of the sample what was mended in it; nothing where it is told on as it was sent."""
    for text in _mended(memory, row, name, known):
        source = memory.sources[int(row["source"])]
        yield fact(source, int(row["offset"]), text, time=moment(_told_ns(row)))


def _mended(memory: "Memory", row: np.void, name: str, known: Known) -> Iterator[str]:
    mark = int(row["mark"])
    if mark & Quality.RATE:
        yield f"{name} is a counter: it is told as its change a second"
    if mark & Quality.RESET:
        yield f"{name} began again at 0, or wrapped, since the sample before"
    if not mark & Quality.CONVERTED:
        return
    if known.factor != 1.0:
        yield f"{name} was converted into {known.unit}, as is declared of it"
    unit = memory.repairs.all["unit"][max(int(memory.signals.all["repair"][int(row["row"])]), 0)]
    if unit["ratio"] > 0.0 and _told_ns(row) >= unit["since_ns"]:
        yield (
            f"{name} was multiplied by {unit['ratio']:.6g} since {second(int(unit['since_ns']))}: "
            f"its capacity of {number(known.capacity, unit_of(known, row))} forbids what it said"
        )
