"""Every metric of a process, declared once: name, unit, labels. Served by `streams.web`.

A label is a configured topic, a partition or a word of an enum: never an asset, an id or free text.
A name ends in its unit; `_total` counts since the process started. `process_*` is the client's own.
"""

import platform
from collections.abc import Iterable
from enum import StrEnum
from importlib import metadata
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)

from models.act.attempt import Came
from schemas import trigger
from schemas.cascade import Stage
from schemas.report import Kind, Report
from schemas.telemetry import Why

# A `_created` twin of every series doubles the page and tells nobody more.
disable_created_metrics()  # type: ignore[no-untyped-call] # the library forgot `-> None`

REGISTRY: Final = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

_LONG = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
_SECONDS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


class Episode(StrEnum):
    """What happened to an anomaly; the `state` label of its metric."""

    OPENED = "opened"
    CLOSED = "closed"


def _counter(name: str, says: str, *labels: str) -> Counter:
    return Counter(f"alltobit_{name}", says, labels, registry=REGISTRY)


def _gauge(name: str, says: str, *labels: str) -> Gauge:
    return Gauge(f"alltobit_{name}", says, labels, registry=REGISTRY)


def _seconds(
    name: str, says: str, *labels: str, buckets: tuple[float, ...] = _SECONDS
) -> Histogram:
    return Histogram(f"alltobit_{name}", says, labels, registry=REGISTRY, buckets=buckets)


# Ingest. `topic`: a raw topic of the settings; `partition`: one of its partitions.
MESSAGES = _counter("ingest_messages_total", "Raw messages read.", "topic")
BYTES = _counter("ingest_bytes_total", "Bytes of raw messages read.", "topic")
SPANS = _counter("ingest_spans_total", "Spans decoded: one asset at one time.", "topic")
SAMPLES = _counter("ingest_samples_total", "Samples decoded.", "topic")
REJECTS = _counter("ingest_rejects_total", "Messages, or parts, rejected.", "topic", "reason")
LOST = _counter(
    "ingest_lost_messages_total", "Messages missing by their senders' own numbers.", "topic"
)
EPOCHS = _counter("ingest_epochs_changed_total", "Raw topics found made anew.", "topic")
DECODE_S = _seconds("ingest_decode_seconds", "Time to decode one batch of messages.", "topic")
BLOCKS_WRITTEN = _counter("ingest_blocks_total", "Blocks Kafka acknowledged in `readings`.")
BLOCK_BYTES = _counter("ingest_block_bytes_total", "Bytes of the blocks acknowledged.")
LAG = _gauge(
    "ingest_lag_messages",
    "Messages between the committed offset and the end, at the last commit.",
    "topic",
    "partition",
)

# Detect. `partition`: of `readings`.
BLOCKS_APPLIED = _counter("detect_blocks_total", "Blocks applied to state.", "partition")
SPANS_SKIPPED = _counter("detect_skipped_spans_total", "Spans skipped: already applied.")
SAMPLES_JUDGED = _counter("detect_samples_total", "Samples judged.")
SAMPLES_OVER = _counter("detect_overflow_samples_total", "Samples of signals over `max_signals`.")
FRAMES = _counter("detect_frames_total", "Bit frames published.")
ANOMALIES = _counter("detect_anomalies_total", "Anomaly events published.", "state")
ALERTS = _counter("detect_alerts_total", "Alert events published.", "state", "because")
SIGNALS = _gauge("detect_signals", "Signals that state remembers.", "partition")
UNTOLD = _gauge("detect_untold_alerts", "Alerts that stand beyond `alerts_at_once`.", "partition")
STATE_OFFSET = _gauge("detect_state_offset", "Next offset of `readings` to apply.", "partition")
SNAPSHOT_S = _seconds("detect_snapshot_seconds", "Time to save one partition's state.")
SNAPSHOT_BYTES = _gauge("detect_snapshot_bytes", "Size of the last snapshot.", "partition")
SNAPSHOT_GENERATION = _gauge("detect_snapshot_generation", "Number of the last one.", "partition")

# Cascade. `partition`: of `anomalies`.
ANOMALIES_TAKEN = _counter("cascade_anomalies_total", "Anomaly events taken in.")
ANOMALIES_KNOWN = _counter("cascade_known_anomalies_total", "Anomaly events seen before.")
ANOMALIES_LATE = _counter("cascade_late_anomalies_total", "Anomaly events later than an hour.")
INCIDENTS = _counter("cascade_incidents_total", "Incident events published.", "stage")
CASCADE_REJECTS = _counter("cascade_rejects_total", "Messages rejected.", "reason")
SIGNS = _gauge("cascade_signs", "Assets and what is wrong with them, now.", "partition")
STRANGERS = _gauge(
    "cascade_unknown_assets", "Of those, assets that the site graph does not have.", "partition"
)
EXPLAIN_S = _seconds("cascade_explanation_seconds", "Time to explain what is wrong once.")
GRAPH_S = _seconds("cascade_graph_seconds", "Time to build a site graph that was told.")
CASCADE_LAG = _gauge(
    "cascade_lag_messages", "Messages between what was taken in and the end.", "partition"
)
CASCADE_SNAPSHOT_S = _seconds("cascade_snapshot_seconds", "Time to save one partition's state.")

# Trigger. `kind`: rule or detector; `name`: of a configured rule, or of a kind of anomaly.
TRIGGER_TAKEN = _counter("trigger_messages_total", "Messages taken in.", "topic")
TRIGGER_REJECTS = _counter("trigger_rejects_total", "Messages rejected.", "reason")
STEPS = _counter("trigger_steps_total", "Steps of actions decided.", "stage", "why")
TRIGGER_ALERTS = _counter("trigger_alerts_total", "Alerts of rules on events.", "state")
QUESTIONS = _gauge("trigger_open_questions", "Questions that wait for an answer.")
TRIGGER_LAG = _gauge("trigger_lag_messages", "Messages behind the ends.", "topic")
TRIGGER_SNAPSHOT_S = _seconds("trigger_snapshot_seconds", "Time to save the state.")
PRECISION = _gauge(
    "trigger_precision_ratio",
    "Share that people call right, of what they labelled.",
    "kind",
    "name",
)
PRECISION_LOW = _gauge(
    "trigger_precision_low_ratio", "Lower end of its 95 % interval.", "kind", "name"
)
LABELLED = _gauge("trigger_labelled_events", "Events that people labelled.", "kind", "name")

# Act. `kind`: of configured actions; `partition`: of `actions`.
ACTIONS = _counter("act_actions_total", "Actions that ended.", "stage", "why")
TRIES = _counter("act_tries_total", "Tries of actions.", "kind", "came")
TRY_S = _seconds("act_try_seconds", "Time of one try.", "kind")
ACT_REJECTS = _counter("act_rejects_total", "Messages rejected.", "reason")
ACTIONS_DUE = _gauge("act_due_actions", "Actions read, and not over.", "partition")
ACT_FIRING = _gauge("act_firing_alerts", "Alerts that Alertmanagers are told again and again.")

# Report. `writer`: template or model; `kind`: of report; `partition`: of `incidents`.
REPORTS = _counter("report_reports_total", "Reports written.", "kind", "writer")
CLAIMS = _counter("report_claims_total", "Claims of reports, checked.", "writer", "came")
REPORT_REJECTS = _counter("report_rejects_total", "Messages rejected.", "reason")
REPORT_FILES = _counter("report_failed_files_total", "Files that could not be written.")
REPORTS_DUE = _gauge("report_due_reports", "Reports due, and not written.", "partition")
REPORT_LAG = _gauge(
    "report_lag_messages", "Messages between what was taken in and the end.", "partition"
)
REPORT_S = Histogram(
    "alltobit_report_seconds",
    "Time to write a report, until Kafka has acknowledged it.",
    ("writer",),
    registry=REGISTRY,
    buckets=(0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0),
)
# The model that writes. `came`: drafted, or why not; `kind`: read or written.
DRAFTS = _counter("report_drafts_total", "Drafts that a model was asked for.", "came")
MODEL_TOKENS = _counter("report_model_tokens_total", "Tokens that the model took.", "kind")
MODEL_COST = _counter("report_model_cost_total", "What they cost, by the prices of settings.")
DRAFT_S = _seconds("report_draft_seconds", "Time to a draft, or to none.", buckets=_LONG)
# MCP. `name`: of a tool.
MCP_QUESTIONS = _counter("mcp_questions_total", "Questions of models.", "name", "came")
MCP_REFUSED = _counter("mcp_refused_requests_total", "Requests that were not let in.", "why")

# Process.
BUILD = Info("alltobit_build", "What is running.", registry=REGISTRY)

_OF_CASCADE = (SIGNS, STRANGERS, CASCADE_LAG)
_OF_PARTITION = (SIGNALS, UNTOLD, STATE_OFFSET, SNAPSHOT_BYTES, SNAPSHOT_GENERATION)


def rejects(topic: str, why: Why) -> Counter:
    """Return the counter of messages of `topic` rejected for `why`."""
    return REJECTS.labels(topic, why.value)


def anomalies(state: Episode) -> Counter:
    """Return the counter of anomalies that were `state`."""
    return ANOMALIES.labels(state.value)


def alerts(state: trigger.State, because: trigger.Because) -> Counter:
    """Return the counter of alerts that came to `state` for `because`."""
    return ALERTS.labels(state.value, because.value)


def forget_source(topic: str, partition: int) -> None:
    """Drop the gauges of a raw partition that went to another member. Counters stay."""
    LAG.remove(topic, str(partition))


def forget_partition(partition: int) -> None:
    """Drop the gauges of a `readings` partition that went to another worker. Counters stay."""
    for gauge in _OF_PARTITION:
        gauge.remove(str(partition))


def incidents(stage: Stage) -> Counter:
    """Return the counter of incident events of a stage."""
    return INCIDENTS.labels(stage.value)


def forget_cascade(partition: int) -> None:
    """Drop the gauges of an `anomalies` partition that went to another member. Counters stay."""
    for gauge in _OF_CASCADE:
        gauge.remove(str(partition))


def start_ingest_at_zero(topics: Iterable[str]) -> None:
    """Show the counters of `topics` from the start: a rate needs the zero before the first one."""
    for topic in topics:
        for counter in (MESSAGES, BYTES, SPANS, SAMPLES, LOST, EPOCHS):
            counter.labels(topic)
        for why in Why:
            rejects(topic, why)


def start_detect_at_zero() -> None:
    """Show the counters of events from the start, for the same reason."""
    for episode in Episode:
        anomalies(episode)
    for state, because in _OUTCOMES:
        alerts(state, because)


def start_cascade_at_zero() -> None:
    """Show the counters of incidents from the start, for the same reason."""
    for stage in Stage:
        incidents(stage)


def start_trigger_at_zero() -> None:
    """Show the counters of steps that every site will have from the start, for the same reason."""
    for stage, why in (
        (trigger.Stage.REQUESTED, trigger.Why.ALLOWED),
        (trigger.Stage.AWAITING, trigger.Why.NEEDS_APPROVAL),
        (trigger.Stage.APPROVED, trigger.Why.SAID_YES),
        (trigger.Stage.IGNORED, trigger.Why.FORGED),
    ):
        STEPS.labels(stage.value, why.value)


def start_act_at_zero(kinds: Iterable[str]) -> None:
    """Show the counters of actions from the start, for the same reason."""
    for stage, why in _ENDS:
        ACTIONS.labels(stage.value, why.value)
    for kind in kinds:
        for came in Came:
            TRIES.labels(kind, came.value)


def forget_act(partition: int) -> None:
    """Drop the gauge of an `actions` partition that went to another member. Counters stay."""
    ACTIONS_DUE.remove(str(partition))


class Writer(StrEnum):
    """Who drafted a report; the `writer` label of its metrics."""

    TEMPLATE = "template"
    MODEL = "model"


def reports(report: Report) -> None:
    """Count a report that was written, and its claims."""
    writer = Writer.TEMPLATE if report.writer == "template" else Writer.MODEL
    REPORTS.labels(report.kind.value, writer.value).inc()
    CLAIMS.labels(writer.value, "kept").inc(report.tally.kept)
    CLAIMS.labels(writer.value, "struck").inc(report.tally.struck)


def start_report_at_zero() -> None:
    """Show the counters of reports from the start, for the same reason."""
    for writer in Writer:
        for kind in Kind:
            REPORTS.labels(kind.value, writer.value)
        for came in ("kept", "struck"):
            CLAIMS.labels(writer.value, came)


def forget_report(partition: int) -> None:
    """Drop the gauges of an `incidents` partition that went to another member. Counters stay."""
    for gauge in (REPORTS_DUE, REPORT_LAG):
        gauge.remove(str(partition))


_ENDS = (
    (trigger.Stage.DONE, trigger.Why.CARRIED_OUT),
    (trigger.Stage.FAILED, trigger.Why.OFF),
    (trigger.Stage.FAILED, trigger.Why.TOO_LATE),
    (trigger.Stage.FAILED, trigger.Why.IMPOSSIBLE),
    (trigger.Stage.FAILED, trigger.Why.REFUSED_BY_TARGET),
    (trigger.Stage.FAILED, trigger.Why.UNREACHABLE),
    (trigger.Stage.SHADOWED, trigger.Why.DRY_RUN),
)

_OUTCOMES = (
    (trigger.State.FIRING, trigger.Because.RULE_HOLDS),
    (trigger.State.FIRING, trigger.Because.TOO_MANY),
    (trigger.State.HELD, trigger.Because.POOR_DATA),
    (trigger.State.RESOLVED, trigger.Because.CLEARED),
)


def _version() -> str:
    try:
        return metadata.version("alltobit")
    except metadata.PackageNotFoundError:
        return "unknown"  # run from a folder that was never installed


BUILD.info({"version": _version(), "python": platform.python_version()})
