import asyncio
import json
import signal
import subprocess
import sys

import pytest
from aiokafka import AIOKafkaProducer
from bit_frames import columns, names_of
from cli_calls import call, one_line, settings_file

from models import bits
from models.simulate import Plant
from schemas.bits import ANOMALOUS, GOOD
from streams.connection import client_options

pytestmark = pytest.mark.kafka
_SMALL = ("--seconds", "3", "--nodes", "1", "--gpus", "1", "--rate", "0")


def test_topics_are_made_once_and_check_tells_what_is_missing(settings, tmp_path):
    command = ("--config", settings_file(tmp_path, settings), "topics", "create")

    before = call(*command, "--check", "--json")
    made = call(*command, "--json")
    again = call(*command)
    after = call(*command, "--check")

    assert before.exit_code == 1
    assert set(json.loads(made.stdout)["made"]) >= {raw.name for raw in settings.raw}
    assert [made.exit_code, again.exit_code, after.exit_code] == [0, 0, 0]
    assert "nothing to do" in one_line(again.stdout)


def test_what_is_simulated_can_be_watched(settings, tmp_path):
    config = ("--config", settings_file(tmp_path, settings))
    topic = settings.raw[1].name
    assert call(*config, "topics", "create").exit_code == 0

    sent = call(*config, "simulate", *_SMALL)
    seen = call(*config, "watch", topic, "--from-beginning", "--count", "9", "--json")

    assert sent.exit_code == 0
    assert seen.exit_code == 0
    rows = [json.loads(line) for line in seen.stdout.splitlines()]
    plant = {name for names in Plant(nodes=1, gpus=1).layout.assets.values() for name in names}
    assert {row["asset"] for row in rows} <= plant
    assert len(rows) == 9


def test_ctrl_c_ends_watch_with_130_and_no_traceback(settings, tmp_path):
    config = ("--config", settings_file(tmp_path, settings))
    assert call(*config, "topics", "create").exit_code == 0
    assert call(*config, "simulate", *_SMALL).exit_code == 0
    command = [sys.executable, "-m", "streams", *config, "watch", settings.raw[0].name]

    with subprocess.Popen(  # noqa: S603 - our own command
        [*command, "--from-beginning"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as watching:
        try:
            assert watching.stdout is not None
            assert watching.stdout.readline()
            watching.send_signal(signal.SIGINT)
            _, told = watching.communicate(timeout=20)
        finally:
            watching.kill()

    assert watching.returncode == 130
    assert "Traceback" not in told


def test_a_frame_is_decoded_from_its_topic_and_an_absent_one_is_told(settings, tmp_path):
    config = ("--config", settings_file(tmp_path, settings))
    assert call(*config, "topics", "create").exit_code == 0
    command = (*config, "bits", "decode", "--topic", "bits", "--offset")

    absent = call(*command, "5")

    assert absent.exit_code == 2
    assert "offset" in one_line(absent.stderr)
    assert "the partition is empty" in absent.stderr


async def published(settings, *frames):
    """Publish frames to partition 0 of `bits`."""
    async with AIOKafkaProducer(**client_options(settings.kafka)) as producer:
        for frame in frames:
            await producer.send_and_wait(settings.topics.bits, frame, partition=0)


def test_a_frame_whose_names_came_before_is_decoded_and_shown(settings, tmp_path):
    config = ("--config", settings_file(tmp_path, settings))
    assert call(*config, "topics", "create").exit_code == 0
    names = names_of(1)
    samples = columns([0, 60 * 10**9], [0, 1], [0, 0], [GOOD, GOOD | ANOMALOUS], [21.5, 88.25])
    first = bits.encode(names, (0, 1), samples)
    said = bits.names_bytes(names)
    later = bits.joined(bits.digest(said), b"", first[20 + len(said) :])
    asyncio.run(published(settings, first, later))

    done = call(*config, "bits", "decode", "--topic", "bits", "--offset", "1", "--json")
    shown = call(*config, "bits", "show")

    assert [one["value"] for one in json.loads(done.stdout)["samples"]] == [21.5, 88.25]
    assert "1 signals of 1 assets, 1 anomalous" in shown.stdout
