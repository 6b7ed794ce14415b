"""Conditions on events: CEL's own answers, true, false or unknown, in bounded time."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from time import process_time

import pytest

from models.trigger.condition.event import flat, on_event
from models.trigger.condition.fields import unknown_fields
from models.trigger.condition.tree import ConditionError
from schemas.anomaly import Anomaly, AnomalyKind
from schemas.events import Evidence, Fact
from schemas.trigger import Each

FACTS = tuple(
    Fact(text=f"fact {i}", value=i / 2, unit="W", topic="raw", partition=0, offset=i)
    for i in range(50)
)
ANOMALY = Anomaly(
    kind=AnomalyKind.PEER,
    asset="rack1/gpu3",
    point="DCGM_FI_DEV_GPU_TEMP",
    cell="rack1",
    value=91.0,
    unit="Cel",
    expected=70.0,
    spread=2.0,
    score=7.5,
    since=datetime(2026, 1, 1, tzinfo=UTC),
    quality=0.9,
    summary="warm",
    evidence=Evidence(facts=FACTS),
)
SEEN = flat(
    {
        "id": "1",
        "type": "io.alltobit.anomaly.opened",
        "subject": "rack1",
        "time": "2026-01-01T00:00:00Z",
        "data": ANOMALY.model_dump(mode="json"),
    }
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('event.kind == "peer" && event.score > 6', True),
        ('event.kind == "peer" && event.score > 8', False),
        ("event.value - event.expected > 20.0 * 1.0", True),
        ('event.asset.startsWith("rack1/") && event.point.matches("GPU_.EMP$")', True),
        ('event.type == "io.alltobit.anomaly.opened" && event.subject == "rack1"', True),
        ('timestamp(event.time) < timestamp("2026-01-02T00:00:00Z")', True),
        ('event.evidence.facts.exists(f, f.unit == "W" && f.value > 20.0)', True),
        ("event.evidence.facts.filter(f, f.value > 20.0).size() == 9", True),
        ("event.evidence.facts.exists(f, f.value + 1.0 + f.value > 20.0)", True),
        ("event.evidence.facts.exists_one(f, 1.0 * f.value + f.value > 20.0)", False),
        ("event.kind + event.point != ''", True),
        ("has(event.nothing) && event.nothing > 1", False),
        ("event.nothing > 1", None),
        ("event.nothing > 1 || event.score > 6", True),
        ("event.kind > 5", None),
        ("event.score", None),
        ("event.ended == null", True),
        ("event.score / 0.0 > 1.0", True),
        ("1 / 0 > 1", None),
    ],
)
def test_an_event_is_asked_as_cel_does_and_failures_are_unknown(text, expected):
    assert on_event(text)(SEEN) is expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("event.score >", "too early"),
        ("evnt.score > 1", "`evnt.score` is not known"),
        ("event.score.top() > 1", "`top` is not known"),
        ("1", "a rule wants a condition"),
        ("event.kind + 'x' + 1 == 2", "does not go with"),
        ("event.score > 1 && 'x'", "does not go with (bool, string)"),
        ("event.facts.map(f, f.value + 1.0) == []", "`map` makes copies"),
        ("event.a.all(x, event.a.all(y, true))", "a loop in a loop"),
        ("event.a.all(x, event.a.filter(y, true) == [])", "a loop in a loop"),
        ("event.a.map(x, x > 1, [x, x]).size() > 1", "`map` makes copies"),
        ("event.a.exists(x, (event.a + event.a).size() == 1)", "`+` copies lists"),
        ("event.a.exists(x, (event.s + event.s).contains(x))", "`+` copies lists"),
        ("(event.a + event.a).exists(x, x == 1)", "`+` copies lists"),
        ("(event.a + event.a).filter(x, x == 1).size() == 1", "`+` copies lists"),
        ("event.point.matches(event.asset)", "a pattern is a text"),
        (f"event.point.matches('{'a' * 300}')", "a pattern is a text"),
        ("event.point == {'a': 1}", "maps"),
    ],
)
def test_what_cannot_be_run_or_could_take_long_is_refused(text, says):
    with pytest.raises(ConditionError) as refused:
        on_event(text)

    assert says in refused.value.reason


@pytest.mark.parametrize(
    "text",
    [
        "event.l.all(x, event.text.matches('(a|b)*c'))",
        f"event.text.matches('{'(x?)' * 60}b')",
        "event.text.matches('((a*)*)*b')",
        "event.text.matches('((a{30}){30}){30}')",
        f"{'event.l.filter(x, x >= 0)' + '.filter(x, x >= 0)' * 20}.size() > 5",
        "event.l.all(x, event.l == event.l) && event.l.all(x, x >= 0)",
        "[" + "1," * 200 + "1].all(x, x > 0)",
        f"{'!' * 3000}(event.text == 'a')",
    ],
)
def test_the_worst_that_is_allowed_ends_soon(text):
    big = {"text": "a" * 2000, "l": list(range(1000))}
    before = process_time()

    with suppress(ConditionError):
        on_event(text)(big)

    assert process_time() - before < 2.0


def test_more_rounds_than_the_library_allows_are_unknown():
    big = {"l": list(range(20_000))}

    assert on_event("event.l.all(x, x >= 0)")(big) is None


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("event.kind == 'peer' && event.score > 6", {"kind", "score"}),
        ("has(event.x) && event.evidence.facts.exists(f, f.value > 1.0)", {"x", "evidence"}),
        ("1 > 2", set()),
        (".event.score > 6", {"score"}),
        ("event['score'] > 6", None),
        ("'score' in event", None),
        ("size(event) > event.score", None),
        ("[event].all(e, e.score > 6)", None),
    ],
)
def test_only_the_fields_that_a_condition_can_read_are_handed_over(text, fields):
    condition = on_event(text)

    assert condition.reads == (fields if fields is None else frozenset(fields))
    assert condition(SEEN) is replace(condition, reads=None)(SEEN)


def test_fields_that_no_such_event_has_are_told_with_the_nearest():
    text = "event.scor > 6 && event.kind == 'peer' && event.evidence.facts.exists(f, f.x == 1)"

    assert [str(one) for one in unknown_fields(text, Each.ANOMALY)] == [
        "line 1, column 6: no anomaly has the field `scor`; near: `score`"
    ]
    assert not list(unknown_fields("event.asset == 'x' || has(event.y)", Each.ANOMALY))
