"""Every agent's documented messages decode to exactly what is said of them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import alike, samples, told

from schemas.formats import DECODERS, FORMATS, detect
from schemas.golden import GOLDEN
from schemas.telemetry import About, Source

ALL = [(name, golden) for name, some in GOLDEN.items() for golden in some]
SOURCE = Source("raw", 0, "life-1")


def decoded(decoder, some, first=0):
    """Decode golden messages as they stand at one source from an offset on."""
    about = About(SOURCE, range(first, first + len(some)), [one.subject for one in some])
    messages, times_ms = [one.message for one in some], [one.time_ms for one in some]
    return decoder.decode(messages, times_ms, about)


def apart(decoder, some, cuts):
    """Decode in several batches; return all that was told as if it had been one."""
    spans, rejects, kept, health = [], [], {}, []
    for low, high in pairwise([0, *sorted(cuts), len(some)]):
        found = decoded(decoder, some[low:high], low)
        offsets = [low + m for m in found.spans.message.tolist()]
        lengths = [len(found.spans.shapes[shape]) for shape in found.spans.shape]
        owners = [o for o, n in zip(offsets, lengths, strict=True) for _ in range(n)]
        spans += zip(owners, samples(found.spans), strict=True)
        rejects += [one._replace(message=low + one.message) for one in found.rejects]
        health += [one._replace(message=low + one.message) for one in found.health]
        kept |= {one.key: one.value for one in found.kept}
    return spans, rejects, kept, health


def test_every_format_has_golden_messages_and_every_golden_message_a_format():
    assert set(GOLDEN) == set(FORMATS)


@pytest.mark.parametrize(("name", "golden"), ALL, ids=lambda one: getattr(one, "origin", one))
def test_a_documented_message_decodes_to_exactly_what_is_said_of_it(name, golden):
    found = decoded(DECODERS[name](), [golden])

    assert alike(samples(found.spans)) == alike(told(golden))
    assert tuple(found.health) == golden.health
    assert not found.rejects


@pytest.mark.parametrize(("name", "golden"), ALL, ids=lambda one: getattr(one, "origin", one))
def test_no_documented_message_is_taken_for_one_of_another_format(name, golden):
    assert detect(golden.message) in {name, None}


@given(st.data())
def test_documented_messages_decode_the_same_however_a_batch_is_split(data):
    name = data.draw(st.sampled_from([*GOLDEN]))
    some = data.draw(st.lists(st.sampled_from(GOLDEN[name]), min_size=1, max_size=6))
    cuts = data.draw(st.lists(st.integers(0, len(some)), max_size=3))

    assert apart(DECODERS[name](), some, cuts) == apart(DECODERS[name](), some, [])
