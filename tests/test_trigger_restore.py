"""Where `trigger` goes on: its saved state, what was written down since, and how many there are."""

import re
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.structs import ConsumerRecord
from alerts import alert, ns
from hypothesis import given
from hypothesis import strategies as st
from sites import assets, site

from models import document
from models import saved as models_saved
from models.site.cut import messages, nothing, rows_of
from models.snapshot import SnapshotError
from models.trigger import saved
from models.trigger.breaker import Acted, Window, counted
from models.trigger.message import Source
from models.trigger.setup import Setup
from schemas.cascade import AssetKind
from schemas.settings import Settings
from schemas.trigger import Breaker, Stage
from streams.errors import StateMismatch
from streams.topics import wanted
from streams.trigger import journal
from streams.trigger.assets import Assets
from streams.trigger.restore import Known, check_reached, restored

HERE = TopicPartition("alerts", 0)
SOURCES = {"alerts": Source.ALERTS}
RULE = {"name": "gpu-hot", "point": "temp", "above": 85, "level": "act", "then": ["drain"]}
DRAIN = {"name": "drain", "kind": "kafka", "topic": "commands", "mode": "live"}
BREAKER = {"least": 1, "share_of_site": 0.1}


def setup():
    """Return what is set: a rule that acts on one asset, or one in ten."""
    settings = Settings.model_validate(
        {"rules": [RULE], "actions": [DRAIN], "trigger": {"breaker": BREAKER}}
    )
    return Setup.of(settings.rules, settings.actions, settings.trigger)


def known(topic="first", start=0, committed=-1):
    """Return what Kafka says."""
    return Known("group", {"alerts": topic}, {HERE: start}, {HERE: committed})


def record(offset, value):
    """Return a message as aiokafka gives it."""
    return ConsumerRecord("alerts", 0, offset, ns(offset) // 10**6, 0, None, value, None, 0, 0, ())


MESSAGES = [
    record(i, alert(i, asset=f"node-{i}", since=i).model_dump_json().encode()) for i in range(6)
]


def take(part, many, stored):
    """Take messages in, a batch each; write into `stored` what Kafka would have."""
    told = []
    for one in MESSAGES[part.offsets[HERE] : many]:
        entry = part.entry({HERE: [one]}, ns(one.offset))
        key, value = journal.pair(entry)
        stored[key] = value
        told += part.apply(entry, {HERE: [one]}).told
    return told


def save(part, stored):
    """Write a snapshot into `stored`, and delete what is old."""
    for key, value in part.pairs():
        if value is None:
            stored.pop(key, None)
        else:
            stored[key] = value


def again(part, since):
    """Take in once more what was written down."""
    told = []
    for entry in since:
        batch = {HERE: [MESSAGES[i] for one in entry.spans for i in range(one.first, one.next)]}
        told += part.apply(entry, batch).told
    return told


@pytest.mark.parametrize("saved_at", [None, 0, 1, 3, 6])
def test_what_was_written_down_since_the_state_gives_the_same_events_again(saved_at):
    stored, first = {}, restored({}, known(), setup(), SOURCES).part
    told = []
    if saved_at is not None:
        told += take(first, saved_at, stored)
        save(first, stored)
    since_told = take(first, 6, stored)
    told += since_told

    second, since = restored(dict(stored), known(), setup(), SOURCES)
    assert again(second, since) == since_told
    assert (second.number, second.offsets) == (first.number, first.offsets)
    assert [one.data.stage for one in told] == [Stage.REQUESTED] + [Stage.DROPPED] * 5
    save(second, stored)
    third, nothing_since = restored(dict(stored), known(), setup(), SOURCES)
    assert nothing_since == []
    assert third.core.memory == second.core.memory
    assert not [key for key in stored if key.startswith(journal.PREFIX)]


NODES = [counted([("s", f"node-{i}") for i in range(many)]) for many in (0, 30, 50)]


@given(grows=st.lists(st.sampled_from(NODES), min_size=6, max_size=6), saved_at=st.integers(-1, 5))
def test_what_is_done_again_rests_on_the_inventory_of_that_time(grows, saved_at):
    stored, now, told = {}, setup(), []
    first = restored({}, known(), now, SOURCES).part
    for many, sizes in enumerate(grows):
        if many == saved_at:
            save(first, stored)
            told = []
        now.counted = sizes
        told += take(first, many + 1, stored)

    later = setup()
    later.counted = NODES[2]
    second, since = restored(dict(stored), known(), later, SOURCES)
    assert again(second, since) == told
    assert second.core.memory == first.core.memory


def test_a_journal_that_tells_no_inventory_rests_on_what_is_there_now():
    stored, now = {}, setup()
    told = take(restored({}, known(), now, SOURCES).part, 6, stored)
    old = {key: re.sub(rb',"counted":(null|.*\]\])', b"", one) for key, one in stored.items()}
    assert not any(b"counted" in value for value in old.values())
    now.counted = NODES[2]
    part, since = restored(old, known(), now, SOURCES)

    assert [one.data.stage for one in told] == [Stage.REQUESTED] + [Stage.DROPPED] * 5
    stages = [one.data.stage for one in again(part, since)]
    assert stages == [Stage.REQUESTED] * 5 + [Stage.DROPPED]


@given(
    names=st.lists(st.tuples(st.sampled_from("st"), st.sampled_from(["a1", "a2", "a3", "b1"]))),
    share=st.floats(0, 1),
    least=st.integers(0, 3),
)
def test_what_is_written_down_of_the_inventory_decides_as_all_of_it(names, share, least):
    breaker = Breaker(share_of_kind=share, share_of_site=1.0, least=least)
    sizes, window = counted(names), Window()
    kept = journal.Counted.of(sizes.telling(breaker)).sizes
    for place, asset in names:
        window.take(Acted(0, asset, place))
        of_all = window.is_open(place, asset, breaker, sizes)
        assert window.is_open(place, asset, breaker, kept) == of_all


def test_a_state_that_was_lost_is_told_and_not_made_anew():
    part, _ = restored({}, known(committed=5), setup(), SOURCES)

    with pytest.raises(StateMismatch, match="was taken in up to 5, its saved state stands at 0"):
        check_reached(part, known(committed=5))


def test_a_state_that_cannot_be_read_is_told():
    stored, part = {}, restored({}, known(), setup(), SOURCES).part
    take(part, 2, stored)
    save(part, stored)
    broken = {key: value[:-5] if b"/1/" in key else value for key, value in stored.items()}

    with pytest.raises(StateMismatch, match="saved state cannot be read"):
        restored(broken, known(), setup(), SOURCES)


def test_a_topic_that_was_made_anew_is_begun_and_what_is_remembered_stays():
    stored, part = {}, restored({}, known(), setup(), SOURCES).part
    take(part, 2, stored)
    save(part, stored)
    take(part, 4, stored)
    anew, since = restored(dict(stored), known("second", start=7), setup(), SOURCES)

    assert anew.offsets == {HERE: 7}
    assert [one.spans for one in since] == [(), ()]
    assert len(anew.core.memory.alerts) == 2


def test_what_was_taken_in_is_not_taken_in_again():
    part = restored({}, known(), setup(), SOURCES).part
    take(part, 3, {})

    assert part.fresh({HERE: MESSAGES[:3]}) == {}
    assert part.fresh({HERE: MESSAGES, TopicPartition("other", 0): MESSAGES}) == {
        HERE: MESSAGES[3:]
    }


async def test_the_inventory_tells_how_many_of_a_kind_there_are():
    refused = []

    async def refuse(record, reject):
        refused.append((record.value, reject.why))

    counts = Assets(setup(), refuse)
    told = site([*assets(AssetKind.NODE, *(f"node-{i}" for i in range(20)))], [])
    for key, value in (*messages(rows_of("s", "", told)), ("s/bad", b"{")):
        await counts.take(record_of(key, value))
    await counts.settle()

    assert counts.setup.counted.of_kind == {("s", "node-*"): 20}
    assert counts.setup.counted.of_site == {"s": 20}
    assert [value for value, _ in refused] == [b"{"]
    await counts.take(record_of("s/", nothing("s/")))
    await counts.settle()
    assert counts.setup.counted.of_site == {}


def record_of(key, value):
    """Return a message of the inventory."""
    return ConsumerRecord("inventory", 0, 0, 0, 0, key.encode(), value, None, 0, 0, ())


def test_the_broker_says_when_an_answer_or_a_proposal_came():
    settings = Settings()
    ours = {settings.topics.decisions, settings.topics.proposals}
    for topic in (one for one in wanted(settings) if one.name in ours):
        assert topic.config["message.timestamp.type"] == "LogAppendTime"
        ours.remove(topic.name)
    assert not ours


BEFORE = Path(__file__).parent / "states/trigger_before_proposals.json"


def of_layout(layout):
    """Return a state that a build before proposals wrote, as one of such a layout."""
    return document.snapshot(BEFORE.read_bytes(), document.Stands(saved.VERSION, layout, 7, 1))


def test_a_state_of_the_build_before_proposals_loads_whole():
    shot = of_layout("ea8b872bcc4b1f50")
    standing = saved.restored(shot.manifest, shot.chunks)

    assert standing.offsets == {"alerts": {0: 3}, "decisions": {0: 3}}
    stages = [one.action.stage for one in standing.memory.questions.values()]
    assert stages == [Stage.AWAITING, Stage.APPROVED]
    assert len(standing.memory.silences) == len(standing.memory.feedback.labels) == 1
    assert saved.load(saved.dump(standing), saved.Standing) == standing


def test_it_goes_on_where_it_stood_and_reads_proposals_from_a_day_ago():
    kept = models_saved.pairs(of_layout("ea8b872bcc4b1f50"), "old", [])
    entry = journal.entry_of(7, ns(40), {HERE: [record(3, MESSAGES[3].value)]})
    stored = {key: value for key, value in [*kept, journal.pair(entry)] if value is not None}
    new = TopicPartition("proposals", 0)
    ids, starts = {"alerts": "first", "proposals": "third"}, {HERE: 0, new: 17}
    sources = SOURCES | {"proposals": Source.PROPOSALS}
    part, since = restored(stored, Known("group", ids, starts, {HERE: 3}), setup(), sources)

    assert part.offsets == {HERE: 3, new: 17}
    assert since == [entry]
    assert len(again(part, since)) == 1
    check_reached(part, Known("group", ids, starts, {HERE: 4, new: -1}))


def test_a_state_of_any_other_build_is_told():
    shot = of_layout("0" * 16)

    with pytest.raises(SnapshotError, match="this build has"):
        saved.restored(shot.manifest, shot.chunks)
