"""Everything an operator can set. Read once at start-up; functions get the values they use.

Order, first wins: environment (`ALLTOBIT_KAFKA__BOOTSTRAP=...`), the YAML file named by `--config`
or `ALLTOBIT_CONFIG`, the defaults here. Secrets come from the environment or files, never YAML.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, model_validator

from schemas.base import Message, Ratio
from schemas.durations import Duration
from schemas.report.model import Model
from schemas.trigger import Configured, Policy, Rule, Secret, Value
from schemas.trigger.policy import Person
from schemas.units import Point
from schemas.zones import TimeOfDay, Zone

Seconds = Annotated[float, Field(gt=0, le=86_400)]
Partitions = Annotated[int, Field(ge=1, le=10_000)]
TopicName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,249}$")]
GroupName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,200}$")]
Pattern = Annotated[str, Field(min_length=1, max_length=249)]
InstanceName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,200}$")]


AUTO = "auto"
"""The format of a raw topic whose messages are looked at."""


class Security(StrEnum):
    """How to talk to Kafka; Kafka's own `security.protocol` words."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class Kafka(Message):
    """The user's Kafka."""

    bootstrap: Annotated[str, Field(min_length=3)] = "127.0.0.1:9092"
    """host:port, several with commas."""
    security: Security = Security.PLAINTEXT
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    username: str = ""
    password: SecretStr = SecretStr("")
    password_file: Path | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    session_timeout_s: Seconds = 60.0
    """After this silence a dead member's partitions move."""
    instance: InstanceName = ""
    """Kafka's `group.instance.id`: a process killed and started again under the same name gets its
    partitions back at once. Two living processes of a group that share one take turns for ever.
    An ingest that was killed does not see partitions added later, until it is stopped and started.
    Empty: none."""
    patience_s: Annotated[float, Field(ge=0, le=86_400)] = 30.0
    """How long to retry a broker that may still be coming up, before giving up."""


class Topics(Message):
    """Names and making of our topics."""

    inventory: TopicName = "inventory"
    readings: TopicName = "readings"
    bits: TopicName = "bits"
    anomalies: TopicName = "anomalies"
    incidents: TopicName = "incidents"
    alerts: TopicName = "alerts"
    actions: TopicName = "actions"
    decisions: TopicName = "decisions"
    proposals: TopicName = "proposals"
    reports: TopicName = "reports"
    rejects: TopicName = "rejects"
    memory: TopicName = "memory"
    """What decoders keep for later messages (births of Sparkplug, metadata): compacted."""
    partitions: Partitions = 4
    replication: Annotated[int, Field(ge=1, le=10)] = 1
    retention_hours: Annotated[float, Field(gt=0, le=876_000)] = 168.0


class RawTopic(Message):
    """One topic that users publish to."""

    name: TopicName
    format: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")] = AUTO
    """A name of `alltobit formats`, or `auto`: by a `content-type` header that means one format
    only, else by the look of the bytes."""
    partitions: Partitions = 4


class Ingest(Message):
    """Bytes to readings."""

    group: GroupName = "alltobit-ingest"
    linger_s: Seconds = 0.25
    """How long samples are gathered into a block."""
    max_block_bytes: Annotated[int, Field(ge=65_536, le=64_000_000)] = 900_000
    """Below the broker's `message.max.bytes`."""
    max_message_bytes: Annotated[int, Field(ge=1_024)] = 4_194_304
    """A larger raw message is rejected unread."""
    tick_s: Seconds = 1.0
    """How often the progress of sources is written into `readings`."""
    idle_s: Seconds = 5.0
    """A source read to its end and silent for this long lets time pass."""
    future_s: Annotated[float, Field(gt=0, le=315_360_000)] = 3600.0
    """An event time ahead of the message's Kafka timestamp by more than this is not believed."""
    reject_share: Ratio = 0.95
    """Ingest stops when more than this share of the last `reject_window` messages was rejected
    whole: one that gave a sample, or anything else, beside its rejects does not count."""
    reject_window: Annotated[int, Field(ge=10)] = 1000


class Detect(Message):
    """Readings to bits, anomalies and alerts."""

    group: GroupName = "alltobit-worker"
    frame_s: Annotated[float, Field(ge=0.001, le=86_400)] = 5.0
    """Length of a bit frame, in event time."""
    lateness_s: Seconds = 10.0
    """How far the samples of one asset may be out of order."""
    snapshot_s: Seconds = 5.0
    """How often state is saved."""
    max_signals: Annotated[int, Field(ge=1)] = 2_000_000
    """A partition; the samples of a signal beyond it are rejected."""
    false_alarms: Annotated[float, Field(gt=0, le=100)] = 0.002
    """False alarms a day that one signal may raise by chance: 0.002 is one a day over 500."""
    remember: tuple[str, ...] = ()
    """Glob patterns of points whose signals also remember shapes, and day and week; signals that
    rules watch do so anyway."""
    remember_mb: Annotated[float, Field(ge=0, le=100_000)] = 64.0
    """Memory for that, a partition, in MiB: 1.7 KB a signal, those seen first."""
    together: tuple[Pattern, ...] = ()
    """Glob patterns of assets whose signals are also judged together, frame by frame, as each
    source tells them: of an asset the first 64 seen."""
    together_mb: Annotated[float, Field(ge=0, le=100_000)] = 64.0
    """Memory for that, a partition, in MiB: 1.9 KB a signal and 8 bytes a pair of signals of one
    asset, those seen first."""
    second_opinion: tuple[Pattern, ...] = ()
    """Glob patterns of those of these assets that river's detectors judge, too: 300 KB and some
    10 us a frame each. Needs the extra `river`."""
    silence_s: Seconds = 60.0
    """An asset (or one of its signals) is silent after six of its usual intervals, and never
    before this time."""
    peers: bool = True
    """Assets of one cell that differ in their own number alone (four or more) are compared with
    each other; one that is not as the others is an anomaly."""
    horizon_s: Annotated[float, Field(ge=0, le=1_209_600)] = 604_800.0
    """A slow trend is an anomaly when it is likely to reach the point's limit (of `points:`, or of
    the most severe rule) within this time; 0: trends are not told."""
    alerts_at_once: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    """How many alerts of one rule are told one by one while they fire, a partition. Those beyond
    are counted in one alert; as one is over, the oldest of them is told."""
    stall_s: Seconds = 60.0
    """A worker with lag that moves nothing for this long exits."""


class Cascade(Message):
    """Anomalies to incidents."""

    group: GroupName = "alltobit-cascade"
    snapshot_s: Seconds = 5.0
    """How often state is saved."""


class Trigger(Policy):
    """Alerts to actions, and to questions that people answer."""

    group: GroupName = "alltobit-trigger"
    snapshot_s: Seconds = 5.0
    """How often state is saved."""


class Act(Message):
    """Actions that are requested or approved, to what they do outside."""

    group: GroupName = "alltobit-act"
    remember_s: Annotated[float, Field(ge=0, le=31_536_000)] = 86_400.0
    """At its start it reads `actions` from so long ago, and from the oldest that is not over: what
    was done since is not done again, though it be asked for again."""


class Reporter(Message):
    """Incidents, shifts and days, to reports that people read."""

    group: GroupName = "alltobit-reporter"
    opened_after_s: Annotated[Duration, Field(le=86_400)] = 60.0
    """An incident is reported when it has been open for so long, or at its end if that is sooner:
    by then it is known what it reaches."""
    postmortem_after_s: Annotated[Duration, Field(le=604_800)] = 960.0
    """And again when it has been over for so long. The same trouble within 15 minutes is the same
    incident: it waits then until that is over, too."""
    shifts: Annotated[tuple[TimeOfDay, ...], Field(max_length=24)] = ()
    """When shifts change, by the clock of `zone`: a report of each, and a hand-over of each
    incident that is open then."""
    daily: TimeOfDay | None = None
    """When a day ends, by the clock of `zone`: a report of each."""
    zone: Zone = "UTC"
    files: Path | None = None
    """Folder for reports as Markdown files; none are written where it is not given."""
    remember_s: Annotated[Duration, Field(ge=3_600, le=2_592_000)] = 172_800.0
    """At its start it reads `incidents` from so long ago, and from the oldest that is not over:
    what has no report of that gets one."""
    model: Model = Model()
    """Who writes them; without it they are by template."""


class Mcp(Message):
    """Questions of language models, over the Model Context Protocol: answered, and nothing done."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8765
    """0: any that is free, told in the log."""
    token: Secret | None = None
    """What clients send as `Authorization: Bearer`, 16 characters or more; without one nobody is
    listened to."""
    hosts: Annotated[tuple[Annotated[str, Field(max_length=253)], ...], Field(max_length=32)] = ()
    """Other names that clients may know it by, `mcp.example:8765`: any other `Host` or `Origin`
    than those of this machine is refused, as a web page may have made a browser ask."""
    requests_per_minute: Annotated[int, Field(ge=1, le=100_000)] = 120
    """Of a token."""
    answer_bytes: Annotated[int, Field(ge=4_096, le=4_194_304)] = 65_536
    """What is over is left out, and an answer says so."""
    hours: Annotated[float, Field(gt=0, le=8_760)] = 24.0
    """Events so old are known without reading anew."""
    most_events: Annotated[int, Field(ge=100, le=1_000_000)] = 20_000
    """Of each kind: the newest."""
    patience_s: Seconds = 20.0
    """A question that reads readings or bits takes no longer, and says how far it came."""
    read_mb: Annotated[float, Field(gt=0, le=10_000)] = 64.0
    """Nor does it read more, in MiB."""
    may_propose: bool = False
    """Offer the tool that proposes actions, as `proposer`."""
    proposer: Person = "mcp"
    """One of `trigger.proposers`, which says what it may propose; its secret signs."""


class Cell(Message):
    """Assets that must be seen together; one partition holds them all."""

    name: Annotated[str, Field(min_length=1, max_length=249)]
    assets: tuple[str, ...]
    """Glob patterns of asset names."""


class Http(Message):
    """Where /metrics, /healthz and /readyz are served."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 0
    """0: not served."""


class Site(Message):
    """The place this is about."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = "site"
    cells: tuple[Cell, ...] = ()
    file: Path | None = None
    """What there is and what reaches what: an inventory, YAML, JSON or CSV; `alltobit site`."""


class Settings(Message):
    """All settings of every command."""

    kafka: Kafka = Kafka()
    topics: Topics = Topics()
    raw: tuple[RawTopic, ...] = (
        RawTopic(name="telemetry.facility"),
        RawTopic(name="telemetry.gpu"),
    )
    ingest: Ingest = Ingest()
    detect: Detect = Detect()
    cascade: Cascade = Cascade()
    trigger: Trigger = Trigger()
    act: Act = Act()
    reporter: Reporter = Reporter()
    mcp: Mcp = Mcp()
    site: Site = Site()
    points: tuple[Point, ...] = ()
    """Declared points, in front of the built-in ones."""
    rules: tuple[Rule, ...] = ()
    values: tuple[Value, ...] = ()
    """Made from others; conditions read them by name."""
    rule_files: tuple[Path, ...] = ()
    """Files with more of `rules:` and `values:`, from the folder of the settings file; `*.yaml`."""
    actions: tuple[Configured, ...] = ()
    """What rules may have done; each is off unless its `mode` says otherwise."""
    http: Http = Http()
    log: Literal["json", "text"] = "text"

    @model_validator(mode="after")
    def _names_differ(self) -> "Settings":
        names = [raw.name for raw in self.raw]
        doubles = {name for name in names if names.count(name) > 1}
        if doubles:
            raise ValueError(
                f"raw topics named twice: {', '.join(sorted(doubles))}; name each once"
            )
        return self
