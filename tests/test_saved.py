"""Laws of saved states: whoever wrote, in whatever order it arrives, what holds is whole."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from models import saved
from models.cascade.saved import layout
from models.snapshot import Manifest, Snapshot
from schemas.anomaly import Anomaly
from schemas.events import Event


@dataclass
class Writer:
    """A worker's memory of one partition, as it would save it."""

    token: str
    offset: int
    old: list[bytes]
    generation: int = 0
    named: int = 0
    topic: str = ""
    unsent: list[tuple[bytes, bytes | None]] = field(default_factory=list)

    def save(self, names: int) -> None:
        """Take a snapshot a block further on, with new names; nothing of it is sent yet."""
        self.offset += 1
        self.generation += 1
        segments = {self.named + i: b"%d" % (self.named + i) for i in range(names)}
        self.named += names
        manifest = Manifest(
            3, "", 1, self.topic, self.offset, self.generation, 1, self.named, [], [], []
        )
        snapshot = Snapshot(manifest, [b"state at %d" % self.offset], segments)
        self.unsent += saved.pairs(snapshot, self.token, self.old)
        self.old = []


def put(stored, pairs):
    for key, value in pairs:
        if value is None:
            stored.pop(key, None)
        else:
            stored[key] = value


@st.composite
def stories(draw):
    """Draw what happens: the owner saves, a zombie sends some of what it has left, one takes over.

    A zombie had not heard of its loss: it may save once more.
    """
    kinds = st.sampled_from(["save", "save", "zombie", "take over"])
    return draw(st.lists(st.tuples(kinds, st.integers(0, 3), st.integers(0, 5)), max_size=40))


@given(stories())
def test_whoever_takes_over_finds_a_whole_state_not_behind_the_last_acknowledged_one(story):
    stored: dict[bytes, bytes] = {}
    owner, zombies, acknowledged = Writer("w0", 0, []), [], 0
    for step, (kind, names, share) in enumerate(story):
        if kind == "save":
            owner.save(names)
            put(stored, owner.unsent)
            owner.unsent, acknowledged = [], owner.offset
        elif kind == "zombie" and zombies:
            zombie = zombies[share % len(zombies)]
            put(stored, zombie.unsent[:share])
            zombie.unsent = zombie.unsent[share:]
        elif kind == "take over":
            owner.save(names)  # its last words, on their way when it lost the partition
            zombies.append(owner)
            found = saved.latest(stored)
            offset = found.manifest.offset if found else 0

            assert offset >= acknowledged
            assert found is None or found.chunks == [b"state at %d" % offset]
            assert found is None or found.segments == [
                b"%d" % i for i in range(found.manifest.segments)
            ]
            owner = Writer(f"w{step + 1}", offset, list(stored))


def test_a_state_whose_names_were_deleted_does_not_hold():
    stored: dict[bytes, bytes] = {}
    paused = Writer("a", 0, [])
    paused.save(2)
    put(stored, paused.unsent)
    successor = Writer("b", paused.offset, list(stored))
    successor.save(2)
    put(stored, successor.unsent)
    paused.unsent = []
    paused.offset = 9
    paused.save(0)
    put(stored, paused.unsent)

    assert b"a/manifest" in stored
    assert saved.latest(stored).manifest.offset == successor.offset


def test_nothing_saved_is_no_state():
    assert saved.latest({}) is None


def test_a_state_of_an_earlier_life_of_readings_holds_only_where_there_is_none_of_this_one():
    stored: dict[bytes, bytes] = {}
    before = Writer("a", 90, [], topic="old")
    before.save(1)
    put(stored, before.unsent)
    assert saved.latest(stored, "new").manifest.offset == 91

    now = Writer("b", 0, [], topic="new")
    now.save(1)
    put(stored, now.unsent)
    assert saved.latest(stored, "new").manifest.offset == 1


def test_a_layout_does_not_hang_on_who_imported_a_generic_event_first(monkeypatch):
    before = layout()
    monkeypatch.setattr(Event[Anomaly], "__module__", "somewhere.else")

    assert layout() == before
