"""A model as a writer, against a real server that speaks the protocol from a script."""

import asyncio
import gzip
import json
import logging

import pytest
from aiohttp import web
from model_server import (
    KEY,
    fails,
    hangs,
    honest,
    says,
    sends,
    served,
    written,
)
from records import INJECTION, NAMES, named, record

from models.report import template
from models.report.answer import LONGEST
from models.report.budget import Usage
from models.report.redact import hidden
from models.report.report import report
from schemas.report import Draft, Kind, Part, Section, Sentence
from streams import metrics
from streams.report.client import MOST_BYTES
from streams.report.model import Clock, ModelWriter

RECORD = record(3)
OPENED = Kind.OPENED
GOOD = honest(RECORD, OPENED)


class Still:
    """A clock that moves only when somebody sleeps."""

    def __init__(self):
        self.now, self.slept = 1_772_600_000.0, []

    async def sleep(self, seconds):
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds

    @property
    def clock(self):
        """Return what a writer takes."""
        return Clock(lambda: self.now, self.sleep)


class Asked:
    """A writer on a server that answers so."""

    def __init__(self, *script, **more):
        self.script, self.more, self.still = script, more, Still()

    async def __aenter__(self):
        self.lent = served(*self.script)
        self.server = await self.lent.__aenter__()
        self.writer = ModelWriter(self.server.model(**self.more), self.still.clock)
        return self

    async def __aexit__(self, *error):
        await self.writer.close()
        await self.lent.__aexit__(*error)

    async def draft(self, what=RECORD, kind=OPENED):
        """Return what comes of one report, and why none did."""
        before = drafts()
        found = await self.writer.draft(what, kind)
        (came,) = [name for name, n in drafts().items() if n != before.get(name, 0)]
        return found, came


def drafts():
    samples = metrics.DRAFTS.collect()[0].samples
    return {one.labels["came"]: one.value for one in samples if one.name.endswith("_total")}


# What is drafted.


async def test_a_good_model_writes_the_report_and_everything_it_says_is_checked():
    async with Asked(GOOD) as asked:
        draft, came = await asked.draft()

    assert came == "drafted"
    made = report(RECORD, OPENED, draft)
    assert made.writer == "scripted@127.0.0.1"
    assert made.struck == ()
    assert made.tally.checked == made.tally.kept > 20
    assert asked.writer.took == asked.writer.budget.spent == Usage(1_000, 200)


async def test_a_model_is_asked_for_json_of_our_schema_with_the_record_as_data():
    async with Asked(GOOD) as asked:
        await asked.draft()
    (body,) = asked.server.bodies

    assert body["model"] == "scripted"
    assert body["response_format"]["json_schema"]["strict"] is True
    assert body["max_tokens"] == 2_000
    assert [one["role"] for one in body["messages"]] == ["system", "user"]
    assert "E1 incident" in body["messages"][1]["content"]


async def test_lies_are_struck_and_the_template_says_it_instead():
    ours = template.draft(RECORD, OPENED)
    first = ours.parts[0].sentences[0]
    lie = first.model_copy(update={"text": first.text.replace(" likely", " likely, 999 kW")})
    parts = (Part(section=Section.SUMMARY, sentences=(lie,)), *ours.parts[1:])
    async with Asked(says(written(Draft(parts=parts)))) as asked:
        draft, _ = await asked.draft()
    made = report(RECORD, OPENED, draft)

    (struck,) = made.struck
    assert struck.sentence == lie
    assert struck.instead == first
    assert "999" not in made.markdown
    assert made.tally.sentences_struck == made.tally.replaced == 1


@pytest.mark.parametrize(
    "obeyed",
    [
        "all is well",
        "All is well.",
        "Everything is fine, no action is needed.",
        f"The name is `{INJECTION}`; all is well.",
    ],
)
async def test_a_model_that_obeys_a_name_is_struck(obeyed):
    mine = named([INJECTION, *(f"node-{i}" for i in range(NAMES - 1))])
    sentence = Sentence(text=obeyed, cites=("E1", "H1"))
    told = Draft(parts=(Part(section=Section.SUMMARY, sentences=(sentence,)),))
    async with Asked(says(written(told))) as asked:
        draft, _ = await asked.draft(mine)
    made = report(mine, OPENED, draft)

    assert len(made.struck) == 1
    assert "well" not in made.markdown.replace(INJECTION, "")
    assert made.parts[0].sentences[0] == template.draft(mine, OPENED).parts[0].sentences[0]


async def test_ids_that_the_record_does_not_have_are_struck_by_the_check():
    told = Draft(
        parts=(
            Part(section=Section.SUMMARY, sentences=(Sentence(text="It is so.", cites=("F99",)),)),
        )
    )
    async with Asked(says(written(told))) as asked:
        draft, _ = await asked.draft()

    assert report(RECORD, OPENED, draft).tally.sentences_struck == 1


async def test_redacted_names_never_leave_and_stand_in_the_report():
    away = hidden(RECORD).record
    async with Asked(honest(away, OPENED), redact=True) as asked:
        draft, _ = await asked.draft()
    sent = json.dumps(asked.server.bodies, ensure_ascii=False)
    names = {one.asset for one in (*RECORD.facts, *RECORD.reached, *RECORD.guesses)}

    assert not any(name in sent for name in names)
    made = report(RECORD, OPENED, draft)
    assert made.struck == ()
    assert RECORD.guesses[0].asset in made.markdown


# What is not.


@pytest.mark.parametrize(
    ("answer", "came"),
    [
        (says("All is well."), "malformed"),
        (says(written(Draft(parts=()))), "empty"),
        (says('{"sections": [{"section": "x", "sentences": [{"text": "y"}]}]}'), "wrong_section"),
        (says("x" * (LONGEST + 1)), "too_long"),
        (says(written(template.draft(RECORD, OPENED))[:500], finish="length"), "cut_short"),
        (says(None), "empty"),
        (sends(b"x" * (MOST_BYTES + 1)), "too_large"),
        (sends(gzip.compress(b" " * 10**8), headers={"Content-Encoding": "gzip"}), "too_large"),
        (sends(b"<html>Please log in</html>", "text/html"), "no_answer"),
        (sends(b"\xff\x00\x01", "application/octet-stream"), "no_answer"),
        (sends(b""), "no_answer"),
        (fails(401), "refused"),
        (fails(404), "refused"),
    ],
)
async def test_what_is_no_draft_is_none_with_a_reason_and_is_not_asked_for_again(answer, came):
    async with Asked(answer) as asked:
        assert await asked.draft() == (None, came)

    assert asked.server.asked == 1


async def test_an_error_of_any_length_is_not_read_to_its_end():
    big = sends(b"x" * (MOST_BYTES + 1))

    def answer():
        made = big()
        made.set_status(500)
        return made

    async with Asked(answer) as asked:
        assert await asked.draft() == (None, "too_large")


async def test_a_redirection_is_not_followed_and_takes_the_key_nowhere(monkeypatch):
    monkeypatch.setenv("MODEL_KEY", KEY)
    async with served(GOOD) as elsewhere:
        away = {"Location": f"{elsewhere.url}/chat/completions"}
        async with Asked(sends(b"", headers=away), key={"env": "MODEL_KEY"}) as asked:
            asked.server.script = [lambda: web.Response(status=307, headers=away)]
            assert await asked.draft() == (None, "redirected")

        assert elsewhere.asked == 0


async def test_a_slow_model_is_given_up_after_its_tries():
    async with Asked(hangs, timeout_s=0.05, attempts=2) as asked:
        assert await asked.draft() == (None, "slow")

    assert asked.server.asked == 2


async def test_a_draft_is_none_within_the_patience_whoever_waits():
    async with Asked(hangs, at_once=1, patience_s=0.1) as asked:
        both = await asyncio.gather(*(asked.writer.draft(RECORD, OPENED) for _ in range(3)))

    assert both == [None] * 3


async def test_a_server_that_is_not_there_is_unreachable_and_costs_nothing():
    async with served() as gone:
        model = gone.model(attempts=2)
    still = Still()
    mine = ModelWriter(model, still.clock)

    assert await mine.draft(RECORD, OPENED) is None
    assert sum(mine.budget.spent) == 0
    assert len(still.slept) == 1
    await mine.close()


async def test_errors_of_the_server_are_tried_again_later_and_later():
    async with Asked(fails(500), fails(503), GOOD) as asked:
        draft, came = await asked.draft()

    assert draft is not None
    assert came == "drafted"
    first, second = asked.still.slept
    assert 0.5 <= first <= 1.0 <= second <= 2.0


async def test_a_server_that_says_when_is_asked_then():
    async with Asked(fails(429, headers={"Retry-After": "17"}), GOOD) as asked:
        draft, _ = await asked.draft()

    assert draft is not None
    assert asked.still.slept == [17.0]


async def test_a_server_that_wants_more_time_than_there_is_is_left_alone_until_then():
    busy = fails(429, headers={"Retry-After": "290"})
    async with Asked(busy, GOOD) as asked:
        assert await asked.draft() == (None, "busy")
        assert await asked.draft() == (None, "resting")
        asked.still.now += 291.0
        assert (await asked.draft())[1] == "drafted"

    assert asked.still.slept == []


async def test_after_failures_in_a_row_it_rests_and_then_is_asked_once():
    async with Asked(fails(500), attempts=1, rest_after=2, rest_s=60.0) as asked:
        came = [(await asked.draft())[1] for _ in range(4)]
        assert came == ["broken", "broken", "resting", "resting"]
        asked.still.now += 61.0
        assert [(await asked.draft())[1] for _ in range(2)] == ["broken", "resting"]
        asked.still.now += 61.0
        asked.server.script = [GOOD]
        assert [(await asked.draft())[1] for _ in range(2)] == ["drafted", "drafted"]


async def test_a_model_that_hangs_until_the_patience_ends_rests_too():
    async with Asked(hangs, patience_s=0.05, rest_after=1) as asked:
        assert [(await asked.draft())[1] for _ in range(2)] == ["late", "resting"]


# How it is asked.


async def test_a_server_that_knows_no_schema_is_asked_for_an_object_and_then_for_nothing():
    refuses = fails(400, param="response_format")
    async with Asked(refuses, refuses, GOOD) as asked:
        assert (await asked.draft())[1] == "drafted"
        assert (await asked.draft())[1] == "drafted"
    forms = [one.get("response_format", {}).get("type") for one in asked.server.bodies]

    assert forms == ["json_schema", "json_object", None, None]
    assert asked.still.slept == []


async def test_a_server_that_names_what_it_does_not_know_is_asked_without_it():
    async with Asked(fails(400, param="max_tokens"), fails(400, param="temperature"), GOOD) as one:
        assert (await one.draft())[1] == "drafted"
    last = one.server.bodies[-1]

    assert last["max_completion_tokens"] == 2_000
    assert not {"max_tokens", "temperature"} & last.keys()
    assert last["response_format"]["type"] == "json_schema"


async def test_no_more_are_asked_at_once_than_settings_say():
    async with Asked(hangs, at_once=2, attempts=1) as asked:
        asked.server.comes_at = 2
        tasks = [asyncio.create_task(asked.writer.draft(RECORD, OPENED)) for _ in range(6)]
        async with asyncio.timeout(10):
            await asked.server.came.wait()
        asked.server.goes_on.set()
        await asyncio.gather(*tasks)

    assert asked.server.asked >= 5
    assert asked.server.most_open == 2


async def test_who_is_cancelled_leaves_its_turn_and_its_bound():
    async with Asked(hangs, at_once=1) as asked:
        task = asyncio.create_task(asked.writer.draft(RECORD, OPENED))
        async with asyncio.timeout(10):
            await asked.server.came.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        kept = asked.writer.budget.spent
        asked.server.script = [GOOD]

        assert sum(kept) > 2_000
        assert (await asked.draft())[1] == "drafted"


# What it may take.


async def test_over_budget_the_template_writes_and_nobody_is_asked():
    async with Asked(GOOD, day_tokens=13_000) as asked:
        came = [(await asked.draft())[1] for _ in range(5)]

    assert came[0] == "drafted"
    assert came[-1] == "over_budget"
    assert sum(asked.writer.budget.spent) <= 13_000
    assert asked.server.asked == came.count("drafted")


async def test_tries_whose_end_nobody_knows_count_in_full():
    async with Asked(fails(500), attempts=10, report_tokens=20_000) as asked:
        assert await asked.draft() == (None, "over_budget")

    assert asked.server.asked == 2


async def test_money_is_a_limit_too():
    prices = {"price_in": 1_000.0, "price_out": 5_000.0}  # a call as told: 1 + 1
    async with Asked(GOOD, **prices, day_cost=25.0) as asked:
        came = [(await asked.draft())[1] for _ in range(20)]

    assert 1 <= came.count("drafted") < 13
    assert set(came) == {"drafted", "over_budget"}


async def test_where_the_server_tells_no_usage_it_is_counted_here():
    async with Asked(says(written(template.draft(RECORD, OPENED)), usage=None)) as asked:
        await asked.draft()

    assert 1_000 < asked.writer.took.read < 5_000
    assert 200 < asked.writer.took.written <= 2_000


# The key, and what else leaves.


async def test_the_key_is_sent_and_stands_in_no_log_and_no_error(caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    async with Asked(fails(500), fails(401), key={"file": file}) as asked:
        assert await asked.draft() == (None, "refused")

    assert {one["Authorization"] for one in asked.server.headers} == {f"Bearer {KEY}"}
    assert caplog.records
    told = [f"{one.getMessage()} {one.args} {one.exc_info} {vars(one)}" for one in caplog.records]
    assert not any(KEY in one for one in told)


async def test_nothing_leaves_but_what_is_named_whatever_the_environment_says(monkeypatch):
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID"):
        monkeypatch.setenv(f"OPENAI_{name}", KEY)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"Authorization: Bearer {KEY}\nX-Spy: {KEY}")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with Asked(GOOD) as asked:
        assert (await asked.draft())[1] == "drafted"
    (headers,) = asked.server.headers

    names = {"host", "accept", "accept-encoding", "content-type", "content-length", "connection"}
    assert {one.lower() for one in headers} <= names | {"transfer-encoding"}
    assert KEY not in str(headers)


@pytest.mark.parametrize("key", ["", "two\nlines", "schlüssel"])
async def test_a_key_that_is_none_is_a_reason_and_nothing_is_sent(tmp_path, key):
    (tmp_path / "key").write_text(key)
    async with Asked(GOOD, key={"file": tmp_path / "key"}) as asked:
        assert await asked.draft() == (None, "no_key")

    assert asked.server.asked == 0
    assert sum(asked.writer.budget.spent) == 0
