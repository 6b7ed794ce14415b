"""Rules in files of their own; what is said of them before any data is seen."""

import json

import pytest
from cli_calls import call

from streams.configuration import load, problems
from streams.configuration_doubts import checked

HOT = "{name: hot, if: DCGM_FI_DEV_GPU_TEMP > 85}"


def write(folder, name, text):
    path = folder / name
    path.write_text(text)
    return path


def test_rules_of_files_stand_behind_those_of_the_settings(tmp_path):
    write(tmp_path, "a.yaml", f"rules: [{HOT}]\nvalues: [{{name: v, is: Voltage * 2}}]\n")
    write(tmp_path, "b.yaml", "groups: [{name: g, rules: [{name: b, point: x, above: 1}]}]\n")
    file = write(
        tmp_path, "s.yaml", "rules: [{name: own, point: y, above: 1}]\nrule_files: ['[ab].yaml']\n"
    )

    settings = load(file, {})

    assert [rule.name for rule in settings.rules] == ["own", "hot", "b"]
    assert [value.name for value in settings.values] == ["v"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rules:\n- {name: own, point: x, above: 1}\n", "the name of rules.0 too ("),
        ("rules:\n- {name: r, point: x}\n", "above"),
        ("rules:\n- name: r\n  if: x >\n", "it ends too early"),
        ("rules: 5\n", "not a list"),
        ("groups:\n- {name: g, rule: []}\n", "no such field of a group"),
        ("groups: [5]\n", "not a mapping"),
        ("rules:\n- {name: r, point: x, above: 1, expr: up}\n", "a word of Prometheus'"),
        ("kafka: {}\n", "no such field in a file of rules"),
        ("{", "line 1, column 2"),
    ],
)
def test_what_is_wrong_in_a_file_of_rules_is_told_with_that_file(tmp_path, text, told):
    rules = write(tmp_path, "r.yaml", text)
    own = "rules: [{name: own, point: y, above: 1}]\n"
    file = write(tmp_path, "s.yaml", f"{own}rule_files: [r.yaml]\n")

    found = [line for line in problems(file, {}) if told in line]

    assert len(found) == 1, problems(file, {})
    assert str(rules) in found[0]


@pytest.mark.parametrize("name", ["gone.yaml", "gone*.yaml"])
def test_files_that_are_not_there_are_told(tmp_path, name):
    file = write(tmp_path, "s.yaml", f"rule_files: ['{name}']\n")

    assert len(problems(file, {})) == 1


ACTS = """
rules: [{name: r, if: Voltage > 5, level: act, then: [drain]}]
actions: [{name: drain, kind: kafka, topic: commands}]
"""
TELLS = "actions: [{name: drain, kind: alertmanager, urls: [http://a]}]"


@pytest.mark.parametrize(
    ("was", "becomes", "is_told"),
    [
        ("", "", True),
        ("", "trigger: {breaker: {least: 0}}", True),
        ("", "trigger: {breaker: {least: 1}}", False),
        ("", "site: {file: site.yaml}", False),
        ("level: act", "level: advise", False),
        (ACTS.splitlines()[2], TELLS, False),
    ],
)
def test_a_breaker_that_lets_nothing_be_done_without_an_inventory_is_told(
    tmp_path, was, becomes, is_told
):
    text = ACTS.replace(was, becomes) if was else f"{ACTS}{becomes}\n"
    write(tmp_path, "site.yaml", "name: site\nassets: []\n")
    found = checked(write(tmp_path, "s.yaml", text), {})

    assert [one for one in found.problems if "breaker" in one] == []
    told = [one for one in found.warnings if one.startswith("trigger.breaker.least=")]
    assert len(told) == is_told
    assert all("`alltobit site publish`, or give `least: 1`" in one for one in told)


@pytest.mark.parametrize(
    ("rule", "trouble"),
    [
        ("if: DCGM_FI_DEV_GPU_TMP > 85", "near: `DCGM_FI_DEV_GPU_TEMP`"),
        ("point: DCGM_FI_DEV_GPU_TMP, above: 85", "near: DCGM_FI_DEV_GPU_TEMP"),
        ("point: NoSuchThing*, above: 85", "fits no known point"),
        ("if: p > 5, where: {p: {point: Watr_Flow}}", "near: Water_Flow"),
        ("if: Voltage > 5, where: {p: {point: Water_Flow}}", "the condition does not name it"),
        ("if: Voltage > 5, summary: '{volts}'", "nothing is filled in for it"),
        ("if: Voltage > 5, then: [drain]", "nobody says whether there is such an action"),
        ("if: Voltage > 5, level: ask", "there is nothing to do"),
        ("if: Water_Flow > 5 || Pump_Speed_Percent > 500", "never holds"),
    ],
)
def test_what_is_hardly_meant_is_a_warning(tmp_path, rule, trouble):
    file = write(tmp_path, "r.yaml", f"rules: [{{name: r, {rule}}}]\n")

    found = checked(file, {})

    assert found.problems == []
    assert len(found.warnings) == 1
    assert trouble in found.warnings[0]
    assert f"{file}, line 1" in found.warnings[0]


@pytest.mark.parametrize(
    ("rule", "trouble"),
    [
        ("if: Voltage > 5 && Voltage < 3", "never holds"),
        ("if: Pump_Speed_Percent >= 0", "always holds"),
        ("each: anomaly, if: event.scor > 6.0", "near: `score`"),
        ("each: incident, if: event.score >", "it ends too early"),
        ("if: Voltage > Water_Flow", "L/min"),
        ("if: Voltage", "is a number"),
    ],
)
def test_what_can_never_be_meant_is_a_mistake(tmp_path, rule, trouble):
    file = write(tmp_path, "r.yaml", f"rules: [{{name: r, {rule}}}]\n")

    found = checked(file, {})

    assert len(found.problems) == 1
    assert trouble in found.problems[0]


def test_where_it_is_known_what_there_is_other_names_are_mistakes(tmp_path):
    rules = "rules:\n" + "".join(
        f"- {{name: r{i}, {text}}}\n"
        for i, text in enumerate(
            [
                "if: Mine > 5",
                "if: Voltage > 5",
                "if: Mie > 5",
                "if: 'Mine > 5', asset: 'gpv-*'",
                "if: 'Mine > 5', then: [drian]",
                "if: 'Mine > 5', then: [drain]",
                "each: cell, asset: 'rock-*', if: w > 5, where: {w: {point: 'Min?', take: sum}}",
            ]
        )
    )
    file = write(tmp_path, "r.yaml", rules)
    readings = write(
        tmp_path, "seen.jsonl", '{"time": 1700000000, "asset": "gpu-0", "values": {"Mine": 1}}\n'
    )
    settings = write(
        tmp_path,
        "s.yaml",
        "actions: [{name: drain, kind: webhook, url: 'http://127.0.0.1:1/'}]\n"
        "site: {cells: [{name: rack-1, assets: ['gpu-*']}]}\nrules: [{name: r0, if: Other > 1}]\n",
    )

    found = checked(file, {}, settings, readings)

    assert [line.split("=")[0] for line in found.problems] == [
        "rules.1.if",
        "rules.2.if",
        "rules.3.asset",
        "rules.4.then.0",
    ]
    assert "no reading has this point" in found.problems[0]
    assert "did you mean drain?" in found.problems[3]
    assert ["rock-*" in line for line in found.warnings] == [True]


@pytest.mark.parametrize(
    ("cells", "trouble"),
    [
        ("{name: here}", "no cell is declared, so there are no peers"),
        ("{cells: [{name: rack-1, assets: ['gpu-*']}]}", ""),
        (None, "nobody says which cells there are"),
    ],
)
def test_peers_where_no_cell_is_declared_are_a_warning(tmp_path, cells, trouble):
    rules = "rules: [{name: r, if: 'Voltage - Voltage.peers > 5'}, {name: q, if: Voltage > 5}]\n"
    file, settings = write(tmp_path, "r.yaml", rules), None
    if cells is not None:
        settings = write(tmp_path, "s.yaml", f"site: {cells}\n")

    found = checked(file, {}, settings)
    assert found.problems == []
    assert [trouble in line for line in found.warnings] == [True] * bool(trouble)


def test_of_rules_alone_nobody_asks_who_may_answer(tmp_path):
    text = "rules: [{name: r, if: Voltage > 5, level: ask, then: [drain]}]\n"
    file = write(tmp_path, "r.yaml", text)
    settings = write(tmp_path, "s.yaml", "site: {name: here}\nrule_files: [r.yaml]\n")

    assert checked(file, {}).problems == []
    assert "nobody who may answer" in checked(file, {}, settings).problems[0]


def test_names_that_yaml_lists_are_points_too(tmp_path):
    file = write(tmp_path, "r.yaml", "rules: [{name: r, if: mine > 5 && other > 5}]\n")
    points = write(tmp_path, "p.yaml", "points: [mine, {name: other, unit: W}]\n")

    assert checked(file, {}, points=points) == ([], [])
    assert len(checked(file, {}).warnings) == 2


def test_check_exits_0_on_warnings_and_1_on_mistakes(tmp_path):
    file = write(tmp_path, "r.yaml", "rules: [{name: r, if: mine > 5}]\n")
    done = call("check", str(file))

    assert done.exit_code == 0
    assert done.stdout.startswith("warning: rules.0.if='mine > 5': line 1, column 1:")
    assert done.stdout.endswith("fine, 1 to look at\n")

    done = call("check", "--json", "--points", str(file), str(file))
    assert done.exit_code == 0
    assert json.loads(done.stdout)["warnings"]

    write(tmp_path, "r.yaml", "rules: [{name: r, if: true}]\n")
    assert call("check", str(file)).exit_code == 1
