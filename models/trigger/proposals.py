"""What comes of proposals. Each is told on `actions`, whatever comes of it.

A proposal is decided as an alert is, by the same lines; its proposer's right stands for the rule.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from models.trigger.approval import Proposing, is_prompt
from models.trigger.calendar import Silenceable
from models.trigger.cases import HOUR_NS, are_too_many, case_of, reason, silence
from models.trigger.decide import Answer, Case, decide
from models.trigger.grounds import Grounds, grounds_of
from models.trigger.memory import Begun, Memory
from models.trigger.setup import Setup
from models.trigger.signature import evidence_hash, proposal_id
from models.trigger.steps import Step, action_of, step_event
from models.words import moment, shortened
from schemas.events import Event, Evidence, Fact, Kind
from schemas.trigger import (
    Action,
    Alert,
    Because,
    Level,
    Proposal,
    Proposer,
    Severity,
    Stage,
    State,
    Why,
)

RULE: Final = "proposal:"
"""Before the proposer's name, where a rule's name would be; no rule's name has a colon."""
_COMES: Final = frozenset({Stage.ADVISED, Stage.AWAITING, Stage.REQUESTED})
_SEVERITIES: Final = [*Severity]


class Arrived(NamedTuple):
    """A proposal as it came."""

    said: Proposal
    came: datetime
    """When Kafka took it in."""
    cited: Fact
    """Where it stands."""


def take(setup: Setup, memory: Memory, one: Arrived) -> Step:
    """Judge a proposal; return the step that comes of it."""
    proposing = _proposing(setup, one.said)
    wrong = _wrong(setup, memory, one, proposing)
    if proposing is not None:
        memory.begun.setdefault(one.said.id, Begun(memory.now_ns, is_poor=False))
    if wrong is not None or proposing is None:
        return _refused(one, *(wrong or _FORGED))
    return _decided(setup, memory, one, proposing.proposer)


_Wrong = tuple[Stage, Why, str]
_FORGED: Final = (Stage.IGNORED, Why.FORGED, "the signature is not of one who may propose")


def _proposing(setup: Setup, said: Proposal) -> Proposing | None:
    """Return who proposes; None where nobody can be sure."""
    found = setup.proposers.get(said.by)
    is_own = found is not None and found.has_signed(said) and proposal_id(said) == said.id
    return found if is_own else None


def _wrong(  # noqa: PLR0911 - a line a reason
    setup: Setup, memory: Memory, one: Arrived, proposing: Proposing | None
) -> _Wrong | None:
    """Say why a proposal is not decided about. The order of the lines is the policy."""
    said = one.said
    if proposing is None:
        return _FORGED
    if said.id in memory.begun:
        return Stage.IGNORED, Why.ANSWERED, "it was taken in before"
    if not is_prompt(said, one.came):
        return Stage.IGNORED, Why.TOO_LATE, "it was not published when it was said"
    if not proposing.may(said.action, said.asset):
        return Stage.DROPPED, Why.NO_RIGHT, f"{said.by} may not propose this"
    if setup.only_tells(said.action):
        return Stage.DROPPED, Why.IMPOSSIBLE, "it tells of alerts alone"
    if setup.lacks(said.site, said.asset):
        return Stage.DROPPED, Why.IMPOSSIBLE, f"the inventory of {said.site} has no such asset"
    return None


def _refused(one: Arrived, stage: Stage, why: Why, trouble: str) -> Step:
    """Return the step of a proposal that is not decided about; it claims nothing that is so."""
    said, evidence = one.said, Evidence(facts=(one.cited,))
    made = Action(
        action=said.id,
        name=said.action,
        stage=stage,
        why=why,
        rule=f"{RULE}{said.by}",
        asset=said.asset,
        alert=said.id,
        severity=Severity.INFO,
        asked=Level.ADVISE,
        level=Level.ADVISE,
        floor=0.0,
        quality=0.0,
        evidence_hash=evidence_hash(evidence),
        evidence=evidence,
        reason=trouble,
        labels=said.labels,
        proposed_by=said.by,
        proposed_why=said.why,
        summary=shortened(f"{said.action} of {said.asset}, as {said.by} proposes: {trouble}"),
    )
    site = "unknown" if why is Why.FORGED else said.site
    place = one.cited.partition, one.cited.offset
    return step_event(made, site, one.came, said.time, said.signature, *place)


def _decided(setup: Setup, memory: Memory, one: Arrived, proposer: Proposer) -> Step:
    """Decide about a proposal that counts."""
    said = one.said
    grounds = grounds_of(memory.citable, memory.incidents, said, one.cited)
    goes = {"quality": _floor(setup, proposer, grounds), "level": _level(proposer, said, grounds)}
    right = proposer.model_copy(update=goes)
    alert = _alert(one, grounds)
    decided = decide(_case(setup, memory, alert, (one, right, grounds)))
    by, why = _reason(setup, memory, alert, (decided.why, grounds))
    often = _too_often(memory, said, right) if decided.stage in _COMES else ""
    if often:
        decided, why = Answer(Stage.DROPPED, Why.TOO_MANY_QUESTIONS, decided.level), often
    told = {"by": by, "reason": why, "proposed_by": said.by, "proposed_why": said.why}
    named = {"action": said.id, "expires": _expires(setup, memory, said, decided.stage)}
    made = action_of(alert, right, said.action, **decided._asdict(), **named, **told)
    if made.stage in _COMES:
        memory.proposed.setdefault(said.by, []).append(memory.now_ns)
    memory.begin(made, _resting_on(memory, grounds), said.site)
    return step_event(made, said.site, one.came)


def _floor(setup: Setup, proposer: Proposer, grounds: Grounds) -> float:
    """Return the quality that is asked for: no less than the rules ask that it cites."""
    rules = (setup.rules[one.rule] for one in grounds.known if one.rule in setup.rules)
    return max((proposer.quality, *(rule.quality for rule in rules)))


def _level(proposer: Proposer, said: Proposal, grounds: Grounds) -> Level:
    """Return how far it goes: where a cell or label is the proposer's alone, a person is asked.

    Actions may go by these, and `assets` says nothing of them.
    """
    of_asset = (one for one in grounds.known if one.asset == said.asset)
    known = {item for one in of_asset for item in one.labels.items()}
    is_known = not said.cell and said.labels.items() <= known
    return proposer.level if is_known or proposer.level is not Level.ACT else Level.ASK


def _alert(one: Arrived, grounds: Grounds) -> Event[Alert]:
    """Return the alert that a proposal stands for where it is decided. It is never published."""
    said, known = one.said, [ground.severity for ground in grounds.known if ground.severity]
    data = Alert(
        quality=grounds.quality,
        summary=shortened(f"{said.asset}, as {said.by} proposes"),
        evidence=grounds.evidence,
        rule=f"{RULE}{said.by}",
        asset=said.asset,
        point=said.point,
        cell=said.cell,
        state=State.FIRING,
        because=Because.RULE_HOLDS,
        severity=max(known, key=_SEVERITIES.index, default=Severity.INFO),
        level=Level.ADVISE,
        value=None,
        limit=None,
        since=said.time,
        labels=said.labels,
    )
    return Event[Alert](
        id=said.id,
        source=f"/alltobit/{said.site}",
        type=Kind.ALERT_FIRING,
        subject=data.rule,
        time=one.came,
        dataschema="urn:alltobit:schema:alert:1",
        data=data,
    )


def _case(
    setup: Setup, memory: Memory, alert: Event[Alert], about: tuple[Arrived, Proposer, Grounds]
) -> Case:
    """Return what a decision rests on, as of an alert; what a proposer may and knows differs."""
    one, right, grounds = about
    case = case_of(setup, memory, alert, one.said.action, one.came)
    explaining = memory.incidents.explaining(one.said.asset)
    return case._replace(
        asked=right.level,
        floor=right.quality,
        is_late=case.is_late or one.said.expires < max(one.came, moment(memory.now_ns)),
        is_silenced=_silence(setup, memory, alert, grounds) is not None,
        is_follower=explaining not in ("", *(ground.incident for ground in grounds.known)),
        are_too_many_questions=are_too_many(
            setup, memory, (alert.data.rule, one.said.action), but=one.said.by
        ),
    )


def _silence(
    setup: Setup, memory: Memory, alert: Event[Alert], grounds: Grounds
) -> tuple[str, str] | None:
    """Return who silenced it, or an alert that it rests on, and why."""
    whats: list[Silenceable] = [alert.data, *(one for one in grounds.known if one.rule)]
    said = (silence(setup, memory, what, alert.time) for what in whats)
    return next(filter(None, said), None)


def _reason(
    setup: Setup, memory: Memory, alert: Event[Alert], decided: tuple[Why, Grounds]
) -> tuple[str, str]:
    why, grounds = decided
    if why is Why.SILENCED:
        return _silence(setup, memory, alert, grounds) or ("", "")
    return reason(setup, memory, alert, why)


def _too_often(memory: Memory, said: Proposal, proposer: Proposer) -> str:
    """Say why nothing more is made of what this proposer says, or ""."""
    asked = next(_asked(memory, said), "")
    if asked:
        return f"it is asked already, as {asked}"
    since = memory.now_ns - HOUR_NS
    recent = [one for one in memory.proposed.get(said.by, []) if one > since]
    memory.proposed[said.by] = recent
    if len(recent) >= proposer.an_hour:
        return f"{len(recent)} proposals of {said.by} in an hour; see its `an_hour`"
    return ""


def _asked(memory: Memory, said: Proposal) -> Iterator[str]:
    """Yield open questions about the same action on the same asset."""
    about = said.action, said.asset, said.site
    for one in memory.questions.values():
        action = one.action
        is_open = action.stage is Stage.AWAITING
        is_same = (action.name, action.asset, one.site) == about
        if is_open and is_same and said.labels.items() <= action.labels.items():
            yield action.action


def _expires(setup: Setup, memory: Memory, said: Proposal, stage: Stage) -> datetime | None:
    """Return when a question expires; None: it is none."""
    if stage is not Stage.AWAITING:
        return None
    waits = timedelta(seconds=setup.policy.ask.expires_s)
    return min(said.expires, moment(memory.now_ns) + waits)


def _resting_on(memory: Memory, grounds: Grounds) -> str:
    """Return the key of an alert that fires and that it rests on: its end ends the question."""
    alerts = (one.alert for one in grounds.known if one.alert in memory.alerts)
    return next((one for one in alerts if memory.alerts[one].is_firing), "")
