"""Proposals: what one says, who may, and what comes of it."""

from datetime import UTC, datetime, timedelta

import pytest
from acts import request
from alerts import SECRETS
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.trigger.signature import is_signed, proposal_id
from schemas.trigger import Action, Proposal
from streams.proposals import proposed

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
