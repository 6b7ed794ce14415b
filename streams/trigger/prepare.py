"""From settings to what decisions need: rules, actions, policy, and people with their secrets."""

import logging
from collections.abc import Iterator

from models.trigger.approval import Person
from models.trigger.condition.event import on_event
from models.trigger.condition.fields import unknown_fields
from models.trigger.condition.tree import ConditionError
from models.trigger.episodes import Asked, Conditions
from models.trigger.setup import Setup
from schemas.settings import Settings
from schemas.trigger import Approver, Rule
from streams import secrets
from streams.errors import ConfigError

log = logging.getLogger(__name__)


def setup_of(settings: Settings) -> Setup:
    """Return it all; log which fields rules name that no event has. Raises `ConfigError`."""
    made = Setup.of(settings.rules, settings.actions, settings.trigger)
    made.people = {one.name: person(one) for one in settings.trigger.approvers}
    made.conditions = {one.name: _conditions(one) for one in settings.rules if one.is_on_events}
    return made


def _conditions(rule: Rule) -> Conditions:
    """Compile the conditions of a rule on events. Raises `ConfigError`."""
    until = _asked(rule, "until", rule.until) if rule.until else None
    return Conditions(_asked(rule, "if", rule.condition or ""), until)


def _asked(rule: Rule, name: str, text: str) -> Asked:
    field = f"rules.{rule.name}.{name}"
    try:
        made = on_event(text)
    except ConditionError as error:
        raise ConfigError(field, text, str(error), "correct it") from None
    for finding in unknown_fields(text, rule.each):
        log.warning("%s: %s", field, finding)
    return made


def person(approver: Approver) -> Person:
    """Return a person with their secret. Raises `ConfigError`."""
    field = f"trigger.approvers.{approver.name}.secret"
    return Person(approver, secrets.of_person(approver.secret, field))


def mistakes(settings: Settings) -> Iterator[ConfigError]:
    """Say whose secret is not there."""
    for one in settings.trigger.approvers:
        try:
            person(one)
        except ConfigError as error:
            yield error
