"""Entry points of the long-running processes: settings in, exit code out."""

import asyncio
import os
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import faust
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from models.cascade.warmup import warm_up_cascade
from models.warmup import warm_up, warm_up_ingest
from schemas.settings import Settings
from streams import metrics
from streams.anomaly import Detect, Outputs, Source, register
from streams.cascade import Cascades
from streams.changelog import Changelog
from streams.connection import client_options, faust_options, reach
from streams.errors import StateMismatch, TopicMissing
from streams.heap import settle
from streams.member import until_told
from streams.stopping import leave_at_end, on_stop
from streams.telemetry import Ingest
from streams.topics import REJECT_BYTES, administration, changelog, partition_counts
from streams.watchdog import Watchdog
from streams.web import Health, serve


def run_ingest(settings: Settings) -> None:
    """Run ingest until SIGTERM or SIGINT; then drain and commit."""
    warm_up_ingest()
    settle()
    uvloop.run(_ingest(settings))


def run_worker(settings: Settings) -> None:
    """Run detection until SIGTERM or SIGINT; then save and commit."""
    warm_up()
    settle()
    uvloop.run(_worker(settings))


def run_cascade(settings: Settings) -> None:
    """Run the cascade until SIGTERM or SIGINT; then save and commit."""
    warm_up_cascade()
    settle()
    uvloop.run(_cascade(settings))


async def _ingest(settings: Settings) -> None:
    await until_told(settings.http, Ingest(settings, Health()))


async def _cascade(settings: Settings) -> None:
    await until_told(settings.http, Cascades(settings))


async def _worker(settings: Settings) -> None:
    stopping = asyncio.Event()
    on_stop(stopping.set)
    worker = Worker(settings)
    async with serve(settings.http, worker.health):
        await worker.run(stopping)


async def check_partitions(settings: Settings) -> tuple[int, int]:
    """Return the number of partitions of `readings` and of `bits`.

    Raises where topics or state do not fit.
    """
    names = [settings.topics.readings, settings.topics.bits, changelog(settings)]
    async with administration(settings.kafka) as admin:
        counts = await partition_counts(admin._client, names)  # noqa: SLF001 - no public client
    for name in names:
        if name not in counts:
            raise TopicMissing("topic", name, "does not exist", "run `alltobit topics create`")
    readings, saved = counts[names[0]], counts[names[2]]
    if readings != saved:
        raise StateMismatch(
            "topics.partitions",
            readings,
            f"`{names[0]}` has {readings} partitions, its saved state `{names[2]}` has {saved}",
            "go back to that number, or start under a new `detect.group`",
        )
    return readings, counts[names[1]]


def _consumer(app: faust.App) -> AIOKafkaConsumer:
    """Return aiokafka's consumer, which Faust wraps twice."""
    wrapped: Any = app.consumer
    return wrapped._thread._consumer  # noqa: SLF001 - Faust gives no other way


class Worker:
    """A Faust app with one agent, its outputs and its watchdog."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.failure: asyncio.Future[None] | None = None
        self.health = Health()
        metrics.start_detect_at_zero()

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping` is set, or something fails."""
        await reach(self.settings.kafka)
        partitions, of_bits = await check_partitions(self.settings)
        self.failure = asyncio.get_running_loop().create_future()
        options = client_options(self.settings.kafka)
        producer = AIOKafkaProducer(
            enable_idempotence=True,
            linger_ms=20,
            max_batch_size=500_000,
            max_request_size=REJECT_BYTES,
            **options,
        )
        await producer.start()
        try:
            app = self.app = self._app()
            outputs = Outputs(producer, self.settings.topics, self.settings.site.name, of_bits)
            source = Source(app, self.settings)
            kept = Changelog(self.settings.kafka, changelog(self.settings), producer)
            self.detect = Detect(self.settings, outputs, kept, partitions, source)
            self.watchdog = Watchdog(app, self.settings, self.detect, producer.client)
            self._connect(app)
            await app.start()
            try:
                await self._until(stopping)
                await self.detect.end()
                leave_at_end(_consumer(app))
            finally:
                await app.stop()
        finally:
            await producer.stop()

    def _app(self) -> faust.App:
        settings = self.settings
        session = settings.kafka.session_timeout_s
        return faust.App(
            settings.detect.group,
            **faust_options(settings.kafka),
            store="memory://",
            datadir=str(Path(gettempdir()) / f"alltobit-{os.getpid()}"),  # Faust wants one; unused
            web_enabled=False,
            autodiscover=False,
            topic_disable_leader=True,
            topic_allow_declare=False,
            topic_partitions=settings.topics.partitions,
            broker_session_timeout=session,
            consumer_group_instance_id=settings.kafka.instance or None,
            canonical_url=f"http://{settings.kafka.instance}" if settings.kafka.instance else None,
            broker_heartbeat_interval=max(session / 10, 0.1),
            broker_max_poll_records=500,
            consumer_metadata_max_age_ms=5_000,  # a topic made anew is soon seen
            broker_commit_interval=1.0,
            stream_wait_empty=False,
            worker_redirect_stdouts=False,
        )

    def _connect(self, app: faust.App) -> None:
        name = self.settings.topics.readings
        topic = app.topic(
            name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
        )
        register(app, topic, self.detect, self._fail)

        app.on_partitions_revoked.connect(self._revoked)  # type: ignore[arg-type]  # a bound method
        app.on_partitions_assigned.connect(self._assigned)  # type: ignore[arg-type]  # a bound method

    def _fail(self, error: Exception) -> None:
        if self.failure is not None and not self.failure.done():
            self.failure.set_exception(error)

    async def _revoked(self, _app: Any, revoked: Any, **_: Any) -> None:  # noqa: ANN401 - Faust's signal
        self.watchdog.revoked()
        self.health.ready, self.health.why = False, "partitions are moving"
        self.detect.forget({tp.partition for tp in revoked})

    async def _assigned(self, _app: Any, assigned: Any, **_: Any) -> None:  # noqa: ANN401 - Faust's signal
        self.watchdog.assigned(assigned)
        self.health.ready, self.health.why = True, "partitions assigned"

    async def _until(self, stopping: asyncio.Event) -> None:
        stop = asyncio.create_task(stopping.wait())
        watch = asyncio.create_task(self.watchdog.watch())
        assert self.failure is not None  # noqa: S101 - set in run
        try:
            waiting: list[asyncio.Future[Any]] = [stop, watch, self.failure]
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
        finally:
            stop.cancel()
            watch.cancel()
