"""Event times are read by their size, exactly, and the scanner reads them alike."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.formats.native import NativeJson
from schemas.times import END_NS, to_ns

NOW_S = 1_700_000_000


@pytest.mark.parametrize("value", [NOW_S, NOW_S * 10**3, NOW_S * 10**6, NOW_S * 10**9])
def test_the_size_of_a_number_tells_its_unit(value):
    assert to_ns(value) == NOW_S * 10**9
    assert to_ns(float(value)) == NOW_S * 10**9


@given(st.integers(10**17, END_NS - 1))
def test_whole_nanoseconds_are_exact(ns):
    assert to_ns(ns) == ns


@given(st.integers(0, END_NS // 1000 - 1))
def test_float_seconds_are_within_a_microsecond(us):
    assert abs(to_ns(us / 1e6) - us * 1000) <= 1000


@given(st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31)))  # noqa: DTZ001 - read as UTC
def test_iso_text_is_exact_and_without_zone_utc(when):
    us = (when.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)

    assert to_ns(when.isoformat()) == us * 1000
    assert to_ns(when.isoformat() + "Z") == us * 1000
    assert to_ns(when.isoformat() + "+00:00") == us * 1000


def test_zones_and_nanoseconds_of_text_count():
    assert to_ns("1970-01-01T01:00:00.123456789+01:00") == 123_456_789
    assert to_ns("2023-11-14T22:13:20Z") == NOW_S * 10**9


@pytest.mark.parametrize(
    "value",
    [
        *(True, None, -1, -0.5, float("nan"), float("inf"), "", "yesterday", "NaN", [], 10**400),
        *(END_NS, END_NS / 1e9, END_NS // 10**9, 1e300),
        *("2200-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59"),
        *("0001-01-01T00:00:00+23:59", "1" * 10_000, "2024-01-01T\ud800"),
    ],
)
def test_what_is_no_believable_time_is_none(value):
    assert to_ns(value) is None


@given(st.one_of(st.text(), st.floats(), st.integers(), st.binary(), st.none(), st.booleans()))
def test_any_value_gives_a_time_in_range_or_none(value):
    ns = to_ns(value)

    assert ns is None or 0 <= ns < END_NS


@given(st.one_of(st.integers(0, 10**19), st.floats(0, 1e19), st.floats(0, 8e9)))
def test_the_scanner_reads_times_alike(time):
    decoder = NativeJson()
    for at in (1, 2, 3, time):
        decoded = decoder.decode([b'{"asset":"a","time":%s,"values":{"p":1}}' % repr(at).encode()])

    assert decoded.spans.time_ns.tolist() == [ns for ns in [to_ns(time)] if ns is not None]
