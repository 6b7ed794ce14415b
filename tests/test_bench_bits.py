"""The bench of bits: what it compares with is right, and what it counts is there."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.simulate.frame import Frame
from streams.bench.bits import gorilla
from streams.bench.bits.codecs import codecs, rounded
from streams.bench.bits.measure import measure
from streams.bench.bits.sets import Table, tables


@settings(deadline=None)
@given(values=st.lists(st.floats() | st.integers(0, 9).map(float), min_size=1, max_size=50))
@example(values=[0.0, -0.0, 5e-324, float("nan"), float("inf")])
def test_xor_coding_comes_back_to_the_bit(values):
    sent = np.array(values, np.float64)

    got = gorilla.decode(gorilla.encode(sent), len(sent))

    assert got.view(np.int64).tolist() == sent.view(np.int64).tolist()


def test_a_repeated_value_is_a_bit():
    assert len(gorilla.encode(np.full(801, 21.5))) == 8 + 100


@settings(deadline=None)
@given(value=st.floats(-1e9, 1e9), bound=st.floats(1e-6, 1e3))
def test_rounding_keeps_the_bound(value, bound):
    assert abs(rounded(np.array([value]), bound)[0] - value) <= bound


@pytest.mark.parametrize("share", [0.005, 0.0])
def test_every_codec_is_measured_on_the_same_samples(share):
    rng, counter = np.random.default_rng(1), 1e14 + np.arange(200.0)
    table = Table("a", ("p", "q"), np.stack((rng.normal(50, 1, 200), counter), 1))
    table.values[3, 0] = np.nan
    results = list(measure("set", [table], share, 1))

    assert {one.samples for one in results} == {399}
    assert {one.name for one in codecs(share)} <= {one.codec for one in results}
    assert all(one.bytes_a_sample > 0 for one in results)


def test_an_asset_with_more_samples_than_a_frame_holds_is_cut():
    points = tuple(f"p{i}" for i in range(2**18))
    rows = [Frame("a", second, points, [1.0] * len(points)) for second in range(9)]

    assert [len(table.values) for table in tables(rows)] == [4, 4, 1]
