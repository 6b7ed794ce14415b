"""Proposals by hand, who may say them, and a trigger that judges them."""

from alerts import SECRETS, at, ns, people

from models.events import event_id
from models.trigger.approval import Proposing
from models.trigger.breaker import counted
from models.trigger.proposals import Arrived
from models.trigger.setup import Setup
from models.trigger.signature import proposal_id, signed
from models.trigger.trigger import Trigger
from schemas.cascade import Cause, Fault, Follower, Incident, Radius, Stage
from schemas.events import Event, Evidence, Fact, Kind
from schemas.settings import Settings
from schemas.trigger import Proposal

KEYS = SECRETS | {"bot": b"the secret of a bot", "robot": b"the secret of a robot"}
GPU = "node-01/gpu0"
PROPOSERS = (
    {"name": "bot", "secret": {"env": "B"}, "actions": ["*"], "an_hour": 100},
    {"name": "robot", "secret": {"env": "R"}, "actions": ["drain", "am"], "level": "act"},
    {"name": "ada", "secret": {"env": "A"}, "actions": ["drain"], "assets": ["node-*"]},
)
ACTIONS = (
    {"name": "drain", "kind": "command", "argv": ["drain", "{asset}"], "mode": "live"},
    {"name": "am", "kind": "alertmanager", "urls": ["http://am:9093"], "mode": "live"},
    {"name": "try", "kind": "kafka", "topic": "commands", "mode": "shadow"},
    {"name": "not", "kind": "kafka", "topic": "commands"},
)
RULES = (
    {"name": "gpu-hot", "point": "temp", "above": 85},
    {"name": "strict", "point": "temp", "above": 85, "quality": 0.9},
    {"name": "asks", "point": "temp", "above": 85, "level": "ask", "then": ["drain"]},
)
WIDE = {"share_of_kind": 1.0, "share_of_site": 1.0}


def trigger(rights=None, proposers=PROPOSERS, **policy):
    """Return a trigger that takes proposals; `rights`: of the approvers, by name."""
    told = {"breaker": WIDE, "ask": {"a_person_hour": 100}, "proposers": proposers} | policy
    settings = Settings.model_validate({"rules": RULES, "actions": ACTIONS, "trigger": told})
    setup = Setup.of(settings.rules, settings.actions, settings.trigger)
    setup.people = people(**(rights or {}))
    setup.proposers = {
        one.name: Proposing(one, KEYS[one.name]) for one in settings.trigger.proposers
    }
    setup.sizes = counted([("s", f"node-0{i}/gpu{j}") for i in range(1, 4) for j in range(4)])
    made = Trigger(setup)
    made.move(ns(0))
    return made


def proposal(second=10, by="bot", **more):
    """Return a proposal, signed with the secret of `signer`, as a rule the proposer's own."""
    secret = KEYS[more.pop("signer", by)]
    told = {"action": "drain", "site": "s", "asset": GPU, "why": "it is hot"}
    told |= {"id": "0" * 32, "by": by, "time": at(second), "expires": at(second + 600)} | more
    said = Proposal.model_validate(told)
    return signed(said.model_copy(update={"id": proposal_id(said)}), secret)


def arrived(said, second=10, offset=0):
    """Return a proposal as it came."""
    fact = Fact(text=f"{said.by} proposes", topic="proposals", partition=0, offset=offset)
    return Arrived(said, at(second), fact)


def judged(made, said, second=10):
    """Let a proposal be judged; return what is told."""
    (step,) = made.proposal(arrived(said, second))
    return step


def seen(made, event, offset=3):
    """Let an event be known; return its id."""
    made.cite(event, Fact(text=event.data.summary, topic="t", partition=1, offset=offset))
    return event.id


def incident(second, cause="chiller-1", followers=(GPU,), stage=Stage.OPENED, quality=1.0):
    """Return an event of an incident."""
    one = Cause(asset=cause, fault=Fault.COOLING, probability=0.8, since=at(0), text="cools less")
    data = Incident(
        quality=quality,
        summary=f"{cause}: cools less",
        evidence=Evidence(facts=()),
        incident=event_id("incident", cause),
        stage=stage,
        since=at(0),
        causes=(one,),
        followers=tuple(Follower(asset=name, via=(), delay_s=5.0) for name in followers),
        radius=Radius(assets=1, gpus=1, jobs=0),
    )
    return Event[Incident](
        id=event_id(stage, second, cause, *followers),
        source="/alltobit/s",
        type=Kind(f"io.alltobit.incident.{stage}"),
        subject=cause,
        time=at(second),
        dataschema="urn:alltobit:schema:incident:1",
        data=data,
    )
