"""Laws of `x.peers`: the median of those alike, at the same moment, without its own."""

from functools import cache
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from machine_site import Fed, Passed, Sent, config, cut

from models.trigger.condition.compile import ConditionError
from models.trigger.machine.alike import REACH
from schemas.settings import Cell

HALL = Cell(name="hall", assets=("gpu*", "rack*", "node*"))
HOTTER = {"name": "r", "if": "x - x.peers > 10", "stale": "1h"}


def fed(scrapes, rule=HOTTER, point="x"):
    """Feed scrapes, a second each: values by asset, in that order."""
    made = Fed(config(rule, cells=(HALL,)))
    for second, scrape in enumerate(scrapes):
        made.send(*(Sent(second, asset, {point: value}) for asset, value in scrape.items()))
    return made.send(Passed(len(scrapes)))


def gpus(*values):
    return {f"gpu{i}": value for i, value in enumerate(values)}


@settings(deadline=None, max_examples=60)
@given(
    values=st.lists(st.integers(0, 40).map(float), min_size=4, max_size=REACH + 1),
    which=st.integers(0, 100),
)
def test_it_fires_where_one_is_away_from_the_median_of_the_others(values, which):
    which %= len(values)
    others = values[:which] + values[which + 1 :]
    found = fed([gpus(*[20.0] * len(values)), gpus(*values)])
    expected = values[which] - median(others) > 10

    assert (f"gpu{which}" in {e.data.asset for e in found.alerts}) == expected


@settings(deadline=None, max_examples=30)
@given(order=st.permutations(range(6)), step=st.floats(-500, 500))
def test_a_step_of_all_is_no_difference_whoever_is_heard_first(order, step):
    before, after = gpus(*[20.0] * 6), {f"gpu{i}": 20.0 + step for i in order}

    assert fed([before, before, after, after]).alerts == []


def test_fewer_than_four_know_nothing():
    assert fed([gpus(0.0, 0.0, 90.0)] * 3).alerts == []
    assert len(fed([gpus(0.0, 0.0, 0.0, 90.0)] * 3).alerts) == 1


def test_peers_are_of_one_cell_one_role_and_one_point():
    mixed = {"gpu0": 90.0, "gpu1": 0.0, "rack0": 0.0, "rack1": 0.0, "out0": 0.0, "out1": 0.0}

    assert fed([mixed] * 3).alerts == []


def test_each_set_of_labels_has_peers_of_its_own():
    made, ports = Fed(config(HOTTER, cells=(HALL,))), ('x{p="1"}', 'x{p="2"}')
    for second in range(3):
        for i in range(5):
            usual = {ports[0]: 0.0, ports[1]: 50.0 if i else 70.0}
            made.send(Sent(second, f"node{i}", usual))
    (alert,) = made.alerts

    assert (alert.data.asset, alert.data.labels, alert.data.point) == (
        "node0",
        {"p": "2"},
        ports[1],
    )


def test_one_without_labels_is_compared_where_others_have_some():
    rule = {"name": "r", "if": "v > 0 && x - x.peers > 10"}
    made = Fed(config(rule, cells=(HALL,)))
    for second in range(3):
        for i in range(5):
            made.send(Sent(second, f"node{i}", {'v{p="1"}': 1.0, "x": 0.0 if i else 70.0}))

    assert {(e.data.asset, e.data.labels["p"]) for e in made.alerts} == {("node0", "1")}


def test_those_that_a_rule_is_not_asked_of_are_peers_all_the_same():
    found = fed([gpus(90.0, 90.0, 0.0, 0.0, 0.0)] * 3, {**HOTTER, "asset": "gpu0"})

    assert {e.data.asset for e in found.alerts} == {"gpu0"}


def test_an_alert_says_what_it_and_its_peers_were():
    (alert,) = fed([gpus(*[20.0] * 5, 31.0)] * 2).alerts
    facts = [one.text for one in alert.data.evidence.facts]

    assert "x 31, x.peers 20" in alert.data.summary
    assert (alert.data.value, alert.data.point) == (31.0, "x")
    assert "of 5 peers that `x.peers` stands for the newest" in facts[1]


def test_in_a_large_cell_neighbours_are_compared():
    many = {f"gpu{i}": 0.0 for i in range(2 * REACH + 8)}
    found = fed([{**many, "gpu3": 50.0}] * 3)

    assert {e.data.asset for e in found.alerts} == {"gpu3"}
    assert found.state.conditions.members.size <= len(many) * (2 * REACH + 1)


def test_those_that_are_stale_do_not_count():
    made = Fed(config({**HOTTER, "stale": "5s"}, cells=(HALL,)))
    for second in range(30):
        still = range(6) if second < 3 else range(3)
        made.send(*(Sent(second, f"gpu{i}", {"x": 0.0}) for i in still))
    made.send(Sent(30, "gpu0", {"x": 90.0}), Passed(31))

    assert made.alerts == []


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"each": "cell", "if": "x.peers > 1"}, "a cell has no peers: let a name of `where` take"),
        (
            {"if": "x.peers > 1", "where": {"x": {"point": "p", "take": "max"}}},
            "`x` is made of several signals, `peers` are of one",
        ),
        ({"if": 'x.peers.avg("5m") > 1'}, "`x.peers` is a number that is worked out"),
    ],
)
def test_what_has_no_peers_is_a_mistake(rule, said):
    with pytest.raises(ConditionError, match=said):
        config({"name": "r", **rule})


RULES = (
    HOTTER,
    {"name": "two", "if": "x > x.peers && y.peers > 1", "for": "3s", "stale": "20s"},
    {"name": "held", "if": 'held(x.peers - x > 0, "4s")', "until": "x.peers < 0", "asset": "gpu?"},
    {"name": "hall", "if": "v - v.peers > 1 || x.peers > 2"},
)
_sent = st.tuples(
    st.integers(0, 3),
    st.integers(0, 25),
    st.dictionaries(
        st.sampled_from(["x", "y", 'v{p="1"}']), st.sampled_from([-1.0, 0.0, 2.0, 30.0]), min_size=1
    ),
    st.sampled_from([0, 0, 1]),
)
_items = st.lists(
    st.tuples(st.sampled_from([0, 0, 0, 0, 1, 5]), st.one_of(_sent, st.sampled_from([0, 1]))),
    min_size=20,
    max_size=90,
)


@cache
def everything():
    return config(*RULES, cells=(HALL,))


def _timed(items):
    now, sent = 20, []
    for wait, what in items:
        now += wait
        if isinstance(what, int):
            sent.append(Passed(now, what))
        else:
            back, number, values, source = what
            sent.append(Sent(now - back, f"gpu{number}", values, source))
    return [*sent, Passed(now + 100, 0), Passed(now + 100, 1)]


def _told(made):
    return sorted(one.model_dump_json() for one in made.events)


@settings(deadline=None, max_examples=60)
@given(items=_items, edges=st.lists(st.integers(1, 90), min_size=1, max_size=8))
def test_cuts_and_restarts_change_nothing(items, edges):
    items = _timed(items)
    whole, parts, again = (Fed(everything()) for _ in range(3))
    whole.send(*items)
    for part in cut(items, edges):
        parts.send(*part)
        again.send(*part).restart()

    assert _told(parts) == _told(whole)
    assert _told(again) == _told(whole)
