"""Which reports are due when, whatever comes twice, late, or to a desk that begins anew."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_incidents import START, at, incident

from models.report import desk as module
from models.report.desk import Desk, Plan
from models.report.due import event_of, record_of
from models.report.report import report
from models.report.shifts import periods
from schemas.cascade import Stage
from schemas.report import Kind

PLAN = Plan(
    opened_after=timedelta(seconds=60),
    postmortem_after=timedelta(seconds=900),
    remember=timedelta(days=2),
    shifts=("06:00", "14:00", "22:00"),
    daily=("00:00",),
    zone="Europe/Zurich",
)
LATE = at(4 * 86_400)
"""Long after all that is told."""


class Came(NamedTuple):
    """A message, and when it came."""

    came: datetime
    event: object


@st.composite
def lives(draw):
    """Draw incidents: each opens, may be updated, resolved, opened again, or merged."""
    messages = []
    for name in range(draw(st.integers(1, 4))):
        time = draw(st.integers(0, 40_000))
        since = at(time - draw(st.integers(0, 100)))
        stages = [Stage.OPENED]
        while len(stages) < 6 and draw(st.booleans()):
            is_over = stages[-1] is Stage.RESOLVED
            some = [Stage.UPDATED] if is_over else [Stage.UPDATED, Stage.RESOLVED]
            stages.append(draw(st.sampled_from(some)))
        if stages[-1] is not Stage.RESOLVED:
            stages.append(draw(st.sampled_from([Stage.RESOLVED, Stage.MERGED])))
        for stage in stages:
            event = incident(name, stage, at(time), since)
            messages.append(Came(at(time + 5), event))
            time += draw(st.integers(1, 30_000))
    return sorted(messages, key=lambda one: (one.came, one.event.id))


def again(messages, begin, many):
    """Tell some of it again, as a cascade that was killed does."""
    block = messages[begin : begin + many]
    if not block:
        return messages
    came = block[-1].came
    end = begin + len(block)
    return [*messages[:end], *(Came(came, one.event) for one in block), *messages[end:]]


def run(desk, messages, first=0, moves=()):
    """Take messages in; `moves`: how far the clock goes between them, as a share of the time."""
    due = []
    for offset, one in enumerate(messages[first:], first):
        due += desk.take("site", one.event, offset, one.came)
        until = messages[offset + 1].came if offset + 1 < len(messages) else LATE
        for share in moves:
            due += desk.move(one.came + share * (until - one.came))
    return [*due, *desk.move(LATE)]


def told(due):
    """Return what is told by kind, incident, time and stage."""
    return [(one.kind, one.about, one.at, [x.id for x in one.incidents]) for one in due]


@given(messages=lives(), moves=st.lists(st.floats(0, 0.99), max_size=3))
def test_what_is_due_does_not_depend_on_how_messages_are_read(messages, moves):
    whole = run(Desk(PLAN, START), messages)
    cut = run(Desk(PLAN, START), messages, moves=sorted(moves))

    assert told(cut) == told(whole)


@given(messages=lives())
def test_each_incident_gets_one_report_of_each_kind_and_each_shift_one(messages):
    due = run(Desk(PLAN, START), messages)
    counts = Counter((one.kind, one.about) for one in due)

    assert max(Counter(one.id for one in due).values()) == 1
    for number in {one.event.data.incident for one in messages}:
        last = [one for one in messages if one.event.data.incident == number][-1]
        opened, after = counts[Kind.OPENED, number], counts[Kind.POSTMORTEM, number]
        if last.event.data.stage is Stage.MERGED:
            assert opened == after <= 1
        else:
            assert (opened, after) == (1, 1)
    known = messages[0].came
    shifts = periods(PLAN.shifts, PLAN.zone, known, LATE)
    days = periods(PLAN.daily, PLAN.zone, known, LATE)
    assert [one.at for one in due if one.kind is Kind.SHIFT] == [one.end for one in shifts]
    assert [one.at for one in due if one.kind is Kind.DAILY] == [one.end for one in days]


@given(messages=lives())
def test_an_incident_is_handed_over_at_each_shift_end_at_which_it_is_open(messages):
    due = run(Desk(PLAN, START), messages)
    expected = set()
    for _, end in periods(PLAN.shifts, PLAN.zone, messages[0].came, LATE):
        stages = {}
        for one in messages:
            if one.came < end:
                stages[one.event.data.incident] = one.event.data.stage
        expected |= {(name, end) for name, stage in stages.items() if not stage.is_over}

    assert {(one.about, one.at) for one in due if one.kind is Kind.HANDOVER} == expected


@given(messages=lives(), begin=st.integers(0, 20), many=st.integers(1, 20))
def test_what_comes_twice_is_reported_once(messages, begin, many):
    due = run(Desk(PLAN, START), messages)
    twice = run(Desk(PLAN, START), again(messages, begin, many))

    assert {one.id for one in twice} == {one.id for one in due}
    assert len(twice) == len(due)


@given(data=st.data(), messages=lives())
def test_a_desk_that_begins_anew_writes_the_rest_and_nothing_twice(data, messages):
    """Kills: at any message, with any of what was due written and known at the next start."""
    expected = {one.id for one in run(Desk(PLAN, START), messages)}
    written, read, committed = {}, 0, 0
    for _ in range(data.draw(st.integers(0, 4))):
        desk = Desk(PLAN, START, upto=committed or -1, written=dict(written))
        stop = data.draw(st.integers(read, len(messages)))
        for offset, one in enumerate(messages[:stop]):
            for due in desk.take("site", one.event, offset, one.came):
                if data.draw(st.booleans()):
                    assert due.id not in written
                    written[due.id] = one.came
                    desk.wrote(due)
        read, oldest = stop, desk.oldest()
        committed = stop if oldest is None else oldest
    desk = Desk(PLAN, START, upto=committed or -1, written=dict(written))
    rest = run(desk, messages)

    assert not {one.id for one in rest} & written.keys()
    assert {one.id for one in rest} | written.keys() == expected
    assert len(rest) + len(written) == len(expected)


@given(messages=lives())
def test_offsets_are_held_until_the_post_mortem_is_written_and_no_longer(messages):
    desk = Desk(PLAN._replace(shifts=(), daily=()), START)
    due = run(desk, messages)
    pending = [one for one in due if one.kind is Kind.POSTMORTEM]
    first = {}
    for offset, one in enumerate(messages):
        first.setdefault(one.event.data.incident, offset)
    for one in due:
        assert desk.oldest() is not None
        assert desk.oldest() <= first[one.about]
        desk.wrote(one)

    assert pending or not due
    assert desk.oldest() is None


def test_an_incident_that_opens_again_before_its_post_mortem_waits_on_and_gets_one():
    desk = Desk(PLAN._replace(shifts=(), daily=()), START)
    due = desk.take("site", incident("a", time=at(0)), 0, at(0))
    due += desk.take("site", incident("a", Stage.RESOLVED, at(100)), 1, at(100))
    due += desk.take("site", incident("a", Stage.UPDATED, at(900)), 2, at(900))
    due += desk.move(at(5_000))
    assert [(one.kind, one.at) for one in due] == [(Kind.OPENED, at(60))]
    due = desk.take("site", incident("a", Stage.RESOLVED, at(6_000)), 3, at(6_000))
    due += desk.move(at(7_000))
    assert [(one.kind, one.at) for one in due] == [(Kind.POSTMORTEM, at(6_900))]
    due = desk.take("site", incident("a", Stage.UPDATED, at(7_100)), 4, at(7_100))
    due += desk.take("site", incident("a", Stage.RESOLVED, at(7_200)), 5, at(7_200))
    assert due + desk.move(LATE) == []


def test_a_post_mortem_says_how_far_it_reached_at_its_widest():
    desk = Desk(PLAN._replace(shifts=(), daily=()), START)
    stages = [(Stage.OPENED, 8), (Stage.UPDATED, 24), (Stage.UPDATED, 16), (Stage.RESOLVED, 0)]
    for n, (stage, gpus) in enumerate(stages):
        desk.take("site", incident("a", stage, at(n), gpus=gpus), n, at(n))
    (due,) = desk.move(at(5_000))

    assert "In all 2 assets, 24 GPUs and 1 job" in report(record_of(due, [], []), due.kind).markdown


def test_one_that_is_resolved_at_once_is_reported_at_once():
    desk = Desk(PLAN, START)
    desk.take("site", incident("a", time=at(0)), 0, at(0))
    (due,) = desk.take("site", incident("a", Stage.RESOLVED, at(9)), 1, at(10))

    assert (due.kind, due.at) == (Kind.OPENED, at(10))


@pytest.mark.parametrize(("merges_s", "kinds"), [(30, []), (90, [Kind.OPENED, Kind.POSTMORTEM])])
def test_one_that_is_merged_says_where_it_went_if_anybody_was_told_of_it(merges_s, kinds):
    desk = Desk(PLAN._replace(shifts=(), daily=()), START)
    into = incident("b").data.incident
    merged = incident("a", Stage.MERGED, at(merges_s), at(0), merged_into=into)
    due = desk.take("site", incident("a", time=at(0)), 0, at(0))
    due += desk.take("site", merged, 1, at(merges_s))
    due += desk.move(LATE)

    assert [one.kind for one in due] == kinds
    for one in due[1:]:
        assert one.is_short
        assert f"it goes on as `{into}`" in report(record_of(one, [], []), one.kind).markdown


def test_a_desk_that_begins_behind_the_first_message_of_one_that_is_done_is_silent_about_it():
    desk = Desk(PLAN, START, upto=10)
    due = desk.take("site", incident("a", Stage.RESOLVED, at(0), at(-9_000)), 5, at(0))
    due += desk.take("site", incident("b", Stage.RESOLVED, at(1), at(-9_000)), 11, at(1))

    assert [one.about for one in due] == [incident("b").data.incident]


def test_reports_of_shifts_and_days_tell_of_quiet_sites_too_from_when_they_are_known():
    desk = Desk(PLAN, START)
    desk.know("quiet", at(10 * 3_600))
    due = desk.move(at(36 * 3_600))

    assert [one.kind for one in due] == [Kind.DAILY, *[Kind.SHIFT] * 3, Kind.DAILY]
    assert {one.about for one in due} == {"quiet"}
    assert "0 incidents" in report(record_of(due[0], [], []), due[0].kind).markdown


def test_memory_is_bounded_whatever_comes(monkeypatch):
    monkeypatch.setattr(module, "WHOLE", 5)
    monkeypatch.setattr(module, "MOST", 10)
    desk = Desk(PLAN._replace(shifts=(), daily=()), START)
    for i in range(200):
        due = desk.take("site", incident(i, time=at(100 * i)), 2 * i, at(100 * i))
        due += desk.take("site", incident(i, Stage.RESOLVED, at(100 * i)), 2 * i + 1, at(100 * i))
        for one in due:
            desk.wrote(one)
    for one in desk.move(at(25_000)):
        desk.wrote(one)
    desk.move(at(25_100))
    assert len(desk.cases) == 10
    assert sum(not one.is_slim for one in desk.cases.values()) == 0
    desk.move(at(30_000) + PLAN.remember)
    assert not desk.cases
    assert not desk.written


def test_an_id_is_that_of_the_incident_and_kind_and_of_the_end_where_there_are_several():
    desk = Desk(PLAN, START)
    due = desk.take("site", incident("a", time=at(0)), 0, at(0)) + desk.move(at(86_400))
    events = [event_of(one, report(record_of(one, [], []), one.kind)) for one in due]

    assert [one.id for one in events] == [one.id for one in due]
    assert {one.source for one in events} == {"/alltobit/site"}
    assert all(one.type.value == f"io.alltobit.report.{one.data.kind}" for one in events)
    later = [one._replace(at=one.at + timedelta(hours=1)) for one in due]
    same = [one.kind for one, other in zip(due, later, strict=True) if one.id == other.id]
    assert same == [Kind.OPENED]


ZONES = sorted(available_timezones())
TIMES = st.times().map(lambda one: f"{one:%H:%M}")


@given(
    times=st.lists(TIMES, min_size=1, max_size=6, unique=True),
    zone=st.sampled_from(ZONES),
    start=st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001 - made UTC below
    cuts=st.lists(st.integers(0, 10 * 86_400), max_size=5),
)
def test_each_shift_ends_once_in_every_zone_whatever_the_clock_does(times, zone, start, cuts):
    start = start.replace(tzinfo=UTC)
    until = start + timedelta(days=10)
    whole = periods(times, zone, start, until)
    moments = [start, *sorted(start + timedelta(seconds=n) for n in cuts), until]
    pieces = [p for a, b in pairwise(moments) for p in periods(times, zone, a, b)]

    assert pieces == whole
    assert all(one.begin < one.end for one in whole)
    assert all(a.end == b.begin for a, b in pairwise(whole))
    local = Counter(one.end.astimezone(ZoneInfo(zone)).date() for one in whole)
    assert all(n <= len(times) + 1 for n in local.values())
    assert len(whole) >= 8 * len(times) - len(times)


def test_on_the_days_of_summer_time_a_night_shift_is_an_hour_shorter_or_longer():
    spring = periods(("22:00", "06:00"), "Europe/Zurich", at(0), at(86_400))
    autumn = datetime(2026, 10, 24, 12, tzinfo=UTC)
    fall = periods(("22:00", "06:00"), "Europe/Zurich", autumn, autumn + timedelta(days=1))

    assert [(b - a).total_seconds() / 3600 for a, b in spring] == [16, 7]
    assert [(b - a).total_seconds() / 3600 for a, b in fall] == [16, 9]
