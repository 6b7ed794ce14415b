"""What a condition does on a timetable: each feature, each step that looks back, each end."""

import pytest
from machine_site import Fed, Passed, Sent, config, fed

from schemas.settings import Cell
from schemas.telemetry import Quality
from schemas.trigger import Rule

MISSING = int(Quality.MISSING)


def rule(condition, **more):
    return {"name": "r", "if": condition, "stale": "1h", **more}


def a(second, **values):
    return Sent(second, "a", values)


def table(condition, values, every=10, **more):
    """Return the states of a rule on `x`, of a sample every so many seconds."""
    items = [a(every * i, x=value) for i, value in enumerate(values)]
    return fed(rule(condition, **more), *items).states()


def test_a_condition_is_asked_at_every_sample_of_its_only_signal():
    assert table("x > 5", [1, 6, 6, 1, 6]) == [("firing", 10), ("resolved", 30), ("firing", 40)]


def test_it_fires_once_it_has_held_for_as_long_as_it_must():
    assert table("x > 5", [6, 6, 6, 6, 1], **{"for": "25s"}) == [("firing", 25), ("resolved", 40)]
    assert table("x > 5", [6, 6, 1, 6, 6], **{"for": "25s"}) == []


def test_an_alert_goes_on_firing_through_a_short_rest():
    more = {"keep_firing_for": "25s"}

    assert table("x > 5", [6, 1, 1, 6, 1], **more) == [("firing", 0)]
    assert table("x > 5", [6, 1, 1, 1, 1], **more) == [("firing", 0), ("resolved", 35)]


def test_until_alone_ends_an_alert_that_has_one():
    assert table("x > 5", [6, 4, 3, 1], until="x < 2") == [("firing", 0), ("resolved", 30)]


@pytest.mark.parametrize(
    ("condition", "values", "fires"),
    [
        ("x.rate > 0.5", [1, 2, 3, 30], 30),
        ("x.score >= 0.0 && x > 2", [1, 2, 3], 20),
        ("!x.anomalous && x > 2", [1, 2, 3], 20),
        ("x.quality > 0.9 && x > 2", [1, 2, 3], 20),
        ('x.avg("30s") == 4', [1, 2, 3, 4, 5], 40),
        ('x.min("30s") == 2', [1, 2, 3, 4, 5], 30),
        ('x.max("30s") < 3', [5, 2, 1, 1], 30),
        ('x.sum("30s") == 9', [1, 2, 3, 4], 30),
        ('x.count("30s") == 3', [1, 2, 3, 4], 20),
        ('x.delta("30s") > 4', [1, 2, 3, 7], 30),
        ('x.rate("30s") > 0.2', [1, 2, 3, 7], 30),
        ('x.changes("1m") == 2', [1, 1, 2, 3], 30),
        ('x.deviation("30s") > 1', [1, 1, 1, 4], 30),
        ('x.slope("30s") > 0.1', [1, 1, 1, 4], 30),
        ('x.ago("20s") == 2', [1, 2, 3, 4], 30),
        ("bits(x, 6) == 2", [1, 5, 8, 10], 30),
        ("sqrt(x) == 2", [-4, 0, 4], 20),
        ("x / (x - 1) > 1", [1, 2], 10),
        ('held(x > 5, "20s")', [1, 6, 6, 6], 30),
        ("rose(x > 5)", [6, 6, 1, 6], 30),
        ('was(x > 5, "20s") && x < 2', [6, 3, 1], 20),
        ('followed(x == 1, x == 3, "30s")', [0, 1, 2, 3], 30),
    ],
)
def test_each_feature_and_step_says_what_it_is_called(condition, values, fires):
    assert table(condition, values)[:1] == [("firing", fires)]


def test_what_followed_too_late_did_not_follow():
    assert table('followed(x == 1, x == 3, "15s")', [0, 1, 2, 3]) == []


def test_an_event_that_does_not_come_is_missed_when_its_time_is_over():
    missed = 'missed(x == 1, x == 3, "25s")'

    assert table(missed, [0, 1, 2, 3, 2, 2, 2]) == []
    assert table(missed, [0, 1, 2, 2, 2]) == [("firing", 35)]


def test_time_passes_without_a_sample_of_what_is_held_missed_absent_or_stale():
    def quiet(condition, **more):
        made = Fed(config(rule(condition, **more)))
        return made.send(a(0, x=0.0), a(10, x=6.0), Passed(15), Passed(100)).states()

    assert quiet('held(x > 5, "30s")') == [("firing", 40)]
    assert quiet('missed(x > 5, x < 1, "30s")') == [("firing", 40)]
    assert quiet('x.absent("30s")') == [("firing", 40)]
    assert quiet("x > 5", stale="1m") == [("firing", 10), ("resolved", 70)]
    assert quiet("x > 5", **{"for": "30s"}) == [("firing", 40)]
    assert quiet("x.age > 30") == [("firing", 40)]


def test_a_missing_value_is_never_true_and_comes_back():
    made = fed(
        rule("x > 5 || y > 5", stale="15s"),
        *(a(10 * i, x=6.0, y=1.0) for i in range(2)),
        *(Sent(10 * i, "a", {"x": 0.0, "y": 1.0}, 0, MISSING) for i in range(2, 8)),
        a(80, x=6.0, y=1.0),
    )

    assert made.states() == [("firing", 0), ("resolved", 60), ("firing", 80)]


def test_the_samples_of_one_scrape_are_seen_together():
    items = [one for i in range(6) for one in (a(10 * i, x=float(i)), a(10 * i, y=float(i)))]

    assert fed(rule("x != y"), *items).alerts == []


def test_a_signal_that_does_not_come_is_waited_for_until_time_has_passed():
    items = [one for i in range(6) for one in (a(10 * i, x=1.0), a(10 * i, y=1.0))]
    made = fed(rule("x > 5 && y < 5"), *items)
    made.send(a(60, x=6.0))
    assert made.alerts == []

    made.send(Passed(61))
    assert made.states() == [("firing", 60)]


def test_a_signal_of_a_longer_interval_is_not_waited_for_between():
    slow = [a(60 * i, y=1.0) for i in range(3)]
    items = sorted([*slow, *(a(10 * i, x=1.0) for i in range(14))], key=lambda one: one.second)
    made = fed(rule("x > 5 && y < 5"), *items)
    made.send(a(140, x=6.0))

    assert made.states() == [("firing", 140)]


def test_each_set_of_labels_is_asked_by_itself_and_shares_what_has_none():
    items = [a(i * 10, **{'v{port="1"}': 1.0, 'v{port="2"}': float(i), "x": 1.0}) for i in range(4)]
    made = fed(rule("v > 2 && x == 1"), *items)

    assert [(e.data.labels, e.subject) for e in made.alerts] == [({"port": "2"}, 'r/a{port="2"}')]


def test_who_has_labels_takes_the_place_of_what_has_none():
    made = fed(rule("v > 2 || x > 2"), a(0, x=5.0), a(10, **{'v{p="1"}': 1.0}), a(20, x=6.0))

    assert [(e.subject, str(e.data.state)) for e in made.alerts] == [
        ("r/a", "firing"),
        ("r/a", "resolved"),
        ('r/a{p="1"}', "firing"),
    ]


@pytest.mark.parametrize(
    ("take", "fires"),
    [("min", 20), ("max", 0), ("avg", 10), ("sum", 0), ("median", 10), ("count", None)],
)
def test_several_signals_are_taken_as_the_rule_says(take, fires):
    where = {"t": {"point": "x", "take": take}}
    made = Fed(
        config(
            rule("t > 5", where=where, each="cell"),
            cells=(Cell(name="hall", assets=("n*",)),),
        )
    )
    for i, row in enumerate([(6, 1, 1), (6, 6, 5), (6, 6, 6)]):
        made.send(*(Sent(10 * i, f"n{k}", {"x": float(v)}) for k, v in enumerate(row)))
    made.send(Sent(40, "n0", {"x": 6.0}), Passed(41))

    assert made.states()[:1] == ([("firing", fires)] if fires is not None else [])


def test_one_name_for_two_signals_is_never_true_and_the_alert_of_another_says_so():
    where = {"t": {"point": "x*"}}
    made = fed(rule("t > 5 || y > 5", where=where), a(0, xa=9.0, xb=9.0, y=1.0), a(10, y=9.0))

    assert made.states() == [("firing", 10)]
    assert "stands for 2 signals" in made.alerts[0].data.evidence.unknowns[0]
    assert len(made.state.conditions.doubts) == 1
    assert made.state.conditions.doubts[0].startswith("rule r: `t` stands for several signals")


def test_poor_data_hold_an_alert_back_until_they_are_better():
    bad = [Sent(i, "a", {"x": 0.0}, 0, MISSING) for i in range(60)]
    good = [a(60 + i, x=6.0) for i in range(120)]
    made = fed(rule("x > 5", quality=0.7, **{"for": "3s"}), *bad, *good)

    assert [state for state, _ in made.states()] == ["held", "firing"]


def test_an_alert_says_what_it_rests_on_and_what_is_to_be_done():
    made = fed(
        rule(
            "x > 5 && y > 1",
            then=("drain",),
            summary="{asset}: x is {x}, y {y}",
            annotations={"runbook": "look at {asset} {labels.team}"},
            labels={"team": "cooling"},
        ),
        a(0, x=1.0, y=2.0),
        a(10, x=6.0, y=2.0),
    )
    data = made.alerts[0].data

    assert data.summary == "a: x is 6, y 2"
    assert data.annotations == {"runbook": "look at a cooling"}
    assert (data.then, data.point, data.value) == (("drain",), "", None)
    assert [(f.text, f.offset, f.topic) for f in data.evidence.facts] == [
        ("a x was 6", 1, "raw0"),
        ("a y was 2", 1, "raw0"),
    ]


def test_a_short_rules_alert_carries_what_is_to_be_done_too():
    short = Rule(name="s", point="x", above=5.0, then=("page",), annotations={"a": "{value}"})
    made = fed(short, a(0, x=6.0))

    assert (made.alerts[0].data.then, made.alerts[0].data.annotations) == (("page",), {"a": "6"})


def test_a_rule_on_one_value_tells_what_its_short_form_tells():
    long = rule("x > 5", **{"for": "15s"})
    short = Rule(name="s", point="x", above=5.0, for_s=15.0)
    values = [1, 6, 6, 6, 1, 6, 1, 6, 6, 6, 6, 6]
    made = Fed(config(long, short))
    for i, value in enumerate(values):
        made.send(a(10 * i, x=float(value)))
    told = [[t[2:] for t in made.told() if t[0] == name] for name in ("r", "s")]

    assert told[0] == told[1] != []
