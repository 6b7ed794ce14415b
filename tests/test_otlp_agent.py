"""Real input: what OpenTelemetry's SDK measures and its encoder writes, through Kafka to readings.

The Collector's Kafka exporter puts the same bytes into one Kafka message a batch.
"""

import pytest
from google.protobuf.json_format import MessageToJson
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.metrics import Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource

from schemas import readings
from streams.house import House, read_all, until
from streams.publish import Message, publish

pytestmark = pytest.mark.kafka

MESSAGES = 4
OF_HOST = {
    *("jobs_total", "step_count", "step_sum", "step_min", "step_max"),
    *('step_bucket{le="0.5"}', 'step_bucket{le="+Inf"}'),
}


class Host:
    """A host that measures two GPUs, with OpenTelemetry's SDK."""

    def __init__(self, name):
        self._reader = InMemoryMetricReader()
        self._provider = MeterProvider([self._reader], resource=Resource({"host.name": name}))
        meter = self._provider.get_meter("gpus")
        self._jobs = meter.create_counter("jobs")
        self._step = meter.create_histogram("step", explicit_bucket_boundaries_advisory=[0.5])
        meter.create_observable_gauge("fill", [self._fills], unit="1")
        self.measured = 0

    @staticmethod
    def _fills(_):
        return [Observation(0.25 * (i + 1), {"hw.id": f"GPU-{i}"}) for i in range(2)]

    def measure(self):
        """Work a little; return what the SDK's encoder makes of all that was measured."""
        self.measured += 1
        self._jobs.add(1)
        self._step.record(0.25 * self.measured)
        return encode_metrics(self._reader.get_metrics_data())

    def close(self):
        """End the SDK."""
        self._provider.shutdown()


async def test_what_opentelemetrys_sdk_measures_arrives_in_readings(settings, tmp_path):
    hosts = {"by-protobuf": Host("by-protobuf"), "by-json": Host("by-json")}
    async with House(settings, tmp_path / "house") as house:
        house.start("ingest")
        for _ in range(MESSAGES):
            await publish(settings.kafka, list(written(settings, hosts)))

        async def all_arrived():
            values = [v for of in (await values_of(settings)).values() for v in of.values()]
            return sum(map(len, values)) == len(hosts) * MESSAGES * (2 + len(OF_HOST))

        await until("readings of all assets", all_arrived)
        found = await values_of(settings)
        refused = (await read_all(settings, [settings.topics.rejects]))[settings.topics.rejects]
    for host in hosts.values():
        host.close()

    assert not refused
    for name in hosts:
        assert found[f"{name}/GPU-0"] == {"fill": [0.25] * MESSAGES}
        assert found[f"{name}/GPU-1"] == {"fill": [0.5] * MESSAGES}
        assert set(found[name]) == OF_HOST
        assert all(len(values) == MESSAGES for values in found[name].values())


def written(settings, hosts):
    """Return a message of each host, as the Collector's exporter would publish it."""
    topic = settings.raw[1].name
    yield Message(topic, b"p", hosts["by-protobuf"].measure().SerializeToString())
    yield Message(topic, b"j", MessageToJson(hosts["by-json"].measure()).encode())


async def values_of(settings):
    """Return what arrived: by asset and point, values in the order of time."""
    told = []
    for record in (await read_all(settings, [settings.topics.readings]))[settings.topics.readings]:
        block = readings.decode(record.value)
        for i in range(len(block)):
            asset = block.meta.assets[block.asset[i]]
            values = block.values[block.start[i] : block.start[i + 1]].tolist()
            names = readings.points(block.meta, int(block.shape[i]))
            told += [
                (int(block.time_ns[i]), asset, *pair) for pair in zip(names, values, strict=True)
            ]
    found = {}
    for _, asset, point, value in sorted(told):
        found.setdefault(asset, {}).setdefault(point, []).append(value)
    return found
