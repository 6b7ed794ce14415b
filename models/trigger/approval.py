"""Which answers count, and who may propose. The order of the lines is the policy."""

from collections.abc import Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from models.trigger.signature import is_signed
from schemas.trigger import (
    Action,
    Approver,
    Decision,
    Proposal,
    Proposer,
    Stage,
    Verdict,
    Why,
)

ANSWERS: Final = {
    Verdict.APPROVE: (Stage.APPROVED, Why.SAID_YES),
    Verdict.REFUSE: (Stage.REFUSED, Why.SAID_NO),
}
PROMPT_S: Final = 300.0
"""A label, silence or proposal that was published so long after it was said, or before, is a
replay."""
_OVER: Final = {
    Stage.APPROVED: Why.ANSWERED,
    Stage.REFUSED: Why.ANSWERED,
    Stage.WITHDRAWN: Why.RESOLVED,
    Stage.EXPIRED: Why.TOO_LATE,
}


class Person(NamedTuple):
    """Somebody who may answer."""

    approver: Approver
    secret: bytes

    def may(self, rule: str, action: str) -> bool:
        """Say whether an answer about this counts."""
        rules, actions = self.approver.rules, self.approver.actions
        return _any(rules, rule) and _any(actions, action)

    def may_of_rule(self, rule: str) -> bool:
        """Say whether a label or a silence of this rule counts."""
        return _any(self.approver.rules, rule)


class Proposing(NamedTuple):
    """Somebody who may propose."""

    proposer: Proposer
    secret: bytes

    def may(self, action: str, asset: str) -> bool:
        """Say whether this may be proposed."""
        return _any(self.proposer.actions, action) and _any(self.proposer.assets, asset)

    def has_signed(self, said: Proposal) -> bool:
        """Say whether the signature is theirs."""
        return is_signed(said, self.secret)


People = Mapping[str, Person]
"""By name."""
Proposers = Mapping[str, Proposing]
"""By name."""


def _any(globs: tuple[str, ...], name: str) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)


def speaker(said: Decision, people: People) -> Person | None:
    """Return who said it; None where nobody can be sure."""
    person = people.get(said.who)
    return person if person is not None and is_signed(said, person.secret) else None


def answer(  # noqa: PLR0911 - a line a reason
    asked: Action | None, said: Decision, came: datetime, person: Person | None
) -> tuple[Stage, Why]:
    """Say what an answer makes of a question; `IGNORED` where it does not count.

    `came`: when Kafka took it in.
    """
    if person is None:
        return Stage.IGNORED, Why.FORGED
    if asked is None or asked.expires is None:
        return Stage.IGNORED, Why.UNKNOWN_ACTION
    is_own = said.verdict is Verdict.APPROVE and said.who == asked.proposed_by
    if is_own or not person.may(asked.rule, asked.name):
        return Stage.IGNORED, Why.NO_RIGHT
    if said.evidence_hash != asked.evidence_hash:
        return Stage.IGNORED, Why.OTHER_EVIDENCE
    if asked.stage in _OVER:
        return Stage.IGNORED, _OVER[asked.stage]
    if came > asked.expires:
        return Stage.IGNORED, Why.TOO_LATE
    return ANSWERS[said.verdict]


def is_prompt(said: Decision | Proposal, came: datetime) -> bool:
    """Say whether it was published when it was said."""
    return abs((came - said.time).total_seconds()) <= PROMPT_S
