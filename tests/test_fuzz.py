"""A short run of the fuzz over every decoder; and what it would find is found."""

from dataclasses import replace
from itertools import permutations
from math import inf, nan

import numpy as np
import pytest

from schemas.formats import DECODERS, FORMATS, decoders, detect
from schemas.formats.base import reject
from schemas.golden import GOLDEN
from schemas.golden.difference import expected, told
from schemas.telemetry import Decoded, Quality, SpansBuilder, Why
from schemas.times import END_NS
from streams.bench.fuzz import campaign
from streams.bench.fuzz.bombs import LINES, bombs
from streams.bench.fuzz.campaign import Campaign, decode, of_message
from streams.bench.fuzz.check import faults
from streams.bench.fuzz.seeds import MS, NS, Sent, seeds

BATCHES = (*range(12), 16)
"""Numbers; the first one is the bombs, the last one is read again without memory."""
SEED = 20_260


@pytest.fixture(scope="module", autouse=True)
def _warm():
    decoders()


@pytest.mark.parametrize("name", FORMATS)
def test_no_mutated_message_and_no_bomb_breaks_a_law(name, monkeypatch):
    monkeypatch.setattr(campaign, "BATCH", 100)
    one = Campaign(name, SEED)
    for number in BATCHES:
        one.run(number)

    assert not one.outcome.faults
    assert one.outcome.messages == len(bombs()) + 100 * (len(BATCHES) - 1)
    assert one.outcome.samples or name == "nvsentinel"
    assert one.outcome.rejects


def test_the_same_seed_makes_the_same_messages(monkeypatch):
    monkeypatch.setattr(campaign, "BATCH", 50)
    some = [Campaign("native-json", seed) for seed in (1, 1, 2)]
    for one in some:
        one.run(1)
    first, again, other = (replace(one.outcome, spent_s=0, slowest_s=0) for one in some)

    assert first == again
    assert (first.samples, first.rejects) != (other.samples, other.rejects)


class Broken:
    """A decoder that answers as it is told to."""

    name, content_types = "native-json", ()

    def __init__(self, answer) -> None:
        self.decode = lambda batch, times_ms=None, about=None: answer(batch, times_ms, about)


def outcome_of(answer, monkeypatch, number=16):
    monkeypatch.setattr(campaign, "BATCH", 20)
    monkeypatch.setitem(DECODERS, "native-json", lambda: Broken(answer))
    one = Campaign("native-json", 1)
    one.run(number)
    return one.outcome.faults


def test_an_error_is_a_fault_with_the_message_that_made_it(monkeypatch):
    def answer(batch, *_):
        raise ZeroDivisionError(len(batch))

    first, *_ = outcome_of(answer, monkeypatch)

    assert first.startswith("batch 16: ZeroDivisionError by b")


def test_a_sound_message_that_is_lost_among_bad_ones_is_a_fault(monkeypatch):
    def answer(batch, *_):
        return Decoded(
            SpansBuilder().build(), [reject(i, Why.EMPTY, "x") for i in range(len(batch))]
        )

    assert "a sound message among bad ones" in outcome_of(answer, monkeypatch)[0]


def test_an_answer_that_depends_on_how_a_batch_is_cut_is_a_fault(monkeypatch):
    good = DECODERS["native-json"]

    def answer(batch, times_ms, about):
        found = good().decode(batch, times_ms, about)
        return replace(found, rejects=[*found.rejects, reject(0, Why.EMPTY, f"of {len(batch)}")])

    monkeypatch.setattr(Campaign, "_disturbed", lambda *_: [])
    assert "split at" in outcome_of(answer, monkeypatch)[0]


def sound():
    builder = SpansBuilder()
    builder.add(0, "a", ("p", "q"), NS, [1.0, nan], [0, int(Quality.MISSING)])
    builder.add(1, "b", ("p",), NS, [inf], [int(Quality.INFINITE)])
    return Decoded.of(builder, [reject(2, Why.EMPTY, "x")])


def spans_with(**columns):
    return replace(sound(), spans=replace(sound().spans, **columns))


UNLAWFUL = {
    "a span longer than its shape": spans_with(start=np.array([0, 1, 3], np.int64)),
    "values that no span has": spans_with(values=np.zeros(4), quality=np.zeros(4, np.uint16)),
    "a column of another type": spans_with(message=np.array([0, 1])),
    "quality of another type": spans_with(quality=np.zeros(3, np.int64)),
    "messages out of order": spans_with(message=np.array([1, 0], np.int32)),
    "a message that was not there": spans_with(message=np.array([0, 3], np.int32)),
    "an asset that was not named": spans_with(asset=np.array([0, 2], np.int32)),
    "a shape that was not named": spans_with(shape=np.array([0, -1], np.int32)),
    "a time before 1970": spans_with(time_ns=np.array([NS, -1])),
    "a time after 2200": spans_with(time_ns=np.array([NS, END_NS])),
    "an asset twice": spans_with(assets=["a", "a"]),
    "an asset that is no name": spans_with(assets=["a", "b\n"]),
    "a point that is no name": spans_with(shapes=[("p", ""), ("p",)]),
    "a point twice": spans_with(shapes=[("p", "p"), ("p",)]),
    "a NaN that is said to be good": spans_with(quality=np.array([0, 0, 4], np.uint16)),
    "a value that is said to be missing": spans_with(quality=np.array([1, 1, 4], np.uint16)),
    "infinite, and not said": spans_with(quality=np.array([0, 1, 0], np.uint16)),
    "a quality that others judge": spans_with(quality=np.array([32, 1, 4], np.uint16)),
    "a sentinel that is none": spans_with(quality=np.array([7 << 13, 1, 4], np.uint16)),
    "a message of which nothing is said": replace(sound(), rejects=[]),
    "a reject of no message": replace(sound(), rejects=[reject(3, Why.EMPTY, "x")]),
    "a reject of two lines": replace(
        sound(), rejects=[reject(2, Why.EMPTY, "x")._replace(detail="a\nb")]
    ),
    "a reject that says nothing": replace(
        sound(), rejects=[reject(2, Why.EMPTY, "x")._replace(detail="")]
    ),
}


def test_a_lawful_answer_has_no_fault():
    assert not faults("native-json", sound(), 3)


@pytest.mark.parametrize("answer", UNLAWFUL.values(), ids=UNLAWFUL)
def test_each_law_is_checked(answer):
    assert faults("native-json", answer, 3)


def test_a_span_without_points_is_a_fault():
    builder = SpansBuilder()
    builder.add(0, "a", (), NS, [])

    assert "a span of no points" in faults("native-json", Decoded.of(builder, []), 1)


def test_ten_thousand_lines_are_as_many_samples():
    text = b"".join(b'a{n="%d"} %d\n' % (i, i) for i in range(LINES))
    decoded = DECODERS["prometheus-text"]().decode([text], [MS])

    assert decoded.spans.values.tolist() == list(map(float, range(LINES)))
    assert not decoded.rejects


def test_lines_whose_times_go_back_keep_their_times():
    text = b"".join(b'a{n="%d"} 1 %d\n' % (i, MS - i * 1000) for i in range(100))
    decoded = DECODERS["prometheus-text"]().decode([text], [MS])

    assert sorted(decoded.spans.time_ns.tolist()) == [NS - i * 10**9 for i in reversed(range(100))]


KNOWN_BY_LOOK = [
    (name, golden)
    for name, some in GOLDEN.items()
    for golden in some
    if detect(golden.message) == name
]


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_formats_that_are_mixed_in_one_topic_are_each_read_as_alone(order):
    made, mixed = decoders(), [KNOWN_BY_LOOK[i::3] for i in order]
    for offset, (name, golden) in enumerate(one for part in mixed for one in part):
        sent = Sent(golden.message, golden.subject, golden.time_ms)
        decoded = decode(made[detect(sent.data)], [sent], offset)

        assert not decoded.rejects, name
        assert sorted(told(of_message(decoded.spans, 0)), key=str) == expected(golden)


def test_every_format_has_seeds_to_mutate():
    assert all(seeds(name) for name in FORMATS)
