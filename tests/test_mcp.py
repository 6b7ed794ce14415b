"""Who is let in, how often, and how questions are refused: without Kafka."""

import asyncio
import socket
import threading

import pytest
from alerts import alert
from cli_calls import call, one_line

from models.ask import events, incidents
from models.symbols import Window
from schemas.ask.answer import Events
from schemas.ask.question import CheckRules, ListIncidents, ListRules
from schemas.ask.rules import Checked
from schemas.settings import Kafka, Mcp, Settings
from schemas.trigger import Rule, Secret
from streams.cli.show import Record
from streams.configuration import beside
from streams.configuration_files import read_text
from streams.errors import ConfigError
from streams.mcp import desk as desks
from streams.mcp.calls import TOOLS, Calls, offered
from streams.mcp.desk import Desk, Reading, Told, Tool
from streams.mcp.door import Door
from streams.mcp.follow import Follower

TOKEN = "sixteen-characters-and-more"  # noqa: S105 - of no other


@pytest.fixture
def mcp(monkeypatch):
    monkeypatch.setenv("TOKEN_OF_TEST", TOKEN)
    return Mcp(token=Secret(env="TOKEN_OF_TEST"), requests_per_minute=3)


class Visits:
    """What came through a door."""

    def __init__(self, mcp):
        self.now_s, self.through = 0.0, 0
        self.door = Door(self.app, mcp, clock=lambda: self.now_s)

    async def app(self, *_):
        """Count who comes through."""
        self.through += 1

    def knock(self, *given, kind="http"):
        """Return the status and the headers of the answer; 0: it was let through."""
        told = []

        async def send(message):
            told.append(message)

        scope = {"type": kind, "headers": [(b"authorization", one.encode()) for one in given]}
        before = self.through
        asyncio.run(self.door(scope, None, send))
        if self.through > before:
            return 0, {}
        return told[0]["status"], dict(told[0]["headers"])


@pytest.mark.parametrize(
    "given",
    [
        *(
            (),
            ("",),
            ("Bearer",),
            ("Bearer ",),
            (TOKEN,),
            (f"Basic {TOKEN}",),
            (f"Bearer {TOKEN}x",),
        ),
        *((f"Bearer {TOKEN[:-1]}",), (f"Bearer  {TOKEN}",), (f"Bearer {TOKEN}", f"Bearer {TOKEN}")),
        ("Bearer \xff",),
    ],
)
def test_who_has_not_the_token_is_challenged(mcp, given):
    status, headers = Visits(mcp).knock(*given)

    assert status == 401
    assert headers[b"www-authenticate"].startswith(b"Bearer ")


def test_the_token_opens_whatever_the_case_of_its_scheme(mcp):
    assert Visits(mcp).knock(f"Bearer {TOKEN}") == Visits(mcp).knock(f"bearer {TOKEN}") == (0, {})


def test_too_many_are_told_when_to_come_again_and_guesses_are_counted_apart(mcp):
    visits, right, wrong = Visits(mcp), f"Bearer {TOKEN}", "Bearer guess"

    assert [visits.knock(wrong)[0] for _ in range(4)] == [401, 401, 401, 429]
    assert [visits.knock(right)[0] for _ in range(4)] == [0, 0, 0, 429]
    assert visits.knock(right)[1][b"retry-after"] == b"60"
    visits.now_s = 60.1
    assert visits.knock(right)[0] == 0
    assert visits.knock(kind="lifespan")[0] == 0


def test_a_token_that_is_renewed_in_its_file_is_seen_and_one_that_is_gone_opens_nothing(tmp_path):
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    visits = Visits(Mcp(token=Secret(file=file)))
    assert visits.knock(f"Bearer {TOKEN}")[0] == 0

    file.write_text("another-token-of-more")
    assert visits.knock(f"Bearer {TOKEN}")[0] == 401
    assert visits.knock("Bearer another-token-of-more")[0] == 0

    file.unlink()
    assert visits.knock("Bearer another-token-of-more")[0] == 401
    assert visits.knock("Bearer ")[0] == 401


@pytest.mark.parametrize("token", [None, "", "short", "with spaces in it, though long", "ü" * 20])
def test_without_a_token_that_is_hard_to_guess_it_does_not_start(token):
    env = {} if token is None else {"ALLTOBIT_MCP__TOKEN__ENV": "TOKEN_OF_TEST"}
    done = call("mcp", env=env | ({"TOKEN_OF_TEST": token} if token else {}))

    assert done.exit_code == 2
    assert "mcp.token" in one_line(done.stderr)
    assert not token or token not in done.stderr


def test_a_port_that_is_taken_is_told_before_kafka_is_asked(mcp):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        env = {
            "ALLTOBIT_MCP__TOKEN__ENV": "TOKEN_OF_TEST",
            "ALLTOBIT_MCP__PORT": str(taken.getsockname()[1]),
        }
        done = call("mcp", env=env)

    assert done.exit_code == 2
    assert "mcp.port" in one_line(done.stderr)
    assert mcp.port == 8765


def test_a_kafka_that_does_not_answer_ends_it_with_one_line(mcp):
    env = {
        "ALLTOBIT_MCP__TOKEN__ENV": "TOKEN_OF_TEST",
        "ALLTOBIT_MCP__PORT": "0",
        "ALLTOBIT_KAFKA__BOOTSTRAP": "127.0.0.1:1",
        "ALLTOBIT_KAFKA__PATIENCE_S": "0",
    }
    done = call("mcp", env=env)

    assert mcp.token
    assert done.exit_code == 69
    assert "kafka.bootstrap" in one_line(done.stderr)


def desk(**more):
    settings = Settings(rules=more.pop("rules", ()), mcp=Mcp(**more))
    return Desk(settings, Follower(settings))


async def answered(where, tool, tools=TOOLS, **arguments):
    return await Calls(where, tools).call(tool, arguments)


async def test_what_breaks_is_told_in_one_line_without_its_text(caplog):
    async def breaks(*_):
        raise RuntimeError("a password")

    tool = Tool("breaks", ListRules, Checked, breaks)
    answer = await answered(desk(), "breaks", [tool])

    assert answer.is_error
    assert answer.content[0].text == "breaks failed: the log of alltobit mcp says why"
    assert "a password" in caplog.text


async def test_an_answer_that_is_too_long_says_what_it_leaves_out():
    rows = tuple(desks_line(i) for i in range(100))

    async def long(*_):
        return Told(Events(events=rows))

    answer = await answered(
        desk(answer_bytes=4_096), "long", [Tool("long", ListRules, Events, long)]
    )

    told = answer.structured_content
    assert len(answer.content[0].text) <= 4_096
    assert len(told["events"]) + told["left_out"] == 100
    assert "ask for less" in told["note"]


def desks_line(i):
    from models.ask.events import line  # noqa: PLC0415 - what it is of is said here

    return line(alert(i))


async def test_what_cannot_be_known_is_told_not_taken_for_nothing():
    where = desk()
    where.follower.missing = frozenset({"reports"})

    answer = await answered(where, "list_reports")
    empty = await answered(where, "list_incidents")

    assert answer.is_error
    assert "nothing is known of reports" in answer.content[0].text
    assert empty.structured_content["incidents"] == []


async def test_rules_in_force_are_told_as_they_were_configured():
    rule = Rule.model_validate({"name": "hot", "if": "x > 1", "for": "5m"})
    answer = await answered(desk(rules=(rule,)), "list_rules", name="h*")

    (told,) = answer.structured_content["rules"]
    assert Rule.model_validate_json(told["rule"]) == rule


def test_every_argument_is_described():
    for tool in offered(TOOLS):
        for name, said in tool.input_schema["properties"].items():
            is_plain = name in {"limit", "yaml", "state", "kind"}
            assert is_plain or said.get("description"), (tool.name, name)
    assert CheckRules.__doc__ in {tool.description for tool in offered(TOOLS)}
    assert ListIncidents.model_config["extra"] == "forbid"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: &a [1]\nrules: [*a]", "an alias of YAML"),
        ("[" * 60_000, "nested too deeply"),
        ("- " * 30_000, "nested too deeply"),
        ("rules", "not a mapping"),
        ("a: b: c", "line 1"),
    ],
)
def test_yaml_that_costs_more_than_its_length_is_refused(text, told):
    with pytest.raises(ConfigError, match=told):
        read_text(text, "yaml")


@pytest.mark.parametrize(
    "text",
    [
        "values: [{name: v, code: anything, inputs: [x]}]",
        "groups: [{name: g, values: [{name: v, code: anything, inputs: [x]}]}]",
    ],
)
def test_no_code_is_run_for_whoever_asks(text):
    found = beside(read_text(f"{text}\nrules: [{{name: r, if: x > 1}}]", "yaml"), Settings())

    assert any("code is not run" in str(one) for one in found.wrong)


def test_rules_that_were_sent_stand_beside_the_settings_and_name_no_further_file():
    settings = Settings(rules=(Rule.model_validate({"name": "own", "if": "x > 1"}),))
    fine = beside(read_text("rules: [{name: r, if: x > 2}]", "yaml"), settings)
    more = beside(read_text("rule_files: [/etc/passwd]", "yaml"), settings)

    assert ([one.name for one in fine.settings.rules], fine.wrong) == (["r"], [])
    assert "no such field" in str(more.wrong[0])
    assert settings.rules[0].name == "own"


@pytest.mark.parametrize(
    ("limits", "why"), [({"read_mb": 0.001}, "MiB"), ({"patience_s": 1e-9}, "s,")]
)
async def test_a_question_reads_no_more_than_it_may_and_says_how_far(monkeypatch, limits, why):
    async def since(*_):
        for i in range(100):
            yield Record("readings", 0, i, 1_000 * i, None, b"x" * 100, {})

    monkeypatch.setattr(desks, "since", since)
    reading = Reading(Kafka(), Mcp(**limits))
    read = [one async for one in reading.records("readings", Window(0, 10**18))]

    assert 0 < len(read) < 100
    assert why in reading.note
    assert "ask for less" in reading.note


async def test_a_topic_that_gives_nothing_ends_a_question_and_says_so(monkeypatch):
    async def since(*_):
        yield Record("readings", 0, 0, 0, None, b"x", {})
        await asyncio.Event().wait()

    monkeypatch.setattr(desks, "since", since)
    reading = Reading(Kafka(), Mcp(patience_s=0.05))
    read = [one async for one in reading.records("readings", Window(0, 10**18))]

    assert len(read) == 1
    assert "not all was read" in reading.note


async def test_who_gives_up_waiting_makes_no_room_for_more_threads_than_there_may_be():
    where, goes_on = desk(patience_s=0.01), threading.Event()
    begun = threading.Semaphore(0)

    async def reads():
        begun.release()
        goes_on.wait(20)

    async def asks():
        await where.aside(reads)

    try:
        for _ in range(2):
            given_up = asyncio.create_task(asks())
            assert await asyncio.to_thread(begun.acquire, timeout=20)
            given_up.cancel()
            await asyncio.wait([given_up])
        with pytest.raises(ConfigError, match="ask again later"):
            await asks()
    finally:
        goes_on.set()


@pytest.mark.parametrize(
    ("tool", "module", "name"),
    [
        ("list_events", events, "newest"),
        ("list_incidents", incidents, "chosen"),
        ("list_actions", events, "actions"),
        ("list_reports", events, "reports"),
    ],
)
async def test_others_are_answered_while_many_events_are_looked_through(
    monkeypatch, tool, module, name
):
    threads = []

    def looks(*_):
        threads.append(threading.get_ident())
        return []

    monkeypatch.setattr(module, name, looks)
    assert not (await answered(desk(), tool)).is_error
    assert threads != [threading.get_ident()]
    assert len(threads) == 1
