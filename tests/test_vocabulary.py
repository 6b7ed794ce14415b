"""One vocabulary: whatever agents call a point and count it in, it goes by one name and unit."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from vocabulary_cases import cases, judged, rows, spans_of, told

from models.names import Config
from models.telemetry import Judge
from schemas.telemetry import MENDED, SENTINEL, Quality, SpansBuilder
from schemas.trigger import Rule
from schemas.units import BUILT_IN, PointKind, Table

CONVERTED = Quality.CONVERTED

EXACT = sorted({point.name for point in BUILT_IN if not set("*?[") & set(point.name)})
FAMILIES = sorted({point.name for point in BUILT_IN} - set(EXACT))


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.agent}: {case.sent}")
def test_what_an_agent_sends_reaches_its_canonical_name_unit_and_kind(case):
    known = Config().known(case.name)
    mended = CONVERTED if case.value != case.canonical else Quality.GOOD

    assert told(case.sent, case.value) == (case.name, pytest.approx(case.canonical, 1e-15), mended)
    assert (known.unit, known.kind) == (case.unit, case.kind)


def test_every_name_an_agent_uses_leads_to_a_point_that_is_described_and_stays_where_it_is():
    table = Table()
    for point in BUILT_IN:
        if point.is_alias:
            meaning = table.meaning(point.canonical)

            assert meaning.name == point.canonical
            assert meaning.point is not None
            assert not point.unit or point.unit == meaning.point.unit


def test_no_two_points_of_the_table_have_one_name():
    names = [point.name for point in BUILT_IN]

    assert len(set(names)) == len(names)


labels = st.sampled_from(["", '{gpu="0"}', '{a="b",c="d{}"}'])
families = st.sampled_from(FAMILIES).map(lambda name: re.sub(r"[*?]", "x", name))
words = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=12)
paths = st.builds(
    "{}{}{}".format, st.sampled_from(["", "a/", "a/b/"]), st.sampled_from(EXACT), labels
)
names = st.one_of(paths, families, words, st.builds("{}{}".format, words, labels))
values = st.one_of(
    st.floats(width=64),
    st.sampled_from([0.0, -0.0, 2.0**63, 2.0**47 + 3, 2147483635.0, 1e300, -1e300]),
    st.floats(-1e4, 1e4),
)
marks = st.sampled_from([0, int(Quality.MISSING), int(CONVERTED), int(Quality.UNCERTAIN)])


@st.composite
def batches(draw):
    builder = SpansBuilder()
    for i in range(draw(st.integers(1, 4))):
        shape = draw(st.lists(names, min_size=1, max_size=6, unique=True))
        count = len(shape)
        some = draw(st.lists(values, min_size=count, max_size=count))
        builder.add(
            0, "a", tuple(shape), i, some, draw(st.lists(marks, min_size=count, max_size=count))
        )
    return builder.build()


JUDGE = Judge(Config())


@settings(deadline=None)
@given(name=names)
def test_a_canonical_name_goes_by_itself(name):
    meaning = Table().meaning(name)

    assert Table().meaning(meaning.name).name == meaning.name


@settings(deadline=None)
@given(spans=batches())
def test_mapping_what_is_mapped_changes_nothing_but_what_its_own_name_says_in_another_unit(spans):
    once = judged(spans, JUDGE)

    for before, after in zip(rows(once), rows(judged(once, JUDGE)), strict=True):
        assert after[:3] == before[:3]
        if before[4] & CONVERTED or not Table().meaning(before[2]).converts:
            assert after == before


@settings(deadline=None)
@given(spans=batches())
def test_cutting_a_batch_into_spans_changes_nothing(spans):
    one_by_one = []
    for i in range(len(spans)):
        first, end = spans.start[i], spans.start[i + 1]
        piece = replace(
            spans,
            message=spans.message[i : i + 1],
            asset=spans.asset[i : i + 1],
            shape=spans.shape[i : i + 1],
            time_ns=spans.time_ns[i : i + 1],
            start=np.array([0, end - first]),
            values=spans.values[first:end],
            quality=spans.quality[first:end],
        )
        one_by_one += rows(judged(piece))

    assert rows(judged(spans, JUDGE)) == one_by_one


@settings(deadline=None)
@given(spans=batches())
def test_nothing_is_lost_and_no_two_points_of_a_span_become_one(spans):
    after = judged(spans, JUDGE)

    for i in range(len(spans)):
        sent, told_on = (one.shapes[one.shape[i]] for one in (spans, after))
        assert len(set(told_on)) == len(told_on) == len(sent)
    assert (after.quality & spans.quality == spans.quality).all()


@settings(deadline=None)
@given(spans=batches())
def test_the_decoders_columns_are_left_alone(spans):
    before = rows(spans)
    judged(spans, JUDGE)

    assert rows(spans) == before


@settings(deadline=None)
@given(word=words, value=st.integers(-(2**63), 2**63 - 1))
def test_an_unknown_point_stays_bit_for_bit(word, value):
    assume(Table().meaning(word).point is None)
    bits = np.array([value], np.int64).view(np.float64)
    spans = judged(spans_of(([word], bits)), JUDGE)

    assert spans.shapes == [(word,)]
    assert spans.values.view(np.int64).tolist() == [value]
    assert not spans.quality[0] & (MENDED | SENTINEL)


@settings(deadline=None)
@given(name=st.sampled_from(EXACT), value=st.floats(-1e12, 1e12))
def test_a_conversion_can_be_undone_within_rounding(name, value):
    meaning = Table().meaning(name)
    _, after, mark = told(name, value)
    assume(not mark & SENTINEL)
    back = (after - meaning.shift) / meaning.factor

    assert back == pytest.approx(value, rel=1e-15, abs=1e-300)
    assert bool(mark & CONVERTED) == meaning.converts


def test_labels_and_path_stay():
    assert told('Rack1/RackPower{row="3"}', 1.0)[0] == 'Rack1/Active_Power{row="3"}'


def test_a_name_that_would_grow_too_long_stays():
    long = 'RackPower{row="' + "x" * 490 + '"}'

    assert len(long) < 512 < len(long) + len("Active_Power") - len("RackPower") + 5
    assert told(long + "", 1.0)[0] == long or len(told(long, 1.0)[0].encode()) <= 512
    longest = 'RackPower{row="' + "x" * 495 + '"}'
    assert told(longest, 7.0) == (longest, 7.0, Quality.GOOD)


def test_of_two_points_that_are_one_the_second_keeps_name_and_value():
    spans = judged(spans_of((["infiniband_port_xmit_data", "PortXmitDataExtended"], [1.0, 2.0])))

    assert spans.shapes == [("PortXmitData", "PortXmitDataExtended")]
    assert spans.values.tolist() == [4.0, 2.0]
    assert spans.quality.tolist() == [CONVERTED, 0]


def test_who_has_the_canonical_name_already_keeps_it():
    sent = ["node_infiniband_symbol_error_total", "SymbolErrorCounter"]
    spans = judged(spans_of((sent, [1.0, 2.0])))

    assert spans.shapes == [tuple(sent)]


def test_a_rule_on_the_senders_name_watches_the_canonical_point():
    rules = (
        Rule(name="a", point="node_infiniband_symbol_error_total", above=0.0),
        Rule(name="b", point="node_infiniband_*_error_total*", above=0.0),
        Rule(name="c", point="RackPower", above=100.0),
    )
    config = Config(rules=rules)

    assert config.known("SymbolErrorCounter").rules == (0, 1)
    assert config.known('SymbolErrorCounter{port="1"}').rules == (1,)
    assert config.known("Active_Power").rules == ()  # its limit is in another unit


def test_capacities_and_units_in_doubt_are_known_by_the_canonical_name():
    config = Config()
    link, port = config.known("DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL"), config.known("PortXmitData")

    assert (link.kind, link.factor, link.factors, link.capacity) == (
        PointKind.GAUGE,
        1e6,
        (1e3, 1.0),
        1.8e12,
    )
    assert (port.factor, port.factors, port.capacity, port.wraps) == (4.0, (1.0,), 1e11, 64)
    assert config.known("DCGM_FI_PROF_PCIE_TX_BYTES").capacity == 1.21e11
    assert config.known("DCGM_FI_DEV_NVLINK_BANDWIDTH_L3").capacity == 1e11
