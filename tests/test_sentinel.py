"""A sentinel that exposition text prints for `no value`, from the text to what is told of it."""

from math import isnan

import numpy as np
import pytest
from vocabulary_cases import told

from models import pipeline
from models.names import Config
from models.state import State
from models.telemetry import Gatherer, Judge, Piece
from schemas.formats import decoders
from schemas.telemetry import About, Quality, Source
from schemas.trigger import Rule
from schemas.units import MOST

SOURCE = Source("raw", 0, "epoch")
BEGAN_S = 1_763_942_400
PRINTED = {
    9223372036854775792: Quality.BLANK,
    9223372036854775793: Quality.NOT_FOUND,
    9223372036854775794: Quality.NOT_SUPPORTED,
    9223372036854775795: Quality.NOT_PERMISSIONED,
}
ENERGY = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"


def read(config, texts, times_ms):
    """Return what a batch of texts is judged to be."""
    about = About(SOURCE, [*range(len(texts))], ["h"] * len(texts))
    decoder = decoders({"prometheus-text"})["prometheus-text"]
    decoded = decoder.decode([text.encode() for text in texts], times_ms, about)
    return Judge(config).judge(decoded.spans, np.array(times_ms))


def line(point, value):
    return f'{point}{{gpu="0",Hostname="h"}} {value}\n'


def one(point, value):
    spans = read(Config(), [line(point, value)], [BEGAN_S * 1000])
    return float(spans.values[0]), Quality(int(spans.quality[0]))


@pytest.mark.parametrize("printed", PRINTED)
@pytest.mark.parametrize("blanks", ["", "  \t"])
@pytest.mark.parametrize("point", [ENERGY, "DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_UNKNOWN_THING"])
def test_a_sentinel_of_a_field_of_dcgm_is_no_value_and_keeps_its_own_code(point, blanks, printed):
    value, mark = one(point, f"{blanks}{printed}{blanks}")

    assert isnan(value)
    assert mark == Quality.MISSING | PRINTED[printed]


@pytest.mark.parametrize("printed", PRINTED)
def test_the_same_number_of_anything_else_is_a_number(printed):
    assert one("nvidia_foo", printed) == (float(printed), Quality.GOOD)
    assert told("node_memory_limit_bytes", 2.0**63, int(PRINTED[printed]))[2] == Quality.GOOD
    assert MOST > 2.0**63


@pytest.mark.parametrize("point", [ENERGY, "DCGM_FI_DEV_XID_ERRORS", "DCGM_FI_UNKNOWN_THING"])
def test_sentinels_between_values_raise_no_anomaly_and_fire_no_rule(point):
    config = Config(rules=(Rule(name="much", point=point, above=2000.0),))
    steps = 500_000 if point == ENERGY else 0
    texts = [line(point, 9223372036854775794 if 60 <= i < 80 else steps * i) for i in range(110)]
    spans = read(config, texts, [(BEGAN_S + i) * 1000 for i in range(110)])
    gatherer = Gatherer(lambda _asset: 0)
    gatherer.add(Piece(SOURCE, np.arange(110), spans))
    state = State(config)
    found = [pipeline.judge(state, block) for block in gatherer.flush()[0]]

    assert [event.data for each in found for event in each.events] == []
