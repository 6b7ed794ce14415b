"""Native columnar JSON: compiled code reads what the general parser reads."""

import json

from facility import assert_well_formed, by_message, told, whys
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.formats import columnar
from schemas.formats.columnar import NativeColumnar
from schemas.telemetry import SpansBuilder

DECODER = NativeColumnar()
GOOD = b'{"asset":"a","points":["p","q"],"times":[1700000000,1700000001],"values":[[1,2],[3,4]]}'

numbers = st.one_of(st.floats(), st.integers(-(2**64), 2**64), st.none(), st.just("x"))
times = st.one_of(st.integers(0, 2 * 10**9), st.floats(0, 1e10), st.just("2023-11-14T22:13:21Z"))


@st.composite
def documents(draw):
    points = draw(st.lists(st.sampled_from(["p", "q", 'times":[', "é"]), min_size=1, unique=True))
    when = draw(st.lists(times, min_size=1, max_size=3))
    row = st.lists(numbers, min_size=len(points), max_size=len(points))
    said = {
        "asset": draw(st.sampled_from(["a", "b", ""])),
        "points": points,
        "times": when,
        "values": draw(st.lists(row, min_size=len(when), max_size=len(when))),
    }
    keys = draw(st.one_of(st.just(list(said)), st.permutations(list(said))))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    return json.dumps({key: said[key] for key in keys}, separators=separators).encode()


def generally(data):
    """Read as the general parser does."""
    spans = SpansBuilder()
    rejects = columnar._read(0, data, spans)  # noqa: SLF001 - what compiled code must agree with
    return spans.build(), rejects


def decode(*batch):
    decoded = DECODER.decode(list(batch))
    assert_well_formed(decoded, len(batch))
    return decoded


@settings(max_examples=400, deadline=None)
@given(documents())
def test_compiled_code_gives_what_the_general_parser_gives(data):
    spans, rejects = generally(data)
    decoded = decode(data)

    assert decoded.spans.values.tobytes() == spans.values.tobytes()
    assert decoded.spans.quality.tolist() == spans.quality.tolist()
    assert decoded.spans.time_ns.tolist() == spans.time_ns.tolist()
    assert (decoded.spans.assets, decoded.spans.shapes) == (spans.assets, spans.shapes)
    assert decoded.rejects == rejects


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_damaged_message_is_read_as_the_general_parser_reads_it(data):
    good = data.draw(documents())
    at = data.draw(st.integers(0, len(good)))
    put = data.draw(st.one_of(st.binary(max_size=3), st.sampled_from([b"null", b"[", b"]", b","])))
    bad = good[:at] + put + good[at + data.draw(st.integers(0, 5)) :]
    spans, rejects = generally(bad)
    decoded = decode(GOOD, bad, GOOD)

    found = [one for one in by_message(decoded) if one[0] == 1]
    assert repr([one[4] for one in found]) == repr(
        [None if value != value else value for value in spans.values.tolist()]  # noqa: PLR0124
    )
    assert whys(decoded) == [one.why for one in rejects]


def test_messages_read_in_both_ways_stay_in_order():
    text = GOOD.replace(b"1700000001", b'"2023-11-14T22:13:21Z"')
    decoded = decode(GOOD, text, GOOD)

    assert decoded.spans.message.tolist() == [0, 0, 1, 1, 2, 2]
    assert told(decode(text)) == told(decode(GOOD))
