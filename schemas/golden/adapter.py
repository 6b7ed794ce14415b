"""prometheus-kafka-adapter: what its README shows and its own tests expect, as it writes it."""

from math import inf

from schemas.formats.base import Golden
from schemas.telemetry import Quality

_REPOSITORY = "Telefonica/prometheus-kafka-adapter (Apache-2.0)"

GOLDEN_ADAPTER: tuple[Golden, ...] = (
    Golden(
        f"{_REPOSITORY}, README, output: JSON",
        b'{"labels":{"__name__":"up","label1":"value1","label2":"value2"},"name":"up",'
        b'"timestamp":"1970-01-01T00:00:00Z","value":"9876543210"}',
        (("prometheus", 'up{label1="value1",label2="value2"}', 0, 9876543210.0, 0),),
    ),
    Golden(
        f"{_REPOSITORY}, serializers_test.go: Avro-JSON, infinite",
        b'{"timestamp":"1970-01-01T00:00:10Z","value":"+Inf","name":"foo",'
        b'"labels":{"__name__":"foo","labelfoo":"label-bar"}}',
        (("prometheus", 'foo{labelfoo="label-bar"}', 10**10, inf, int(Quality.INFINITE)),),
    ),
)
