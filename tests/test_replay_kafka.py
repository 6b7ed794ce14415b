"""Recorded files, to a real Kafka."""

import asyncio
import json

import pytest
from cli_calls import call, settings_file

from streams.house import read_all

pytestmark = pytest.mark.kafka


def test_every_row_of_a_file_is_a_message_of_its_asset_that_names_its_format(settings, tmp_path):
    (tmp_path / "pump.csv").write_text("time,flow\n1700000000,1.5\n1700000001,\n")
    config = ("--config", settings_file(tmp_path, settings))
    assert call(*config, "topics", "create").exit_code == 0

    sent = call(*config, "replay", str(tmp_path / "pump.csv"), "--rate", "0")

    topic = settings.raw[0].name
    records = asyncio.run(read_all(settings, [topic]))[topic]
    assert sent.exit_code == 0, sent.output
    assert {(record.key, *record.headers) for record in records} == {
        (b"pump", ("content-type", b"application/vnd.alltobit+json"))
    }
    assert [json.loads(record.value) for record in records] == [
        {"asset": "pump", "time": 1_700_000_000, "values": {"flow": 1.5}},
        {"asset": "pump", "time": 1_700_000_001, "values": {"flow": None}},
    ]
