"""Laws of answers: nothing that peaks is lost, what is left out is counted, names stay names."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from alerts import alert, at
from hypothesis import given, settings
from hypothesis import strategies as st
from incidents import telling
from sites import PARTS

from models.act.rate import Rate
from models.ask import bits, events, incidents
from models.ask.fit import fitted, limited, size
from models.ask.neighbours import neighbour, steps
from models.ask.picture import Kept, Picture
from models.ask.stretches import Samples, stretches
from models.ids import event_id
from models.report.belongs import Belonging, assets_of
from models.report.specimens import specimens
from models.site import build
from models.symbols import Window
from schemas.ask.answer import Events
from schemas.ask.question import Standing
from schemas.cascade import Incident, Stage
from schemas.events import Event, Kind
from schemas.trigger import State

T0 = datetime(2026, 3, 1, tzinfo=UTC)
KINDS = {
    Stage.OPENED: Kind.INCIDENT_OPENED,
    Stage.UPDATED: Kind.INCIDENT_UPDATED,
    Stage.RESOLVED: Kind.INCIDENT_RESOLVED,
}


def an_incident(name="a", at_s=0.0, stage=Stage.UPDATED, site="s", **more):
    body = telling(at_s, "leaf-1", name=name, stage=stage, **more).body
    return Event[Incident](
        id=event_id(name, at_s, stage),
        source=f"/alltobit/{site}",
        type=KINDS[stage],
        subject="leaf-1",
        time=T0 + timedelta(seconds=at_s),
        dataschema="urn:alltobit:schema:incident:1",
        data=body,
    )


def picture(*events_, most=1_000):
    found = Picture(most)
    for one in events_:
        found.take(one.model_dump_json().encode())
    return found


moments = st.lists(st.floats(0, 1e6), min_size=1, max_size=20)


@settings(deadline=None)
@given(times=moments, data=st.data())
def test_of_an_incident_the_newest_telling_stands_whatever_came_last(times, data):
    mixed = data.draw(st.permutations(times))
    found = picture(*(an_incident(at_s=one) for one in mixed))

    (event,) = found.incidents.by_key.values()
    assert event.time == an_incident(at_s=max(times)).time
    assert found.as_of == event.time


@settings(deadline=None)
@given(st.lists(st.integers(0, 30), max_size=60), st.integers(1, 10))
def test_no_more_is_kept_than_may_be_and_what_was_told_of_last_is(names, most):
    kept = Kept(most)
    for i, name in enumerate(names):
        kept.put(str(name), an_incident(at_s=float(i)))

    last = list(dict.fromkeys(map(str, reversed(names))))[:most]
    assert sorted(kept.by_key) == sorted(last)


@pytest.mark.parametrize("value", [b"", b"{", b"\xff", b"[]", b'{"specversion":"1.0","type":"x"}'])
def test_what_is_no_event_changes_no_picture(value):
    found = picture(an_incident())
    found.take(value)

    assert len(found.incidents.by_key) == 1


def test_open_incidents_come_first_and_each_filter_holds():
    found = picture(
        an_incident("a", 1.0, Stage.RESOLVED, site="x"),
        an_incident("b", 2.0),
        an_incident("c", 3.0, Stage.RESOLVED),
        an_incident("d", 4.0),
    )

    def names(**which):
        chosen = incidents.chosen(found.incidents.all(), incidents.Which(**which))
        return [incidents.line(one).time.second for one in chosen]

    assert names() == [4, 2, 3, 1]
    assert names(state=Standing.OPEN) == [4, 2]
    assert names(state=Standing.OVER) == [3, 1]
    assert names(site="x") == [1]
    assert names(since=T0 + timedelta(seconds=3)) == [4, 3]


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1e4)), max_size=12), st.integers(1, 12))
def test_who_is_next_is_told_by_probability_and_the_rest_counted(coming, limit):
    event = an_incident(coming=[(f"n{i}", *one) for i, one in enumerate(coming)])
    told = incidents.spread(event, limit)

    chances = [one.probability for one in told.next]
    assert chances == sorted((p for p, _ in coming), reverse=True)[:limit]
    assert len(told.next) + told.left_out == len(coming)


def test_the_anomalies_of_an_incident_are_those_of_its_assets_and_time_at_its_site():
    for one in specimens(3, 5, most=40):
        mine = [*filter(Belonging(one.event).has, one.anomalies)]
        elsewhere = [x.model_copy(update={"source": "/alltobit/y"}) for x in one.anomalies]

        assert {x.data.asset for x in mine} <= assets_of(one.event)
        assert mine
        assert not [*filter(Belonging(one.event).has, elsewhere)]


@settings(deadline=None)
@given(parts=PARTS, hops=st.integers(1, 3), data=st.data())
def test_a_neighbour_is_told_once_by_a_shortest_way(parts, hops, data):
    graph, _ = build(parts)
    if not graph.names:
        return
    asset = data.draw(st.sampled_from(graph.names))
    found = steps(graph, asset, hops)
    told = [neighbour(graph, one) for one in found]

    assert len({one.to for one in found} | {graph.place(asset)}) == len(found) + 1
    assert {graph.names[one.to]: one.hops for one in found} == _hops(graph, asset, hops)
    assert [one.hops for one in told] == sorted(one.hops for one in told)
    for one, step in zip(told, found, strict=True):
        assert any(
            (n.name, n.kind, n.against) == (graph.names[step.to], one.edge, one.against)
            for n in graph.neighbours(graph.names[step.by])
        )


def _hops(graph, asset, hops):
    """Return the least number of steps to each asset within `hops`, asked of the graph itself."""
    known, ring = {asset: 0}, {asset}
    for hop in range(1, hops + 1):
        ring = {n.name for name in ring for n in graph.neighbours(name)} - known.keys()
        known |= dict.fromkeys(ring, hop)
    return {name: hop for name, hop in known.items() if hop}


values = st.floats(-1e9, 1e9) | st.just(float("nan"))


@settings(deadline=None)
@given(
    some=st.lists(st.tuples(st.integers(0, 9_999), values, st.booleans()), max_size=80),
    most=st.integers(1, 50),
)
def test_no_sample_and_no_peak_is_lost_in_stretches(some, most):
    some = sorted(some, key=lambda one: one[0])
    times, numbers, marks = (np.array(c) for c in zip(*some, strict=True)) if some else ((), (), ())
    samples = Samples(
        np.array(times, np.int64), np.array(numbers, np.float64), np.array(marks, np.uint16)
    )
    told = stretches(samples, Window(0, 10_000), most)

    known = [value for _, value, _ in some if value == value]  # noqa: PLR0124 - not NaN
    assert len(told) <= most
    assert sum(one.samples for one in told) == len(some)
    assert sum(one.poor for one in told) == sum(mark for *_, mark in some)
    assert max((s.most for s in told if s.most is not None), default=None) == max(
        known, default=None
    )
    assert min((s.least for s in told if s.least is not None), default=None) == min(
        known, default=None
    )
    assert all(
        s.least <= s.mean <= s.most or np.isclose(s.mean, s.least)
        for s in told
        if s.mean is not None
    )


@settings(deadline=None)
@given(st.text(min_size=1, max_size=40))
def test_a_name_is_one_word_or_one_json_string(name):
    shown = bits.plain(name)

    assert not any(c.isspace() and c != " " for c in shown)
    assert shown == name or json.loads(shown) == name
    assert " " not in shown or shown.startswith('"')


@settings(deadline=None)
@given(st.text(max_size=60), st.text(min_size=1, max_size=200))
def test_no_text_of_an_anomaly_begins_a_line_of_its_own(name, said):
    one = next(specimens(1, 1, most=6)).anomalies[0]
    data = one.data.model_copy(update={"asset": f"a{name}", "summary": said})
    lines = events.text(one.model_copy(update={"data": data}), []).split("\n")

    assert len(lines) == len(events.text(one, []).split("\n"))
    assert len("".join(lines).splitlines()) == 1


@settings(deadline=None)
@given(many=st.integers(0, 60), most=st.integers(300, 9_000))
def test_an_answer_fits_and_what_is_left_out_is_counted(many, most):
    rows = tuple(events.line(alert(i)) for i in range(many))
    whole = Events(events=rows)
    told = fitted(whole, most)

    if told is None:
        assert size(whole) > most
        return
    assert size(told) <= most
    assert len(told.events) + told.left_out == many
    assert told.events == rows[: len(told.events)]
    assert (told.left_out == 0) == (size(whole) <= most)


def test_a_limit_counts_what_it_leaves_out():
    told = limited(Events(events=tuple(events.line(alert(i)) for i in range(5)), left_out=2), 3)

    assert (len(told.events), told.left_out) == (3, 4)


def test_rules_fire_on_as_many_assets_as_their_last_alerts_say():
    found = picture(
        alert(1, asset="a"),
        alert(2, asset="a", state=State.RESOLVED),
        alert(3, asset="b"),
        alert(4, asset="b"),
        alert(5, asset="c", rule="other"),
    )

    assert events.firing(found.alerts.all()) == {"gpu-hot": 1, "other": 1}
    assert [one.id for one in events.newest(found.alerts.by_key.values(), "[ab]", at(3))] == [
        alert(4, asset="b").id,
        alert(3, asset="b").id,
    ]


@settings(deadline=None)
@given(st.lists(st.floats(0, 200), max_size=60), st.integers(1, 10))
def test_no_minute_lets_in_more_than_so_many_and_who_is_refused_takes_no_place(gaps, most):
    rate, now_s, let_in = Rate(most), 0.0, []
    for gap_s in gaps:
        now_s += gap_s
        wait_s = rate.refused_s(now_s)
        recent = [one for one in let_in if one > now_s - 60.0]
        assert (wait_s == 0.0) == (len(recent) < most)
        let_in += [now_s] if wait_s == 0.0 else []
