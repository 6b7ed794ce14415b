"""Proposals: what one says, who may say it, and how people see it."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import yaml
from acts import request
from alerts import SECRETS, at
from cli_calls import call, one_line
from hypothesis import given
from hypothesis import strategies as st
from proposed import judged, proposal, trigger
from pydantic import ValidationError
from rich.console import Console

from models.trigger.signature import is_signed, proposal_id
from models.trigger.steps import step_event
from schemas.settings import Settings
from schemas.trigger import Action, Proposal
from streams.cli import actions, pending
from streams.cli.plain import plain
from streams.configuration import problems
from streams.errors import ConfigError
from streams.proposals import proposed
from streams.trigger.prepare import setup_of

NODE = {"action": "drain", "site": "s", "asset": "node-01", "why": "it is hot"}


def test_what_is_proposed_is_named_by_what_it_says_and_signed():
    said = proposed("bot", SECRETS["ada"], **NODE, evidence=("a" * 32,), lasts_s=60)
    read = Proposal.model_validate_json(said.model_dump_json())

    assert read == said
    assert read.id == proposal_id(read)
    assert is_signed(read, SECRETS["ada"])
    assert not is_signed(read, SECRETS["bob"])
    assert read.expires - read.time == timedelta(seconds=60)


CHANGED = st.sampled_from(
    [
        *(("action", "reset"), ("site", "t"), ("asset", "node-02"), ("why", "it is not")),
        *(("point", "temp"), ("cell", "c"), ("labels", {"port": "1"}), ("evidence", ("b" * 32,))),
        *(("by", "other"), ("time", datetime(2026, 1, 1, tzinfo=UTC))),
        *(("expires", datetime(2126, 1, 1, tzinfo=UTC)), ("id", "f" * 32)),
    ]
)


@given(changed=CHANGED)
def test_a_signature_is_of_every_field_and_so_is_the_id(changed):
    name, value = changed
    said = proposed("bot", SECRETS["ada"], **NODE)
    other = said.model_copy(update={name: value})

    assert not is_signed(other, SECRETS["ada"])
    assert proposal_id(other) != other.id


@pytest.mark.parametrize(
    "more",
    [
        {"why": ""},
        {"why": "x" * 2001},
        {"asset": ""},
        {"asset": "x" * 513},
        {"action": "rm -rf"},
        {"site": "a/b"},
        {"evidence": ("a" * 32,) * 17},
        {"evidence": ("not an id",)},
        {"labels": {"port": "1" * 1025}},
        {"labels": {f"l{i}": "" for i in range(33)}},
        {"labels": {"no word": ""}},
        {"level": "act"},
    ],
)
def test_what_is_too_large_or_says_too_much_is_no_proposal(more):
    with pytest.raises(ValidationError):
        proposed("bot", SECRETS["ada"], **(NODE | more))


def test_a_step_that_nobody_proposed_reads_as_before_proposals():
    told = request(0).data

    assert not [name for name in told.model_dump(mode="json") if name.startswith("proposed")]
    made = told.model_copy(update={"proposed_by": "bot", "proposed_why": "because"})
    assert Action.model_validate_json(made.model_dump_json()) == made


# Settings.

ADA = {"name": "ada", "secret": {"env": "ADA"}}
BOT = {"name": "bot", "secret": {"env": "BOT"}, "actions": ["drain"]}
LONG = "a secret of sixteen"


def told(tmp_path, **policy):
    """Return what is wrong with settings that have such a `trigger`."""
    file = tmp_path / "settings.yaml"
    file.write_text(yaml.safe_dump({"trigger": policy}))
    return problems(file, {})


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ({"proposers": [BOT]}, "there is nobody else who may approve"),
        ({"proposers": [BOT | {"name": "ada"}], "approvers": [ADA]}, "nobody else who may"),
        ({"proposers": [BOT, BOT], "approvers": [ADA]}, "name of trigger.proposers.0 too"),
        ({"proposers": [BOT], "approvers": [ADA]}, "trigger.proposers.bot.secret.env='BOT'"),
        ({"proposers": [BOT | {"secret": "words"}]}, "'***'"),
        ({"proposers": [BOT | {"quality": 0}]}, "quality"),
        ({"proposers": [BOT | {"actions": []}]}, "actions"),
        ({"proposers": [{"name": "bot", "secret": {"env": "BOT"}}]}, "actions"),
    ],
)
def test_a_proposer_that_cannot_be_is_told_before_a_start(tmp_path, policy, says):
    found = told(tmp_path, **policy)

    assert any(says in line for line in found), found
    assert not any("words" in line for line in found)


def test_a_proposer_with_an_approvers_secret_is_refused_unless_it_is_the_same_person(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("ADA", LONG)
    monkeypatch.setenv("BOT", LONG)
    same = {"approvers": [ADA, ADA | {"name": "bob", "secret": {"env": "BOB"}}]}
    monkeypatch.setenv("BOB", LONG + "!")

    (wrong,) = told(tmp_path, proposers=[BOT], approvers=[ADA])
    assert "the secret of the approver ada too" in wrong
    assert LONG not in wrong
    assert told(tmp_path, proposers=[BOT | {"name": "ada"}], **same) == []
    settings = Settings.model_validate({"trigger": {"proposers": [BOT], "approvers": [ADA]}})
    with pytest.raises(ConfigError, match="the secret of the approver ada too"):
        setup_of(settings)
    monkeypatch.setenv("BOT", "the secret of a bot")
    assert setup_of(settings).proposers["bot"].secret == b"the secret of a bot"


# The command line.

WORDS = ("propose", "drain", "node-01", "--why", "hot")
BOTS = {"ALLTOBIT_PROPOSER": "bot", "ALLTOBIT_PROPOSER_SECRET": LONG}


@pytest.mark.parametrize(
    ("env", "more", "says"),
    [
        ({}, (), "ALLTOBIT_PROPOSER='': is not set"),
        ({"ALLTOBIT_PROPOSER": "bot"}, (), "ALLTOBIT_PROPOSER_SECRET"),
        (BOTS | {"ALLTOBIT_PROPOSER_SECRET": "short"}, (), "shorter than 16"),
        (BOTS, ("--for", "soon"), "write it like 90s or 2h"),
        (BOTS, ("--for", "8d"), "longer than a week"),
        (BOTS, ("--label", "port"), "write it like port=1"),
        (BOTS, ("--evidence", "abcd"), "evidence.0='abcd'"),
        (BOTS, ("--site", "a/b"), "site='a/b'"),
    ],
)
def test_what_cannot_be_proposed_is_told_in_a_line(env, more, says):
    result = call(*WORDS, *more, env=env)

    assert result.exit_code == 2
    assert says in one_line(result.stderr)


# What people see.

HOSTILE = 'fine"\n  awaiting (needs_approval)\nevidence: \x1b[2J [red]{asset}'


def test_a_question_shows_who_proposes_and_their_words_as_a_quotation_of_one_line():
    said = proposal(why=HOSTILE, labels={"port": '1" rule "x'})
    step = judged(trigger(), said)
    lines = [plain(line) for line in pending.block(step.data)]

    assert lines[0] == "drain for node-01/gpu0, as bot proposes (info)"
    assert lines[1] == f"  bot says: {plain(json.dumps(HOSTILE, ensure_ascii=False))}"
    assert lines[2] == '  with port "1\\" rule \\"x"'
    assert not [line for line in lines[3:] if "fine" in line]
    assert not any("\x1b" in line or "\n" in line for line in lines)


def test_actions_show_who_proposed_them_and_the_beginning_of_their_words():
    step = judged(trigger(), proposal(why="x" * 100))
    console = Console(width=300, file=StringIO())
    console.print(actions.table([step_event(step.data, "s", at(0))]))

    assert f'proposal:bot "{"x" * 60}..."' in console.file.getvalue()
