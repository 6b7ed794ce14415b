"""What a model is asked, and what is read of its answer."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from records import INJECTION, NAMES, named, record

from models.report import answer, ask, template
from models.report.answer import NoDraft
from models.report.budget import Usage
from models.report.prompt import fenced, instructions, messages, schema
from models.report.text import text
from schemas.report import Draft, Kind, Section
from schemas.report import Sentence as Said

CHEAP = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
KINDS = st.sampled_from(Kind)


def written(sections):
    return json.dumps(
        {
            "sections": [
                {"section": name, "sentences": [{"text": t, "cites": c} for t, c in said]}
                for name, said in sections
            ]
        }
    )


GOOD = written([("summary", [("It is `a`.", ["H1", "E1"])]), ("do", [])])


# The question.


@given(st.text())
def test_data_stands_once_between_fences_that_are_not_in_it(data):
    told = fenced(data)
    fence = told.partition("\n")[0].removeprefix("The record stands between the two lines ")

    assert fence not in data
    assert told == f"The record stands between the two lines {fence}\n{fence}\n{data}\n{fence}"


def test_data_that_quotes_its_own_fences_gets_others():
    data = "x"
    for _ in range(3):
        data += fenced(data)
        fence = fenced(data).rpartition("\n")[2]

        assert fence not in data


@given(st.lists(st.text(min_size=1, max_size=40), min_size=NAMES, max_size=NAMES), KINDS)
@CHEAP
def test_nothing_out_of_data_stands_in_the_instructions(names, kind):
    system, user = messages(named(names), kind)

    assert system == {"role": "system", "content": instructions(kind)}
    assert user == {"role": "user", "content": fenced(text(named(names)))}


@given(st.lists(st.text(min_size=1, max_size=40), min_size=NAMES, max_size=NAMES))
@CHEAP
def test_a_name_never_begins_a_line_of_the_record(names):
    lines = messages(named(names), Kind.OPENED)[1]["content"].split("\n")

    assert all(one[0] in "EHFRNOTSIAU=T" for one in lines)


@given(KINDS)
def test_an_answer_may_have_the_sections_of_its_kind_and_nothing_else(kind):
    told = schema(kind)
    found = told["properties"]["sections"]["items"]["properties"]["section"]["enum"]

    assert found == [one.value for one in template.sections(kind)]
    assert json.dumps(told).count('"additionalProperties": false') == 3


@given(st.lists(st.sampled_from([None, "max_tokens", "temperature", "response_format", "x"])))
def test_a_server_that_refuses_everything_is_asked_in_few_ways_each_another(params):
    shape, seen = ask.Shape(), set()
    for param in params:
        assert shape not in seen
        seen.add(shape)
        shape = ask.simpler(shape, param)
        if shape is None:
            break
    assert len(seen) <= 5


@given(st.text(max_size=200), KINDS, st.sampled_from(ask.Form))
def test_a_bound_is_no_less_than_what_is_likely(said, kind, form):
    asked = messages(record(), kind)
    told = ask.options(ask.Shape(form), kind, 500)
    most = ask.bound(asked, told, 500)
    likely = ask.likely(asked, said, most)

    assert likely.read <= most.read
    assert likely.written <= most.written == 500


# The answer.


def envelope(content=GOOD, finish="stop", usage=None, **more):
    message = {"role": "assistant", "content": content, **more}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return json.dumps({"choices": [choice], "usage": usage, "unknown": [1]}).encode()


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_an_answer_or_a_reason(body):
    assert answer.answer(body).why is NoDraft.NO_ANSWER


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
LINES = st.fixed_dictionaries({"text": JSON | st.text(), "cites": JSON | st.lists(st.text())})
PARTS = st.fixed_dictionaries(
    {"section": JSON | st.sampled_from(Section), "sentences": st.lists(LINES) | JSON}
)
ANSWERS = (st.fixed_dictionaries({"sections": st.lists(PARTS) | JSON}) | JSON).map(json.dumps)


@given(st.text() | ANSWERS, KINDS)
@CHEAP
def test_any_text_is_a_draft_or_a_reason(said, kind):
    found = answer.draft(said, kind, "m@h")

    assert isinstance(found, NoDraft) or all(
        one.section in template.sections(kind) for one in found.parts
    )


@given(st.integers(0, 50), st.sampled_from([Kind.OPENED, Kind.HANDOVER, Kind.POSTMORTEM]))
@CHEAP
def test_a_draft_that_is_written_down_is_read_as_it_was(seed, kind):
    draft = template.draft(record(seed), kind)
    said = written(
        [(one.section, [(x.text, list(x.cites)) for x in one.sentences]) for one in draft.parts]
    )

    assert answer.draft(said, kind, "template") == draft


@pytest.mark.parametrize(
    "said",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"Here it is:\n```\n{GOOD}\n```\nI hope it helps.",
        f"<think>{{maybe}} ```\nx\n```</think>\n{GOOD}",
        f"Sure! {GOOD}",
    ],
)
def test_an_answer_is_found_in_fences_and_behind_thoughts(said):
    found = answer.draft(said, Kind.OPENED, "m@h")

    assert isinstance(found, Draft)
    assert found.parts[0].sentences == (Said(text="It is `a`.", cites=("H1", "E1")),)
    assert found.writer == "m@h"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", NoDraft.MALFORMED),
        ("All is well.", NoDraft.MALFORMED),
        (GOOD[:-3], NoDraft.MALFORMED),
        ('{"sections": "none"}', NoDraft.MALFORMED),
        ("[" * 50_000, NoDraft.MALFORMED),
        ('{"sections": [' * 9_000, NoDraft.TOO_LONG),
        ('{"sections": []}', NoDraft.EMPTY),
        (written([("summary", [])]), NoDraft.EMPTY),
        (written([("verdict", [("x", ["E1"])])]), NoDraft.WRONG_SECTION),
        (written([("timeline", [("x", ["E1"])])]), NoDraft.WRONG_SECTION),
        (written([("summary", [("x" * 1_001, ["E1"])])]), NoDraft.TOO_LONG),
        (written([("summary", [("x", ["E1"])] * 61)]), NoDraft.TOO_LONG),
        (written([("summary", [("x", ["E1"])])] * 21), NoDraft.TOO_LONG),
        ("x" * (answer.LONGEST + 1), NoDraft.TOO_LONG),
    ],
)
def test_what_is_no_draft_is_told_apart(said, why):
    assert answer.draft(said, Kind.OPENED, "m@h") is why


def test_ids_that_are_none_are_left_out_and_unknown_ones_are_for_the_check():
    said = written([("summary", [("x", ["H1", "the record", 7, "H1", "F99", "h2"])])])
    found = answer.draft(said, Kind.OPENED, "m@h")

    assert found.parts[0].sentences[0].cites == ("H1", "F99")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (envelope(), None),
        (envelope(finish=None), None),
        (envelope(finish="length"), NoDraft.CUT_SHORT),
        (envelope(content=None), NoDraft.EMPTY),
        (envelope(content="  "), NoDraft.EMPTY),
        (envelope(content=None, refusal="I will not."), NoDraft.DECLINED),
        (envelope(finish="content_filter"), NoDraft.DECLINED),
        (b'{"choices": []}', NoDraft.NO_ANSWER),
        (b"<html>Please log in</html>", NoDraft.NO_ANSWER),
        (b'{"error": {"message": "no"}}', NoDraft.NO_ANSWER),
    ],
)
def test_an_envelope_says_why_there_is_no_draft(body, why):
    assert answer.answer(body).why is why


@pytest.mark.parametrize(
    ("usage", "used"),
    [
        ({"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}, Usage(7, 2)),
        (None, None),
        ({"prompt_tokens": 0, "completion_tokens": 0}, None),
        ({"prompt_tokens": -7, "completion_tokens": 2}, None),
        ({"prompt_tokens": 1e99, "completion_tokens": 2}, None),
        ("much", None),
    ],
)
def test_usage_is_taken_where_it_can_be_and_never_costs_the_draft(usage, used):
    assert answer.answer(envelope(usage=usage)) == answer.Answer(GOOD, None, used)


def test_an_injection_stays_a_string_of_data():
    told = messages(named([INJECTION, *"bcdefghi"]), Kind.OPENED)[1]["content"]

    assert f'H1 ["{INJECTION}","b"]' in told
