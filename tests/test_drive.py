"""One site, driven: the same incidents in any batches, mixed in any way; time comes from data."""

import json
import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from troubles import (
    GPUS,
    SITE,
    T0_NS,
    anomaly,
    bad_cable,
    mixed,
    progress,
    run,
    streams,
    watch,
)

from models.cascade import saved
from models.site import build
from models.snapshot import SnapshotError
from schemas.cascade import Stage
from schemas.events import Kind


@pytest.fixture(scope="module")
def undisturbed():
    return run(mixed(streams(bad_cable(), 240), random.Random(0)))


def test_a_bad_cable_is_one_incident_with_both_ends_and_is_over_when_it_is():
    graph = watch()
    told = [
        one
        for of, event in mixed(streams(bad_cable(), 240), random.Random(0))
        for one in graph.take(event, of)
    ]
    first, last = told[0], told[-1]
    cable = [one for one in told if set(one.data.causes[0].ends) == {"leaf-1/p1", "node-01/ib0"}]

    assert first.type is Kind.INCIDENT_OPENED
    assert cable[0] is first
    assert cable[-1].data.stage is Stage.RESOLVED
    assert last.time.timestamp() - T0_NS / 1e9 < 240
    assert len({one.id for one in told}) == len(told)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_any_mixture_of_partitions_gives_the_same_incidents(undisturbed, seed):
    assert run(mixed(streams(bad_cable(), 240), random.Random(seed))) == undisturbed


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32), late=st.integers(1, 12))
def test_so_it_is_where_anomalies_are_told_late(seed, late):
    made = streams(bad_cable(), 240, late=late)

    assert run(mixed(made, random.Random(seed))) == run(mixed(made, random.Random(0)))


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32), again=st.integers(1, 600))
def test_what_comes_twice_changes_nothing(undisturbed, seed, again):
    messages = list(mixed(streams(bad_cable(), 240), random.Random(seed)))
    at = min(again, len(messages))
    twice = [*messages[:at], *messages[max(at - 200, 0) : at], *messages[at:]]

    assert run(twice) == undisturbed


def test_a_year_without_anything_takes_no_time_and_tells_nothing():
    idle = watch()
    told = run([(0, progress(0, 0)), (0, progress(0, 30)), (0, progress(0, 31_536_000))], idle)

    assert (told, idle.steps) == ([], 0)


def test_a_month_of_silence_takes_few_steps_though_an_incident_is_open():
    into = watch()
    run(mixed(streams(bad_cable(), 60), random.Random(0)), into)
    steps = into.steps
    run([(p, progress(p, 60 + 30 * 86_400)) for p in range(3)], into)

    assert into.cascade.groups.all
    assert 10 < into.steps - steps < 400


def test_a_site_that_nobody_told_of_is_guessed_from_names():
    alone = watch(graph=False)
    told = run(mixed(streams(bad_cable(), 240), random.Random(0)), alone)

    assert told
    assert alone.cascade.graph.place("node-01") >= 0  # a parent that no anomaly was about
    assert set(GPUS) <= set(alone.cascade.graph.names)
    assert alone.strangers == 0


def test_assets_that_are_in_no_graph_are_kept_and_counted():
    strange = [(0, 21, anomaly("x-1", "temp", 21)), (1, 22, anomaly("x-2", "temp", 22))]
    into = watch()
    told = run(mixed(streams([*bad_cable(), *strange], 100), random.Random(0)), into)

    assert into.strangers == 2
    assert any('"unexplained":["x-1","x-2"]' in one for one in told)


@pytest.mark.parametrize("kept", [True, False])
def test_a_graph_that_changes_while_an_incident_is_open_goes_on_with_it(kept):
    """`kept`: the other graph has the cause, elsewhere in its columns."""
    into, messages = watch(), list(mixed(streams(bad_cable(), 240), random.Random(0)))
    before = [one for of, event in messages[:130] for one in into.take(event, of)]
    less = [a for a in SITE.assets if kept or not a.name.startswith(("leaf-1", "node-01"))]
    into.move(build([SITE.model_copy(update={"assets": tuple(reversed(less))})])[0])
    after = [one for of, event in messages[130:] for one in into.take(event, of)]

    (opened,) = {one.data.incident for one in before}
    assert Stage.RESOLVED in [one.data.stage for one in after if one.data.incident == opened]


def saved_and_loaded(into, graph):
    """Save and load a site; return it, and what of it was saved."""
    snapshot = saved.Snapshots(4, "life").take([into], 7)
    loaded = saved.load(snapshot.manifest, snapshot.chunks, lambda _: graph)
    return loaded["s"]


@settings(max_examples=10, deadline=None)
@given(at=st.integers(0, 800), guessed=st.booleans())
def test_a_site_that_was_saved_and_loaded_goes_on_as_if_nothing_had_been(at, guessed):
    messages = list(mixed(streams(bad_cable(), 240), random.Random(0)))
    graph = None if guessed else build([SITE])[0]
    first = watch(not guessed)
    told = run(messages[:at], first)
    loaded = saved_and_loaded(first, graph)

    assert told + run(messages[at:], loaded) == run(messages, watch(not guessed))


def test_a_site_that_was_loaded_with_another_graph_goes_on_with_what_is_open():
    into, messages = watch(), list(mixed(streams(bad_cable(), 240), random.Random(0)))
    before = [one for of, event in messages[:130] for one in into.take(event, of)]
    less = tuple(a for a in SITE.assets if not a.name.startswith(("leaf-1", "node-01")))
    loaded = saved_and_loaded(into, build([SITE.model_copy(update={"assets": less})])[0])
    after = [one for of, event in messages[130:] for one in loaded.take(event, of)]

    assert Stage.RESOLVED in [
        one.data.stage for one in after if one.data.incident == before[0].data.incident
    ]


def test_a_state_of_another_layout_or_cut_short_is_refused():
    snapshot = saved.Snapshots(4).take([watch()], 0)
    other = msgspec.structs.replace(snapshot.manifest, layout="other")

    with pytest.raises(SnapshotError, match="layout 2/other, this build has"):
        saved.load(other, snapshot.chunks, lambda _: None)
    with pytest.raises(SnapshotError, match="cannot be read"):
        saved.load(snapshot.manifest, [snapshot.chunks[0][:-9]], lambda _: None)


@pytest.mark.parametrize("off", [-900, 900])
def test_a_clock_that_is_minutes_off_holds_up_nobody(undisturbed, off):
    wrong = [(1, 22, anomaly("node-04", "load", 22 + off)), (1, 30, anomaly("x", "load", 30 + off))]
    into = watch()
    told = [
        json.loads(one)
        for one in run(mixed(streams([*bad_cable(), *wrong], 240), random.Random(0)), into)
    ]
    first = json.loads(undisturbed[0])

    assert (told[0]["time"], told[0]["data"]["causes"][0]["ends"]) == (
        first["time"],
        first["data"]["causes"][0]["ends"],
    )
    assert not into.order.waiting
