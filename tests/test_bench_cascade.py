"""The burst that is measured is of the site, as large as asked for, and the report is whole."""

from models.cascade.cascade import Cascade
from models.evaluate.cascade.burst import START_NS, broken_link, burst, tripped
from models.simulate import Plant
from models.site import build
from schemas.events import Kind
from streams.bench import cascade

PLANT = Plant(seed=2, nodes=72, rails=8)


def test_a_burst_is_of_the_site_in_order_and_as_large_as_asked_for():
    graph, _ = build(PLANT.site())
    events = burst(PLANT, 400, 1)
    sinces = [event.data.since for event in events]

    assert len(events) == len({event.id for event in events}) == 400
    assert sinces == sorted(sinces)
    assert all(event.data.asset in graph.index for event in events)
    assert {*broken_link(PLANT), tripped(PLANT)} <= {event.data.asset for event in events}
    assert events == burst(PLANT, 400, 1)


def test_a_burst_is_told_as_incidents_in_one_step():
    graph, _ = build(PLANT.site())
    watch = Cascade.of("test", graph)
    for event in burst(PLANT, 200, 1):
        watch.take(event, START_NS)

    told = watch.step(START_NS + cascade.AFTER_NS)

    assert told
    assert {event.type for event in told} == {Kind.INCIDENT_OPENED}


def test_the_report_is_of_the_whole_site(tmp_path):
    file = tmp_path / "site.jsonl"
    cascade.written(PLANT, file)

    report = cascade.measure(PLANT, file, 100)

    graph, _ = build(PLANT.site())
    assert (report.assets, report.edges) == (len(graph), graph.edges)
    assert report.anomalies == 100
    assert report.lines()[-1].startswith("cascade: ")
