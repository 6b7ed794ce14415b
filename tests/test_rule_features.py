"""What Prometheus, Kapacitor and Siddhi rules can do, done with ours: a small scenario each.

`deploy/rules.md` names a test of each feature; here most of them are, `test_rule_table` checks it.
"""

import pytest

from models.names import Config
from models.trigger.trial.case import START_NS, told
from schemas.settings import Cell
from schemas.trigger import Rule, Value
from schemas.trigger.rule_test import AlertTest, Case, Series


def alerts(rule, series, minutes=30, **more):
    """Return the alerts of a rule; `series`: values a minute by point of asset `a`, or of `b/x`."""
    rules = tuple(
        Rule.model_validate({"name": "r", "stale": "1h", **one})
        for one in (rule if isinstance(rule, list) else [rule])
    )
    config = Config(rules=rules, lateness_ns=10**9, peers=False, **more)
    case = Case(
        input_series=[
            Series(series=_named(name), values=values) for name, values in series.items()
        ],
        alert_rule_test=[AlertTest(eval_time=60.0 * minutes, alertname="r")],
    )
    return list(told(config, case, 60.0))


def _named(name):
    asset, _, point = name.rpartition("/")
    plain, brace, labels = point.partition("{")
    return f'{plain}{{asset="{asset or "a"}"' + (f",{labels}" if brace else "}")


def states(rule, series, minutes=30, **more):
    """Return what its alerts are, and at which minute."""
    return [
        (str(e.data.state), (e.time.timestamp() - START_NS / 1e9) / 60)
        for e in alerts(rule, series, minutes, **more)
    ]


def fires(condition, minutes=30, **series):
    """Return the minutes at which a condition begins to fire."""
    return [at for state, at in states({"if": condition}, series, minutes) if state == "firing"]


# Prometheus


def test_for_is_how_long_a_condition_must_hold():
    assert states({"if": "x > 5", "for": "150s"}, {"x": "1 6 6 1 6x5"})[0] == ("firing", 6.5)


def test_keep_firing_for_bridges_a_short_rest():
    rule = {"if": "x > 5", "keep_firing_for": "3m"}

    assert states(rule, {"x": "6 1 1 6 1x9"}) == [("firing", 0), ("resolved", 7)]


def test_labels_of_the_point_and_of_the_rule_are_the_alerts():
    (alert,) = alerts({"if": "x > 5", "labels": {"team": "gpus"}}, {'x{port="1"}': "6"})

    assert alert.data.labels == {"port": "1", "team": "gpus"}


def test_annotations_are_filled_with_value_asset_and_labels():
    text = "{asset} {labels.port}: {x}"
    (alert,) = alerts({"if": "x > 5", "annotations": {"what": text}}, {'x{port="1"}': "6"})

    assert alert.data.annotations == {"what": "a 1: 6"}


def test_absent_is_no_sample_in_a_window():
    assert fires('x.absent("5m") && y > 0', x="1x4", y="1x20") == [pytest.approx(9, abs=0.2)]


def test_a_point_that_never_came_is_absent_where_the_asset_has_others():
    assert fires('x.absent("5m") && y > 0', y="1x3")[0] <= 1


def test_a_counter_is_told_as_its_change_a_second():
    point = "DCGM_FI_DEV_PCIE_REPLAY_COUNTER"
    found = states({"if": f'{point}.avg("3m") > 0.5'}, {point: "0+6x5 36+60x20"})

    assert found[0][0] == "firing"
    assert 6 <= found[0][1] <= 9


def test_increase_over_a_window_is_its_mean_change_times_the_window():
    point = "DCGM_FI_DEV_PCIE_REPLAY_COUNTER"
    found = states({"if": f'{point}.avg("5m") * 300 > 100'}, {point: "0+6x5 36+60x20"})

    assert [state for state, _ in found] == ["firing"]


def test_rate_over_a_window_is_the_slope_between_its_ends():
    assert fires('x.rate("5m") * 60 > 1.5', x="0+1x5 7+2x9") == [8]


def test_delta_is_last_minus_first_of_a_window():
    assert fires('x.delta("5m") > 8', x="0x4 10 10 10") == [5]


def test_deriv_is_the_slope_of_the_line_through_a_window():
    assert fires('x.slope("5m") * 60 > 0.9', x="0x4 0+1x9")[0] in {8, 9}


def test_predict_linear_is_the_value_and_its_slope_times_the_time_ahead():
    assert fires('x + x.slope("10m") * 3600 > 100', minutes=40, x="20x9 20+1x40") == [31]


@pytest.mark.parametrize(
    ("condition", "minute"),
    [
        ('x.avg("3m") > 4', 4),
        ('x.min("3m") > 1', 5),
        ('x.max("3m") > 6', 3),
        ('x.sum("3m") > 12', 4),
        ('x.count("3m") > 2 && x > 6', 3),
        ('x.deviation("3m") > 2', 3),
    ],
)
def test_each_over_time_is_over_its_window(condition, minute):
    assert fires(condition, x="1 1 1 7 7 7")[0] == minute


def test_changes_counts_how_often_a_value_changed():
    assert fires('x.changes("10m") >= 3', x="4 1 4 4 1 4") == [4]


@pytest.mark.parametrize(
    ("take", "condition"),
    [("sum", "x > 8"), ("avg", "x > 4"), ("min", "x < 2"), ("max", "x > 7"), ("count", "x == 2")],
)
def test_assets_of_a_cell_are_aggregated(take, condition):
    rule = {"each": "cell", "if": condition, "where": {"x": {"point": "p", "take": take}}}
    hall = Cell(name="hall", assets=("a", "b"))
    found = alerts(rule, {"a/p": "1 1", "b/p": "1 8"}, cells=(hall,))

    assert {e.data.asset for e in found} == {"hall"}


def test_one_asset_is_compared_with_the_median_of_its_peers():
    hall = Cell(name="hall", assets=("gpu*",))
    series = {f"gpu{i}/x": "20 20 31" if i == 2 else "20 20 20" for i in range(5)}
    found = alerts({"if": "x - x.peers > 10"}, series, cells=(hall,))

    assert [(e.data.asset, str(e.data.state)) for e in found] == [("gpu2", "firing")]


def test_and_or_unless_are_logic_of_one_asset():
    series = {"x": "6x9", "y": "0 1 0 0"}

    assert fires("x > 5 && y == 1", **series) == [1]
    assert fires("x > 9 || y == 1", **series) == [1]
    assert fires("x > 5 && !(y == 0)", **series) == [1]


def test_offset_is_what_a_value_was_so_long_ago():
    assert fires('x > 2 * x.ago("5m")', x="1x4 1+0.5x9")[0] in {8, 9}


def test_points_of_an_asset_without_labels_join_each_set_of_labels():
    series = {'v{port="1"}': "1x5", 'v{port="2"}': "9x5", "x": "1x5"}
    (alert,) = alerts({"if": "v > 5 && x == 1"}, series)

    assert alert.data.labels == {"port": "2"}


@pytest.mark.parametrize(
    ("condition", "whom"),
    [
        ('labels.port == "1"', {"leaf1 1", "spine 1"}),
        ('labels.port != "1"', {"leaf1 2"}),
        ('labels.none == ""', {"leaf1 1", "leaf1 2", "spine 1"}),
        ('asset.startsWith("leaf") && labels["port"] in ["2", "3"]', {"leaf1 2"}),
        ('cell == "hall" && !asset.contains("f1")', {"spine 1"}),
        ('asset.endsWith("1") ? x > 8 : x > 1', {"leaf1 2", "spine 1"}),
        ('labels.team == "net" && "spine" == asset', {"spine 1"}),
    ],
)
def test_a_condition_may_ask_who_it_is_asked_of(condition, whom):
    series = {'leaf1/x{port="1"}': "6", 'leaf1/x{port="2"}': "9", 'spine/x{port="1"}': "6"}
    rule = {"if": f"x > 5 && ({condition})", "labels": {"team": "net"}}
    found = alerts(rule, series, cells=(Cell(name="hall", assets=("leaf*", "spine")),))

    assert {f"{e.data.asset} {e.data.labels['port']}" for e in found} == whom


def test_a_recording_rule_is_a_value_by_name():
    values = (Value.model_validate({"name": "lift", "is": "x - y"}),)

    assert states({"if": "lift > 5"}, {"x": "6 9", "y": "3 3"}, values=values) == [("firing", 1)]


# Kapacitor


def test_only_changes_of_an_alert_are_told():
    assert states({"if": "x > 5"}, {"x": "1 6x9 1x3"}) == [("firing", 1), ("resolved", 11)]


def test_what_flaps_is_told_once_while_it_does_and_a_rest():
    rule = {"if": 'x.changes("5m") >= 3', "keep_firing_for": "5m"}

    found = states(rule, {"x": "4 1 4 1 4 1 4x30"}, minutes=36)

    assert [state for state, _ in found] == ["firing", "resolved"]


def test_a_deadman_is_the_age_of_the_last_sample():
    found = states({"if": "x.age > 120"}, {"x": "1x3 _x6 1", "b/x": "1x11"}, minutes=11)

    assert [state for state, _ in found] == ["firing", "resolved"]
    assert [round(at) for _, at in found] == [5, 10]


def test_levels_of_severity_are_a_rule_each():
    rules = [
        {"name": "warm", "if": "x > 5 && x <= 8", "severity": "warning"},
        {"name": "hot", "if": "x > 8", "severity": "critical"},
    ]
    found = [(str(e.data.severity), str(e.data.state)) for e in alerts(rules, {"x": "1 6 9 6"})]

    assert sorted(found) == [
        *[("critical", "firing"), ("critical", "resolved")],
        *[("warning", "firing"), ("warning", "firing"), ("warning", "resolved")],
    ]


def test_an_alert_is_reset_by_an_expression_of_its_own():
    rule = {"if": "x > 8", "until": "x < 3"}

    assert states(rule, {"x": "9 5 5 2"}) == [("firing", 0), ("resolved", 3)]


def test_an_alert_names_what_is_to_be_done_and_how_far_it_may_go():
    (alert,) = alerts({"if": "x > 5", "then": ["drain"], "level": "ask"}, {"x": "6"})

    assert (alert.data.then, str(alert.data.level)) == (("drain",), "ask")


def test_the_message_is_filled_with_what_was_measured():
    (alert,) = alerts({"if": "x > y", "summary": "{asset}: {x} over {y}"}, {"x": "6", "y": "5"})

    assert alert.data.summary == "a: 6 over 5"


def test_a_state_may_be_asked_for_how_long_it_has_lasted():
    assert fires('held(x > 5, "3m") && y > 5', x="6x9", y="1 1 6x9") == [3]


# Siddhi


def test_b_after_a_is_followed():
    condition = 'followed(x > 5, y > 5, "10m")'

    assert fires(condition, x="0 6 0x9", y="0x3 6 0x9") == [4]
    assert fires(condition, x="0x12", y="0x3 6 0x9") == []


def test_b_too_late_after_a_is_not_followed():
    assert fires('followed(x > 5, y > 5, "2m")', x="0 6 0x9", y="0x3 6 0x9") == []


def test_every_a_that_b_follows_is_told():
    assert fires('followed(x > 5, y > 5, "3m")', x="0 6 0x3 6 0x9", y="0 0 6 0x3 6 0x5") == [2, 7]


def test_b_not_within_a_time_after_a_is_missed():
    condition = 'missed(x > 5, y > 5, "5m")'

    assert fires(condition, x="0 6 0x9", y="0x12") == [6]
    assert fires(condition, x="0 6 0x9", y="0x2 6 0x9") == []


def test_not_a_for_a_time_is_held():
    assert fires('held(!(x > 5), "3m") && y > 0', x="6 6 0x9", y="1x12") == [5]


def test_a_and_b_in_any_order_are_both_was():
    condition = 'was(x > 5, "5m") && was(y > 5, "5m")'

    assert fires(condition, x="0 6 0x9", y="0x3 6 0x9") == [4]
    assert fires(condition, x="0x3 6 0x9", y="0 6 0x9") == [4]
    assert fires(condition, x="6 0x9", y="0x9 6 0x3") == []


def test_a_then_b_then_c_is_followed_in_followed():
    condition = 'followed(followed(x > 5, y > 5, "5m"), z > 5, "5m")'

    assert fires(condition, x="0 6 0x9", y="0x2 6 0x9", z="0x4 6 0x9") == [5]
    assert fires(condition, x="0x2 6 0x9", y="0 6 0x9", z="0x4 6 0x9") == []


def test_how_often_something_came_is_counted_by_its_changes():
    """Each pulse is two changes; a count of samples is `count`."""
    assert fires('x.changes("10m") >= 6', x="0 1 0 0 1 0 1 0x9") == [7]
    assert fires('x.changes("3m") >= 6', x="0 1 0 0 1 0 1 0x9") == []


def test_a_window_slides_over_event_time():
    assert fires('x.sum("3m") > 20', x="9 0 0 9 9 9") == [5]


def test_a_value_is_compared_with_what_it_was_when_a_came():
    assert fires('was(x > 5, "5m") && y > 1.5 * y.ago("2m")', x="0x3 6 0x9", y="2x4 2 3 4 4") == [7]


def test_each_asset_is_a_partition_of_its_own():
    found = alerts(
        {"if": 'followed(x > 5, y > 5, "10m")'},
        {"a/x": "0 6 0", "b/y": "0 0 6", "b/x": "0x3", "a/y": "0x3"},
    )

    assert found == []
