"""From an alert and what is remembered to a `Case`, and to the words for what was decided."""

from collections.abc import Iterator
from datetime import datetime

from models.trigger import calendar
from models.trigger.calendar import Silenceable
from models.trigger.decide import Case
from models.trigger.memory import Memory
from models.trigger.setup import Setup
from models.words import moment
from schemas.events import Event
from schemas.trigger import Alert, Level, Silence, Why

HOUR_NS = 3_600_000_000_000


def case_of(setup: Setup, memory: Memory, alert: Event[Alert], name: str, came: datetime) -> Case:
    """Return all that a decision rests on. `came`: when Kafka took the alert in."""
    data, rule = alert.data, setup.rules.get(alert.data.rule)
    late_s = (moment(memory.now_ns) - came).total_seconds()
    tells = setup.only_tells(name)
    return Case(
        asked=rule.level if rule else Level.ADVISE,
        quality=data.quality,
        floor=rule.quality if rule else 0.0,
        mode=setup.mode(name),
        only_tells=tells,
        is_late=late_s > setup.policy.too_late_s,
        in_maintenance=_maintenance(setup, alert) != "",
        is_silenced=silence(setup, memory, data, alert.time) is not None,
        is_follower=memory.incidents.explaining(data.asset) != "",
        breaker_is_open=not tells and breaker_is_open(setup, memory, site_of(alert), data.asset),
        are_too_many_questions=not tells and are_too_many(setup, memory, (data.rule, name)),
    )


def site_of(event: Event[Alert]) -> str:
    """Return the site that an event comes from."""
    return event.source.rpartition("/")[2]


def breaker_is_open(setup: Setup, memory: Memory, site: str, asset: str) -> bool:
    """Say whether one more asset is one too many."""
    return memory.window.is_open(site, asset, setup.policy.breaker, setup.sizes)


def reason(setup: Setup, memory: Memory, alert: Event[Alert], why: Why) -> tuple[str, str]:
    """Say who is behind a drop, and with what reason; empty where `why` says all."""
    if why is Why.MAINTENANCE:
        return "", _maintenance(setup, alert)
    if why is Why.SILENCED:
        return silence(setup, memory, alert.data, alert.time) or ("", "")
    if why is Why.FOLLOWER:
        return "", f"incident {memory.incidents.explaining(alert.data.asset)}"
    if why is Why.BREAKER_OPEN:
        done = len({one.asset for one in memory.window.acted})
        window = f"{setup.policy.breaker.window_s:g} s"
        return "", f"{done} assets in {window}; see trigger.breaker, its `least` and the inventory"
    return "", ""


def _maintenance(setup: Setup, alert: Event[Alert]) -> str:
    work = calendar.maintenance(setup.policy.maintenance, alert.data.asset, alert.time)
    return work.why if work else ""


def silence(
    setup: Setup, memory: Memory, alert: Silenceable, time: datetime
) -> tuple[str, str] | None:
    """Return who silenced an alert, and why. `time`: the event's."""
    for who, one in _silences(setup, memory, alert.rule):
        if calendar.silence([one], alert, time):
            return who, one.why
    return None


def _silences(setup: Setup, memory: Memory, rule: str) -> Iterator[tuple[str, Silence]]:
    yield from (("", one) for one in setup.policy.silences)
    for said in memory.silences.values():
        person = setup.people.get(said.who)
        if person is not None and person.may_of_rule(rule):
            yield said.who, said.silence


def are_too_many(setup: Setup, memory: Memory, about: tuple[str, str], but: str = "") -> bool:
    """Say whether those who may answer were asked as often in an hour as they can think.

    `about`: rule and action. `but`: a name that may not.
    """
    people = sum(one.may(*about) for name, one in setup.people.items() if name != but)
    return len(memory.asked_ns) >= people * setup.policy.ask.a_person_hour
