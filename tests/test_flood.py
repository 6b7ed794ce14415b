"""Laws of rules that fire on very many: some are told, the others as one, nothing in silence."""

from collections import defaultdict
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from machine_site import Fed, Passed, Sent, config, cut
from pydantic import ValidationError

from models.trigger.trial.report import Told
from models.trigger.trial.tried import Firing, Tried
from schemas.telemetry import Quality
from schemas.trigger import Rule

MOST = 3
RULES = [
    {"name": "short", "point": "x", "above": 5, "for": "2s", "quality": 0.9},
    {"name": "long", "if": "x > 5", "for": "1s", "keep_firing_for": "2s", "quality": 0.9},
    {"name": "own", "if": "x > 1", "alerts_at_once": 1},
]


@cache
def made(*, is_capped=True):
    return config(*RULES, alerts_at_once=MOST, is_capped=is_capped)


def one_by_one(events):
    return [
        e for e in events if "alert" in e.type and not e.data.untold and "of its" not in said(e)
    ]


def summaries(events):
    return [e for e in events if "alert" in e.type and e not in one_by_one(events)]


def said(event):
    return event.data.summary


def key(event):
    return event.data.rule, event.data.asset


def limit(rule):
    return 1 if rule == "own" else MOST


_items = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 0, 1, 3]),
        st.integers(0, 7),
        st.sampled_from([0.0, 3.0, 6.0, 9.0]),
        st.sampled_from([0, 0, 0, int(Quality.MISSING)]),
    ),
    min_size=10,
    max_size=70,
)


def timed(items):
    now, sent = 20, []
    for wait, number, value, mark in items:
        now += wait
        sent.append(Sent(now, f"gpu{number}", {"x": value}, 0, mark))
    return [*sent, Passed(now + 100)]


@settings(deadline=None, max_examples=60)
@given(items=_items, edges=st.lists(st.integers(1, 70), min_size=1, max_size=12))
def test_no_more_than_so_many_stand_told_and_what_is_over_was_told(items, edges):
    parts = [Fed(made()), Fed(made(is_capped=False))]
    standing = defaultdict(set)
    for part in cut(timed(items), edges):
        before = len(parts[0].events)
        for one in parts:
            one.send(*part)
        for event in one_by_one(parts[0].events[before:]):
            if event.data.state == "firing":
                assert key(event) not in standing[event.data.rule]
                standing[event.data.rule].add(key(event))
            elif event.data.state == "resolved":
                standing[event.data.rule].remove(key(event))
            assert len(standing[event.data.rule]) <= limit(event.data.rule)
    capped, every = ({e.model_dump_json() for e in one_by_one(one.events)} for one in parts)

    assert {e.id for e in one_by_one(parts[0].events)} <= {e.id for e in parts[1].alerts}
    assert len(capped) <= len(every)


@settings(deadline=None, max_examples=40)
@given(items=_items, edges=st.lists(st.integers(1, 70), min_size=1, max_size=8))
def test_a_restart_anywhere_changes_nothing(items, edges):
    through, again = Fed(made()), Fed(made())
    for part in cut(timed(items), edges):
        through.send(*part)
        again.send(*part).restart()

    assert [e.model_dump_json() for e in again.events] == [
        e.model_dump_json() for e in through.events
    ]


@settings(deadline=None, max_examples=40)
@given(items=_items, edges=st.lists(st.integers(1, 70), min_size=1, max_size=8))
def test_what_is_not_told_is_in_the_number_that_is(items, edges):
    """After each block: what stands in truth is told one by one, or within twice of a number."""
    capped, every = Fed(made()), Fed(made(is_capped=False))
    for part in cut(timed(items), edges):
        for one in (capped, every):
            one.send(*part)
        for rule in ("short", "long", "own"):
            truth = stands(e for e in every.alerts if e.data.rule == rule)
            told = stands(e for e in one_by_one(capped.events) if e.data.rule == rule)
            last = [e.data.untold for e in summaries(capped.events) if e.data.rule == rule]
            beyond = len(truth) - len(told)

            assert told <= truth
            assert (beyond > 0) == bool(last and last[-1])
            assert beyond < 2 * max(last[-1:], default=0) or beyond == 0


@settings(deadline=None, max_examples=60)
@given(items=_items, edges=st.lists(st.integers(1, 70), min_size=1, max_size=30))
def test_each_number_of_a_rule_is_later_than_the_one_before_so_none_is_taken_for_old(items, edges):
    fed = Fed(made())
    for part in cut(timed(items), edges):
        fed.send(*part).restart()
    for rule in ("short", "long", "own"):
        told = [e for e in summaries(fed.events) if e.data.rule == rule]

        assert all(a.time < b.time for a, b in pairwise(told))
        assert len({e.id for e in told}) == len(told)


def stands(events):
    found = set()
    for event in events:
        if event.data.state == "firing":
            found.add(key(event))
        elif event.data.state == "resolved":
            found.discard(key(event))
    return found


def scrape(second, values):
    return [Sent(second, f"gpu{i}", {"x": value}) for i, value in enumerate(values)]


def test_one_alert_says_how_many_are_not_told_and_when_that_is_over():
    rule = {"name": "hot", "if": "x > 5", "labels": {"team": "gpus"}, "then": ["drain"]}
    fed = Fed(config(rule, alerts_at_once=2))
    fed.send(*scrape(0, [9.0] * 9), *scrape(1, [9.0] * 9))
    (told,) = summaries(fed.events)

    assert said(told) == (
        "hot: fires on 9 of 9 instances: 2 are told one by one, 7 are not, among them "
        "gpu2, gpu3, gpu4"
    )
    assert (told.data.untold, told.data.then, told.data.labels) == (7, (), {"team": "gpus"})
    assert told.data.asset == "partition-0"
    fed.send(*scrape(2, [0.0] * 7 + [9.0] * 2))
    assert said(fed.events[-1]) == "hot: all of its alerts are told one by one again: 2"
    assert fed.events[-1].data.state == "resolved"
    assert {e.data.asset for e in one_by_one(fed.events)} == {"gpu0", "gpu1", "gpu7", "gpu8"}


def test_a_number_is_told_again_only_when_it_has_doubled_or_halved():
    fed = Fed(config({"name": "hot", "if": "x > 5"}, alerts_at_once=1))
    for many in (*range(1, 17), *reversed(range(1, 16))):
        fed.send(*scrape(fed.offset, [9.0] * many + [0.0] * (16 - many)))

    assert [e.data.untold for e in summaries(fed.events)] == [1, 2, 4, 8, 4, 2, 1, 0]


def test_a_changed_number_is_taken_up_by_what_stands():
    rule = {"name": "hot", "point": "x", "above": 5}
    fed = Fed(config(rule, alerts_at_once=1)).send(*scrape(0, [9.0] * 4))
    fed.restart(config(rule, alerts_at_once=3)).send(*scrape(1, [9.0] * 4))

    assert [e.data.asset for e in one_by_one(fed.events)] == ["gpu0", "gpu1", "gpu2"]
    assert [e.data.untold for e in summaries(fed.events)] == [3, 1]


def test_rules_on_events_have_no_such_number():
    with pytest.raises(ValidationError, match="`alerts_at_once` is for rules on values"):
        Rule.model_validate({"name": "r", "each": "anomaly", "if": "true", "alerts_at_once": 3})


def test_a_trial_tells_how_many_service_would_tell():
    firings = [Firing("i", f"gpu{i}", "s", i, 100, 1.0, "said") for i in range(9)]
    rule = Rule.model_validate({"name": "hot", "if": "x > 5"})
    few, many = Tried(rule, firings, asked={f"gpu{i}" for i in range(9)}), Tried(rule, firings)

    (fact,) = Told(few, 1.0, 100, 24.0, alerts_at_once=4).warnings()
    (much, _) = Told(many, 1.0, 100, 24.0, alerts_at_once=4).warnings()
    assert fact.endswith(
        "(in service 4 at once are told one by one, the others as one alert with their number)"
    )
    assert much.startswith("was asked of nothing")
    assert few.most_at_once == 9
