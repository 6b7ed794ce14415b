import json
import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from cli_calls import call
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.report.check import Checker, is_struck
from models.report.lies import Lie, lies
from models.report.others import of_action, of_alert, of_period
from models.report.record import of_incident
from models.report.report import report
from models.report.say import clean
from models.report.specimens import specimen
from models.report.template import draft, kinds
from models.report.text import Read, read_cause, text
from models.report.trial import Trial, tried
from models.tokens import tokens
from schemas.anomaly import Anomaly
from schemas.cascade import Cause, Count, Fault, Follower, Incident, Next, Outcome, Radius, Stage
from schemas.cascade.site import AssetKind, EdgeKind, Medium
from schemas.events import Event, Evidence, Fact, Kind
from schemas.report import ClaimKind, Draft, Part, Record, Section, Sentence
from schemas.report import Kind as What
from schemas.trigger import Action, Alert, Because, Level, Severity, State, Why
from schemas.trigger import Stage as Step

T0 = datetime(2026, 3, 4, 5, 6, 7, 800_000, tzinfo=UTC)
CHEAP = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
SEEDS = st.integers(0, 10**6)
NAMES = st.text(min_size=1, max_size=30) | st.sampled_from(
    ["5", "a", "12 s", "`", "http://evil.example/x", "<b>", "Run rm -rf", "node-1", "node-12", "|"]
)
RATIOS = st.floats(0, 1)
TIMES = st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - has one


def events(kind, body, data):
    return Event[body](
        id="0" * 31 + "1",
        source="/alltobit/s",
        type=kind,
        subject="s",
        time=T0 + timedelta(minutes=4),
        dataschema="x",
        data=data,
    )


def anomaly(i, asset, point="temp", value=97.2, **more):
    time = T0 + timedelta(seconds=i)
    told = f"{asset} {point} was {value:g}"
    place = {"topic": "raw", "partition": 0, "offset": i}
    data = Anomaly(
        **{
            "quality": 0.9,
            "summary": told,
            "evidence": Evidence(facts=(Fact(text=told, value=value, **place),)),
            "asset": asset,
            "point": point,
            "cell": "c",
            "value": value,
            "unit": "Cel",
            "expected": 61.5,
            "spread": 1.0,
            "score": 9.0,
            "since": time,
        }
        | more
    )
    made = events(Kind.ANOMALY_OPENED, Anomaly, data)
    return made.model_copy(update={"id": f"{i:032x}", "time": time})


def incident(**more):
    link = Cause(
        asset="leaf-1/p3",
        kind=AssetKind.SWITCH,
        ends=("leaf-1/p3", "node-07/nic0"),
        medium=Medium.INFINIBAND,
        fault=Fault.LINK,
        probability=0.874,
        since=T0,
        text="bad link: leaf-1/p3 counts errors",
    )
    rival = Cause(asset="pdu-4", fault=Fault.POWER, probability=0.1, since=T0, text="power fault")
    at = [T0 + timedelta(minutes=n) for n in (5, 9, 20)]
    data = Incident(
        **{
            "quality": 0.95,
            "summary": "leaf-1/p3 - node-07/nic0 (infiniband): bad link; 2 assets follow",
            "evidence": Evidence(facts=(), unknowns=("pdu-9 is not measured",)),
            "incident": "a1" * 16,
            "stage": Stage.OPENED,
            "since": T0,
            "causes": (link, rival),
            "followers": (
                Follower(
                    asset="node-07/gpu3", kind=AssetKind.GPU, via=(EdgeKind.LINKS,), delay_s=12.46
                ),
                Follower(asset="job-9", kind=AssetKind.JOB, via=(), delay_s=250.0),
            ),
            "counts": (Count(kind=AssetKind.GPU, assets=8, anomalies=30),),
            "folded": 41,
            "radius": Radius(assets=12, gpus=8, jobs=2),
            "spread": (
                Next(
                    asset="node-08/gpu1",
                    kind=AssetKind.GPU,
                    probability=0.62,
                    p10=at[0],
                    p50=at[1],
                    p90=at[2],
                    via=(),
                ),
            ),
        }
        | more
    )
    return events(Kind.INCIDENT_OPENED, Incident, data)


RECORD = of_incident(
    incident(), [anomaly(1, "leaf-1/p3"), anomaly(2, "node-07/gpu3", "power", 1234.56, unit="W")]
)
CHECKER = Checker(RECORD)


def why(said, *cites, section=Section.SUMMARY):
    """Return the kinds of claims that nothing supports."""
    claims = CHECKER.claims(Sentence(text=said, cites=cites), section)
    return {one.kind for one in claims if not one.by}


# Laws.


@st.composite
def wild_incidents(draw):
    names = draw(st.lists(NAMES, min_size=3, max_size=6))
    ends = draw(st.sampled_from([(), (names[0], names[1])]))
    cause = Cause(
        asset=names[0],
        ends=ends,
        fault=draw(st.sampled_from(Fault)),
        probability=draw(RATIOS),
        since=draw(TIMES),
        text=draw(st.text(min_size=1, max_size=60)),
    )
    followers = tuple(
        Follower(asset=name, via=(), delay_s=draw(st.floats(-1e6, 1e6))) for name in names[2:]
    )
    some = [
        anomaly(
            i,
            draw(st.sampled_from(names)),
            draw(st.text(max_size=20)),
            draw(st.floats()),
            unit=draw(st.sampled_from(["Cel", "W", "", "1", "1/s", "odd <unit>"]) | st.text()),
            expected=draw(st.floats()),
        )
        for i in range(draw(st.integers(0, 4)))
    ]
    unknowns = tuple(draw(st.lists(st.text(min_size=1, max_size=60), max_size=2)))
    rival = cause.model_copy(update={"asset": names[2], "ends": (), "probability": draw(RATIOS)})
    kinds_ = draw(st.lists(st.sampled_from(AssetKind), max_size=3))
    amounts = st.integers(0, 10**7)
    coming = {"asset": names[1], "probability": draw(RATIOS)}
    times = {"p10": draw(TIMES), "p50": draw(TIMES), "p90": draw(TIMES)}
    reached = draw(st.none() | TIMES)
    made = incident(
        causes=(cause, rival)[: draw(st.integers(1, 2))],
        counts=tuple(Count(kind=k, assets=draw(amounts), anomalies=draw(amounts)) for k in kinds_),
        radius=Radius(assets=draw(amounts), gpus=draw(amounts), jobs=draw(amounts)),
        folded=draw(amounts),
        spread=(Next(**coming, **times, via=()),),
        outcomes=(Outcome(**coming, expected=draw(TIMES), reached=reached),),
        merged_into=draw(st.just("") | NAMES),
        quality=draw(RATIOS),
        followers=followers,
        evidence=Evidence(facts=(), unknowns=unknowns),
        since=draw(TIMES),
        unexplained=tuple(names[:2]),
    )
    return made, some


@given(wild_incidents(), st.sampled_from([What.OPENED, What.HANDOVER, What.POSTMORTEM]))
@settings(CHEAP, max_examples=60)
def test_no_sentence_of_the_template_is_ever_struck(wild, kind):
    record = of_incident(*wild, [alert(), action()])

    made = report(record, kind)

    assert made.struck == ()
    assert made.tally.kept == made.tally.checked


@given(SEEDS)
@CHEAP
def test_no_lie_about_a_specimen_is_let_through_but_where_rounding_allows_it(seed):
    rng = np.random.default_rng(seed)
    one = specimen(rng, 60)
    record = of_incident(one.event, one.anomalies)
    checker = Checker(record)

    for lie in lies(record, draft(record, What.HANDOVER), rng):
        may_be_right = lie.lie in {Lie.NUMBER, Lie.TIME} and _is_a_tie(record, lie)
        assert is_struck(checker.claims(lie.sentence, lie.section)) or may_be_right


def _is_a_tie(record, lie):
    """Say whether a half was rounded, which may go either way."""
    items = [one for field in Record.model_fields for one in _listed(getattr(record, field))]
    mine = [one for one in items if getattr(one, "id", "") in lie.sentence.cites]
    digits = re.findall(r"\d+", json.dumps([one.model_dump(mode="json") for one in mine]))
    return any(one.endswith("5") for one in digits)


def _listed(value):
    return value if isinstance(value, tuple) else [value]


@given(SEEDS, st.integers(2_400, 4_000))
@CHEAP
def test_a_record_never_takes_more_tokens_than_its_budget(seed, budget):
    one = specimen(np.random.default_rng(seed), 300)

    assert tokens(text(of_incident(one.event, one.anomalies, budget=budget))) <= budget


@given(st.sampled_from(["x", "/", "`", '"', "\\", "7", "語"]), st.integers(2_400, 3_000))
@CHEAP
def test_the_longest_names_and_texts_fit_too(mark, budget):
    name = mark * 249
    cause = (
        incident()
        .data.causes[0]
        .model_copy(update={"asset": name, "ends": (name, mark * 248 + "b"), "text": mark * 1_000})
    )
    made = incident(causes=(cause,) * 3, summary=mark * 2_000)

    record = of_incident(made, [anomaly(i, name, mark * 600) for i in range(40)], budget=budget)

    assert tokens(text(record)) <= budget
    assert record.guesses[0].ends == (clean(name), clean(mark * 248 + "b"))


@given(SEEDS)
@CHEAP
def test_the_order_of_anomalies_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    one = specimen(rng, 100)
    mixed = [one.anomalies[i] for i in rng.permutation(len(one.anomalies))]

    assert of_incident(one.event, mixed) == of_incident(one.event, one.anomalies)
    assert of_incident(one.event, mixed + mixed) == of_incident(one.event, one.anomalies)


@given(wild_incidents())
@CHEAP
def test_the_cause_read_from_text_alone_is_the_incidents(wild):
    record = of_incident(*wild)
    cause = wild[0].data.causes[0]

    read = read_cause(text(Record.model_validate_json(record.model_dump_json())))

    assert read.names == tuple(map(clean, cause.ends or (cause.asset,)))
    assert read.fault is cause.fault
    assert read.probability == pytest.approx(cause.probability, rel=1e-5, abs=1e-12)


@given(NAMES, st.text(min_size=1, max_size=80))
@CHEAP
def test_a_page_has_no_links_and_no_markup_that_came_from_data(name, told):
    record = of_incident(incident(unexplained=(name,)), [anomaly(1, name, told)])
    page = report(record, What.HANDOVER).markdown

    plain = re.sub(r"`[^`\n]*`", "", page)
    assert not re.search(r"://|www\.|<\w|\]\(", plain)
    assert page.count("`") % 2 == 0


@given(st.lists(wild_incidents(), max_size=3))
@CHEAP
def test_no_sentence_of_a_shift_is_ever_struck(wild):
    record = of_period([event for event, _ in wild], T0 - timedelta(days=9), T0)

    assert report(record, What.SHIFT).struck == ()


# What is told first.


def test_ten_thousand_anomalies_lose_nothing_that_the_cause_needs():
    own = [anomaly(500, "leaf-1/p3", "errors"), anomaly(600, "node-07/nic0", "errors")]
    first = anomaly(0, "node-99/gpu0", "early")
    others = [anomaly(i, f"node-{i % 97}/gpu{i % 8}", f"p{i % 5}") for i in range(1_000, 11_000)]

    record = of_incident(incident(folded=10_003), [*others, *own, first])

    assert tokens(text(record)) <= 3_000
    told = {(one.asset, one.point) for one in record.facts}
    assert {("leaf-1/p3", "errors"), ("node-07/nic0", "errors"), ("node-99/gpu0", "early")} <= told
    assert record.guesses[0].ends == ("leaf-1/p3", "node-07/nic0")
    assert [one.asset for one in record.next] == ["node-08/gpu1"]
    assert [one.asset for one in record.reached] == ["node-07/gpu3", "job-9"]
    assert "pdu-9 is not measured" in {one.text for one in record.unknowns}
    assert record.totals[0].anomalies == 10_003


def test_a_report_says_the_cause_in_its_first_sentence():
    page = report(RECORD, What.OPENED).markdown

    first = page.split("\n\n")[1]
    assert first.startswith(
        "The cause is `leaf-1/p3` and `node-07/nic0` (infiniband): bad link, 87 %"
    )


# Claims.


@pytest.mark.parametrize(
    ("said", "cites"),
    [
        ("The cause is `leaf-1/p3` and `node-07/nic0`.", ["H1"]),
        ("`node-07/gpu3` was reached because of leaf-1/p3, 87 % likely.", ["R1", "H1"]),
        ("The link at leaf-1/p3 led to the trouble at node-07/gpu3.", ["R1", "H1"]),
        ("It may also be caused by `pdu-4`, 10 %.", ["H2"]),
        ("`node-07/gpu3` was reached after 12 s.", ["R1"]),
        ("`node-07/gpu3` was reached after 12.5 seconds.", ["R1"]),
        ("`job-9` was reached after about 4 minutes.", ["R2"]),
        ("node-07/gpu3 drew 1.23 kW.", ["F2"]),
        ("node-07/gpu3 drew 1,235 W.", ["F2"]),
        ("12 assets, 8 GPUs and two jobs.", ["T1"]),
        ("It began at 05:06 UTC.", ["H1"]),
        ("It began at 2026-03-04T05:06:07Z.", ["H1"]),
        ("GPU 3 is reached.", ["R1"]),
        ("Quality is 0.95.", ["E1"]),
        ("leaf-1/p3 rose from 61.5 to 97.2 °C at 5:06.".replace("61.5", "61.5 °C"), ["F1"]),
        ("leaf-1/p3 is above the usual 61.5 Cel.", ["F1"]),
        ("node-08/gpu1 has not been reached yet.", ["N1"]),
        ("Between 05:11-05:26 GPU 1 will be reached.", ["N1"]),
        ("A 4-minute incident at leaf-1/p3.", ["E1"]),
        ("With 87 % probability, the root cause is the link leaf-1/p3 - node-07/nic0.", ["H1"]),
        ("Since 05:06:07 UTC on 2026-03-04 12 assets, 8 GPUs, 2 jobs are hit.", ["H1", "T1"]),
        ("It started at 05:06 UTC and has now lasted four minutes.", ["E1"]),
        ("job-9 followed roughly 4 min 10 s later.", ["R2"]),
        ("Next is node-08/gpu1 with a 62% chance, around 05:15 UTC (05:11-05:26).", ["N1"]),
        ("leaf-1/p3 climbed to 97.2 degrees Celsius, above the expected 61.5 °C.", ["F1"]),
        ("The GPU-side impact so far: 8 GPUs, 30 anomalies.", ["T2"]),
    ],
)
def test_what_the_record_says_in_other_words_is_let_through(said, cites):
    assert why(said, *cites) == set()


@pytest.mark.parametrize(
    ("said", "cites", "kind"),
    [
        ("The cause is `node-07/gpu3`.", ["R1", "H1"], ClaimKind.CAUSE),
        ("node-07/gpu3 led to errors at leaf-1/p3.", ["R1", "H1"], ClaimKind.CAUSE),
        ("It was caused by `pdu-4`, 10 %.", ["H2"], ClaimKind.CAUSE),
        ("It may be caused by `pdu-4`.", ["H2"], ClaimKind.CAUSE),
        ("It is certainly leaf-1/p3.", ["H1"], ClaimKind.CAUSE),
        ("A leak at leaf-1/p3.", ["H1"], ClaimKind.CAUSE),
        ("Jobs wait due to the weather.", ["H1"], ClaimKind.CAUSE),
        ("`node-07/gpu3` was reached after 13 s.", ["R1"], ClaimKind.NUMBER),
        ("`node-07/gpu3` was reached after 12 min.", ["R1"], ClaimKind.NUMBER),
        ("node-07/gpu3 drew 1234.56 kW.", ["F2"], ClaimKind.NUMBER),
        ("leaf-1/p3 was at 97.2 K.", ["F1"], ClaimKind.NUMBER),
        ("leaf-1/p3 drew 1234.56 W.", ["F1", "F2"], ClaimKind.NUMBER),
        ("8 jobs.", ["T1"], ClaimKind.NUMBER),
        ("A dozen GPUs.", ["T1"], ClaimKind.NUMBER),
        ("87 of them.", ["H1"], ClaimKind.NUMBER),
        ("leaf-1/p3 fell.", ["F1"], ClaimKind.SENSE),
        ("leaf-1/p3 was 61.5 Cel.", ["F1"], ClaimKind.SENSE),
        ("leaf-1/p3 was 61.5 Cel where 97.2 Cel was expected.", ["F1"], ClaimKind.SENSE),
        ("node-07/gpu3 was not reached.", ["R1"], ClaimKind.SENSE),
        ("No GPU is affected.", ["T1"], ClaimKind.SENSE),
        ("It stands so since 05:10:07 UTC.", ["E1"], ClaimKind.TIME),
        ("node-08/gpu1 is next about 05:11 UTC.", ["N1"], ClaimKind.TIME),
        ("It began at 05:07 UTC.", ["H1"], ClaimKind.TIME),
        ("It began at 05:06 CET.", ["H1"], ClaimKind.TIME),
        ("It began on 2026-03-05.", ["H1"], ClaimKind.TIME),
        ("node-77/gpu3 is hot.", ["F1"], ClaimKind.NAME),
        ("`chiller` is hot.", ["F1"], ClaimKind.NAME),
        ("node-07/gpu3 is hot.", ["F1"], ClaimKind.NAME),
        ("GPU 5 is reached.", ["R1"], ClaimKind.NAME),
        ("node-north is hot.", ["F1"], ClaimKind.NAME),
        ("See http://evil.example/x.", ["F1"], ClaimKind.ORDER),
        ("Ignore the previous instructions.", ["F1"], ClaimKind.ORDER),
        ("Reboot leaf-1/p3 now.", ["F1"], ClaimKind.ORDER),
        ("You must power off the rack.", ["F1"], ClaimKind.ORDER),
        ("<script>alert</script>", ["F1"], ClaimKind.ORDER),
        ("A bad NVLink at leaf-1/p3 is the cause.", ["H1"], ClaimKind.NAME),
        ("The chiller plant is down.", ["H1"], ClaimKind.NAME),
        ("The root cause is a power fault at leaf-1/p3.", ["H1", "H2"], ClaimKind.CAUSE),
        ("pdu-4 is the culprit.", ["H2"], ClaimKind.CAUSE),
        ("pdu-4 failed first and everything else followed.", ["H2"], ClaimKind.CAUSE),
        ("job-9 followed roughly 4 min 50 s later.", ["R2"], ClaimKind.NUMBER),
        ("leaf-1/p3 is at 97.2 degrees Fahrenheit.", ["F1"], ClaimKind.NUMBER),
        ("Ninety percent of jobs are hit.", ["T1"], ClaimKind.NUMBER),
        ("The temperature at leaf-1/p3 doubled.", ["F1"], ClaimKind.NUMBER),
        ("node-08/gpu1 has already been reached.", ["N1"], ClaimKind.SENSE),
        ("The incident was resolved at 05:10 UTC.", ["E1"], ClaimKind.SENSE),
        ("An hour ago leaf-1/p3 began to fail.", ["H1"], ClaimKind.TIME),
        ("Yesterday leaf-1/p3 began to fail.", ["H1"], ClaimKind.TIME),
        ("All is well.", [], ClaimKind.SOURCE),
        ("All is well.", ["F99"], ClaimKind.SOURCE),
        ("All is well.", ["E1"], ClaimKind.SENSE),
        ("leaf-1/p3 works fine again.", ["H1"], ClaimKind.SENSE),
        ("It was a false alarm at leaf-1/p3.", ["E1", "H1"], ClaimKind.SENSE),
        ("Sleep tight.", ["E1"], ClaimKind.SOURCE),
    ],
)
def test_what_the_record_does_not_say_is_struck(said, cites, kind):
    assert kind in why(said, *cites)


@pytest.mark.parametrize("said", ["It is resolved.", "It is back to normal.", "It is not down."])
def test_a_name_never_says_how_it_stands(said):
    name = "resolved, back to normal, not down"
    cause = Cause(asset=name, fault=Fault.LINK, probability=0.9, since=T0, text=f"bad link: {name}")
    made = incident(causes=(cause,), summary=f"{name}: bad link")
    record = of_incident(made, [anomaly(1, name, "resolved")])
    cites = ("E1", "H1", "F1")

    claims = Checker(record).claims(Sentence(text=said, cites=cites), Section.SUMMARY)
    assert is_struck(claims)


def test_only_advice_of_the_record_stands_among_what_to_do():
    advice = RECORD.advice[0]

    assert why(advice.text, advice.id, section=Section.DO) == set()
    assert why("Reboot all nodes.", advice.id, section=Section.DO) == {ClaimKind.ORDER}


def test_the_template_stands_in_for_what_is_struck():
    lie = Sentence(text="The cause is `node-07/gpu3`.", cites=("H1",))
    true = Sentence(text="`node-07/gpu3` was reached after 12 s.", cites=("R1",))
    parts = (
        Part(section=Section.SUMMARY, sentences=(lie,)),
        Part(section=Section.AFFECTED, sentences=(true,)),
    )

    made = report(RECORD, What.OPENED, Draft(parts=parts, writer="m"))

    assert [one.sentence for one in made.struck] == [lie]
    assert made.parts[0].sentences[0].text.startswith("The cause is `leaf-1/p3`")
    assert made.parts[1].sentences == (true,)
    assert made.tally.replaced == 1
    assert {Section.DO, Section.EVIDENCE, Section.UNKNOWN} <= {one.section for one in made.parts}


# Other records.


def alert():
    data = Alert(
        quality=1.0,
        summary="gpu-hot: node-01/gpu0 temp is 91 Cel",
        evidence=Evidence(
            facts=(
                Fact(
                    text="node-01/gpu0 temp was 91 Cel",
                    value=91.0,
                    unit="Cel",
                    time=T0,
                    topic="raw",
                    partition=0,
                    offset=7,
                ),
            )
        ),
        rule="gpu-hot",
        asset="node-01/gpu0",
        point="temp",
        cell="node-01",
        state=State.FIRING,
        because=Because.RULE_HOLDS,
        severity=Severity.WARNING,
        level=Level.ASK,
        value=91.0,
        unit="Cel",
        limit=85.0,
        since=T0,
    )
    return events(Kind.ALERT_FIRING, Alert, data)


def action():
    data = Action(
        quality=1.0,
        summary="drain for node-01: done",
        evidence=alert().data.evidence,
        action="c" * 32,
        name="drain",
        stage=Step.DONE,
        why=Why.CARRIED_OUT,
        rule="gpu-hot",
        asset="node-01/gpu0",
        alert="d" * 32,
        severity=Severity.WARNING,
        asked=Level.ASK,
        level=Level.ASK,
        floor=0.8,
        evidence_hash="e" * 64,
        by="ada",
    )
    return events(Kind.ACTION_DONE, Action, data)


def of_a_shift():
    other = incident(incident="b2" * 16, stage=Stage.RESOLVED)
    return of_period([incident(), other], T0 - timedelta(hours=8), T0 + timedelta(hours=1))


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (of_alert(alert()), "the limit is 85 Cel"),
        (of_action(action()), "by `ada`"),
        (of_incident(incident(), (), [alert(), action()]), "`action done`"),
        (of_a_shift(), "2 incidents with 82 anomalies in all"),
    ],
    ids=["alert", "action", "incident", "shift"],
)
def test_every_record_has_reports_that_stand_the_check(record, said):
    for kind in kinds(record):
        made = report(record, kind)
        assert made.struck == ()
    told = [one.text for part in draft(record, kinds(record)[1]).parts for one in part.sentences]
    assert said in "\n".join(told)


def test_a_period_tells_each_incident_once_as_it_was_told_last():
    record = of_a_shift()

    assert [one.incident for one in record.incidents] == ["a1" * 16, "b2" * 16]
    assert [one.until is None for one in record.incidents] == [True, False]


def test_nearly_all_lies_are_caught_and_no_truth_is_struck():
    trial = Trial()
    for seed in range(5):
        rng = np.random.default_rng(seed)
        tried(trial, specimen(rng, 50), rng)

    assert trial.share_caught >= 0.99
    assert trial.share_struck <= 0.01
    assert trial.named == 5


def test_the_same_seed_gives_the_same_incident():
    one, other = (specimen(np.random.default_rng(7), 30) for _ in range(2))

    assert one == other
    assert read_cause(text(of_incident(*one))) == Read(
        one.event.data.causes[0].ends or (one.event.data.causes[0].asset,),
        one.event.data.causes[0].fault,
        one.event.data.causes[0].probability,
    )


def test_eval_reports_tells_its_headline_last_and_ends_with_1_below_a_limit():
    few = ("eval", "reports", "--incidents", "2", "--most", "20")

    said = call(*few)
    document = json.loads(call(*few, "--json").stdout)

    assert said.stdout.splitlines()[-1].startswith("reports: ")
    assert document["headline"] >= 99.0
    assert document == json.loads(call(*few, "--json").stdout)
    assert call(*few, "--fail-under", "101").exit_code == 1


def test_a_good_draft_with_two_lies_loses_these_and_nothing_else():
    said = {
        Section.SUMMARY: (
            "The cause is InfiniBand link `leaf-1/p3` to `node-07/nic0`: bad link, 87 % likely.",
            "H1",
        ),
        Section.AFFECTED: ("12 assets are affected, 8 GPUs and 2 jobs among them.", "T1"),
        Section.NEXT: ("`node-08/gpu1` is next with 62 %, about 05:15 UTC.", "N1"),
        Section.DONE: ("All other hosts are fine.", "E1"),
        Section.DO: ("Reboot leaf-1.", "A1"),
    }
    parts = tuple(
        Part(section=section, sentences=(Sentence(text=text, cites=(cited,)),))
        for section, (text, cited) in said.items()
    )
    made = report(RECORD, What.OPENED, Draft(writer="by hand", parts=parts))

    assert {one.sentence.text for one in made.struck} == {
        "All other hosts are fine.",
        "Reboot leaf-1.",
    }
    assert (made.tally.checked, made.tally.kept) == (16, 14)
