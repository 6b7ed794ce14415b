"""Alerts, people and settings by hand, for what comes of alerts."""

from datetime import UTC, datetime, timedelta

from models.events import event_id
from models.trigger.approval import Person
from models.trigger.signature import evidence_hash, signed
from models.words import nanoseconds
from schemas.events import Event, Evidence, Fact, Kind
from schemas.trigger import (
    Alert,
    Approver,
    Because,
    Decision,
    Level,
    Secret,
    Severity,
    State,
    Verdict,
)

T0 = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)  # a Wednesday
KINDS = {
    State.FIRING: (Kind.ALERT_FIRING, Because.RULE_HOLDS),
    State.HELD: (Kind.ALERT_HELD, Because.POOR_DATA),
    State.RESOLVED: (Kind.ALERT_RESOLVED, Because.CLEARED),
}
SECRETS = {"ada": b"a secret of sixteen", "bob": b"another secret of it"}


def at(second):
    """Return a time of the test's day."""
    return T0 + timedelta(seconds=second)


def ns(second):
    """Return it in ns since 1970."""
    return nanoseconds(at(second))


def alert(second, state=State.FIRING, **more):
    """Return an alert about an asset; it began at `since`, s."""
    asset, rule = more.pop("asset", "node-01/gpu0"), more.pop("rule", "gpu-hot")
    point, since = more.pop("point", "temp"), at(more.pop("since", 0))
    kind, because = KINDS[state]
    text = f"{asset} {point} was 91"
    data = Alert(
        **{
            "quality": 1.0,
            "summary": f"{rule}: {asset} is hot",
            "evidence": Evidence(
                facts=(Fact(text=text, value=91.0, topic="raw", partition=0, offset=7),)
            ),
            "rule": rule,
            "asset": asset,
            "point": point,
            "cell": "node-01",
            "state": state,
            "because": because,
            "severity": Severity.WARNING,
            "level": Level.ADVISE,
            "value": 91.0,
            "limit": 85.0,
            "since": since,
        }
        | more
    )
    return Event[Alert](
        id=event_id(kind, rule, asset, point, since, second, data.quality),
        source="/alltobit/s",
        type=kind,
        subject=f"{rule}/{asset}/{point}",
        time=at(second),
        dataschema="urn:alltobit:schema:alert:1",
        data=data,
    )


def people(**rights):
    """Return ada and bob; `rights`: what more is said of one."""
    return {
        name: Person(
            Approver(name=name, secret=Secret(env="X"), **rights.get(name, {})), SECRETS[name]
        )
        for name in ("ada", "bob")
    }


def says(verdict, about, second, who="ada", **more):
    """Return what somebody says, signed with the secret of `signer`, as a rule their own."""
    secret = SECRETS[more.pop("signer", who)]
    said = Decision(about=about, verdict=verdict, who=who, time=at(second), **more)
    return signed(said, secret)


def yes(action, second, who="ada", verdict=Verdict.APPROVE, **more):
    """Return an answer to a question."""
    told = {"evidence_hash": action.evidence_hash, "why": "I looked"} | more
    return says(verdict, action.action, second, who, **told)


__all__ = ["T0", "alert", "at", "evidence_hash", "ns", "people", "says", "yes"]
