"""UFM's CSV: what is written is read, a bad line spoils no other."""

from math import isnan

import pytest
from exposition import samples_of, whys
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.formats import detect
from schemas.formats.ufm import Ufm
from schemas.golden.ufm import GOLDEN_UFM_CSV
from schemas.telemetry import Quality, Why

HEADER = "timestamp,source_id,tag,node_guid,port_guid,port_num,PortXmitDataExtended,raw_ber"
ROW = "1628683905941000,0x1,,0x{node:016x},0x2,{port},{a},{b}"
NS = 1_628_683_905_941_000_000

values = st.one_of(
    st.integers(0, 2**64).map(str), st.floats(allow_nan=False, allow_infinity=False).map(repr)
)


def decode(text, time_ms=-1):
    return Ufm().decode([text.encode()], [time_ms])


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 99), values, values),
        min_size=1,
        max_size=5,
        unique_by=lambda row: row[:2],
    ),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_written_is_read(rows, end):
    lines = [ROW.format(node=node, port=port, a=a, b=b) for node, port, a, b in rows]
    found = samples_of(decode(end.join([HEADER, *lines, ""])))

    assert found == [
        one
        for node, port, a, b in rows
        for one in (
            (0, f"0x{node:016x}/p{port}", "PortXmitDataExtended", NS, float(a), 0),
            (0, f"0x{node:016x}/p{port}", "raw_ber", NS, float(b), 0),
        )
    ]


@pytest.mark.parametrize("golden", GOLDEN_UFM_CSV)
def test_each_golden_message_is_read_and_detected(golden):
    decoded = Ufm().decode([golden.message], [golden.time_ms])

    assert repr([one[1:] for one in samples_of(decoded)]) == repr([*golden.samples])
    assert not decoded.rejects
    assert detect(golden.message) == "ufm-csv"


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, 300), put=st.binary(max_size=4), skip=st.integers(0, 5))
def test_a_damaged_message_spoils_no_other(at, put, skip):
    good = GOLDEN_UFM_CSV[0].message
    bad = good[:at] + put + good[at + skip :]
    found = samples_of(Ufm().decode([good, bad, good], [0, 0, 0]))

    for message in (0, 2):
        here = [one[1:] for one in found if one[0] == message]
        assert repr(here) == repr([one[1:] for one in samples_of(Ufm().decode([good]))])


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("1628683905941000,0x1,,0x5,0x2,1,2", Why.WRONG_LENGTH),
        ("soon,0x1,,0x5,0x2,1,2,3", Why.BAD_TIME),
        ("1628683905941000,0x1,,node,0x2,1,2,3", Why.BAD_NAME),
        ('1628683905941000,0x1,,"0x5,0x2,1,2,3', Why.NOT_CSV),
    ],
)
def test_a_bad_line_is_told_of_and_the_others_are_read(row, why):
    good = ROW.format(node=5, port=1, a=2, b=3)
    decoded = decode(f"{HEADER}\n{good}\n{row}\n{good}")

    assert whys(decoded) == [why]
    assert decoded.rejects[0].detail.startswith("line 3: ")
    assert len(decoded.spans) == 2


def test_columns_of_text_are_no_points_and_empty_cells_are_missing():
    text = f"{HEADER},Cable_PN,note\n" + ROW.format(node=5, port=1, a="", b="N/A") + ",MCP4Y10,\n"
    text += ROW.format(node=5, port=2, a="x", b="1e-15") + ",MCP4Y10,\n"
    found = samples_of(decode(text))

    assert {one[2] for one in found} == {"PortXmitDataExtended", "raw_ber", "note"}
    marks = [one[5] for one in found if one[2] != "note"]
    assert marks == [Quality.MISSING, Quality.MISSING, Quality.NOT_A_NUMBER, 0]


def test_a_header_that_comes_again_is_no_line():
    row = ROW.format(node=5, port=1, a=2, b=3)
    decoded = decode(f"{HEADER}\n{row}\n{HEADER}\n{row}")

    assert len(decoded.spans) == 2
    assert not decoded.rejects


def test_without_a_timestamp_the_message_s_time_holds():
    decoded = decode("node_guid,port_num,x\n0x5,1,2", 1000)

    assert samples_of(decoded) == [(0, "0x0000000000000005/p1", "x", 10**9, 2.0, 0)]
    assert whys(decode("node_guid,port_num,x\n0x5,1,2")) == [Why.BAD_TIME]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", Why.NOT_CSV),
        ("a,b\n1,2", Why.NOT_CSV),
        (HEADER, Why.EMPTY),
        ("node_guid,t,timestamp\n0x5,text,1628683905941000", Why.EMPTY),
    ],
)
def test_a_message_without_samples_is_told_of(text, why):
    assert whys(decode(text)) == [why]


def test_thousands_of_bad_lines_are_told_of_briefly():
    decoded = decode("\n".join([HEADER, *["x"] * 10_000]))

    assert len(decoded.rejects) < 1_100
    assert not any(isnan(value) for value in decoded.spans.values)
