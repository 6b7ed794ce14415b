"""Bad input and wrong operation on a real Kafka: nothing is lost, one line says what to mend."""

import asyncio
import json
import socket
import subprocess
import sys
from collections import defaultdict
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from cli_calls import settings_file
from pydantic import SecretStr

from models import bits
from models.telemetry import Gatherer, Piece
from schemas import readings
from schemas.settings import Http, Kafka, RawTopic
from schemas.telemetry import Quality, SpansBuilder, Why
from streams import topics
from streams.connection import client_options
from streams.house import House, read_all, until
from streams.telemetry import Ingest

pytestmark = pytest.mark.kafka

T0 = 1_700_000_000


def good(i, **values):
    told = {"asset": "a", "time": T0 + i, "values": values or {"p": 1.5}}
    return json.dumps(told, ensure_ascii=False).encode()


def changed(settings, part, **fields):
    """Return settings with other values in one part."""
    model = getattr(settings, part).model_copy(update=fields)
    return settings.model_copy(update={part: model})


@pytest.fixture
def quick(settings):
    """Give settings with one raw partition, so that messages come in order, and little linger."""
    raw = (RawTopic(name=settings.raw[0].name, partitions=1),)
    hurried = changed(settings, "ingest", linger_s=0.05, tick_s=0.2)
    return hurried.model_copy(update={"raw": raw})


async def send(settings, topic, values, headers=()):
    """Send messages, in order, whatever they are; return when all are acknowledged."""
    producer = AIOKafkaProducer(max_request_size=15_000_000, **client_options(settings.kafka))
    await producer.start()
    try:
        for value in values:
            future = await producer.send(topic, value, key=b"key", partition=0, headers=headers)
        await producer.flush()
        await future
    finally:
        await producer.stop()


@asynccontextmanager
async def ingesting(settings):
    """Run ingest meanwhile; it ends without trouble, or raises what it was."""
    await topics.create(settings)
    ingest = Ingest(settings)
    task = asyncio.create_task(ingest.run())
    try:
        yield task
    finally:
        ingest.stopping.set()
        await task


async def outcome(settings, messages, task):
    """Wait until every message was read; return the samples by offset, and rejects by offset."""
    found = {}

    async def all_read():
        if task.done():
            task.result()
        names = [settings.topics.readings, settings.topics.rejects]
        both = await read_all(settings, names)
        samples, letters = defaultdict(list), defaultdict(list)
        for record in both[names[0]]:
            block = readings.decode(record.value)
            for i in range(len(block)):
                points = readings.points(block.meta, int(block.shape[i]))
                for k, point in enumerate(points, int(block.start[i])):
                    mark = int(block.quality[k]) if len(block.quality) else 0
                    samples[int(block.offset[i])].append((point, float(block.values[k]), mark))
        for record in both[names[1]]:
            letters[int(dict(record.headers)["alltobit-offset"])].append(record)
        found["both"] = dict(samples), dict(letters)
        whole = [o for o, some in letters.items() if len(some) >= pieces(some[0])]
        return {*samples, *whole} >= set(range(messages))

    await until("every message is in readings or rejects", all_read, 30.0)
    return found["both"]


def pieces(letter):
    return int(dict(letter.headers)["alltobit-piece"].split(b"/")[1])


POISON = {
    "nothing": (None, Why.EMPTY),
    "no bytes": (b"", Why.EMPTY),
    "truncated": (good(0)[:-4], Why.NOT_JSON),
    "UTF-8 that is none": (good(0).replace(b'"a"', b'"\xff"'), Why.INVALID_UTF8),
    "a wrong type": (b'{"asset":1,"time":1,"values":{"p":1}}', Why.WRONG_TYPE),
    "an unknown format": (b"\x00\x01\x02", Why.UNKNOWN_FORMAT),
    "a far future": (b'{"asset":"a","time":9e9,"values":{"p":1}}', Why.BAD_TIME),
    "10 MB": (bytes(range(256)) * 40_960, Why.TOO_LARGE),
    "more than is read": (b" " * 4_194_305, Why.TOO_LARGE),
}


async def test_poison_between_good_messages_goes_to_rejects_byte_for_byte(quick):
    values = [value for bad, _ in POISON.values() for value in (bad, good(0))]
    async with ingesting(quick) as task:
        await send(quick, quick.raw[0].name, values)
        samples, letters = await outcome(quick, len(values), task)

    assert set(samples) == set(range(1, len(values), 2))
    assert set(letters) == set(range(0, len(values), 2))
    for i, (value, why) in enumerate(POISON.values()):
        some = sorted(
            letters[2 * i], key=lambda one: int(dict(one.headers)["alltobit-piece"].split(b"/")[0])
        )
        assert b"".join(one.value for one in some) == (value or b"")
        assert {dict(one.headers)["alltobit-reason"] for one in some} == {why.encode()}
        assert {dict(one.headers)["alltobit-topic"] for one in some} == {quick.raw[0].name.encode()}
        assert {dict(one.headers)["alltobit-partition"] for one in some} == {b"0"}
        assert {one.key for one in some} == {b"key"}


async def test_values_and_times_that_are_wrong_get_a_quality_and_nothing_is_rejected(quick):
    text = b'{"asset":"a","time":1700000000,"values":{"x":NaN,"y":-Infinity,"z":null,"ok":1}}'
    late = b'{"asset":"a","time":"1999-01-01","values":{"ok":1}}'
    future = b'{"asset":"a","time":"2150-01-01","values":{"ok":1}}'
    async with ingesting(quick) as task:
        await send(quick, quick.raw[0].name, [text, late, future, text])
        samples, letters = await outcome(quick, 4, task)

    assert not letters
    assert {p: mark for p, _, mark in samples[0]} == {
        "x": Quality.NOT_A_NUMBER,
        "y": Quality.INFINITE,
        "z": Quality.MISSING,
        "ok": Quality.GOOD,
    }
    assert [mark for _, _, mark in samples[1] + samples[2]] == [0, Quality.FUTURE]
    assert len(samples[3]) == 4


async def test_one_message_of_many_long_names_does_not_stop_the_others(quick):
    wide = good(0, **{f"{i:05d}{'é' * 200}": 1.0 for i in range(8_000)})
    async with ingesting(quick) as task:
        await send(quick, quick.raw[0].name, [good(0), wide, good(1)])
        samples, letters = await outcome(quick, 3, task)

    assert [len(samples[i]) for i in range(3)] == [1, 8_000, 1]
    assert not letters


async def test_a_header_without_a_value_does_no_harm(quick):
    async with ingesting(quick) as task:
        await send(quick, quick.raw[0].name, [good(0)], headers=[("content-type", None)])
        await send(quick, quick.raw[0].name, [b"?"], headers=[("content-type", None)])
        samples, letters = await outcome(quick, 2, task)

    assert (set(samples), set(letters)) == ({0}, {1})


async def test_a_message_with_many_flaws_is_written_once_a_reason(quick):
    text = "".join(f"{{ {i}\n" for i in range(500)).encode()
    raw = (quick.raw[0].model_copy(update={"format": "prometheus-text"}),)
    quick = quick.model_copy(update={"raw": raw})
    async with ingesting(quick) as task:
        await send(quick, quick.raw[0].name, [text, b"up 1\n"])
        samples, letters = await outcome(quick, 2, task)

    assert len(letters[0]) == 1
    assert set(samples) == {1}


def ended(command, seconds=60):
    """Run a process of ours to its end; return its exit code and what it said."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "streams", *command],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    return done.returncode, done.stderr


def one_line(told):
    """Return the one line for a person; log lines may stand around it, a traceback may not."""
    assert "Traceback" not in told, told
    lines = [line for line in told.splitlines() if line.startswith("alltobit: ")]
    assert len(lines) == 1, told
    return lines[0]


async def test_a_flood_of_garbage_stops_ingest_with_one_line_and_65(quick, tmp_path):
    limited = changed(quick, "ingest", reject_window=100, reject_share=0.9)
    await topics.create(limited)
    await send(limited, limited.raw[0].name, [b"garbage"] * 500)
    config = settings_file(tmp_path, limited)

    code, told = await asyncio.to_thread(ended, ["--config", config, "ingest"])

    assert code == 65
    line = one_line(told)
    assert "ingest.reject_share" in line
    assert "100 of the last 100" in line


def block_of(second):
    builder = SpansBuilder()
    builder.add(0, "a", ("p",), second * 10**9, (1.0,))
    gatherer = Gatherer(lambda _asset: 0)
    gatherer.add(
        Piece(readings.Source("raw", 0, "epoch"), readings.np.array([second]), builder.build())
    )
    return readings.encode(gatherer.flush()[0][0])


async def test_garbage_in_readings_is_rejected_and_the_good_blocks_go_on(quick, tmp_path):
    garbage = [b"garbage", b"", None, block_of(3)[:-200], b"\xff" * 1_048_450]
    hurried = changed(quick, "detect", frame_s=1.0, lateness_s=0.001)
    seconds = iter(range(T0, T0 + 99, 10))
    values = [value for bad in garbage for value in (block_of(next(seconds)), bad)]
    async with House(hurried, tmp_path / "house") as house:
        await send(hurried, hurried.topics.readings, [*values, block_of(next(seconds))])
        member = house.start("worker", log="worker.log")

        async def seen():
            assert member.process.poll() is None, (house.folder / "worker.log").read_text()
            both = await read_all(hurried, [hurried.topics.bits, hurried.topics.rejects])
            return len(both[hurried.topics.bits]) >= 5 and len(both[hurried.topics.rejects]) >= 5

        await until("five frames and five rejects", seen, 60.0)
        both = await read_all(hurried, [hurried.topics.bits, hurried.topics.rejects])
        codes = await house.stop()
    reader = bits.Reader()
    frames = [reader.decode(record.value) for record in both[hurried.topics.bits]]

    assert codes == [0]
    assert sum(len(frame.samples.values) for frame in frames) == 5
    letters = both[hurried.topics.rejects]
    assert {dict(one.headers)["alltobit-reason"] for one in letters} == {b"not_arrow"}
    got = defaultdict(bytes)
    for one in letters:
        got[int(dict(one.headers)["alltobit-offset"])] += one.value
    assert [got[o] for o in sorted(got)] == [value or b"" for value in garbage]


async def test_what_a_person_did_wrong_is_told_in_one_line(settings, tmp_path):
    patient = changed(settings, "kafka", patience_s=0.2)
    with socket.socket() as closed, socket.socket() as taken:
        closed.bind(("127.0.0.1", 0))  # nobody listens
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        away = Kafka(bootstrap=f"127.0.0.1:{closed.getsockname()[1]}", patience_s=0.2)
        port = taken.getsockname()[1]
        await topics.create(patient)
        absent = patient.model_copy(update={"raw": (RawTopic(name="absent"),)})
        wrong = {
            "absent": (absent, "ingest", 66, "absent"),
            "away": (patient.model_copy(update={"kafka": away}), "ingest", 69, "kafka.bootstrap"),
            "away too": (
                patient.model_copy(update={"kafka": away}),
                "worker",
                69,
                "kafka.bootstrap",
            ),
            "port": (
                patient.model_copy(update={"http": Http(port=port)}),
                "ingest",
                2,
                "http.port",
            ),
            "port too": (
                patient.model_copy(update={"http": Http(port=port)}),
                "worker",
                2,
                "http.port",
            ),
            "no state": (changed(patient, "detect", group="new-group"), "worker", 66, "new-group"),
        }
        gate = asyncio.Semaphore(2)

        async def run(name):
            changed_settings, role, *_ = wrong[name]
            folder = tmp_path / name
            folder.mkdir()
            config = settings_file(folder, changed_settings)
            async with gate:
                return await asyncio.to_thread(ended, ["--config", config, role])

        for name, (code, told) in zip(wrong, await asyncio.gather(*map(run, wrong)), strict=True):
            assert code == wrong[name][2], (name, told)
            assert wrong[name][3] in one_line(told)


def test_wrong_settings_are_told_in_one_line_and_nothing_is_started(tmp_path):
    file = tmp_path / "settings.yaml"
    file.write_text("ingest:\n  linger_s: -1\n")

    code, told = ended(["--config", str(file), "ingest"])

    assert code == 2
    assert "ingest.linger_s" in one_line(told)


@pytest.mark.parametrize("role", ["ingest", "worker"])
async def test_wrong_credentials_are_told_in_one_line(
    secure_kafka, fresh, tmp_path, monkeypatch, role
):
    settings = fresh(secure_kafka.kafka)
    monkeypatch.setenv("ALLTOBIT_KAFKA__PASSWORD", "wrong-password")
    wrong = changed(settings, "kafka", password=SecretStr("wrong-password"))

    code, told = await asyncio.to_thread(ended, ["--config", settings_file(tmp_path, wrong), role])

    assert code == 77
    assert "wrong-password" not in told
    assert "kafka" in one_line(told)


async def test_readings_of_another_partition_count_under_saved_state_stop_the_worker(
    quick, tmp_path
):
    async with House(quick, tmp_path / "house") as house:
        await send(quick, quick.topics.readings, [block_of(T0 + i) for i in range(5)])
        house.start("worker")
        changelog = topics.changelog(quick)

        async def saved():
            return bool((await read_all(quick, [changelog]))[changelog])

        await until("a saved state", saved)
        assert await house.stop() == [0]
        await remade(quick, quick.topics.readings, 3)
        code, told = await asyncio.to_thread(ended, ["--config", str(house.file), "worker"])

    assert code == 78
    assert "3 partitions" in one_line(told)
    assert "detect.group" in told


async def remade(settings, topic, partitions):
    """Delete a topic and make it anew."""
    admin = AIOKafkaAdminClient(**client_options(settings.kafka))
    await admin.start()
    try:
        await admin.delete_topics([topic])

        async def gone():
            return topic not in await admin.list_topics()

        await until("the topic is gone", gone)
        await admin.create_topics([NewTopic(topic, partitions, 1)])
        await until("it is there again", lambda: there(settings, admin, topic, partitions))
    finally:
        await admin.close()


async def there(settings, admin, topic, partitions):
    del settings
    counts = await topics.partition_counts(admin._client, [topic])  # noqa: SLF001 - no public client
    return counts.get(topic) == partitions
