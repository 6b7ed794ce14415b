"""The metrics' names, and that they count."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from schemas import trigger
from schemas.telemetry import Why
from streams import metrics

ENDS = {
    "counter": re.compile(r"_total$"),
    "histogram": re.compile(r"_seconds$"),
    "gauge": re.compile(
        r"_(messages|bytes|signals|signs|assets|offset|generation|info|actions|alerts|ratio"
        r"|questions|events|reports)$"
    ),
    "info": re.compile(r"_build$"),
}
LABELS = {
    *("topic", "partition", "reason", "state", "stage", "because"),
    *("why", "kind", "came", "name", "writer"),
}


def ours():
    return [one for one in metrics.REGISTRY.collect() if one.name.startswith("alltobit_")]


def value(name, **labels):
    return metrics.REGISTRY.get_sample_value(name, labels)


def test_every_metric_is_ours_or_of_the_process_and_says_what_it_is():
    for family in metrics.REGISTRY.collect():
        assert family.name.startswith(("alltobit_", "process_"))
        assert family.documentation.endswith(".")


def test_every_name_ends_in_its_unit():
    for family in ours():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        assert ENDS[family.type].search(name), name


def test_no_label_can_hold_an_id_or_free_text():
    metrics.start_ingest_at_zero(["telemetry.gpu"])
    metrics.start_detect_at_zero()
    metrics.SIGNALS.labels("0").set(1)
    samples = [sample for family in ours() if family.type != "info" for sample in family.samples]

    assert {label for sample in samples for label in sample.labels} - {"le"} <= LABELS


def test_prometheus_can_read_the_page():
    page = generate_latest(metrics.REGISTRY).decode()
    names = {family.name for family in text_string_to_metric_families(page)}

    assert {family.name for family in ours() if family.type != "info"} <= names
    assert "_created" not in page


@given(why=st.sampled_from(Why), many=st.integers(0, 1000))
def test_a_reject_is_counted_under_its_topic_and_reason(why, many):
    labels = {"topic": "counted", "reason": why.value}
    before = value("alltobit_ingest_rejects_total", **labels) or 0

    metrics.rejects("counted", why).inc(many)

    assert value("alltobit_ingest_rejects_total", **labels) == before + many


def test_counters_of_what_has_not_happened_yet_stand_at_zero():
    metrics.start_ingest_at_zero(["unheard"])
    metrics.start_detect_at_zero()

    assert value("alltobit_ingest_messages_total", topic="unheard") == 0
    assert value("alltobit_ingest_rejects_total", topic="unheard", reason="not_json") == 0
    assert value("alltobit_detect_anomalies_total", state="closed") is not None
    held = {"state": trigger.State.HELD, "because": trigger.Because.POOR_DATA}
    assert value("alltobit_detect_alerts_total", **held) is not None


def test_starting_at_zero_again_resets_nothing():
    metrics.MESSAGES.labels("again").inc(3)
    metrics.start_ingest_at_zero(["again"])

    assert value("alltobit_ingest_messages_total", topic="again") == 3


@pytest.mark.parametrize("times", [1, 2])
def test_a_partition_that_went_away_leaves_no_gauge_behind_and_keeps_its_counts(times):
    metrics.SIGNALS.labels("77").set(5)
    metrics.STATE_OFFSET.labels("77").set(5)
    metrics.BLOCKS_APPLIED.labels("77").inc()
    metrics.LAG.labels("raw", "77").set(5)
    for _ in range(times):
        metrics.forget_partition(77)
        metrics.forget_source("raw", 77)

    assert value("alltobit_detect_signals", partition="77") is None
    assert value("alltobit_detect_state_offset", partition="77") is None
    assert value("alltobit_ingest_lag_messages", topic="raw", partition="77") is None
    assert value("alltobit_detect_blocks_total", partition="77") == times


def test_an_alert_is_counted_under_its_state_and_why():
    labels = {"state": "firing", "because": "rule_holds"}
    before = value("alltobit_detect_alerts_total", **labels) or 0

    metrics.alerts(trigger.State.FIRING, trigger.Because.RULE_HOLDS).inc()
    metrics.anomalies(metrics.Episode.OPENED).inc()

    assert value("alltobit_detect_alerts_total", **labels) == before + 1


def test_the_page_says_which_build_runs():
    (build,) = (family for family in ours() if family.name == "alltobit_build")

    assert set(build.samples[0].labels) == {"version", "python"}
