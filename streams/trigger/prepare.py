"""From settings to what decisions need: rules, actions, policy, and people with their secrets."""

import logging
from collections.abc import Iterator

from models.trigger.approval import People, Person, Proposers, Proposing
from models.trigger.condition.event import on_event
from models.trigger.condition.fields import unknown_fields
from models.trigger.condition.tree import ConditionError
from models.trigger.episodes import Asked, Conditions
from models.trigger.setup import Setup
from models.trigger.signature import SHORTEST
from schemas.settings import Settings
from schemas.trigger import Approver, Proposer, Rule, Secret
from streams import secrets
from streams.errors import ConfigError

log = logging.getLogger(__name__)
_MEND = "make one: `openssl rand -base64 32`"


def setup_of(settings: Settings) -> Setup:
    """Return it all; log which fields rules name that no event has. Raises `ConfigError`."""
    made = Setup.of(settings.rules, settings.actions, settings.trigger)
    made.people = {one.name: person(one) for one in settings.trigger.approvers}
    made.proposers = {one.name: proposing(one) for one in settings.trigger.proposers}
    for error in shared(made.people, made.proposers):
        raise error
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
    return Person(approver, _secret(approver.secret, f"trigger.approvers.{approver.name}"))


def proposing(proposer: Proposer) -> Proposing:
    """Return a proposer with its secret. Raises `ConfigError`."""
    return Proposing(proposer, _secret(proposer.secret, f"trigger.proposers.{proposer.name}"))


def _secret(secret: Secret, whose: str) -> bytes:
    field = f"{whose}.secret"
    found = secrets.found(secret, field).encode()
    if len(found) < SHORTEST:
        trouble = f"shorter than {SHORTEST} bytes"
        raise ConfigError(field, "***", trouble, _MEND)
    return found


def shared(people: People, proposers: Proposers) -> Iterator[ConfigError]:
    """Say whose secret is an approver's of another name: it could approve what it proposes."""
    for name, one in proposers.items():
        for other in people.values():
            if other.secret == one.secret and other.approver.name != name:
                trouble = f"the secret of the approver {other.approver.name} too"
                yield ConfigError(f"trigger.proposers.{name}.secret", "***", trouble, _MEND)


def mistakes(settings: Settings) -> Iterator[ConfigError]:
    """Say whose secret is not there, or somebody else's."""
    people: dict[str, Person] = {}
    proposers: dict[str, Proposing] = {}
    for approver in settings.trigger.approvers:
        try:
            people[approver.name] = person(approver)
        except ConfigError as error:
            yield error
    for proposer in settings.trigger.proposers:
        try:
            proposers[proposer.name] = proposing(proposer)
        except ConfigError as error:
            yield error
    yield from shared(people, proposers)
