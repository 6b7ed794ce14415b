"""What people say: answers, labels of events, silences. What does not count is told."""

from datetime import datetime

from models.trigger.approval import Person, answer, is_prompt, speaker
from models.trigger.breaker import Acted
from models.trigger.cases import breaker_is_open
from models.trigger.memory import Begun, Memory, Question, Silenced
from models.trigger.setup import Setup
from models.trigger.steps import Step, moved, step_event, unknown
from models.words import nanoseconds
from schemas.trigger import Decision, Silence, Stage, Verdict, Why


def take(setup: Setup, memory: Memory, said: Decision, came: datetime) -> list[Step]:
    """Take what a person says; return the steps that come of it. `came`: when Kafka took it in."""
    person, question = speaker(said, setup.people), memory.questions.get(said.about)
    if said.verdict not in (Verdict.APPROVE, Verdict.REFUSE):
        wrong = _wrong(memory, said, came, person)
        return [_nothing(said, came, *wrong)] if wrong else []
    if question is None:
        _, why = answer(None, said, came, person)
        return [_nothing(said, came, why, "no such question is known")]
    return [_answered(setup, memory, question, (said, came, person))]


def _nothing(said: Decision, came: datetime, why: Why, trouble: str) -> Step:
    return step_event(unknown(said, why, trouble), "unknown", came, *_told(said, came))


def _told(said: Decision, came: datetime) -> tuple[object, ...]:
    return said.who, said.time, said.verdict, said.signature, came


def _answered(
    setup: Setup, memory: Memory, one: Question, told: tuple[Decision, datetime, Person | None]
) -> Step:
    said, came, _ = told
    stage, why = answer(one.action, *told)
    if stage is Stage.APPROVED and breaker_is_open(setup, memory, one.site, one.action.asset):
        stage, why = Stage.IGNORED, Why.BREAKER_OPEN
    made = moved(one.action, stage, why, by=said.who, reason=said.why)
    if stage is not Stage.IGNORED:
        one.action = made
        memory.begun[made.action] = Begun(memory.now_ns, is_poor=False)
    if stage is Stage.APPROVED:
        memory.window.take(Acted(memory.now_ns, made.asset, one.site))
    return step_event(made, one.site, came, *_told(said, came))


def _wrong(
    memory: Memory, said: Decision, came: datetime, person: Person | None
) -> tuple[Why, str] | None:
    """Take a label or a silence; or say why it does not count."""
    if person is None:
        return Why.FORGED, "the signature is not of one who may answer"
    if not is_prompt(said, came):
        return Why.TOO_LATE, "it was not published when it was said"
    if said.verdict is Verdict.SILENCE:
        return _silence(memory, said)
    rule = memory.feedback.sources.get(said.about, "")
    if rule.startswith("rule:") and not person.may_of_rule(rule.removeprefix("rule:")):
        return Why.NO_RIGHT, f"{said.who} may say nothing of this rule"
    if not memory.feedback.label(said.about, said.verdict, nanoseconds(said.time)):
        return Why.UNKNOWN_ACTION, "no such event is remembered"
    return None


def _silence(memory: Memory, said: Decision) -> tuple[Why, str] | None:
    """Take a silence; which rules it may silence is looked at when it is to silence one."""
    if said.until is None:
        return Why.UNKNOWN_ACTION, "it does not say until when"
    before, time_ns = memory.silences.get(said.about), nanoseconds(said.time)
    if before is None or before.time_ns < time_ns:
        rule, _, asset = said.about.partition("/")
        what = {"rule": rule or "*", "asset": asset or "*", "why": said.why or "not said"}
        silence = Silence.model_validate(what | {"until": said.until})
        memory.silences[said.about] = Silenced(silence, said.who, time_ns)
    return None
