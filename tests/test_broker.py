"""The embedded Kafka: starting, ending, starting again."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from schemas.settings import Kafka, Settings
from streams import topics
from streams.broker import Broker, serve
from streams.broker_files import free_port, remembered_port
from streams.connection import client_options
from streams.errors import BrokerFailed, ConfigError, PortInUse

pytestmark = pytest.mark.kafka


async def write(settings: Settings, value: bytes) -> None:
    async with AIOKafkaProducer(**client_options(settings.kafka)) as producer:
        await producer.send_and_wait(settings.topics.readings, value)


async def first(settings: Settings) -> bytes:
    options = client_options(settings.kafka)
    topic = settings.topics.readings
    async with AIOKafkaConsumer(topic, auto_offset_reset="earliest", **options) as consumer:
        return (await asyncio.wait_for(consumer.getone(), 30)).value


def alive(pid: int) -> bool:
    """Say whether a process runs; one that ended but was not waited for does not."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


async def served(folder: Path, settings: Settings) -> tuple[asyncio.Task[None], Broker]:
    ready: asyncio.Future[Broker] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(folder, 0, settings, ready.set_result))
    await asyncio.wait([ready, serving], timeout=60, return_when=asyncio.FIRST_COMPLETED)
    return serving, ready.result()


async def test_what_is_served_survives_a_clean_stop_and_a_kill_on_the_same_port(tmp_path, fresh):
    wanted = fresh(Kafka())
    serving, broker = await served(tmp_path, wanted)
    settings = wanted.model_copy(update={"kafka": broker.kafka})
    assert await topics.differences(settings) == []
    await write(settings, b"kept")

    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    assert broker.pid is None

    serving, again = await served(tmp_path, wanted)
    assert again.port == broker.port
    assert await first(settings) == b"kept"
    os.kill(again.pid, signal.SIGKILL)
    with pytest.raises(BrokerFailed, match="ended with -9"):
        await asyncio.wait_for(serving, 10)

    await asyncio.to_thread(broker.restart)
    try:
        assert await first(settings) == b"kept"
        assert await topics.differences(settings) == []
    finally:
        broker.kill()
    assert broker.pid is None


def test_a_port_in_use_is_said_before_anything_is_started(kafka, tmp_path):
    with pytest.raises(PortInUse, match=str(kafka.port)):
        Broker(tmp_path, kafka.port).start()

    assert not (tmp_path / "server.properties").exists()


def test_a_second_broker_in_the_same_folder_is_refused_and_the_first_lives_on(kafka):
    before = remembered_port(kafka.folder)

    with pytest.raises(ConfigError, match="another broker runs in it"):
        Broker(kafka.folder, free_port()).start()

    assert kafka.pid is not None
    assert remembered_port(kafka.folder) == before


def test_it_listens_on_loopback_only(kafka):
    listening = [
        line.split()[1].split(":")
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{kafka.pid}/net/{table}").read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    ]
    hosts = {host for host, port in listening if int(port, 16) == kafka.port}

    assert hosts
    assert hosts <= {"0100007F", "0000000000000000FFFF00000100007F"}


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(ConfigError, match="folder="):
        Broker(tmp_path / "file" / "folder").start()


def test_a_broker_that_cannot_start_says_where_to_read(tmp_path):
    with pytest.raises(BrokerFailed, match=r"broker\.log"):
        Broker(tmp_path, heap_mb=1).start()

    assert (tmp_path / "broker.log").stat().st_size > 0


PARENT = """
import sys, time
from pathlib import Path
from streams.broker import Broker
with Broker(Path(sys.argv[1]), fast_start=True) as broker:
    print(broker.pid, flush=True)
    time.sleep(600)
"""


def test_it_ends_when_the_process_that_started_it_is_killed(tmp_path):
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:  # noqa: S603 - this file's own program
        pid = int(parent.stdout.readline())
        assert alive(pid)
        os.kill(parent.pid, signal.SIGKILL)
    end = time.monotonic() + 20
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.05)

    assert not alive(pid)
