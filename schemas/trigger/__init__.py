"""IF, THEN: rules, the alerts they raise, what is decided, done and answered."""

from schemas.trigger.action import Action, Stage, Why
from schemas.trigger.alert import Alert, Because, State
from schemas.trigger.decision import Decision, Verdict
from schemas.trigger.rule import Each, Input, Level, Rule, Severity, Take, Value

__all__ = [
    "Action",
    "Alert",
    "Because",
    "Decision",
    "Each",
    "Input",
    "Level",
    "Rule",
    "Severity",
    "Stage",
    "State",
    "Take",
    "Value",
    "Verdict",
    "Why",
]
