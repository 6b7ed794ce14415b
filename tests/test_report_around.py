"""What belongs to an incident, and what does not; and what its record says of the rest."""

from datetime import timedelta

from acts import request
from report_incidents import START, anomaly, at, incident

from models.report.belongs import assets_of
from models.report.due import Due, begins, record_of, slim
from models.report.record import of_incident
from models.report.report import report
from schemas.cascade import Stage
from schemas.report import Kind
from streams.report.around import _of


def due(event=None, kind=Kind.POSTMORTEM):
    event = event or incident("a", Stage.RESOLVED, at(600), at(0))
    return Due(kind, "site", at(900), at(-60), (event,))


def moved(event, time):
    return event.model_copy(update={"time": time})


def value(event):
    return event.model_dump_json().encode()


def test_only_what_its_own_assets_did_since_it_began_at_its_site_belongs_to_an_incident():
    steps = [moved(request(n, asset="rack-a"), at(s)) for n, s in ((1, -299), (2, 2_399))]
    its = [anomaly("chiller-a", at(1)), anomaly("rack-a", at(30)), *steps]
    others = [
        anomaly("chiller-b", at(1)),
        anomaly("chiller-a", at(-1)),
        anomaly("chiller-a", at(601)),
        anomaly("chiller-a", at(1), source="/alltobit/other"),
        moved(request(3, asset="rack-a"), at(-301)),
        moved(request(4, asset="rack-a"), at(2_401)),
        incident("a"),
    ]
    values = [value(one) for one in (*its, *others)] + [None, b"{", b'"asset":"rack-a"']

    assert [one.id for one in _of(due(), values)] == [one.id for one in its]


def test_a_record_says_how_many_anomalies_were_at_hand():
    event = incident("a", Stage.RESOLVED, at(600), at(0))
    some = [anomaly("chiller-a", at(1)), anomaly("rack-a", at(30))]

    assert "2 of 5 anomalies were at hand: totals by kind are of those" in [
        one.text for one in of_incident(event, some).unknowns
    ]
    page = report(of_incident(event, some), Kind.POSTMORTEM)
    assert "2 of 5 anomalies were at hand" in page.markdown
    assert page.tally.struck == 0


def test_what_a_period_tells_of_an_incident_is_the_same_when_its_details_are_forgotten():
    whole = due()._replace(kind=Kind.SHIFT)
    less = whole._replace(incidents=tuple(map(slim, whole.incidents)))

    assert record_of(less, [], []) == record_of(whole, [], [])


def test_messages_of_an_incident_begin_as_long_before_it_as_it_had_been_under_way():
    event = incident("a", time=at(40), since=at(0))

    assert begins(event, START) == START - timedelta(seconds=100)
    assert assets_of(event) == {"chiller-a", "rack-a"}
