"""Sparkplug B: births, aliases, deaths, and that a replay gives the same bits."""

from math import inf, isfinite
from struct import pack, unpack

import pytest
from facility import (
    SOURCE,
    T0_MS,
    T0_NS,
    about,
    assert_golden,
    assert_well_formed,
    by_message,
    told,
    whys,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from sparkplug_payloads import metric, payload, text, value, whole

from schemas.formats.sparkplug import Sparkplug
from schemas.formats.sparkplug_births import BIRTHS, METRICS
from schemas.golden.sparkplug import GOLDEN_SPARKPLUG
from schemas.telemetry import About, Kept, Quality, Source, Why

LOST = int(Quality.MISSING | Quality.STALE)
NBIRTH, NDATA, NDEATH = (f"spBv1.0/G/{verb}/E" for verb in ("NBIRTH", "NDATA", "NDEATH"))
DBIRTH, DDATA, DDEATH = (f"spBv1.0/G/{verb}/E/D" for verb in ("DBIRTH", "DDATA", "DDEATH"))
SIGNED = {1: 8, 2: 16, 3: 32, 4: 64}
UNSIGNED = {5: 8, 6: 16, 7: 32, 8: 64}


def run(*messages, decoder=None, first=0, source=SOURCE, times=True):
    """Decode (subject, payload) pairs; Kafka's time is a second an offset."""
    decoder = decoder or Sparkplug()
    subjects, batch = zip(*messages, strict=True)
    times_ms = [T0_MS + 1000 * (first + i) for i in range(len(batch))] if times else None
    return decoder.decode(batch, times_ms, about(*subjects, first=first, source=source))


def birth(*names, session=0, ms=T0_MS):
    """Write a birth that gives the names aliases 1, 2, .. and the value 1.0."""
    metrics = [metric(name, 1.0, alias=i) for i, name in enumerate(names, 1)]
    return payload(metric("bdSeq", session, 8), *metrics, ms=ms, seq=0)


def data(alias, number, ms=T0_MS + 5, **more):
    return payload(metric(None, number, alias=alias, said=False, **more), ms=ms, seq=1)


def death(session=0):
    return payload(metric("bdSeq", session, 8), ms=T0_MS - 1)


@pytest.mark.parametrize("golden", GOLDEN_SPARKPLUG, ids=lambda golden: golden.origin)
def test_the_specifications_own_examples_decode_as_it_says(golden):
    assert_golden(Sparkplug(), golden)
    assert Sparkplug().looks_like(golden.message)


# --- laws


def numbers(datatype):
    if datatype in SIGNED:
        half = 2 ** (SIGNED[datatype] - 1)
        return st.integers(-half, half - 1)
    if datatype in UNSIGNED:
        return st.integers(0, 2 ** UNSIGNED[datatype] - 1)
    if datatype == 11:
        return st.booleans()
    return st.floats(width=32 if datatype == 9 else 64, allow_nan=False)


typed = st.integers(1, 11).flatmap(lambda kind: st.tuples(st.just(kind), numbers(kind)))


@given(typed, st.booleans())
def test_every_number_is_read_as_it_was_written(pair, by_alias):
    datatype, number = pair
    names = metric("p", 0, datatype, alias=7)
    sent = metric(None if by_alias else "p", number, datatype, alias=7, said=not by_alias)

    decoded = run((NBIRTH, payload(names, ms=T0_MS)), (NDATA, payload(sent, ms=T0_MS)))

    mark = 0 if isfinite(number) else int(Quality.INFINITE)
    assert by_message(decoded)[1:] == [(1, "G/E", "p", T0_NS, float(number), mark)]


@given(st.integers(-128, 127))
def test_a_short_integer_may_be_sent_short_or_with_its_sign_extended(number):
    short = text(1, "p") + whole(4, 1) + whole(10, number % 2**8)
    extended = text(1, "p") + whole(4, 1) + whole(10, number % 2**32)

    for sent in (short, extended):
        assert told(run((NDATA, payload(sent, ms=T0_MS)))) == [("G/E", "p", T0_NS, number, 0)]


names = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True)
sessions = st.integers(0, 2)
logs = st.lists(
    st.one_of(
        st.builds(lambda n, s: (NBIRTH, birth(*n, session=s)), names, sessions),
        st.builds(lambda n: (DBIRTH, birth(*n)), names),
        st.builds(lambda a: (NDATA, data(a, 2.0)), st.integers(1, 3)),
        st.builds(lambda a: (DDATA, data(a, 3.0)), st.integers(1, 3)),
        st.builds(lambda s: (NDEATH, death(s)), sessions),
        st.just((DDEATH, payload(ms=T0_MS + 9))),
    ),
    min_size=1,
    max_size=30,
)


@given(logs, st.data())
def test_any_split_of_a_batch_decodes_the_same(log, draw):
    cut = draw.draw(st.integers(0, len(log)))
    decoder = Sparkplug()
    parts = [
        (at, run(*part, decoder=decoder, first=at))
        for at, part in ((0, log[:cut]), (cut, log[cut:]))
        if part
    ]

    whole_one = run(*log)

    assert [(at + m, *rest) for at, part in parts for m, *rest in by_message(part)] == by_message(
        whole_one
    )
    assert [why for _, part in parts for why in whys(part)] == whys(whole_one)


@settings(max_examples=300, deadline=None)
@given(logs, st.data())
def test_another_process_that_recalls_what_was_kept_reads_the_same_from_anywhere(log, draw):
    first = run(*log)
    last = {one.key: one for one in first.kept}
    at = draw.draw(st.integers(0, len(log) - 1))
    other = Sparkplug()
    other.recall(last.values())

    again = run(*log[at:], decoder=other, first=at)

    expected = [one for one in by_message(first) if one[0] >= at]
    assert [(at + m, *rest) for m, *rest in by_message(again)] == expected
    expected = [(one.message, one.why) for one in first.rejects if one.message >= at]
    assert [(at + one.message, one.why) for one in again.rejects] == expected


@given(logs)
def test_reading_again_changes_nothing_of_what_is_kept(log):
    decoder = Sparkplug()
    first = run(*log, decoder=decoder)
    again = run(*log, decoder=decoder)

    assert by_message(again) == by_message(first)
    assert {k.key: k.value for k in again.kept} == {k.key: k.value for k in first.kept}


def test_a_replay_of_more_births_than_are_kept_reads_the_same():
    log = [(NBIRTH, birth(*(f"p{i}", f"q{i}"))) for i in range(3 * BIRTHS)]
    log = [one for b in log for one in (b, (NDATA, data(2, 5.0)))]
    first = run(*log)
    other = Sparkplug()
    other.recall({one.key: one for one in first.kept}.values())

    assert by_message(run(*log, decoder=other)) == by_message(first)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_damaged_message_ends_in_rejects_or_samples(draw):
    good = draw.draw(st.sampled_from([birth("a", "b"), data(1, 2.0), death()]))
    at = draw.draw(st.integers(0, len(good)))
    bad = good[:at] + draw.draw(st.binary(max_size=4)) + good[at + draw.draw(st.integers(0, 6)) :]
    subject = draw.draw(st.sampled_from([NBIRTH, NDATA, NDEATH, DBIRTH, DDATA, DDEATH]))

    assert_well_formed(run((NBIRTH, birth("a")), (subject, bad)), 2)


@given(st.lists(st.binary(max_size=60)), st.text(max_size=30))
def test_any_bytes_under_any_topic_are_told_of(batch, subject):
    decoded = Sparkplug().decode(batch, None, about(*[subject] * len(batch)))

    assert_well_formed(decoded, len(batch))


@given(st.binary(max_size=60))
def test_damaged_memory_is_not_recalled(value):
    decoder = Sparkplug()
    decoder.recall([Kept("sparkplug-b|raw|0|G/E", value), Kept("else|", b"")])

    assert whys(run((NDATA, data(1, 2.0)), decoder=decoder)) == [Why.NO_BIRTH]


# --- traps


def test_without_its_topic_a_payload_says_nothing():
    nothing = Sparkplug().decode([birth("a")])
    odd = run(("factory/line1", birth("a")), ("spBv1.0/G/NDATA/E/D", birth("a")), ("", b""))

    assert whys(nothing) == [Why.NO_SUBJECT]
    assert whys(odd) == [Why.NO_SUBJECT] * 3


def test_an_alias_means_nothing_without_a_birth():
    decoded = run((NDATA, payload(metric(None, 2.0, alias=1), metric("b", 3.0), ms=T0_MS)))

    assert whys(decoded) == [Why.NO_BIRTH]
    assert told(decoded) == [("G/E", "b", T0_NS, 3.0, 0)]


def test_an_integer_without_datatype_needs_its_birth_to_have_a_sign():
    unsaid = payload(metric("p", -1, 3, said=False), ms=T0_MS)
    born = payload(metric("p", 5, 3), ms=T0_MS)

    assert whys(run((NDATA, unsaid))) == [Why.NO_BIRTH]
    assert told(run((NBIRTH, born), (NDATA, unsaid)))[1] == ("G/E", "p", T0_NS, -1.0, 0)


def test_a_birth_of_the_node_ends_the_aliases_of_its_devices():
    decoded = run(
        (NBIRTH, birth("n")), (DBIRTH, birth("d")), (NBIRTH, birth("n")), (DDATA, data(1, 2))
    )

    assert whys(decoded) == [Why.NO_BIRTH]


def test_births_of_another_partition_or_life_of_the_topic_are_not_used():
    for source in (Source("raw", 1, "epoch-1"), Source("raw", 0, "epoch-2"), Source("x", 0, "e")):
        decoder = Sparkplug()
        run((NBIRTH, birth("a")), decoder=decoder)
        assert whys(run((NDATA, data(1, 2.0)), decoder=decoder, first=1, source=source)) == [
            Why.NO_BIRTH
        ]


def test_a_birth_kept_by_another_process_overtakes_what_this_one_remembers():
    here, there = Sparkplug(), Sparkplug()
    run((NBIRTH, birth("old")), decoder=here)
    kept = run((NBIRTH, birth("old")), (NBIRTH, birth("new")), decoder=there).kept
    here.recall(kept)
    here.recall(kept[:1])

    assert told(run((NDATA, data(1, 2.0)), decoder=here, first=2))[0][1] == "new"


def test_the_death_of_a_device_makes_its_metrics_stale_at_its_own_time():
    dying = payload(ms=T0_MS + 77, seq=5)
    decoded = run((NBIRTH, birth("n")), (DBIRTH, birth("a", "b")), (DDEATH, dying))

    assert [one for one in by_message(decoded) if one[0] == 2] == [
        (2, "G/E/D", point, T0_NS + 77 * 10**6, None, LOST) for point in "ab"
    ]


def test_the_death_of_a_node_takes_its_devices_at_kafkas_time():
    """An NDEATH is written at connect, as the broker's will: its own time is long past."""
    decoded = run((NBIRTH, birth("n")), (DBIRTH, birth("d")), (NDEATH, death()))

    at = T0_NS + 2 * 10**9
    assert [one for one in by_message(decoded) if one[0] == 2] == [
        (2, "G/E", "n", at, None, LOST),
        (2, "G/E/D", "d", at, None, LOST),
    ]


def test_the_late_death_of_an_older_session_kills_nobody():
    decoded = run((NBIRTH, birth("n", session=4)), (NDEATH, death(3)))

    assert len(told(decoded)) == 1
    assert not decoded.rejects


def test_a_death_of_nobody_known_is_told_of():
    assert whys(run((NDEATH, death()), (DDEATH, payload(ms=T0_MS)))) == [Why.NO_BIRTH] * 2


def test_commands_and_host_states_say_nothing():
    decoded = run(
        ("spBv1.0/G/NCMD/E", birth("a")),
        ("spBv1.0/G/DCMD/E/D", birth("a")),
        ("spBv1.0/STATE/host", b'{"online":true}'),
        ("STATE/host", b"ONLINE"),
    )

    assert not decoded.rejects
    assert not told(decoded)


@pytest.mark.parametrize(
    ("code", "mark"),
    [(192, 0), (0, Quality.UNCERTAIN), (500, Quality.STALE)]
    + [(code, Quality.UNCERTAIN) for code in (512, 516, 0x80000201, 193, 64)],
)
def test_opc_quality_is_kept_and_vendors_codes_are_not_trusted(code, mark):
    decoded = run((NDATA, payload(metric("p", 1.5, code=code), ms=T0_MS)))

    assert told(decoded) == [("G/E", "p", T0_NS, 1.5, int(mark))]


def test_nulls_texts_and_structures_are_no_numbers():
    dataset = text(1, "set") + whole(4, 16) + text(17, b"\x08\x01")
    template = text(1, "udt") + whole(4, 19) + text(18, text(2, metric("inner", 1.0)))
    when = metric("when", T0_MS, 13)
    said_otherwise = text(1, "odd") + whole(4, 10) + text(15, "12")
    sent = [metric("gone", null=True), metric("words", "x", 12), dataset, template, when]

    decoded = run((NBIRTH, payload(*sent, said_otherwise, metric("nan", float("nan")), ms=T0_MS)))

    assert told(decoded) == [
        ("G/E", "gone", T0_NS, None, int(Quality.MISSING)),
        ("G/E", "odd", T0_NS, None, int(Quality.NOT_A_NUMBER)),
        ("G/E", "nan", T0_NS, None, int(Quality.NOT_A_NUMBER)),
    ]


def test_historical_samples_keep_their_own_times():
    old = metric("p", 1.0, ms=T0_MS - 60_000) + whole(5, 1)
    decoded = run((NDATA, payload(old, metric("p", 2.0, ms=T0_MS), ms=T0_MS)))

    assert [(one[2], one[3]) for one in told(decoded)] == [(T0_NS - 60 * 10**9, 1.0), (T0_NS, 2.0)]


def test_without_any_time_it_is_kafkas_and_without_that_a_reject():
    sent = payload(metric("p", 1.0))

    assert told(run((NDATA, sent)))[0][2] == T0_NS
    assert whys(run((NDATA, sent), times=False)) == [Why.BAD_TIME]


def test_one_bad_metric_spoils_no_other():
    bad = [text(1, b"\xff") + value(10, 1.0), metric(None, 1.0), metric("t", 1.0, ms=2**63)]
    decoded = run((NDATA, payload(*bad, metric("p", 2.0), ms=T0_MS)))

    assert set(whys(decoded)) == {Why.BAD_NAME, Why.MISSING_FIELD, Why.BAD_TIME}
    assert [one[1] for one in told(decoded)] == ["p"]


def test_a_birth_that_names_too_much_is_not_remembered_but_read():
    many = birth(*map(str, range(METRICS + 1)))
    decoded = run((NBIRTH, many), (NDATA, data(1, 2.0)))

    assert whys(decoded) == [Why.TOO_MANY_SIGNALS, Why.NO_BIRTH]
    assert not decoded.kept


def test_what_is_kept_is_small_however_often_a_node_is_born():
    decoder = Sparkplug()
    names = [f"Rack {i}/Supply Temperature" for i in range(1000)]
    log = [(NBIRTH, birth(*names, session=i % 256)) for i in range(2 * BIRTHS)]

    last = run(*log, decoder=decoder).kept[-1]

    assert last.key == "sparkplug-b|raw|0|G/E"
    assert len(last.value) < 50_000


def test_floats_are_widened_exactly():
    number = unpack("<f", pack("<f", 0.1))[0]
    decoded = run((NDATA, payload(metric("p", 0.1, 9), metric("q", inf), ms=T0_MS)))

    assert [one[3:] for one in told(decoded)] == [(number, 0), (inf, int(Quality.INFINITE))]


def test_no_about_and_no_times_is_no_error():
    assert whys(Sparkplug().decode([b"", b"\xff"], [0, 0], None)) == [Why.NO_SUBJECT] * 2
    empty = Sparkplug().decode([], [], About(SOURCE, [], []))
    assert len(empty.spans) == 0
