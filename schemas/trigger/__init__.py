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
from schemas.trigger.policy import (
    Approver,
    Ask,
    Breaker,
    Maintenance,
    Policy,
    Proposer,
    Silence,
    Weekday,
)
from schemas.trigger.proposal import Proposal
from schemas.trigger.rule import Each, Input, Level, Rule, Severity, Take, Value

__all__ = [
    "Action",
    "Alert",
    "Alertmanager",
    "Approver",
    "Ask",
    "Because",
    "Breaker",
    "Command",
    "Configured",
    "Decision",
    "Each",
    "Input",
    "KafkaTopic",
    "Level",
    "Maintenance",
    "Mode",
    "Policy",
    "Proposal",
    "Proposer",
    "Rule",
    "Secret",
    "Severity",
    "Silence",
    "Stage",
    "State",
    "Take",
    "Value",
    "Verdict",
    "Webhook",
    "Weekday",
    "Why",
]
