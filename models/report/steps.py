"""Alerts and actions as steps of a record, in the order of time."""

from collections.abc import Sequence

from models.report.facts import NAME
from models.report.say import cut, utc
from schemas.events import Event
from schemas.report import Step
from schemas.trigger import Action, Alert

_LONGEST = 160


def steps(around: Sequence[Event[Alert] | Event[Action]]) -> list[Step]:
    """Return each once, the earliest first."""
    unique = {one.id: one for one in around}.values()
    return [_step(one) for one in sorted(unique, key=lambda one: (utc(one.time), one.id))]


def _step(event: Event[Alert] | Event[Action]) -> Step:
    data = event.data
    if isinstance(data, Action):
        name, stage, why, by = data.name, f"action {data.stage}", data.why, data.by
        told = {"name": name, "stage": stage, "why": str(why), "by": cut(by, _LONGEST)}
        told["proposed_by"] = cut(data.proposed_by, _LONGEST)
        told["proposed_why"] = cut(data.proposed_why, _LONGEST)
    else:
        told = {"name": data.rule, "stage": f"alert {data.state}", "why": str(data.because)}
    told["name"] = cut(told["name"], NAME)
    return Step(id="S1", time=utc(event.time), asset=cut(data.asset, NAME), **told)
