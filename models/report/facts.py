"""Which of ten thousand facts to tell: those that say most of the cause come first.

The order: signs of the cause itself, each point once; the first sign of all; then one of each other
sign, the rarest first, and the second of each. Nothing depends on the order they came in.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from models.report.say import cut, finite, utc
from schemas.anomaly import Anomaly, AnomalyKind
from schemas.events import Event, Evidence, Fact, Kind
from schemas.report import Measured, Role

MOST: Final = 16
"""Facts of a record."""
EACH: Final = 2
"""Facts of one sign: a point and a kind of anomaly."""
TEXT: Final = 240
NAME: Final = 249
_UNIT = 32
_TO_LIMIT: Final = frozenset({AnomalyKind.LIMIT, AnomalyKind.TREND})
_UNMEASURED: Final = frozenset({AnomalyKind.TOGETHER, AnomalyKind.REPAIR})
"""Their `value` is no reading of the point, or has no unit of its own."""
_NO_CENTRE: Final = frozenset({AnomalyKind.EVENT, AnomalyKind.STUCK, AnomalyKind.CLOCK})

Sign = tuple[str, str]
"""Point and kind of anomaly."""


class Seen(NamedTuple):
    """A fact that could be told."""

    time: datetime
    asset: str
    sign: Sign
    is_end: bool
    """It tells that something came back."""
    event: str
    fact: Measured

    def key(self) -> tuple[datetime, str, Sign, str, str]:
        """Return what orders it among all."""
        return (self.time, self.asset, self.sign, self.event, self.fact.text)


def unique(anomalies: Iterable[Event[Anomaly]]) -> list[Event[Anomaly]]:
    """Return each event once, in an order of its own; what grew is known by its opening."""
    known = {one.id: one for one in anomalies if one.type is not Kind.ANOMALY_UPDATED}
    return sorted(known.values(), key=lambda one: (utc(one.time), one.id))


def seen(anomalies: Sequence[Event[Anomaly]]) -> list[Seen]:
    """Return the fact of each anomaly."""
    return sorted((_seen(one) for one in anomalies), key=Seen.key)


def _seen(event: Event[Anomaly]) -> Seen:
    data = event.data
    first = data.evidence.facts[0] if data.evidence.facts else None
    time = utc(event.time)
    asset, point = cut(data.asset, NAME), cut(data.point, NAME)
    fact = Measured(
        id="F1",
        asset=asset,
        point=point,
        text=cut(first.text if first else data.summary, TEXT),
        **_numbers(data),
        quality=data.quality,
        time=time,
        **_place(first),
    )
    return Seen(time, asset, (point, data.kind), data.ended is not None, event.id, fact)


def _numbers(data: Anomaly) -> dict[str, float | str | None]:
    if data.kind in _UNMEASURED:
        return {}
    told: dict[str, float | str | None] = {
        "value": finite(data.value),
        "unit": cut(data.unit, _UNIT),
    }
    if data.kind in _TO_LIMIT:
        return told | {"limit": finite(data.expected)}
    return told if data.kind in _NO_CENTRE else told | {"expected": finite(data.expected)}


def _place(fact: Fact | None) -> dict[str, str | int]:
    if fact is None:
        return {}
    return {"topic": fact.topic, "partition": fact.partition, "offset": fact.offset}


def cited(evidence: Evidence, names: Iterable[str], known: Sequence[Seen]) -> list[Seen]:
    """Return the facts that an event cites and `known` does not have. `names`: of assets, cut."""
    told = {(one.fact.topic, one.fact.partition, one.fact.offset, one.fact.text) for one in known}
    ranked = sorted(set(names) - {""}, key=lambda name: (-len(name), name))
    found = [_cited(fact, ranked) for fact in evidence.facts]
    return [
        one
        for one in found
        if (one.fact.topic, one.fact.partition, one.fact.offset, one.fact.text) not in told
    ]


def _cited(fact: Fact, names: Sequence[str]) -> Seen:
    said = cut(fact.text, TEXT)
    asset = next((name for name in names if said.startswith(f"{name} ")), "")
    point = said[len(asset) + 1 :].split(" ", 1)[0] if asset else ""
    time = utc(fact.time) if fact.time else None
    told = Measured(
        id="F1",
        asset=asset,
        point=point,
        text=said,
        value=finite(fact.value),
        unit=cut(fact.unit, _UNIT),
        time=time,
        **_place(fact),
    )
    when = time or datetime.max.replace(tzinfo=UTC)
    return Seen(when, asset, (point, ""), False, "", told)


def ranked(facts: Iterable[Seen], own: frozenset[str], followers: frozenset[str]) -> list[Measured]:
    """Return the facts to tell, those that say most first. `own`: the cause, or its ends."""
    ordered = sorted(facts, key=lambda one: (one.is_end, *one.key()))
    first = min(ordered, key=Seen.key, default=None)
    alike = Counter(one.sign for one in ordered)
    of_own, of_sign = Counter[tuple[str, Sign]](), Counter[Sign]()
    rows = []
    for i, one in enumerate(ordered):
        is_own = one.asset in own
        nth = of_own[one.asset, one.sign] if is_own else of_sign[one.sign]
        of_own[one.asset, one.sign] += is_own
        of_sign[one.sign] += not is_own
        if nth < EACH or one is first:
            group = 0 if is_own and nth == 0 else 1 if one is first else 2 + nth
            role = _role(one, first, own, followers)
            rows.append((group, one.is_end, alike[one.sign], i, role, one.fact))
    rows.sort(key=lambda row: row[:4])
    return [fact.model_copy(update={"role": role}) for *_, role, fact in rows[:MOST]]


def _role(one: Seen, first: Seen | None, own: frozenset[str], followers: frozenset[str]) -> Role:
    if one.asset in own:
        return Role.OWN
    if one is first:
        return Role.FIRST
    return Role.FOLLOWER if one.asset in followers else Role.OTHER
