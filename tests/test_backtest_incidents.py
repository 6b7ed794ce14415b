"""Rules on incidents, tried on those that were published, and in tests of rules."""

import json
from datetime import UTC, datetime

import pytest
from cli_calls import call, one_line
from hypothesis import given
from hypothesis import strategies as st

from models.trigger.trial.incidents import events, named
from models.trigger.trial.on_events import OnEvents
from schemas.cascade import Stage
from schemas.trigger import Rule
from schemas.trigger.incident_test import SaidIncident
from streams.cli import backtest_incidents
from streams.cli.record import Record

START = datetime(2026, 3, 4, 5, tzinfo=UTC)
RULES = """
rules:
  - name: far
    each: incident
    if: event.radius.jobs > 1
    for: 1m
    summary: "{asset} began it"
  - {name: rack, each: incident, asset: "rack-*", if: event.folded > 0}
"""
SAID = (
    {"at": 0, "incident": "a", "causes": [{"asset": "chiller-1"}], "radius": {"jobs": 2}},
    {"at": 300, "incident": "a", "stage": "resolved"},
    {"at": 10, "incident": "b", "causes": [{"asset": "chiller-1"}], "radius": {"jobs": 3}},
    {"at": 20, "incident": "c", "causes": [{"asset": "node-1"}], "radius": {"jobs": 3}},
    {"at": 50, "incident": "c", "stage": "merged"},
)


def published(*said):
    return list(events([SaidIncident.model_validate(one) for one in said], START))


@pytest.fixture
def files(tmp_path):
    (tmp_path / "rules.yaml").write_text(RULES)
    lines = [one.model_dump_json() for one in published(*SAID)]
    (tmp_path / "incidents.jsonl").write_text("\n".join([*lines, ""]))
    return tmp_path


def backtest(files, *more):
    given_ = ("--incidents", str(files / "incidents.jsonl"))
    return call("backtest", str(files / "rules.yaml"), *given_, *more)


def test_a_rule_on_incidents_says_on_which_it_would_have_fired_and_how_long(files):
    done = backtest(files, "--json", "--most-a-day", "100")
    far, rack = json.loads(done.stdout)["rules"]

    assert [(one["fired"], one["ended"]) for one in far["firings"]] == [
        ("2026-03-04T05:01:00+00:00", "2026-03-04T05:05:00+00:00"),
        ("2026-03-04T05:01:10+00:00", None),
    ]
    assert {one["asset"] for one in far["firings"]} == {"chiller-1"}
    assert (far["asked"], far["fired_on"], far["warnings"]) == (3, 2, [])
    assert rack["warnings"] == [
        "was asked of nothing: no recorded incident (--incidents) is of what it names"
    ]
    assert done.exit_code == 1


def test_incidents_are_what_a_person_reads_of(files):
    far = backtest(files).stdout.splitlines()[0]

    assert far.startswith("far: 2 firings (48 a day) on 2 of 3 incidents (67%), ")


def test_only_incidents_in_the_window_count(files):
    told = json.loads(backtest(files, "--json", "--to", "2026-03-04T05:00:05Z").stdout)

    assert told["rules"][0]["asked"] == 1
    assert told["rules"][0]["firings"] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [("{", "line 1"), ('{"specversion": "1.0"}', "line 1: no CloudEvent"), (None, "no such file")],
)
def test_a_file_that_holds_no_incidents_is_one_line(files, text, told):
    path = files / "incidents.jsonl"
    path.unlink() if text is None else path.write_text(text)
    done = backtest(files)

    assert done.exit_code == 2
    assert told in one_line(done.stderr)


def test_the_topic_of_incidents_gives_what_the_file_gives(files, monkeypatch):
    async def since(*_):
        for i, one in enumerate(published(*SAID)):
            yield Record("incidents", 0, i, 0, None, one.model_dump_json().encode(), {})
        yield Record("incidents", 0, 99, 0, None, b"{", {})

    monkeypatch.setattr(backtest_incidents, "since", since)
    labels = files / "labels.csv"
    labels.write_text("asset,from,to\nchiller-1,2026-03-04T05:00:00Z,2026-03-04T05:03:00Z\n")
    given_ = ("--json", "--labels", str(labels))
    done = call("backtest", str(files / "rules.yaml"), *given_)

    assert "incidents/0@99 left out" in done.stderr
    assert json.loads(done.stdout) == json.loads(backtest(files, *given_).stdout)
    assert json.loads(done.stdout)["rules"][0]["labels"]["precision"] == 1.0


rules = [Rule.model_validate({"name": "r", "each": "incident", "if": "event.radius.jobs > 1"})]
said = st.builds(
    lambda at, name, over, jobs: {
        "at": at,
        "incident": name,
        "causes": [{"asset": f"asset-{name}"}],
        "radius": {"jobs": jobs},
        "stage": "resolved" if over else None,
    },
    st.integers(0, 1000),
    st.sampled_from("abc"),
    st.booleans(),
    st.integers(0, 3),
)


@given(
    st.lists(said, max_size=12, unique_by=lambda one: one["at"]).flatmap(
        lambda every: st.tuples(st.just(every), st.permutations(range(len(every))))
    )
)
def test_in_whatever_order_incidents_come_rules_say_the_same(given_):
    every, order = given_
    happened = published(*every)
    one, other = OnEvents(rules), OnEvents(rules)
    for event in happened:
        one.take(event)
    for i in order:
        other.take(happened[i])

    told = list(one.told(2**62))
    assert list(other.told(2**62)) == told
    open_ = {e.data.incident for e in happened if e.data.radius.jobs > 1}
    assert {e.data.labels["event"] for e in told} <= open_


def test_what_an_event_of_an_incident_does_not_say_is_as_before():
    first, second, third = published(
        {"at": 60, "summary": "cools less", "causes": [{"asset": "x", "probability": 0.4}]},
        {"at": 0, "followers": ["y"]},
        {"at": 90, "stage": "resolved"},
    )

    assert [one.data.stage for one in (first, second, third)] == [*Stage][:3]
    assert (first.data.causes, first.data.followers[0].asset) == ((), "y")
    assert second.data.causes[0].probability == 0.4
    assert third.data.summary == "cools less"
    assert third.data.followers == first.data.followers
    assert {one.data.since for one in (first, second, third)} == {START}
    assert {one.data.incident for one in (first, second, third)} == {named("incident")}


def test_a_rule_on_anomalies_is_tested_with_what_series_give(tmp_path):
    (tmp_path / "rules.yaml").write_text(
        "rules: [{name: silent, each: anomaly, if: event.kind == 'silence'}]\n"
    )
    (tmp_path / "t.yaml").write_text("""
rule_files: [rules.yaml]
tests:
  - input_series:
      - {series: 'x{asset="a"}', values: 1x30}
      - {series: 'x{asset="b"}', values: 1x60}
    alert_rule_test:
      - {eval_time: 25m, alertname: silent}
      - eval_time: 55m
        alertname: silent
        exp_alerts: [{exp_labels: {asset: a, event: silence}}]
""")

    assert call("test", str(tmp_path / "t.yaml")).stdout == (
        f"{tmp_path / 't.yaml'}: 2 expectations hold, in 1 tests\n"
    )


def test_what_no_incident_has_is_refused_with_its_place(tmp_path):
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "t.yaml").write_text(
        "rule_files: [rules.yaml]\ntests:\n"
        "  - input_incidents: [{at: 1m, causes: [{asset: a, fault: gremlins}]}]\n"
        "    alert_rule_test: []\n"
    )
    done = call("test", str(tmp_path / "t.yaml"))

    assert done.exit_code == 2
    assert "causes.0.fault" in one_line(done.stderr)
