"""People at the command line and over HTTP, what a start refuses, and who is given partitions."""

import socket
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
import yaml
from aiohttp import ClientSession
from aiokafka.coordinator.protocol import ConsumerProtocolMemberMetadata as Metadata
from alerts import SECRETS, alert, at, ns, people
from cli_calls import call, one_line
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from troubles import anomaly

from models.trigger.breaker import counted
from models.trigger.setup import Setup
from models.trigger.signature import is_signed
from models.trigger.steps import step_event
from models.trigger.trigger import Trigger
from schemas.events import Fact
from schemas.settings import Http, Settings
from schemas.trigger import Decision, Stage, Verdict
from streams.cli import actions, pending, precision
from streams.configuration import problems
from streams.decisions import said
from streams.errors import ConfigError
from streams.trigger.http import routes
from streams.trigger.prepare import setup_of
from streams.trigger.to_one import ToOne
from streams.web import Health, serve

ASKS = {"name": "gpu-hot", "point": "temp", "above": 85, "level": "ask", "then": ["drain"]}
DRAIN = {"name": "drain", "kind": "kafka", "topic": "commands", "mode": "live"}
ADA = {"name": "ada", "secret": {"env": "ADA"}}
LONG = "a secret of sixteen"


class Producer:
    """Remembers what is published."""

    def __init__(self):
        self.sent = []

    async def send_and_wait(self, topic, value, key):
        """Publish."""
        self.sent.append((topic, Decision.model_validate_json(value), key))


@asynccontextmanager
async def asked(is_active=True):
    """Lend what a process with one open question has, a session to it, and the question."""
    settings = Settings(rules=(ASKS,), actions=(DRAIN,), trigger={"breaker": {"least": 9}})
    setup = Setup.of(settings.rules, settings.actions, settings.trigger)
    setup.people, setup.sizes = people(), counted([])
    core = Trigger(setup)
    core.move(ns(0))
    (step,) = core.alert(alert(10), at(10))
    assert step.data.stage is Stage.AWAITING
    health = Health(why="waits")
    triggers = SimpleNamespace(
        part=SimpleNamespace(core=core) if is_active else None,
        setup=setup,
        producer=Producer(),
        settings=settings,
        health=health,
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        http = Http(port=free.getsockname()[1])
    async with (
        serve(http, health, routes=routes(triggers)),
        ClientSession(f"http://127.0.0.1:{http.port}") as session,
    ):
        yield session, step.data, triggers


def bearer(name):
    return {"Authorization": f"Bearer {SECRETS[name].decode()}"}


async def test_an_answer_over_http_is_signed_by_whose_token_it_is_and_published():
    async with asked() as (session, action, triggers):
        async with session.get("/actions", headers=bearer("ada")) as answer:
            (shown,) = (await answer.json())["awaiting"]
        body = {"evidence_hash": shown["evidence_hash"], "why": "I looked"}
        path = f"/actions/{shown['action']}/refuse"
        async with session.post(path, json=body, headers=bearer("bob")) as answer:
            assert answer.status == 202

    ((topic, decision, key),) = triggers.producer.sent
    assert (topic, key) == ("decisions", action.action.encode())
    assert (decision.who, decision.verdict, decision.why) == ("bob", Verdict.REFUSE, "I looked")
    assert decision.evidence_hash == action.evidence_hash
    assert is_signed(decision, SECRETS["bob"])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer a secret of sixtee"},
        {"Authorization": "Basic a secret of sixteen"},
        {"Authorization": "Bearer \xff"},
    ],
)
async def test_without_a_token_nothing_is_told_and_nothing_is_taken(headers):
    async with asked() as (session, action, triggers):
        for method, path in (("GET", "/actions"), ("POST", f"/actions/{action.action}/approve")):
            async with session.request(method, path, headers=headers) as answer:
                assert answer.status == 401
                assert "gpu" not in await answer.text()

    assert triggers.producer.sent == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/actions/{id}/approve", b"", 422),
        ("/actions/{id}/approve", b"{", 422),
        ("/actions/{id}/approve", b'{"evidence_hash":"short"}', 422),
        ("/actions/{id}/approve", b'{"evidence_hash":"' + b"a" * 64 + b'","more":1}', 422),
        ("/actions/{id}/approve", b'{"why":"' + b"x" * 20_000 + b'"}', 413),
        ("/actions/{other}/approve", b'{"evidence_hash":"' + b"a" * 64 + b'"}', 404),
        ("/actions/{id}/delete", b"{}", 404),
        ("/actions/../../approve", b"{}", 404),
    ],
)
async def test_a_body_that_says_nothing_is_refused(path, body, status):
    async with asked() as (session, action, triggers):
        where = path.format(id=action.action, other="f" * 32)
        async with session.post(where, data=body, headers=bearer("ada")) as answer:
            assert answer.status == status

    assert triggers.producer.sent == []


async def test_a_process_that_waits_says_so():
    async with asked(is_active=False) as (session, action, _):
        async with session.get("/actions", headers=bearer("ada")) as answer:
            assert (answer.status, await answer.json()) == (503, {"said": "waits"})
        body = {"evidence_hash": action.evidence_hash}
        path = f"/actions/{action.action}/approve"
        async with session.post(path, json=body, headers=bearer("ada")) as answer:
            assert answer.status == 503


# Who is given partitions.


class Cluster:
    """Three topics, one of them unknown yet."""

    def partitions_for_topic(self, name):
        """Return what Kafka knows."""
        return {"alerts": {1, 0}, "anomalies": {0}}.get(name)


@given(members=st.sets(st.text(min_size=1), min_size=1, max_size=5))
def test_one_member_is_given_all_and_the_others_nothing(members):
    asks = {one: Metadata(0, ["alerts", "anomalies", "unknown"], b"") for one in members}
    given_ = {name: one.partitions() for name, one in ToOne.assign(Cluster(), asks).items()}
    everything = sorted((one.topic, one.partition) for all_ in given_.values() for one in all_)

    assert given_.keys() == members
    assert everything == [("alerts", 0), ("alerts", 1), ("anomalies", 0)]
    assert sum(bool(one) for one in given_.values()) == 1


# Settings.


def told(tmp_path, **tree):
    """Return what is wrong with a settings file."""
    file = tmp_path / "settings.yaml"
    file.write_text(yaml.safe_dump(tree))
    return problems(file, {})


@pytest.mark.parametrize(
    ("tree", "says"),
    [
        ({"rules": [ASKS], "actions": [DRAIN]}, "there is nobody who may answer"),
        ({"trigger": {"always": ["am"]}}, "no such action"),
        ({"trigger": {"approvers": [ADA, ADA]}}, "name of trigger.approvers.0 too"),
        ({"trigger": {"group": "alltobit-cascade"}}, "the group of cascade too"),
        ({"trigger": {"approvers": [{"name": "ada", "secret": "words"}]}}, "'***'"),
        ({"trigger": {"maintenance": [{"why": "x"}]}}, "give `begins` and `ends`"),
        ({"trigger": {"maintenance": [{"why": "x", "days": ["mon"], "at": 480}]}}, "in quotes"),
        ({"trigger": {"breaker": {"share_of_kind": 2}}}, "share_of_kind"),
    ],
)
def test_what_cannot_work_is_told_before_a_start(tmp_path, tree, says):
    found = told(tmp_path, **tree)

    assert any(says in line for line in found), found
    assert not any("words" in line for line in found)


def test_a_whole_policy_is_fine_where_the_secrets_are(tmp_path, monkeypatch):
    work = {"days": ["sun"], "at": "02:00", "lasts_s": "4h", "zone": "Europe/Zurich", "why": "x"}
    silence = {"rule": "gpu-*", "until": "2030-01-01T00:00:00Z", "why": "known"}
    policy = {"approvers": [ADA], "maintenance": [work], "silences": [silence], "always": ["drain"]}

    (lacks,) = told(tmp_path, rules=[ASKS], actions=[DRAIN], trigger=policy)
    assert "trigger.approvers.ada.secret.env='ADA': is not set" in lacks
    monkeypatch.setenv("ADA", LONG)
    assert told(tmp_path, rules=[ASKS], actions=[DRAIN], trigger=policy) == []


def test_secrets_come_from_the_environment_or_a_file(tmp_path, monkeypatch):
    (tmp_path / "secret").write_text(f"{LONG}\n")
    of_file = {"name": "bob", "secret": {"file": str(tmp_path / "secret")}}
    settings = Settings.model_validate({"trigger": {"approvers": [ADA, of_file]}})
    with pytest.raises(ConfigError, match=r"trigger.approvers.ada.secret.env='ADA': is not set"):
        setup_of(settings)
    monkeypatch.setenv("ADA", "short")
    with pytest.raises(ConfigError, match="shorter than 16 bytes"):
        setup_of(settings)
    monkeypatch.setenv("ADA", LONG)

    assert {one.secret for one in setup_of(settings).people.values()} == {LONG.encode()}


# The command line.


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({}, "ALLTOBIT_APPROVER='': is not set"),
        ({"ALLTOBIT_APPROVER": "ada"}, "is not set"),
        ({"ALLTOBIT_APPROVER": "ada", "ALLTOBIT_APPROVER_SECRET": "short"}, "shorter than 16"),
        ({"ALLTOBIT_APPROVER": "ada", "ALLTOBIT_APPROVER_SECRET_FILE": "/nowhere"}, "cannot be"),
    ],
)
def test_who_does_not_say_who_they_are_is_told_how(env, says):
    for words in (
        ("approve", "abcd"),
        ("label", "abcd", "true"),
        ("silence", "r", "--for", "1h", "--why", "x"),
    ):
        result = call(*words, env=env)
        assert result.exit_code == 2
        assert says in one_line(result.stderr)
        assert "short" not in result.stderr.replace("shorter", "")


def test_a_silence_needs_a_duration():
    env = {"ALLTOBIT_APPROVER": "ada", "ALLTOBIT_APPROVER_SECRET": LONG}

    result = call("silence", "gpu-*", "--for", "soon", "--why", "x", env=env)
    assert result.exit_code == 2
    assert "write it like 90s or 2h" in one_line(result.stderr)


def test_what_is_said_is_said_now_and_signed():
    decision = said("ada", SECRETS["ada"], Verdict.KNOWN, "x", why="seen before")

    assert is_signed(decision, SECRETS["ada"])
    assert decision.time.tzinfo is not None


# Conditions on events, as settings say them.


def test_a_rule_on_events_is_asked_in_cel_and_a_mistake_in_it_is_named():
    rule = {"name": "odd", "each": "anomaly", "if": "event.value > 5.0 && event.kind == 'level'"}
    made = Trigger(setup_of(Settings.model_validate({"rules": [rule]})))
    cited = Fact(text="seen", topic="anomalies", partition=0, offset=1)

    assert made.anomaly(anomaly("node-01", "temp", 0, 4.0), cited) == []
    (fires,) = made.anomaly(anomaly("node-02", "temp", 1, 9.0), cited)
    assert (fires.data.rule, fires.data.asset) == ("odd", "node-02")
    with pytest.raises(ConfigError, match=r"^rules\.odd\.if="):
        setup_of(Settings.model_validate({"rules": [rule | {"if": "event.value >"}]}))


# What is shown.


def shown(table):
    """Return the text of a table."""
    console = Console(width=200, file=StringIO())
    console.print(table)
    return console.file.getvalue()


async def test_actions_and_precision_are_shown_a_row_each():
    async with asked() as (_, action, triggers):
        memory = triggers.part.core.memory.feedback
        (event,) = memory.sources
        memory.label(event, Verdict.FALSE_ALARM, 1)
        awaiting = action.model_copy(update={"expires": datetime.now(UTC) + timedelta(minutes=5)})

    rows = shown(actions.table([step_event(awaiting, "s", at(0))])).splitlines()
    assert rows[1].split()[:4] == [action.action[:8], "awaiting", "needs_approval", "drain"]
    assert rows[1].rstrip().endswith("s")
    assert "rule:gpu-hot  0%" in shown(precision.table(memory))
    told = "\n".join(pending.block(action))
    assert "node-01/gpu0 temp was 91  [raw/0@7]" in told
    assert action.evidence_hash in told
