"""IF, THEN: rules, the alerts they raise, what is decided, done and answered."""

from schemas.trigger.action import Action, Stage, Why
from schemas.trigger.alert import Alert, Because, State
from schemas.trigger.configured import (
    Alertmanager,
    Command,
    Configured,
    KafkaTopic,
    Mode,
    Secret,
    Webhook,
)
from schemas.trigger.decision import Decision, Verdict
from schemas.trigger.rule import Each, Input, Level, Rule, Severity, Take, Value

__all__ = [
    "Action",
    "Alert",
    "Alertmanager",
    "Because",
    "Command",
    "Configured",
    "Decision",
    "Each",
    "Input",
    "KafkaTopic",
    "Level",
    "Mode",
    "Rule",
    "Secret",
    "Severity",
    "Stage",
    "State",
    "Take",
    "Value",
    "Verdict",
    "Webhook",
    "Why",
]
