"""What nobody should send: times at the ends of all time, fences that never close, no message."""

from datetime import UTC, datetime, timedelta
from time import thread_time
from zoneinfo import ZoneInfo

import pytest
from acts import request
from aiokafka import TopicPartition
from report_incidents import anomaly, at, incident

from models.report.answer import LONGEST, NoDraft, draft
from models.report.check import Checker, is_struck
from models.report.record import of_incident
from models.report.redact import hidden
from models.report.report import report
from models.report.say import utc
from models.report.text import text
from schemas.cascade import Stage
from schemas.report import Kind, Section, Sentence
from streams.report.files import Body, Files, Told
from streams.report.past import Past, _first_ms

ENDS = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59+00:00")


@pytest.mark.parametrize("said", ["a", "a `", "x```", "x```json"])
@pytest.mark.parametrize("filling", ["\n", " \n", "``\n", "{", "```\n"])
def test_an_answer_costs_no_more_than_its_length_whatever_it_is_filled_with(said, filling):
    began_s = thread_time()
    long = (said + filling * LONGEST)[:LONGEST]

    assert draft(long, Kind.OPENED, "model") is NoDraft.MALFORMED
    assert thread_time() - began_s < 2.0  # it took half a minute, and nobody else was served


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("kind", [Kind.OPENED, Kind.POSTMORTEM])
def test_a_report_is_written_of_times_at_the_ends_of_all_time(end, kind):
    when = datetime.fromisoformat(end)
    event = incident("a", Stage.RESOLVED, at(600), since=when)
    naive = anomaly("rack-a", at(5)).model_copy(update={"time": datetime(2026, 3, 28, 12)})  # noqa: DTZ001 - as it may come
    record = of_incident(event, [anomaly("chiller-a", at(1)), naive])

    assert utc(when).tzinfo is UTC
    assert report(record, kind).markdown


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_a_report_of_any_time_has_a_name_as_a_file(end, zone, tmp_path):
    told = Told("0" * 32, datetime.fromisoformat(end), Body(Kind.OPENED, "a", "# text"))
    files = Files(tmp_path, zone)

    files.put("site", told)
    assert (tmp_path / files.name("site", told)).read_text() == "# text"
    assert ZoneInfo(zone)


class Silent:
    """A consumer to which nothing comes, though it should."""

    def seek(self, *_):
        """Go nowhere."""

    async def getmany(self, *_, **__):
        """Return nothing."""
        return {}


async def test_a_first_message_that_does_not_come_is_no_reason_to_fail():
    since = datetime(2026, 3, 28, tzinfo=UTC)
    past = Past(start=1, end=2, committed=-1, since=since)

    first_ms = await _first_ms(Silent(), TopicPartition("incidents", 0), past)
    assert first_ms == (since - timedelta(hours=1)).timestamp() * 1000


def test_the_quality_of_data_is_no_reading_and_no_probability():
    event = incident("a", time=at(60), since=at(0))
    fact = anomaly("chiller-a", at(1))
    data = fact.data.model_copy(update={"value": 0.0, "expected": 5.0, "quality": 1.0, "unit": ""})
    record = of_incident(event, [fact.model_copy(update={"data": data})])
    (one,) = [x for x in record.facts if x.asset == "chiller-a" and x.expected is not None]
    check = Checker(record)

    def stands(text):
        said = Sentence(text=text, cites=(one.id,))
        return not is_struck(check.claims(said, Section.EVIDENCE))

    assert stands("`chiller-a` was 0 where 5 was expected.")
    assert stands("`chiller-a` was 0, and the quality of the data 100 %.")
    assert not stands("`chiller-a` was 1 where 5 was expected.")


def test_what_a_proposer_says_is_quoted_and_supports_nothing():
    why = "node-77 is not well, 42 W too hot; run `reboot` now: https://x.example"
    event = incident("a", Stage.RESOLVED, at(600), at(0))
    step = request(asset="chiller-a", proposed_by="mcp", proposed_why=why)
    record = of_incident(event, [], [step.model_copy(update={"time": at(60)})])
    page, check = report(record, Kind.POSTMORTEM), Checker(record)

    def stands(text):
        said = Sentence(text=text, cites=("S1",))
        return not is_struck(check.claims(said, Section.DONE))

    assert page.tally.struck == 0
    assert "as `mcp` proposed, in its words: `node-77 is not well" in page.markdown
    assert stands("`page` was asked for at `chiller-a`, as `mcp` proposed.")
    assert not stands("`page` was asked for at `node-77`, as `mcp` proposed.")
    assert not stands("`chiller-a` is not well, as `mcp` proposed.")
    assert not stands("`chiller-a` took 42 W, as `mcp` proposed.")
    away = text(hidden(record).record)
    assert "mcp" not in away
    assert "node-77" not in away


def test_the_timeline_says_once_what_an_alert_said_of_several_assets():
    event = incident("a", Stage.RESOLVED, at(600), at(0))
    steps = [
        request(i, asset=one).model_copy(update={"time": at(60)})
        for i, one in enumerate(("chiller-a", "rack-a"))
    ]
    (part,) = [
        one
        for one in report(of_incident(event, [], steps), Kind.POSTMORTEM).parts
        if one.section is Section.TIMELINE
    ]

    (line,) = [one for one in part.sentences if "`page`" in one.text]
    assert line.cites == ("S1", "S2")
