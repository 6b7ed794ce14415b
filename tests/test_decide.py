"""What comes of an alert: the laws of the policy, of answers, windows, calendars and precision."""

from datetime import timedelta

import pytest
from alerts import SECRETS, T0, alert, at, people, says, yes
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.trigger import breaker, calendar
from models.trigger.approval import answer, speaker
from models.trigger.breaker import Acted, Window, counted
from models.trigger.decide import Case, decide
from models.trigger.precision import Feedback, wilson
from models.trigger.signature import is_signed, signed
from models.trigger.steps import moved
from schemas.events import Evidence
from schemas.trigger import (
    Action,
    Breaker,
    Decision,
    Level,
    Maintenance,
    Mode,
    Severity,
    Silence,
    Stage,
    Verdict,
    Why,
)

RANK = {Level.ADVISE: 0, Level.ASK: 1, Level.ACT: 2}
RATIOS = st.floats(0, 1)
CASES = st.builds(
    Case,
    asked=st.sampled_from(Level),
    quality=RATIOS,
    floor=RATIOS,
    mode=st.sampled_from(Mode),
    only_tells=st.booleans(),
    is_late=st.booleans(),
    in_maintenance=st.booleans(),
    is_silenced=st.booleans(),
    is_follower=st.booleans(),
    breaker_is_open=st.booleans(),
    are_too_many_questions=st.booleans(),
)


@given(case=CASES)
def test_what_is_done_unasked_was_permitted_on_good_data_while_nothing_spoke_against_it(case):
    decided = decide(case)

    if decided.stage is Stage.REQUESTED:
        assert not {case.in_maintenance, case.is_silenced, case.is_follower} & {True}
        assert decided.level is Level.ACT
        assert decided.why is (Why.ALLOWED if case.mode is Mode.LIVE else Why.DRY_RUN)
        assert case.mode is not Mode.OFF
        if not case.only_tells:
            assert case.asked is Level.ACT
            assert case.quality >= case.floor
            assert not {case.breaker_is_open, case.is_late} & {True}


@given(case=CASES)
def test_a_person_is_asked_only_where_the_answer_would_count_and_not_too_often(case):
    if decide(case).stage is Stage.AWAITING:
        assert case.mode is not Mode.OFF
        assert not {case.breaker_is_open, case.are_too_many_questions, case.is_late} & {True}
        assert case.asked is Level.ASK or case.quality < case.floor


@given(case=CASES)
def test_nobody_approves_but_people(case):
    assert decide(case).stage in {
        *(Stage.REQUESTED, Stage.AWAITING, Stage.ADVISED, Stage.DROPPED),
    }


@given(case=CASES, quality=RATIOS)
def test_better_data_never_lowers_the_level(case, quality):
    low, high = sorted((case.quality, quality))
    worse, better = (decide(case._replace(quality=one)).level for one in (low, high))

    assert RANK[worse] <= RANK[better] or case.only_tells
    assert RANK[better] <= RANK[case.asked] or case.only_tells


@given(case=CASES)
def test_poor_data_takes_one_step_off_and_says_so(case):
    case = case._replace(quality=0.1, floor=0.9, only_tells=False)
    decided = decide(case)

    assert RANK[decided.level] == max(RANK[case.asked] - 1, 0)
    if decided.stage in {Stage.AWAITING, Stage.ADVISED}:
        assert decided.why is Why.POOR_DATA


@given(case=CASES)
def test_an_action_that_is_off_or_unknown_is_dropped_whatever_else_there_is(case):
    decided = decide(case._replace(mode=Mode.OFF))

    assert (decided.stage, decided.why) == (Stage.DROPPED, Why.OFF)


def test_quality_is_looked_at_first_and_maintenance_before_silence_and_followers():
    bad = Case(Level.ACT, 0.1, 0.9, Mode.LIVE)
    order = [
        (bad._replace(in_maintenance=True, is_silenced=True, is_follower=True), Why.MAINTENANCE),
        (bad._replace(is_silenced=True, is_follower=True, breaker_is_open=True), Why.SILENCED),
        (bad._replace(is_follower=True, breaker_is_open=True), Why.FOLLOWER),
        (bad._replace(breaker_is_open=True, are_too_many_questions=True), Why.BREAKER_OPEN),
        (bad._replace(are_too_many_questions=True), Why.TOO_MANY_QUESTIONS),
    ]

    assert [decide(case).why for case, _ in order] == [why for _, why in order]
    assert {decide(case).level for case, _ in order} == {Level.ASK}


# Answers.


def question(stage=Stage.AWAITING, **more):
    action = Action(
        action="a" * 32,
        name="drain",
        stage=stage,
        why=Why.NEEDS_APPROVAL,
        rule="gpu-hot",
        asset="node-01",
        alert="b" * 32,
        severity=Severity.WARNING,
        asked=Level.ASK,
        level=Level.ASK,
        floor=0.5,
        quality=1.0,
        evidence_hash="c" * 64,
        evidence=Evidence(facts=()),
        summary="drain waits: it is hot",
        expires=at(900),
    )
    return action.model_copy(update=more)


def answered(asked, said, second, who=None):
    return answer(asked, said, at(second), speaker(said, people() if who is None else who))


def test_a_right_answer_in_time_counts():
    asked = question()

    assert answered(asked, yes(asked, 10), 11) == (Stage.APPROVED, Why.SAID_YES)
    no = yes(asked, 10, verdict=Verdict.REFUSE)
    assert answered(asked, no, 900) == (Stage.REFUSED, Why.SAID_NO)


@pytest.mark.parametrize(
    ("said", "second", "why"),
    [
        (yes(question(), 10, signer="bob"), 11, Why.FORGED),
        (yes(question(), 10).model_copy(update={"signature": ""}), 11, Why.FORGED),
        (yes(question(), 10).model_copy(update={"who": "eve"}), 11, Why.FORGED),
        (yes(question(), 10).model_copy(update={"why": "changed"}), 11, Why.FORGED),
        (yes(question(), 10, evidence_hash="d" * 64), 11, Why.OTHER_EVIDENCE),
        (yes(question(), 10, evidence_hash=""), 11, Why.OTHER_EVIDENCE),
        (yes(question(), 10), 900.001, Why.TOO_LATE),
    ],
)
def test_a_wrong_answer_is_ignored_and_says_why(said, second, why):
    assert answered(question(), said, second) == (Stage.IGNORED, why)


@pytest.mark.parametrize(
    "rights", [{"rules": ("other-*",)}, {"actions": ("reboot",)}, {"rules": ()}]
)
def test_who_has_no_right_to_this_answers_in_vain(rights):
    asked = question()

    assert answered(asked, yes(asked, 1), 2, people(ada=rights)) == (Stage.IGNORED, Why.NO_RIGHT)
    assert answered(asked, yes(asked, 1, "bob"), 2, people(ada=rights))[0] is Stage.APPROVED


@pytest.mark.parametrize(
    ("stage", "why"),
    [
        (Stage.APPROVED, Why.ANSWERED),
        (Stage.REFUSED, Why.ANSWERED),
        (Stage.WITHDRAWN, Why.RESOLVED),
        (Stage.EXPIRED, Why.TOO_LATE),
    ],
)
def test_what_is_over_cannot_be_answered(stage, why):
    asked = moved(question(), stage, Why.SAID_NO)

    assert answered(asked, yes(asked, 1), 2) == (Stage.IGNORED, why)
    assert answered(None, yes(asked, 1), 2) == (Stage.IGNORED, Why.UNKNOWN_ACTION)


@given(
    who=st.sampled_from(["ada", "bob", "eve"]),
    signer=st.sampled_from(["ada", "bob"]),
    stage=st.sampled_from([Stage.AWAITING, Stage.APPROVED, Stage.EXPIRED, Stage.WITHDRAWN]),
    hashed=st.sampled_from(["c" * 64, "d" * 64, ""]),
    second=st.floats(0, 2000),
)
def test_nothing_is_approved_without_a_valid_answer(who, signer, stage, hashed, second):
    said = signed(
        Decision(
            about="a" * 32, verdict=Verdict.APPROVE, who=who, evidence_hash=hashed, time=at(0)
        ),
        SECRETS[signer],
    )
    is_valid = who == signer and hashed == "c" * 64 and stage is Stage.AWAITING and second <= 900

    assert (answered(question(stage), said, second)[0] is Stage.APPROVED) == is_valid


@given(
    field=st.sampled_from(["about", "verdict", "who", "why", "evidence_hash", "time", "until"]),
    secret=st.binary(min_size=1, max_size=40),
)
def test_a_signature_is_of_every_field_and_of_one_secret(field, secret):
    said = says(Verdict.SILENCE, "gpu-*", 5, until=at(60))
    other = {"verdict": Verdict.TRUE, "time": at(6), "until": None, "evidence_hash": "e" * 64}
    changed = said.model_copy(update={field: other.get(field, "changed")})

    assert is_signed(said, SECRETS["ada"])
    assert not is_signed(changed, SECRETS["ada"])
    assert is_signed(said, secret) == (secret == SECRETS["ada"])
    read = Decision.model_validate_json(said.model_dump_json())
    assert is_signed(read, SECRETS["ada"])


# The breaker.

NODES = [f"node-{i:02d}" for i in range(1, 41)]
SIZES = counted([("s", name) for name in NODES] + [("s", "chiller-1"), ("s", "chiller-2")])


def window(*assets):
    return Window([Acted(0, name, "s") for name in assets])


@given(
    done=st.lists(st.sampled_from(NODES), max_size=10),
    share=RATIOS,
    site=RATIOS,
    least=st.integers(0, 5),
)
def test_never_more_than_the_share_of_a_kind_and_of_a_site(done, share, site, least):
    limits = Breaker(share_of_kind=share, share_of_site=site, least=least)
    now = window()
    for name in done:
        if not now.is_open("s", name, limits, SIZES):
            now.take(Acted(0, name, "s"))
    touched = len({one.asset for one in now.acted})

    assert touched <= max(share * 40, least)
    assert touched <= max(site * 42, least)


def test_one_of_two_is_possible_only_if_it_is_told():
    assert window().is_open("s", "chiller-1", Breaker(share_of_site=1), SIZES)
    told = Breaker(share_of_site=1, least=1)
    assert not window().is_open("s", "chiller-1", told, SIZES)
    assert window("chiller-1").is_open("s", "chiller-2", told, SIZES)
    assert not window("chiller-1").is_open("s", "chiller-1", told, SIZES)


def test_of_what_no_inventory_tells_only_the_least_may_be():
    assert window().is_open("s", "node-01", Breaker(share_of_kind=1), breaker.NOBODY_KNOWS)
    assert window().is_open("t", "node-01", Breaker(share_of_kind=1), SIZES)
    told = Breaker(least=2)
    assert not window("node-01").is_open("s", "node-02", told, breaker.NOBODY_KNOWS)


def test_what_was_done_before_the_window_no_longer_counts():
    now = window("node-01", "node-02", "node-03", "node-04")
    limits = Breaker(share_of_site=1, window_s=60)
    assert now.is_open("s", "node-05", limits, SIZES)
    now.move(60_000_000_000, limits)
    assert not now.is_open("s", "node-05", limits, SIZES)


# The calendar.


def test_work_goes_on_from_its_beginning_to_before_its_end():
    work = Maintenance(begins=at(0), ends=at(60), why="pump")

    assert [calendar.is_within(work, at(s)) for s in (-1, 0, 59, 60)] == [False, True, True, False]


def test_a_weekly_window_begins_by_the_clock_on_the_wall_and_passes_midnight():
    night = Maintenance(days=["wed"], at="22:00", lasts_s="4h", zone="Europe/Zurich", why="x")
    begins = T0.replace(hour=21, minute=0, second=0)  # 22:00 in Zurich, in winter

    assert not calendar.is_within(night, begins - timedelta(seconds=1))
    assert calendar.is_within(night, begins)
    assert calendar.is_within(night, begins + timedelta(hours=3, minutes=59))
    assert not calendar.is_within(night, begins + timedelta(hours=4))
    in_summer = begins + timedelta(weeks=12) - timedelta(hours=1)
    assert calendar.is_within(night, in_summer)
    assert not calendar.is_within(night, in_summer - timedelta(seconds=1))


@given(
    minutes=st.integers(0, 7 * 24 * 60),
    lasts_h=st.integers(1, 168),
    zone=st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York", "Pacific/Auckland"]),
)
def test_a_weekly_window_lasts_as_long_as_it_is_told(minutes, lasts_h, zone):
    work = Maintenance(days=["mon"], at="03:30", lasts_s=lasts_h * 3600, zone=zone, why="x")
    begin = T0 - timedelta(days=28)  # no clock is changed in that week
    hours = [begin + timedelta(hours=h, minutes=minutes % 60) for h in range(7 * 24)]

    assert sum(calendar.is_within(work, one) for one in hours) == lasts_h


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"begins": at(0)},
        {"begins": at(5), "ends": at(0)},
        {"days": ["mon"], "at": "08:00"},
        {"days": ["mon"], "at": 480, "lasts_s": 60},
        {"begins": at(0), "ends": at(1), "days": ["mon"], "at": "08:00", "lasts_s": 60},
        {"days": ["mon"], "at": "08:00", "lasts_s": 60, "zone": "Europe/Atlantis"},
        {"days": ["mon"], "at": "08:00", "lasts_s": 60, "zone": "../../etc/passwd"},
    ],
)
def test_half_a_window_is_none(told):
    with pytest.raises(ValidationError):
        Maintenance(why="x", **told)


def test_a_silence_is_about_rule_asset_and_labels_until_it_ends():
    one = alert(10, labels={"team": "a", "port": "1"}).data
    made = {"until": at(60), "why": "known"}

    assert calendar.silence([Silence(rule="gpu-*", **made)], one, at(59))
    assert not calendar.silence([Silence(rule="gpu-*", **made)], one, at(60))
    assert calendar.silence([Silence(asset="node-*", labels={"team": "a"}, **made)], one, at(0))
    assert not calendar.silence([Silence(labels={"team": "b"}, **made)], one, at(0))
    assert not calendar.silence([Silence(asset="ups-*", **made)], one, at(0))


# Precision.


@given(all_=st.integers(1, 400), right=st.data())
def test_the_interval_holds_the_share_and_narrows_with_more_labels(all_, right):
    right = right.draw(st.integers(0, all_))
    one, more = wilson(right, all_), wilson(right * 4, all_ * 4)

    assert 0 <= one.low <= one.share + 1e-12
    assert one.share <= one.high + 1e-12
    assert one.high <= 1
    assert more.high - more.low < one.high - one.low


def test_wilsons_interval_is_as_published():
    found = wilson(81, 263)  # Newcombe (1998), Two-sided confidence intervals, table I, method 3

    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    assert wilson(0, 0) == (0.0, 0.0, 1.0)


LABELS = [Verdict.TRUE, Verdict.FALSE_ALARM, Verdict.KNOWN, Verdict.MAINTENANCE]


@given(said=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(LABELS)), max_size=20))
def test_the_last_label_of_an_event_counts_once(said):
    memory = Feedback()
    for event in "abc":
        memory.published(event, "rule:r")
    for time, (event, verdict) in enumerate(said):
        assert memory.label(event, verdict, time)
    for time, (event, verdict) in enumerate(said):
        assert memory.label(event, verdict, time)
    last = dict(said)

    assert sum(memory.counts.get("rule:r", {}).values()) == len(last)
    wrong = sum(one is Verdict.FALSE_ALARM for one in last.values())
    assert memory.precision("rule:r") == wilson(len(last) - wrong, len(last))


def test_of_what_is_not_remembered_nothing_is_counted():
    memory = Feedback()
    for i in range(10_001):
        memory.published(f"{i}", "rule:r")

    assert not memory.label("0", Verdict.TRUE, 1)
    assert memory.label("10000", Verdict.TRUE, 1)
    assert not memory.label("else", Verdict.TRUE, 1)
