"""What messages lead to, by the pure core: scenarios on a timetable, and the law of replay."""

import pytest
from alerts import alert, at, ns, people, says, yes
from hypothesis import given
from hypothesis import strategies as st
from troubles import anomaly as an_anomaly
from troubles import progress as event_time

from models.cascade.message import Unread
from models.events import event_id
from models.trigger.breaker import counted
from models.trigger.episodes import Conditions
from models.trigger.memory import Memory
from models.trigger.message import Source, read
from models.trigger.saved import dump, load
from models.trigger.setup import Setup
from models.trigger.trigger import Trigger
from schemas.cascade import Cause, Fault, Follower, Incident, Radius
from schemas.cascade import Stage as IncidentStage
from schemas.events import Event, Evidence, Fact, Kind
from schemas.settings import Settings
from schemas.telemetry import Why as Rejected
from schemas.trigger import Because, Level, Stage, State, Verdict, Why

CITED = Fact(text="event", topic="anomalies", partition=0, offset=1)
ACTIONS = (
    {"name": "drain", "kind": "command", "argv": ["drain", "{asset}"], "mode": "live"},
    {"name": "am", "kind": "alertmanager", "urls": ["http://am:9093"], "mode": "live"},
    {"name": "try", "kind": "kafka", "topic": "commands", "mode": "shadow"},
    {"name": "not", "kind": "kafka", "topic": "commands"},
)
WIDE = {"share_of_kind": 1.0, "share_of_site": 1.0}
ASSETS = [("s", f"node-01/gpu{i}") for i in range(8)]


def trigger(*rules, conditions=None, rights=None, **policy):
    """Return a trigger with such rules (`gpu-hot`, unless they name themselves) and actions."""
    told = [
        {"name": "gpu-hot", "point": "temp", "above": 85, "then": ["drain"]} | one for one in rules
    ]
    settings = Settings.model_validate(
        {"rules": told or [{"name": "gpu-hot", "point": "temp", "above": 85}]}
        | {"actions": ACTIONS, "trigger": {"breaker": WIDE} | policy}
    )
    setup = Setup.of(settings.rules, settings.actions, settings.trigger)
    setup.people, setup.conditions = people(**(rights or {})), conditions or {}
    setup.sizes = counted(ASSETS)
    made = Trigger(setup)
    made.move(ns(0))
    return made


def steps(told):
    """Return what was told in short: action and stage, why."""
    return [(one.data.name, one.data.stage.value, one.data.why.value) for one in told]


def asked(trigger, second=10, **more):
    """Let one alert lead to one question; return its action."""
    (step,) = trigger.alert(alert(second, **more), at(second))
    assert step.data.stage is Stage.AWAITING
    return step.data


def test_act_is_requested_ask_is_asked_and_advise_is_told():
    for level, stage in (("act", "requested"), ("ask", "awaiting"), ("advise", "advised")):
        told = trigger({"level": level}).alert(alert(10), at(10))
        assert [one.data.stage.value for one in told] == [stage]
        assert told[0].type == f"io.alltobit.action.{stage}"
        assert told[0].time == at(10)
        assert told[0].data.evidence.facts[0].value == 91.0


def test_several_actions_go_their_own_ways_in_the_rules_order():
    told = trigger({"level": "act", "then": ["try", "drain", "not", "nowhere"]})

    assert steps(told.alert(alert(10), at(10))) == [
        ("try", "requested", "dry_run"),
        ("drain", "requested", "allowed"),
        ("not", "dropped", "off"),
        ("nowhere", "dropped", "off"),
    ]


def test_two_ports_of_an_asset_in_the_same_moment_are_two_actions_and_each_ends_by_itself():
    made = trigger({"level": "ask", "labels": {"team": "fabric"}})
    ports = [{"team": "fabric", "port": port} for port in "12"]
    told = [made.alert(alert(10, labels=port), at(10))[0] for port in ports]
    again = made.alert(alert(11, labels=ports[0]), at(11))
    (ends,) = made.alert(alert(20, State.RESOLVED, labels=ports[0]), at(20))

    assert [one.data.labels["port"] for one in told] == ["1", "2"]
    assert told[0].data.action != told[1].data.action
    assert again == []
    assert (ends.data.action, ends.data.stage) == (told[0].data.action, Stage.WITHDRAWN)
    assert [one.action.action for one in made.open()] == [told[1].data.action]


def test_what_an_alert_claims_for_itself_gives_no_rights():
    made = trigger({"level": "advise"})
    forged = alert(10, level=Level.ACT, then=("drain",))
    other = alert(10, level=Level.ACT, then=("drain",), rule="not-configured")

    assert steps(made.alert(forged, at(10))) == [("drain", "advised", "advice_only")]
    assert made.alert(other, at(10)) == []


def test_poor_evidence_lowers_the_level_and_better_evidence_is_decided_anew():
    made = trigger({"level": "act", "quality": 0.8})
    (poor,) = made.alert(alert(10, State.HELD, quality=0.5), at(10))
    (good,) = made.alert(alert(20, quality=0.9), at(20))

    assert steps([poor, good]) == [
        ("drain", "awaiting", "poor_data"),
        ("drain", "requested", "allowed"),
    ]
    assert poor.data.level is Level.ASK
    assert poor.data.action == good.data.action
    assert made.open() == []
    assert made.alert(alert(30, quality=0.95), at(30)) == []


def test_work_silences_and_other_causes_are_told_as_the_reason():
    work = {"asset": "node-*", "begins": at(0), "ends": at(60), "why": "new pump"}
    quiet = {"rule": "gpu-*", "until": at(60), "why": "known, TICKET-7"}
    for policy, why, reason in (
        ({"maintenance": [work]}, "maintenance", "new pump"),
        ({"silences": [quiet]}, "silenced", "known, TICKET-7"),
    ):
        made = trigger({"level": "act"}, **policy)
        (step,) = made.alert(alert(10), at(10))
        (later,) = made.alert(alert(70, since=65), at(70))
        assert steps([step, later]) == [
            ("drain", "dropped", why),
            ("drain", "requested", "allowed"),
        ]
        assert step.data.reason == reason


def incident(second, stage=IncidentStage.OPENED, cause="chiller-1", followers=("node-01/gpu0",)):
    """Return an event of an incident."""
    one = Cause(asset=cause, fault=Fault.COOLING, probability=0.8, since=at(0), text="cools less")
    reached = tuple(Follower(asset=name, via=(), delay_s=5.0) for name in followers)
    data = Incident(
        quality=1.0,
        summary=f"{cause}: cools less",
        evidence=Evidence(facts=(CITED,)),
        incident=event_id("incident", "chiller-1"),
        stage=stage,
        since=at(0),
        causes=(one,),
        followers=reached,
        radius=Radius(assets=1, gpus=1, jobs=0),
    )
    return Event[Incident](
        id=event_id(stage, second, cause, *followers),
        source="/alltobit/s",
        type=Kind(f"io.alltobit.incident.{stage}"),
        subject=cause,
        time=at(second),
        dataschema="urn:alltobit:schema:incident:1",
        data=data,
    )


def test_a_follower_is_left_alone_while_the_incident_is_open_and_its_cause_is_not():
    made = trigger({"level": "act"})
    assert made.incident(incident(5), CITED) == []

    (follower,) = made.alert(alert(10), at(10))
    (cause,) = made.alert(alert(10, asset="chiller-1"), at(10))
    made.incident(incident(20, IncidentStage.RESOLVED), CITED)
    (after,) = made.alert(alert(30, since=30), at(30))

    assert steps([follower]) == [("drain", "dropped", "follower")]
    assert incident(5).data.incident in follower.data.reason
    assert cause.data.why is not Why.FOLLOWER
    assert steps([after]) == [("drain", "requested", "allowed")]


def test_the_breaker_opens_at_the_share_of_a_kind_and_closes_behind_the_window():
    made = trigger({"level": "act"}, breaker=WIDE | {"share_of_kind": 0.25, "window_s": 100})
    told = [made.alert(alert(10, asset=asset), at(10))[0] for _, asset in ASSETS]

    assert [one.data.why.value for one in told] == ["allowed"] * 2 + ["breaker_open"] * 6
    made.move(ns(200))
    (again,) = made.alert(alert(200, asset="node-01/gpu7", since=150), at(200))
    assert again.data.stage is Stage.REQUESTED


def test_the_breaker_holds_against_a_yes_too():
    made = trigger({"level": "ask"}, breaker=WIDE | {"share_of_kind": 0.125})
    first, second = (asked(made, asset=f"node-01/gpu{i}") for i in range(2))

    (done,) = made.decision(yes(first, 11), at(11))
    (not_done,) = made.decision(yes(second, 12), at(12))
    assert steps([done, not_done]) == [
        ("drain", "approved", "said_yes"),
        ("drain", "ignored", "breaker_open"),
    ]
    assert [one.action.action for one in made.open()] == [second.action]


def test_people_are_asked_no_more_often_than_they_can_think():
    made = trigger({"level": "ask"}, ask={"a_person_hour": 2}, rights={"bob": {"rules": ()}})
    told = [made.alert(alert(10, asset=asset), at(10))[0] for _, asset in ASSETS]

    assert [one.data.why.value for one in told[:3]] == ["needs_approval"] * 2 + [
        "too_many_questions"
    ]
    made.move(ns(3700))
    (again,) = made.alert(alert(3700, asset="node-01/gpu7", since=3700), at(3700))
    assert again.data.stage is Stage.AWAITING


def test_an_old_alert_is_told_and_not_acted_upon():
    made = trigger({"level": "act", "then": ["drain", "am"]}, too_late_s="5m")
    made.move(ns(1000))

    assert steps(made.alert(alert(10), at(600))) == [
        ("drain", "dropped", "too_late"),
        ("am", "requested", "allowed"),
    ]
    assert steps(made.alert(alert(11, since=11), at(701)))[0] == ("drain", "requested", "allowed")


def test_a_question_that_is_answered_is_over():
    made = trigger({"level": "ask"})
    action = asked(made)
    (approved,) = made.decision(yes(action, 20), at(20))
    (again,) = made.decision(yes(action, 21, "bob", Verdict.REFUSE), at(21))

    assert steps([approved, again]) == [
        ("drain", "approved", "said_yes"),
        ("drain", "ignored", "answered"),
    ]
    assert (approved.data.by, approved.data.reason) == ("ada", "I looked")
    assert approved.data.evidence_hash == action.evidence_hash
    assert made.open() == []


@given(gaps=st.lists(st.sampled_from([0, 0.001, 7]), min_size=1, max_size=6))
def test_a_replayed_answer_is_recorded_each_time_that_it_comes(gaps):
    made, second = trigger({"level": "ask"}), 20.0
    said, strange = yes(asked(made), 20), says(Verdict.APPROVE, "f" * 32, 20)
    label = says(Verdict.TRUE, "?", 20)
    told = {}
    for gap in (0, *gaps):
        second += gap
        for one in (said, strange, label):
            for step in made.decision(one, at(second)):
                assert told.setdefault(step.id, step) == step

    assert sum(one.data.stage is Stage.APPROVED for one in told.values()) == 1
    moments = len({one.time for one in told.values()})
    assert len(told) == 1 + 3 * moments - (gaps[0] > 0)


def test_a_question_expires_by_the_clock_and_says_when():
    made = trigger({"level": "ask"}, ask={"expires_s": "10m"})
    action = asked(made)
    assert action.expires == at(600)
    assert made.move(ns(601)) == []  # what was said in time may still come

    (expired,) = made.move(ns(603))
    assert steps([expired]) == [("drain", "expired", "too_late")]
    assert expired.time == at(600)
    assert steps(made.decision(yes(action, 604), at(604))) == [("drain", "ignored", "too_late")]
    assert made.move(ns(10_000)) == []


def test_a_question_is_withdrawn_when_the_alert_is_over():
    made = trigger({"level": "ask"})
    action = asked(made)
    (withdrawn,) = made.alert(alert(30, State.RESOLVED), at(30))

    assert steps([withdrawn]) == [("drain", "withdrawn", "resolved")]
    assert steps(made.decision(yes(action, 31), at(31))) == [("drain", "ignored", "resolved")]


def test_an_answer_to_nothing_is_recorded():
    made = trigger({"level": "ask"})
    (step,) = made.decision(says(Verdict.APPROVE, "no id at all", 5), at(5))
    (forged,) = made.decision(says(Verdict.APPROVE, "f" * 32, 5, signer="bob"), at(5))

    assert (step.data.stage, step.data.why) == (Stage.IGNORED, Why.UNKNOWN_ACTION)
    assert forged.data.why is Why.FORGED
    assert forged.data.action == "f" * 32
    assert step.data.by == "ada"


def test_every_alert_is_told_once_and_so_is_its_end_where_its_beginning_was():
    made = trigger(always=["am"], silences=[{"asset": "node-02", "until": at(15), "why": "x"}])
    (fires,) = made.alert(alert(10), at(10))
    (silenced,) = made.alert(alert(10, asset="node-02"), at(10))
    other = made.alert(alert(10, point="memory"), at(10))
    (ends,) = made.alert(alert(30, State.RESOLVED), at(30))

    assert steps([fires, ends, silenced]) == [
        ("am", "requested", "allowed"),
        ("am", "requested", "allowed"),
        ("am", "dropped", "silenced"),
    ]
    assert [one.data.resolves for one in (fires, ends)] == [False, True]
    assert len({one.data.action for one in (fires, ends, *other)}) == 3
    assert made.alert(alert(40, State.RESOLVED, asset="node-02"), at(40)) == []
    assert made.alert(alert(50, State.HELD, since=50), at(50)) == []


def too_many(second, untold, state=State.FIRING, **more):
    """Return the one alert for so many of `gpu-hot` in partition 0 that are not told."""
    because = Because.TOO_MANY if untold else Because.CLEARED
    told = {"asset": "partition-0", "point": "", "cell": "", "value": None, "limit": None}
    return alert(second, state, **told, because=because, untold=untold, quality=0.9, **more)


def test_the_alert_for_many_leads_to_no_action_whatever_its_rule_may():
    made = trigger({"level": "act", "then": ["drain", "am", "try"]}, always=["am"])
    told = made.alert(too_many(10, 7), at(10)) + made.alert(too_many(20, 14), at(20))
    told += made.alert(too_many(30, 0, State.RESOLVED), at(30))

    assert steps(told) == [("am", "requested", "allowed")] * 3
    assert made.memory.window.acted == []
    assert not made.memory.begun


def test_each_number_of_the_alert_for_many_is_told_once_and_its_end_once():
    made = trigger(always=["am"])
    numbers = [too_many(10 + i, many) for i, many in enumerate((7, 14, 7))]
    told = [one for event in numbers * 2 for one in made.alert(event, event.time)]
    told += made.alert(too_many(30, 0, State.RESOLVED), at(30))

    assert [one.data.resolves for one in told] == [False, False, False, True]
    assert len({one.data.action for one in told}) == 4
    assert len({one.id for one in told}) == 4
    (again,) = made.alert(too_many(40, 7, since=40), at(40))
    assert again.data.action not in {one.data.action for one in told}


def test_a_silence_that_a_person_says_holds_for_rules_they_may_silence():
    made = trigger(
        {"level": "act"}, {"name": "other", "level": "act"}, rights={"ada": {"rules": ["gpu-*"]}}
    )
    assert (
        made.decision(says(Verdict.SILENCE, "*/node-01/*", 5, until=at(60), why="mine"), at(5))
        == []
    )

    (silenced,) = made.alert(alert(10), at(10))
    (not_hers,) = made.alert(alert(10, rule="other"), at(10))
    assert steps([silenced, not_hers]) == [
        ("drain", "dropped", "silenced"),
        ("drain", "requested", "allowed"),
    ]
    assert (silenced.data.by, silenced.data.reason) == ("ada", "mine")
    made.decision(says(Verdict.SILENCE, "*/node-01/*", 20, until=at(20)), at(20))  # takes it back
    made.decision(says(Verdict.SILENCE, "*/node-01/*", 5, until=at(60)), at(21))  # an older one
    assert made.alert(alert(30, since=30), at(30))[0].data.stage is Stage.REQUESTED


def test_labels_make_the_precision_of_rules_and_detectors():
    made = trigger({"level": "ask"}, rights={"bob": {"rules": ["other"]}})
    events = [alert(s, since=s) for s in range(4)]
    for event in events:
        made.alert(event, event.time)
    seen = an_anomaly("node-01", "temp", 10)
    made.anomaly(seen, CITED)
    for event, verdict in zip(events, ("true", "false_alarm", "known", "maintenance"), strict=True):
        assert made.decision(says(Verdict(verdict), event.id, 20), at(20)) == []
    made.decision(says(Verdict.FALSE_ALARM, seen.id, 20, "bob"), at(20))
    (no_right,) = made.decision(says(Verdict.TRUE, events[1].id, 30, "bob"), at(30))
    (stale,) = made.decision(says(Verdict.TRUE, events[1].id, 30), at(3000))
    (strange,) = made.decision(says(Verdict.TRUE, "?", 30), at(30))

    assert [one.data.why for one in (no_right, stale, strange)] == [
        *(Why.NO_RIGHT, Why.TOO_LATE, Why.UNKNOWN_ACTION),
    ]
    assert made.memory.feedback.precision("rule:gpu-hot").share == 0.75
    assert made.memory.feedback.precision("anomaly:level").share == 0.0


# Rules on events.


def hot(event):
    """Hold of peers and of values over 5; not known of what says nothing of a value."""
    value = event.get("value")
    return None if value is None else value > 5


def on_anomalies(**more):
    """Return a trigger with one rule on anomalies."""
    rule = {"name": "odd", "if": "event.value > 5", "point": "", "above": None} | more
    return trigger({"each": "anomaly", **rule}, conditions={"odd": Conditions(hot)})


def short(told):
    return [(one.data.state.value, (one.time - T_ODD).total_seconds()) for one in told]


T_ODD = an_anomaly("a", "b", 0).time


def progress(second):
    return event_time(0, second)


def test_a_rule_on_anomalies_fires_when_one_opens_and_is_resolved_when_it_closes():
    made = on_anomalies()
    fires = made.anomaly(an_anomaly("node-01", "temp", 0, 9.0), CITED)
    nothing = made.anomaly(an_anomaly("node-02", "temp", 1, 2.0), CITED)
    ends = made.anomaly(an_anomaly("node-01", "temp", 30, 1.0, since=0, ended="recovered"), CITED)

    assert short(fires + nothing + ends) == [("firing", 0), ("resolved", 30)]
    assert fires[0].data.rule == "odd"
    assert fires[0].data.evidence.facts[0] == CITED
    assert fires[0].data.because is Because.RULE_HOLDS
    assert ends[0].data.since == fires[0].data.since


def test_it_waits_by_event_time_and_stands_at_the_time_at_which_it_was_due():
    made = on_anomalies(**{"for": "1m", "keep_firing_for": "10s"})
    assert made.anomaly(an_anomaly("node-01", "temp", 0, 9.0), CITED) == []
    assert made.progress(progress(59)) == []
    assert short(made.progress(progress(75))) == [("firing", 60)]
    assert made.progress(progress(80)) == []
    assert made.anomaly(an_anomaly("node-02", "temp", 81, 9.0), CITED) == []
    ended = an_anomaly("node-02", "temp", 100, 9.0, since=81, ended="recovered")
    assert made.anomaly(ended, CITED) == []
    assert made.progress(progress(300)) == []


@pytest.mark.parametrize("tells", [[], [10], [59, 61], [200]])
def test_when_progress_is_told_changes_nothing_of_what_is_told(tells):
    made = on_anomalies(**{"for": "1m"})
    told = made.anomaly(an_anomaly("node-01", "temp", 0, 9.0), CITED)
    for second in tells:
        told += made.progress(progress(second))
    told += made.anomaly(an_anomaly("node-01", "temp", 250, 1.0, since=0, ended="recovered"), CITED)

    assert short(told) == [("firing", 60), ("resolved", 250)]


def test_a_rule_on_incidents_follows_one_incident_whatever_its_cause_is_called_later():
    def wide(event):
        return len(event["followers"]) > 1

    rule = {"name": "wide", "each": "incident", "if": "size(event.followers) > 1"}
    made = trigger(
        {"point": "", "above": None, "keep_firing_for": "1m", **rule},
        conditions={"wide": Conditions(wide)},
    )
    told = made.incident(incident(0), CITED)
    told += made.incident(incident(10, IncidentStage.UPDATED, followers=("a", "b")), CITED)
    told += made.incident(incident(20, IncidentStage.UPDATED), CITED)  # for a moment it is not
    told += made.incident(
        incident(30, IncidentStage.UPDATED, "tower-1", followers=("a", "b")), CITED
    )
    told += made.incident(incident(300, IncidentStage.RESOLVED, "tower-1"), CITED)

    assert [(one.data.state.value, one.time) for one in told] == [
        ("firing", at(10)),
        ("resolved", at(300)),
    ]
    assert {one.data.asset for one in told} == {"chiller-1"}


# Replays, and what is saved.

POLICY = {"always": ["am"], "silences": [{"asset": "ups-*", "until": at(60), "why": "x"}]}
RULES = (
    {"level": "ask"},
    {"name": "act", "level": "act"},
    {"name": "odd", "if": "event.value > 5", "point": "", "above": None, "each": "anomaly"},
)


def busy():
    """Return a trigger with all there is."""
    return trigger(*RULES, conditions={"odd": Conditions(hot)}, **POLICY)


def act(made, message):
    """Give one message to the core; return what it tells."""
    kind, what, second = message
    if kind == "decision":
        return made.decision(what, at(second))
    if kind == "alert":
        return made.alert(what, at(second))
    if kind == "anomaly":
        return made.anomaly(what, CITED)
    return made.incident(what, CITED)


def script(seed):
    """Return messages in order: alerts, anomalies and incidents, and people who answer them."""
    made, messages = busy(), []
    for i, kind in enumerate(seed):
        second = 10 + i
        name = f"node-01/gpu{kind % 3}"
        rule = ("gpu-hot", "act")[kind % 2]
        state = State.FIRING if kind < 6 else State.RESOLVED
        message = ("alert", alert(second, state, asset=name, rule=rule, since=second // 9), second)
        if kind in (8, 9):
            message = ("anomaly", an_anomaly(name, "temp", i, float(kind)), second)
        elif kind == 10:
            message = ("incident", incident(second, followers=(name,)), second)
        elif kind == 11 and made.open():
            message = ("decision", yes(made.open()[0].action, second), second)
        messages.append(message)
        act(made, message)
    return messages


@given(seed=st.lists(st.integers(0, 11), max_size=40), cut=st.integers(0, 40))
def test_what_is_told_again_changes_nothing(seed, cut):
    messages, made = script(seed), busy()
    for message in messages:
        act(made, message)
    before = dump(made.memory)
    again = [one for message in messages[:cut] for one in act(made, message)]

    assert dump(made.memory) == before
    assert {(one.data.stage, one.data.why) for one in again} <= {(Stage.IGNORED, Why.ANSWERED)} | {
        (Stage.IGNORED, Why.RESOLVED)
    }


@given(seed=st.lists(st.integers(0, 11), max_size=40), cut=st.integers(0, 40))
def test_what_is_saved_and_loaded_goes_on_as_if_nothing_had_been(seed, cut):
    messages, whole, first = script(seed), busy(), busy()
    expected = [one for message in messages for one in act(whole, message)]
    told = [one for message in messages[:cut] for one in act(first, message)]
    second = Trigger(first.setup, load(dump(first.memory), Memory))
    told += [one for message in messages[cut:] for one in act(second, message)]

    assert told == expected
    assert dump(second.memory) == dump(whole.memory)


@given(seed=st.lists(st.integers(0, 11), max_size=60))
def test_no_action_is_approved_twice_or_without_a_question(seed):
    messages, made = script(seed), busy()
    told = [one.data for message in messages for one in act(made, message)]
    actions = [one for one in told if hasattr(one, "stage")]
    for one in (one for one in actions if one.stage is Stage.APPROVED):
        own = [other.stage for other in actions if other.action == one.action]
        assert own.count(Stage.APPROVED) == 1
        assert own.index(Stage.AWAITING) < own.index(Stage.APPROVED)


def test_what_is_over_for_a_day_is_forgotten():
    made = trigger({"level": "ask"}, always=["am"])
    asked(trigger({"level": "ask"}))
    for second in range(3):
        made.alert(alert(second, since=second, asset=f"a{second}"), at(second))
        made.alert(alert(second + 5, State.RESOLVED, asset=f"a{second}"), at(second))
    later = 2 * 86_400
    made.alert(alert(later, asset="b", since=later), at(later))
    made.move(ns(later))

    assert len(made.memory.alerts) == 1
    assert set(made.memory.questions) <= {one.action.action for one in made.open()}
    assert not made.memory.asked_ns or max(made.memory.asked_ns) > ns(later - 3601)


@pytest.mark.parametrize(
    ("source", "value", "why"),
    [
        (Source.DECISIONS, b"{}", Rejected.WRONG_TYPE),
        (Source.DECISIONS, b"", Rejected.EMPTY),
        (Source.DECISIONS, b"\xff", Rejected.NOT_JSON),
        (
            Source.DECISIONS,
            b'{"about":"a","verdict":"true","who":"a","time":"2026-01-01T00:00:00"}',
            None,
        ),
        (Source.ALERTS, b"{", Rejected.NOT_JSON),
        (
            Source.ALERTS,
            b'{"specversion":"1.0","type":"io.alltobit.alert.firing"}',
            Rejected.WRONG_TYPE,
        ),
        (Source.ALERTS, alert(0).model_dump_json().replace("2026", "9026").encode(), None),
        (Source.INCIDENTS, b"[]", Rejected.MISSING_FIELD),
    ],
)
def test_what_cannot_be_read_is_a_value(source, value, why):
    found = read(source, value)

    assert isinstance(found, Unread)
    assert why is None or found.why is why


def test_an_alert_that_began_at_a_time_without_a_zone_is_refused():
    bare = (
        alert(0).model_dump_json().replace('"since":"2026-03-04T05:06:07Z"', '"since":"2026-03-04"')
    )

    assert read(Source.ALERTS, bare.encode()).why is Rejected.WRONG_TYPE
    assert '2026-03-04"' in bare


def test_what_can_be_read_is_read():
    assert read(Source.ALERTS, alert(0).model_dump_json().encode()) == alert(0)
    assert read(Source.ALERTS, b'{"specversion":"1.0","type":"com.example.other"}') is None
    said = says(Verdict.TRUE, "x", 0)
    assert read(Source.DECISIONS, said.model_dump_json().encode()) == said
    assert read(Source.INCIDENTS, incident(0).model_dump_json().encode()) == incident(0)
