"""Steps of actions as events, named by their content."""

from datetime import datetime
from typing import Any, Final

from models.events import event_id
from models.trigger.signature import evidence_hash
from models.words import shortened
from schemas.events import Event, Evidence, Kind
from schemas.trigger import Action, Alert, Decision, Level, Proposer, Rule, Severity, Stage, Why
from schemas.trigger.action import TYPES

Step = Event[Action]
_SAYS: Final = {
    Stage.ADVISED: "could be done",
    Stage.AWAITING: "waits for a yes",
    Stage.REQUESTED: "is to be done",
    Stage.APPROVED: "is to be done",
    Stage.REFUSED: "is not to be done",
    Stage.EXPIRED: "was not answered in time",
    Stage.DROPPED: "is not done",
    Stage.WITHDRAWN: "is no longer asked for",
    Stage.IGNORED: "got an answer that does not count",
}
_UNKNOWN: Final = "0" * 64


def action_id(data: Alert, rule: Rule | Proposer | None, name: str) -> str:
    """Name what one action does about one alert. Labels of the rule's own say nothing there."""
    own = rule.labels if isinstance(rule, Rule) else {}
    labels = (f"{key}={text}" for key, text in sorted(data.labels.items()) if own.get(key) != text)
    return event_id("action", data.rule, data.asset, data.since.isoformat(), name, *labels)


def action_of(
    alert: Event[Alert],
    rule: Rule | Proposer | None,
    name: str,
    **more: Any,  # noqa: ANN401 - its fields
) -> Action:
    """Return what is decided about an alert: `more` are the fields that the alert does not say."""
    data = alert.data
    told = {
        "action": action_id(data, rule, name),
        "name": name,
        "rule": data.rule,
        "asset": data.asset,
        "point": data.point,
        "cell": data.cell,
        "alert": alert.id,
        "alert_summary": data.summary,
        "since": data.since,
        "severity": data.severity,
        "asked": rule.level if rule else Level.ADVISE,
        "floor": rule.quality if rule else 0.0,
        "evidence_hash": evidence_hash(data.evidence),
        "quality": data.quality,
        "summary": data.summary,
        "evidence": data.evidence,
        "labels": data.labels,
        "annotations": data.annotations,
    }
    made = Action.model_validate(told | more)
    return made.model_copy(update={"summary": summary(made)})


def moved(action: Action, stage: Stage, why: Why, **more: Any) -> Action:  # noqa: ANN401 - its fields
    """Return the action a step further."""
    made = action.model_copy(update={"stage": stage, "why": why, **more})
    return made.model_copy(update={"summary": summary(made)})


def summary(action: Action) -> str:
    """Say a step in a line."""
    dry = ", as a dry run" if action.why is Why.DRY_RUN else ""
    why = action.why.value.replace("_", " ")
    told = f"tells the end of {action.rule}" if action.resolves else _SAYS[action.stage]
    return shortened(f"{action.name} {told} ({why}{dry}): {action.alert_summary}")


def unknown(said: Decision, why: Why, reason: str) -> Action:
    """Return what there is to say of an answer to nothing that is known."""
    return Action(
        action=said.about if _is_id(said.about) else event_id("unknown", said.about),
        name="",
        stage=Stage.IGNORED,
        why=why,
        rule="",
        asset="",
        alert=event_id("unknown", said.about),
        severity=Severity.INFO,
        asked=Level.ADVISE,
        level=Level.ADVISE,
        floor=0.0,
        quality=0.0,
        evidence_hash=said.evidence_hash or _UNKNOWN,
        evidence=Evidence(facts=()),
        by=said.who,
        reason=said.why,
        summary=shortened(f"what {said.who} said of {said.about[:128]} does not count: {reason}"),
    )


def _is_id(text: str) -> bool:
    return len(text) == len(_UNKNOWN) // 2 and not set(text) - set("0123456789abcdef")


def step_event(action: Action, site: str, time: datetime, *told: object) -> Step:
    """Return a step as an event. `told`: what makes it another than the same step before."""
    parts = action.action, action.stage, action.why, action.alert, action.resolves, *told
    return Step(
        id=event_id("step", *parts),
        source=f"/alltobit/{site}",
        type=Kind(TYPES + action.stage),
        subject=f"{action.name or 'unknown'}/{action.rule}/{action.asset}",
        time=time,
        dataschema="urn:alltobit:schema:action:1",
        data=action,
    )
