"""Laws of the order of anomalies: the same, however partitions are mixed; nothing twice or lost."""

from hypothesis import given, settings
from hypothesis import strategies as st
from troubles import T0_NS, anomaly, closed, progress

from models.cascade import order
from models.cascade.order import Order
from schemas.progress import Progress

SECOND = 10**9
TEMP = "DCGM_FI_DEV_GPU_TEMP"


def after(second):
    return T0_NS + second * SECOND


def told(streams, choices):
    """Mix partitions' streams, none far ahead of the others; return what was due, and when."""
    streams, found, taken = [list(reversed(one)) for one in streams], [], Order()
    come = dict.fromkeys(range(len(streams)), -1)
    choices = iter(choices)
    while any(streams):
        least = min(come[i] for i, one in enumerate(streams) if one)
        open_ = [i for i, one in enumerate(streams) if one and come[i] <= least + 8]
        i = open_[next(choices, 0) % len(open_)]
        event = streams[i].pop()
        if isinstance(event.data, Progress):
            come[i] = event.data.reached.timestamp() - T0_NS / 1e9
            upto = taken.reach(i, round(event.data.reached.timestamp()) * SECOND)
            found += [(due.time_ns, due.id) for due in taken.until(upto)]
        else:
            taken.take(event, i)
    return found


SECONDS = st.integers(0, 59)
TOLD = st.lists(
    st.lists(st.tuples(SECONDS, st.integers(0, 12), st.sampled_from("abc")), max_size=12),
    min_size=1,
    max_size=4,
)
"""Of each partition: event time, how late it is told, asset."""


def streams_of(partitions):
    """Return streams: anomalies, each told with a later second's progress, and progress."""
    streams = []
    for p, some in enumerate(partitions):
        later = [
            (second + late, anomaly(f"{name}{p}", TEMP, second, kind="level"))
            for second, late, name in sorted(set(some))
        ]
        streams.append([])
        for second in range(90):
            streams[-1] += [event for when, event in later if when == second]
            streams[-1].append(progress(p, second))
    return streams


@settings(max_examples=60, deadline=None)
@given(partitions=TOLD, choices=st.lists(st.integers(0, 3), max_size=500))
def test_what_is_due_and_when_does_not_depend_on_how_partitions_are_mixed(partitions, choices):
    streams = streams_of(partitions)
    found = told(streams, choices)

    assert found == told(streams, [])
    assert found == sorted(found)
    assert len(found) == len(
        {event.id for one in streams for event in one if event.type[12] == "a"}
    )


def test_an_id_that_was_seen_is_dropped_also_after_it_was_due():
    taken, event = Order(), anomaly("a", TEMP, 5)
    taken.take(event, 0)
    taken.take(event, 0)
    for second in (0, 30):
        taken.reach(0, after(second))
    first = list(taken.until(taken.upto_ns))
    taken.take(event, 0)

    assert [due.event for due in first] == [event]
    assert (taken.next_ns(), taken.known) == (order.FOREVER, 2)


def test_ids_are_forgotten_when_they_are_old_and_many(monkeypatch):
    monkeypatch.setattr(order, "KEPT", 10)
    taken = Order()
    for second in range(5_000):
        taken.take(anomaly("a", TEMP, second), 0)
        list(taken.until(taken.reach(0, after(second))))

    assert len(taken.seen) <= 3_600 + 10


def test_what_opened_hours_ago_is_dropped_and_its_end_is_not():
    taken = Order()
    taken.reach(0, after(0))
    taken.reach(0, after(9_000))
    taken.take(anomaly("a", TEMP, 10), 0)
    taken.take(closed("b", TEMP, 20, 10), 0)

    assert (taken.late, [one.event.data.asset for one in taken.waiting]) == (1, ["b"])


def test_a_partition_that_stands_still_is_not_waited_for_and_one_that_is_late_is():
    taken = Order()
    for p in range(3):
        taken.reach(p, after(0))
    taken.reach(0, after(25))
    taken.reach(1, after(25))
    waits = taken.upto_ns
    taken.reach(0, after(50))
    taken.reach(1, after(49))

    assert (waits, taken.upto_ns) == (after(-2), after(47))


def test_an_anomaly_from_a_clock_that_runs_ahead_is_not_waited_for():
    taken = Order()
    taken.reach(0, after(100))
    taken.take(anomaly("a", TEMP, 700), 0)

    assert taken.next_ns() == after(130)


def test_what_comes_late_is_due_at_once():
    taken = Order()
    for second in (0, 100):
        taken.reach(0, after(second))
    taken.take(anomaly("a", TEMP, 40), 0)

    assert list(taken.until(taken.upto_ns)) == []
    assert [due.time_ns for due in taken.until(after(99))] == [after(98) + 1]
