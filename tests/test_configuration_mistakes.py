"""What a person gets to read who has made a mistake in the settings."""

import json

import pytest

from streams import configuration_checks
from streams.configuration import load, problems
from streams.errors import ConfigError


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "site.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def the_problem(path, environ=None):
    found = problems(path, environ or {})
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "log: text\nhttp:\n  prot: 9100",
            "http.prot='9100': no such setting ({file}, line 3); did you mean http.port?",
        ),
        (
            "bootstrap: a:1",
            "bootstrap='a:1': no such setting ({file}, line 1); did you mean kafka.bootstrap?",
        ),
        (
            "http: {port: 70000}",
            (
                "http.port='70000': not accepted ({file}, line 1); "
                "it should be less than or equal to 65535"
            ),
        ),
        (
            "ingest: {linger_s: yes}",
            "ingest.linger_s='true': not a number ({file}, line 1); give a number",
        ),
        (
            "log: xml",
            "log='xml': not accepted ({file}, line 1); it should be 'json' or 'text'",
        ),
        (
            "raw:\n  - {name: a}\n  - {format: auto}",
            "raw.1.name='': missing ({file}, line 3); give it",
        ),
        (
            "raw: telemetry",
            (
                "raw='telemetry': not a list ({file}, line 1); "
                "give one: `- ...` a line in YAML, JSON in the environment"
            ),
        ),
        (
            "raw:\n- {name: on}",
            "raw.0.name='true': not text ({file}, line 2); put it in quotes",
        ),
        (
            "kafka: {password: x}",
            (
                "kafka.password='***': a secret in a file of settings ({file}, line 1); "
                "set ALLTOBIT_KAFKA__PASSWORD, or name a file of its own in kafka.password_file"
            ),
        ),
        (
            "detect:\n  together: pump-1",
            (
                "detect.together='pump-1': not a list ({file}, line 2); "
                "give one: `- ...` a line in YAML, JSON in the environment"
            ),
        ),
        (
            "detect:\n  together: ['']",
            (
                "detect.together.0='': not accepted ({file}, line 2); "
                "it should have at least 1 character"
            ),
        ),
        (
            "detect:\n  together: ['*']\n  together_mb: 0",
            (
                "detect.together_mb='0.0': no room for what detect.together names ({file}, line 3);"
                " give 0.01 or more, or leave detect.together out"
            ),
        ),
        (
            "detect: {second_opinion: [pump-1]}",
            (
                "detect.second_opinion='pump-1': its assets are not judged together "
                "({file}, line 1); name them in detect.together, too"
            ),
        ),
        (
            "a: 1\n  b: 2",
            (
                "config='{file}': line 2, column 4: mapping values are not allowed here; "
                "correct it there"
            ),
        ),
        (
            "http:\n  port: 1\n  port: 2",
            "config='{file}': line 3, column 3: port stands twice; correct it there",
        ),
        (
            "- kafka",
            "config='{file}': not a mapping of settings; begin with `kafka:` or another section",
        ),
        (
            b"log: \xff",
            "config='{file}': not text: invalid start byte at position 5; correct it there",
        ),
    ],
    ids=lambda text: str(text)[:30],
)
def test_a_mistake_is_one_line_with_field_value_place_and_mend(file, text, line):
    path = file(text)

    assert the_problem(path) == line.format(file=path)


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        (
            {"ALLTOBIT_KAFKA__BOOTSTAP": "a:1"},
            (
                "kafka.bootstap='***': no such setting (from ALLTOBIT_KAFKA__BOOTSTAP); "
                "did you mean ALLTOBIT_KAFKA__BOOTSTRAP?"
            ),
        ),
        (
            {"ALLTOBIT_RAW__0__NAME": "a"},
            (
                "raw.0.name='a': no such setting (from ALLTOBIT_RAW__0__NAME); "
                "give the whole list in ALLTOBIT_RAW, as JSON"
            ),
        ),
        (
            {"ALLTOBIT_RULES": "[{"},
            "rules='[{': not JSON (from ALLTOBIT_RULES); give JSON",
        ),
        (
            {"ALLTOBIT_RAW": '[{"name": "a b"}]'},
            (
                "raw.0.name='a b': not accepted (from ALLTOBIT_RAW); "
                "it should match pattern '^[A-Za-z0-9._-]{1,249}$'"
            ),
        ),
        (
            {"ALLTOBIT_CONFIG": "/nowhere/site.yaml"},
            (
                "config='/nowhere/site.yaml': cannot be read: No such file or directory; "
                "correct --config or ALLTOBIT_CONFIG"
            ),
        ),
    ],
    ids=lambda environ: next(iter(environ)) if isinstance(environ, dict) else "",
)
def test_a_mistake_in_a_variable_names_the_variable(environ, line):
    assert the_problem(None, environ) == line


@pytest.mark.parametrize(
    ("rule", "field", "mend"),
    [
        ({}, "rules.0", "give exactly one of `above` and `below`"),
        ({"above": 80, "clear": 90}, "rules.0", "clear 90.0 must not be over above 80.0"),
        ({"above": float("nan")}, "rules.0.above", "give a finite number"),
        ({"below": float("-inf")}, "rules.0.below", "give a finite number"),
        (
            {"above": 150},
            "rules.0.above",
            "DCGM_FI_DEV_GPU_TEMP is declared -20 to 150 Cel; correct the limit or `points`",
        ),
    ],
)
def test_a_limit_that_can_never_be_passed_is_a_mistake(rule, field, mend):
    rules = [{"name": "hot", "point": "DCGM_FI_DEV_GPU_TEMP", **rule}]
    said = the_problem(None, {"ALLTOBIT_RULES": json.dumps(rules)})

    assert said.startswith(f"{field}=")
    assert said.endswith(f": impossible (from ALLTOBIT_RULES); {mend}")


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (
            "if: temp >",
            "rules.0.if='temp >': line 1, column 7: it ends too early ({at}); correct it",
        ),
        (
            "if: a + b",
            "rules.0.if='a + b': line 1, column 1: `a + b` is a number, a rule wants a condition",
        ),
        ("if: 'x > 1', until: 'x ='", "rules.0.until='x =': line 1, column 3:"),
        ("if: 3", "rules.0.if='3': not text ({at}); put it in quotes"),
        (
            "if: x > 1, fro: 5m",
            "rules.0.fro='5m': no such setting ({at}); did you mean rules.0.for?",
        ),
        ("if: x > 1, for: yes", "rules.0.for='true': not a number ({at}); give a number"),
        (
            "if: x > 1, keep_firing_for: soon",
            "rules.0.keep_firing_for='soon': impossible ({at}); 'soon' is no duration",
        ),
    ],
)
def test_a_mistake_in_a_condition_names_rule_and_field_as_they_are_written(file, rule, line):
    path = file(f"rules:\n- {{name: hot, {rule}}}")

    assert the_problem(path).startswith(line.format(at=f"{path}, line 2"))


def test_a_mistake_in_a_value_is_told_where_it_stands(file):
    said = the_problem(file("values:\n- {name: z, is: 'a +'}"))

    assert said.startswith("values.0.is='a +': value `z`, line 1, column 4: ")


def test_a_limit_on_many_points_is_left_to_the_user():
    rules = '[{"name": "hot", "point": "DCGM_*", "above": 1e9}]'

    assert problems(None, {"ALLTOBIT_RULES": rules}) == []


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("raw: [{name: a}, {name: b}, {name: a}]", "raw.2.name='a'"),
        (
            "rules: [{name: a, point: p, above: 1}, {name: a, point: q, above: 1}]",
            "rules.1.name='a'",
        ),
        ("points: [{name: a}, {name: a}]", "points.1.name='a'"),
        ("site: {cells: [{name: a, assets: [x]}, {name: a, assets: [y]}]}", "site.cells.1.name="),
        ("topics: {bits: same, alerts: same}", "topics='same'"),
        ("ingest: {group: g}\ndetect: {group: g}", "detect.group='g'"),
    ],
)
def test_a_name_given_twice_is_a_mistake(file, text, field):
    assert the_problem(file(text)).startswith(field)


def test_every_mistake_is_told_and_the_first_is_raised(file):
    path = file("log: xml\nhttp: {port: -1, x: 1}\ntopics: {bits: same, alerts: same}\n")
    found = problems(path, {"ALLTOBIT_NONSENSE": "1"})

    assert [line.split("=")[0] for line in found] == [
        "nonsense",
        "http.port",
        "http.x",
        "log",
        "topics",
    ]
    with pytest.raises(ConfigError) as caught:
        load(path, {"ALLTOBIT_NONSENSE": "1"})
    assert str(caught.value) == found[0]


def test_a_second_opinion_without_river_is_a_mistake_with_its_mend(monkeypatch):
    monkeypatch.setattr(configuration_checks, "find_spec", lambda _name: None)
    asked = {"ALLTOBIT_DETECT__TOGETHER": '["a"]', "ALLTOBIT_DETECT__SECOND_OPINION": '["a"]'}

    assert the_problem(None, asked) == (
        "detect.second_opinion='a': river is not installed (from ALLTOBIT_DETECT__SECOND_OPINION); "
        "pip install 'alltobit[river]', or leave it out"
    )
