"""A GPU is one asset by its index and by its UUID; an index that means another one is told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.formats import gpus
from schemas.formats.base import Remembers
from schemas.formats.labels import Gpu
from schemas.formats.prometheus import Prometheus
from schemas.formats.prometheus.places import Limits
from schemas.telemetry import About, Kept, Source

SOURCE = Source("dcgm", 0, "epoch")
T_MS = 1_763_942_400_000
TEMP = "DCGM_FI_DEV_GPU_TEMP"
SMALL = Limits(names=64, blocks=64, words=1_024)


def both(index, uuid, host="h"):
    return f'{TEMP}{{gpu="{index}",UUID="{uuid}",device="nvidia{index}",Hostname="{host}"}} 50\n'


def by_uuid(uuid, host="h", more=""):
    return f'{TEMP}{{gpu_uuid="{uuid}"{more},hostname="{host}"}} 50\n'


class Reader:
    """A process that reads one partition."""

    def __init__(self, source=SOURCE):
        self.source, self.decoder = source, Prometheus(SMALL)
        self.assets, self.kept, self.health = {}, [], {}

    def read(self, texts, first=0):
        """Read texts, whose offsets begin at `first`; return the assets of the last."""
        offsets = [first + i for i in range(len(texts))]
        about = About(self.source, offsets, ["key"] * len(texts))
        times = [T_MS + 1000 * at for at in offsets]
        found = self.decoder.decode([text.encode() for text in texts], times, about)
        assert not found.rejects
        for at in offsets:
            self.assets[at] = []
        for message, asset in zip(found.spans.message, found.spans.asset, strict=True):
            self.assets[offsets[message]].append(found.spans.assets[asset])
        for one in found.health:
            key = (offsets[one.message], one.asset)
            self.health[key] = (one.text, one.time_ns // 10**6 - T_MS, one.healthy)
        self.kept += found.kept
        return self.assets[offsets[-1]]


def test_a_uuid_is_the_index_that_stood_beside_it_before():
    reader = Reader()

    assert reader.read([by_uuid("GPU-a")]) == ["h/GPU-a"]
    assert reader.read([both(0, "GPU-a"), by_uuid("GPU-a")], 1) == ["h/gpu0"]
    assert reader.read([by_uuid("GPU-a", more=',nvlink="3"')], 3) == ["h/gpu0/nvlink3"]
    assert reader.read([by_uuid("GPU-b"), by_uuid("GPU-a", host="i")], 4) == ["i/GPU-a"]
    assert reader.read([both(1, "GPU-b") + by_uuid("GPU-b")], 6) == ["h/gpu1", "h/gpu1"]
    assert not reader.health


def test_a_uuid_of_a_part_of_a_gpu_is_nobodys_index():
    reader = Reader()
    reader.read([both(0, "MIG-a"), both(0, "MIG-b")])

    assert reader.read([by_uuid("MIG-a")], 2) == ["h/MIG-a"]
    assert not reader.kept


@pytest.mark.parametrize(
    "text",
    [both(0, "GPU-a") + both(0, "GPU-b"), both(0, "GPU-a") + both(1, "GPU-a")],
    ids=["an index of two", "a GPU of two"],
)
def test_a_text_that_contradicts_itself_teaches_nothing(text):
    reader = Reader()
    reader.read([text])

    assert reader.read([by_uuid("GPU-a")], 1) == ["h/GPU-a"]
    assert not reader.kept


def test_an_index_that_means_another_gpu_is_told_once():
    reader = Reader()
    reader.read([both(0, "GPU-a")] * 3 + [both(0, "GPU-b")] * 3)

    told = "GPU-b has this index now; GPU-a had it"
    assert reader.health == {(3, "h/gpu0"): (told, 3000, False)}


def test_gpus_that_are_numbered_anew_are_told_each():
    reader = Reader()
    reader.read([both(0, "GPU-a") + both(1, "GPU-b"), both(1, "GPU-a") + both(0, "GPU-b")])

    assert {key: words for key, (words, *_) in reader.health.items()} == {
        (1, "h/gpu0"): "GPU-b has this index now; GPU-a had it; it was gpu1",
        (1, "h/gpu1"): "GPU-a has this index now; GPU-b had it; it was gpu0",
    }
    assert reader.read([by_uuid("GPU-a")], 2) == ["h/gpu1"]


uuids = st.sampled_from(["GPU-a", "GPU-b", "GPU-c"])
lines = st.one_of(
    st.builds(both, st.integers(0, 2), uuids, st.sampled_from("hi")),
    st.builds(by_uuid, uuids, st.sampled_from("hi")),
)
logs = st.lists(st.lists(lines, min_size=1, max_size=3, unique=True).map("".join), max_size=12)


@settings(deadline=None, max_examples=60)
@given(log=logs, draw=st.data())
def test_any_batches_and_any_restart_tell_the_same(log, draw):
    whole = Reader()
    if log:
        whole.read(log)
    at = draw.draw(st.integers(0, len(log)))
    cut, other = Reader(), Reader()
    for i, text in enumerate(log):
        cut.read([text], i)
    other.decoder.recall({one.key: one for one in whole.kept}.values())
    if log[at:]:
        other.read(log[at:], at)

    assert (cut.assets, cut.health) == (whole.assets, whole.health)
    assert other.assets == {o: found for o, found in whole.assets.items() if o >= at}
    assert other.health == {key: told for key, told in whole.health.items() if key[0] >= at}
    assert not other.kept


def test_reading_again_learns_nothing_new():
    reader = Reader()
    log = [both(0, "GPU-a"), both(0, "GPU-b"), by_uuid("GPU-a")]
    reader.read(log)
    before, reader.kept = reader.assets[2], []

    assert reader.read(log) == before
    assert not reader.kept


def test_a_topic_made_anew_begins_with_nothing():
    reader = Reader()
    reader.read([both(0, "GPU-a")])
    reader.source = Source("dcgm", 0, "another epoch")

    assert reader.read([by_uuid("GPU-a")]) == ["h/GPU-a"]


def test_what_is_learned_of_a_host_is_bounded(monkeypatch):
    monkeypatch.setattr(gpus, "HOSTS", 2)
    reader = Reader()
    for i in range(gpus.CHANGES + 9):
        reader.read([both(0, f"GPU-{i}")], i)
    reader.read([both(0, "GPU-x", host) for host in "ij"], 1000)

    assert len(reader.health) == gpus.CHANGES - 1
    assert reader.read([by_uuid(f"GPU-{gpus.CHANGES}")], 2000) == [f"h/GPU-{gpus.CHANGES}"]
    assert reader.read([by_uuid("GPU-x", "i")], 2001) == ["i/gpu0"]
    assert reader.read([by_uuid("GPU-x", "j")], 2002) == ["j/GPU-x"]
    assert max(len(one.value) for one in reader.kept) < 10_000


@given(value=st.binary(max_size=60))
def test_what_was_kept_and_is_damaged_is_left_alone(value):
    reader = Reader()
    reader.decoder.recall([Kept("prometheus-text|dcgm|0|h", value)])

    assert reader.read([by_uuid("GPU-a")]) == ["h/GPU-a"]
    assert isinstance(reader.decoder, Remembers)


def test_what_agrees_is_what_is_said_of_one_host_in_one_way():
    one, other = Gpu("h", "gpu0", "GPU-a"), Gpu("i", "gpu0", "GPU-a")

    assert gpus.agreed([one, other, one]) == {"h": (one,), "i": (other,)}
    assert gpus.agreed([one, other, Gpu("h", "gpu1", "GPU-a")]) == {"i": (other,)}
