"""Sentinels that agents print as values, and ranges of what is converted."""

from math import isnan, nextafter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vocabulary_cases import judged, spans_of, told

from schemas.telemetry import Quality
from schemas.units import MOST, Point

CONVERTED = Quality.CONVERTED

KINDS = (Quality.BLANK, Quality.NOT_FOUND, Quality.NOT_SUPPORTED, Quality.NOT_PERMISSIONED)


@pytest.mark.parametrize(
    "point", ["DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_FB_USED", 'DCGM_FI_DEV_NEW{a="b"}']
)
@pytest.mark.parametrize("blank", [2**47, 0x7FFFFFF0])
@pytest.mark.parametrize("which", range(4))
def test_each_sentinel_of_dcgm_has_its_own_quality_and_no_value(point, blank, which):
    name, value, mark = told(point, float(blank + which))

    assert (name, mark) == (point, Quality.MISSING | KINDS[which])
    assert isnan(value)


@pytest.mark.parametrize("printed", range(0x7FFFFFFFFFFFFFF0, 0x7FFFFFFFFFFFFFF4))
@pytest.mark.parametrize(
    "point", ["DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "a/DCGM_FI_X"]
)
def test_the_64_bit_sentinels_are_one_float_and_so_blank(printed, point):
    _, value, mark = told(point, float(printed))

    assert isnan(value)
    assert mark == Quality.MISSING | Quality.BLANK


@pytest.mark.parametrize("near", [2.0**63, 2.0**47, 2.0**47 + 3, 2147483632.0, 2147483635.0])
@pytest.mark.parametrize("away", [-1, 1])
def test_a_number_beside_a_sentinel_is_a_number(near, away):
    beside = nextafter(near, away * 1e300)
    _, value, mark = told("DCGM_FI_DEV_SOMETHING", beside)

    assert (value, mark) == (beside, Quality.GOOD)


@settings(deadline=None)
@given(
    word=st.sampled_from(["Active_Energy", "PortXmitWait", "Water_Flow", "node_load1", "anything"]),
    value=st.sampled_from([2.0**63, 2.0**47, 2.0**47 + 2, 2147483632.0, 2147483634.0]),
)
def test_what_is_no_field_of_dcgm_has_no_sentinels(word, value):
    assert told(word, value)[1:] == (value, Quality.GOOD)


@pytest.mark.parametrize("value", [2147483632.0, 2147483633.0, 2.0**47, 2.0**47 + 3])
@pytest.mark.parametrize(
    "point", ["DCGM_FI_DEV_POWER_VIOLATION", "DCGM_FI_DEV_NVLINK_COUNT_RX_BYTES"]
)
def test_a_counter_may_pass_through_a_small_sentinel(point, value):
    assert told(point, value) == (point, value, Quality.GOOD)


def test_a_value_that_is_declared_possible_is_none():
    assert told("DCGM_FI_PROF_NVLINK_TX_BYTES", 2147483633.0)[2] == Quality.GOOD
    assert told("DCGM_FI_PROF_NVLINK_TX_BYTES", 2.0**47)[2] & Quality.BLANK


def test_a_sentinel_that_the_decoder_told_stays():
    said = int(Quality.MISSING | Quality.NOT_FOUND)

    assert told("DCGM_FI_DEV_GPU_TEMP", float("nan"), said)[2] == said


def test_ranges_are_of_the_canonical_unit():
    points = (
        Point(name="t", canonical="Room_Temperature", unit="Cel", factor=5 / 9, shift=-160 / 9),
        Point(name="Room_Temperature", unit="Cel", low=0, high=40),
    )

    assert told("t", 68.0, points=points) == ("Room_Temperature", pytest.approx(20), CONVERTED)
    assert told("t", 451.0, points=points)[2] == CONVERTED | Quality.OUT_OF_RANGE


def test_a_counter_is_never_negative():
    assert told("node_forks_total", -1.0)[2] == Quality.OUT_OF_RANGE


def test_what_cannot_be_converted_stays_as_sent():
    assert told("RackPower", 1e299) == ("Active_Power", 1e299, Quality.OUT_OF_RANGE)
    assert MOST < 1e299 * 1000


def test_no_value_is_not_converted():
    assert told("RackPower", float("nan"), int(Quality.MISSING))[2] == Quality.MISSING
    assert told("RackPower", float("inf"))[2] == Quality.INFINITE


def test_one_bad_sample_does_not_touch_its_neighbours():
    sent = ["DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_GPU_TEMP", "RackPower", "x"]
    spans = judged(spans_of((sent, [1.0, 2.0**47, 2.0, -0.0])))

    assert spans.quality.tolist() == [CONVERTED, Quality.MISSING | Quality.BLANK, CONVERTED, 0]
    assert spans.values.tolist()[::2] == [2.0**20, 2000.0]
    assert np.signbit(spans.values[3])
