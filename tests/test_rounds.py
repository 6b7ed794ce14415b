"""Messages that are read in part: what is bad of them is set aside, and ingest goes on."""

from types import SimpleNamespace

import pytest

from models.names import Config
from models.telemetry import Gatherer
from schemas.formats.sparkplug_payload import Payload
from schemas.settings import Ingest, RawTopic, Settings
from schemas.telemetry import Source
from streams.errors import TooManyRejects
from streams.telemetry.progress import Progress
from streams.telemetry.rounds import Reading, Round

T_MS = 1_763_942_400_000
SCRAPE = b"".join(b'm%d{host="h"} %d\n' % (i, i) for i in range(20))
BAD_LINE = b'build_info{host="h"} v1.2\n'
HEALTH = b"""{"specversion":"1.0","type":"com.nvidia.nvsentinel.health.v1","source":"s","id":"i",
"time":"2025-11-24T00:00:00Z","data":{"version":"1.0","metadata":{},"healthEvent":{"agent":"a",
"componentClass":"GPU","checkName":"c","isFatal":true,"isHealthy":false,"nodeName":"n"}}}"""


def birth():
    """Return a birth that is kept, without a sample, and has a metric with a bad name."""
    payload = Payload(timestamp=T_MS, seq=0)
    payload.metrics.add(name=b"Template", datatype=19, timestamp=T_MS)
    payload.metrics.add(name=b"bad\nname", datatype=10, timestamp=T_MS, double_value=1.0)
    return payload.SerializeToString()


def round_of(value, format_, subject=b"h", messages=200):
    """Read a message again and again, as ingest does; return what was gathered."""
    settings = Settings(
        raw=(RawTopic(name="t", format=format_),), ingest=Ingest(reject_window=50, reject_share=0.9)
    )
    reading, into = Reading(settings, Config.of(settings)), Round(Gatherer(lambda _asset: 0))
    progress = Progress(Source("t", 0, "epoch"), 0)
    for i in range(messages):
        one = SimpleNamespace(
            topic="t",
            partition=0,
            offset=i,
            timestamp=T_MS + i * 1000,
            key=subject,
            value=value,
            headers=(),
        )
        reading.read(progress, [one], into)
    return into


def test_one_bad_line_in_every_scrape_does_not_stop_ingest():
    into = round_of(SCRAPE + BAD_LINE, "prometheus-text")

    assert into.samples == 200 * 20
    assert len(into.aside.rejects) == 200
    assert into.aside.rejects[0][0].value == SCRAPE + BAD_LINE


def test_a_bad_metric_in_every_birth_does_not_stop_ingest():
    into = round_of(birth(), "sparkplug-b", b"spBv1.0/G/NBIRTH/E")

    assert into.samples == 0
    assert len(into.aside.rejects) == len(into.aside.kept) == 200


def test_scrapes_of_bad_lines_alone_do():
    with pytest.raises(TooManyRejects) as raised:
        round_of(BAD_LINE * 20, "prometheus-text")
    assert "50 of the last 50 messages" in str(raised.value)


def test_a_health_event_is_no_rejected_message():
    assert len(round_of(HEALTH, "nvsentinel").aside.health) == 200
