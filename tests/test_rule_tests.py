"""Tests of rules as promtool has them: the notation, what is compared, what is told."""

import json
from math import isnan
from pathlib import Path

import pytest
import yaml
from cli_calls import call, one_line
from hypothesis import given
from hypothesis import strategies as st

from models.trigger.trial.series import SeriesError, samples, signal
from schemas.trigger.rule_test import Series

DEPLOY = Path(__file__).parent.parent / "deploy"
RULES = """
rules:
  - name: hot
    if: DCGM_FI_DEV_GPU_TEMP > 85
    for: 2m
    labels: {team: gpus}
    annotations: {runbook: "see {asset}"}
    summary: "{asset} is at {value}"
  - {name: link, if: errors > 2}
  - {name: hall, each: cell, if: t > 80, where: {t: {point: DCGM_FI_DEV_GPU_TEMP, take: avg}}}
"""
TESTS = """
rule_files: [rules.yaml]
evaluation_interval: 1m
cells: [{name: rack-1, assets: ["gpu-*"]}]
tests:
  - name: heat
    input_series:
      - {series: 'DCGM_FI_DEV_GPU_TEMP{asset="gpu-0"}', values: 80+10x3 _x2 80x3}
      - {series: 'errors{asset="gpu-0", port="1"}', values: 0 1 2 3}
      - {series: 'errors{asset="gpu-0",port="2"}', values: 0}
    alert_rule_test:
      - {eval_time: 2m, alertname: hot}
      - eval_time: 3m
        alertname: hot
        exp_alerts:
          - exp_labels: {asset: gpu-0, team: gpus, severity: warning}
            exp_annotations: {runbook: see gpu-0, summary: gpu-0 is at 90 Cel}
      - {eval_time: 6m, alertname: hot}
      - eval_time: 3m
        alertname: link
        exp_alerts: [{exp_labels: {asset: gpu-0, port: 1}}]
      - eval_time: 3m
        alertname: hall
        exp_alerts: [{exp_labels: {asset: rack-1, cell: rack-1}}]
"""


@pytest.fixture
def tests(tmp_path):
    (tmp_path / "rules.yaml").write_text(RULES)

    def write(text=TESTS):
        path = tmp_path / "rules_test.yaml"
        path.write_text(text)
        return str(path)

    return write


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1+1x5", [1, 2, 3, 4, 5, 6]),
        ("-2+4x3", [-2, 2, 6, 10]),
        ("1-2x4", [1, -1, -3, -5, -7]),
        ("1x4", [1, 1, 1, 1, 1]),
        ("4 _x3 5", [4, None, None, None, 5]),
        ("1 _ 2.5e1", [1, None, 25]),
        ("", []),
    ],
)
def test_the_notation_means_what_prometheus_documents(text, expected):
    assert list(samples(text)) == expected


def test_what_is_stale_is_a_sample_without_a_value():
    one, last = samples("1 stale")

    assert one == 1
    assert isnan(last)


@given(text=st.text("0123456789+-x_ .esta", max_size=30))
def test_any_other_text_is_refused_in_a_line(text):
    try:
        samples(text)
    except SeriesError as error:
        assert "\n" not in str(error)  # noqa: PT017 - it need not raise


@pytest.mark.parametrize(
    "text", ["temp", "temp{}", 'temp{port="1"}', 'temp{asset="a"', "temp{asset=a}", '{asset="a"}']
)
def test_a_series_names_a_point_and_an_asset(text):
    with pytest.raises(SeriesError):
        signal(Series(series=text, values="1"))


def test_labels_but_asset_stay_with_the_point():
    found = signal(Series(series='v{port="1",asset="a b",lane="2"}', values="1"))

    assert (found.asset, found.point) == ("a b", 'v{port="1",lane="2"}')


def test_what_is_as_expected_is_one_line(tests):
    done = call("test", tests())

    assert done.exit_code == 0, done.stdout
    assert one_line(done.stdout).endswith("5 expectations hold, in 1 tests\n")


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("{eval_time: 2m, alertname: hot}", "{eval_time: 3m, alertname: hot}", '+ {asset="gpu-0"'),
        ("team: gpus, severity", "team: cpus, severity", '- {asset="gpu-0", severity'),
        ("severity: warning", "severity: critical", '+ {asset="gpu-0", severity="warning"'),
        ("asset: gpu-0, team: gpus", "team: gpus", '- {severity="warning", team="gpus"}'),
        ("see gpu-0", "see gpu-1", "    + runbook: see gpu-0"),
        ("at 90 Cel", "at 91 Cel", "    - summary: gpu-0 is at 91 Cel"),
        ("port: 1", "port: 2", '+ {asset="gpu-0", port="1"}'),
    ],
)
def test_what_differs_is_told_with_what_was_expected_and_what_fires(tests, was, becomes, told):
    done = call("test", tests(TESTS.replace(was, becomes)))

    assert done.exit_code == 1
    assert told in done.stdout
    assert done.stdout.endswith("1 of 5 expectations differ, in 1 tests\n")


def test_programs_are_told_in_json(tests):
    path = tests(TESTS.replace("port: 1", "port: 2"))
    (told,) = json.loads(call("test", "--json", path).stdout)[path]

    assert (told["name"], told["checks"], len(told["differences"])) == ("heat", 5, 1)


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("rules.yaml", "gone.yaml", "gone.yaml"),
        ("alertname: link", "alertname: lnk", "no such rule"),
        ("80+10x3", "80+", "'80+' is none of"),
        ("eval_time: 2m", "eval_time: 2x", "'2x' is no duration"),
        ("input_series:", "promql_expr_test: []\n    input_series:", "promql_expr_test"),
        ('asset="gpu-0"}', "}", "names no asset"),
    ],
)
def test_what_cannot_be_run_is_one_line(tests, was, becomes, told):
    done = call("test", tests(TESTS.replace(was, becomes)))

    assert done.exit_code == 2
    assert told in one_line(done.stderr)


def test_the_rules_we_give_as_an_example_are_fine_and_tested():
    settings = str(DEPLOY / "settings.yaml")  # says which cells there are: `x.peers` is of those
    done = call("--config", settings, "check", str(DEPLOY / "rules.yaml"))

    assert done.exit_code == 0
    assert one_line(done.stdout).endswith(": fine\n")
    assert call("test", str(DEPLOY / "rules_test.yaml")).exit_code == 0


def test_each_rule_of_the_example_is_seen_to_fire():
    rules = yaml.safe_load((DEPLOY / "rules.yaml").read_text())["groups"]
    tests = yaml.safe_load((DEPLOY / "rules_test.yaml").read_text())["tests"]
    fires = {
        one["alertname"]
        for case in tests
        for one in case["alert_rule_test"]
        if one.get("exp_alerts")
    }

    assert fires == {rule["name"] for group in rules for rule in group["rules"]}


def test_what_falls_silent_while_others_go_on_is_noticed(tests, tmp_path):
    (tmp_path / "rules.yaml").write_text("rules: [{name: quiet, if: x.age > 120}]\n")
    text = TESTS.split("tests:", maxsplit=1)[0] + (
        "tests:\n- input_series:\n"
        "  - {series: 'x{asset=\"a\"}', values: 1x3}\n  - {series: 'x{asset=\"b\"}', values: 1x9}\n"
        "  alert_rule_test:\n"
        "  - {eval_time: 6m, alertname: quiet, exp_alerts: [{exp_labels: {asset: a}}]}\n"
    )

    assert call("test", tests(text)).exit_code == 0
