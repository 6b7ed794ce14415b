"""The reporter on a real Kafka: each report is written once, however often it is killed."""

import asyncio
import json
import signal
import sys
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from acts import request
from aiokafka import AIOKafkaProducer
from report_incidents import anomaly, incident

from schemas.cascade import Stage
from schemas.events import Event
from schemas.report import Draft, Kind, Part, Report, Section, Sentence
from streams import topics
from streams.connection import client_options
from streams.errors import ConfigError
from streams.house import House, read_all, until
from streams.report import Reporter, writer
from streams.report.files import Files
from streams.report.past import told_of
from streams.topics import administration

pytestmark = pytest.mark.kafka
SITES, INCIDENTS = ("north", "south"), 6
KILLS = (1, 4, 11, 20, 33)
"""Reports, in all, at which the reporter is killed."""
MEMBERS = []
"""Reporters that run in this process."""
NOW = datetime.now(UTC).replace(second=0, microsecond=0)


def reporting(settings, **more):
    told = settings.reporter.model_dump() | more
    return settings.model_copy(update={"reporter": type(settings.reporter)(**told)})


async def send(settings, *rows):
    """Publish (topic, key, event or bytes, hours ago)."""
    producer = AIOKafkaProducer(**client_options(settings.kafka))
    await producer.start()
    try:
        for topic, key, one, ago in rows:
            value = one if isinstance(one, bytes) else one.model_dump_json().encode()
            ms = round((NOW - timedelta(hours=ago)).timestamp() * 1000)
            await producer.send(topic, value, key=key.encode(), timestamp_ms=ms)
        await producer.flush()
    finally:
        await producer.stop()


def told(settings, site, name, stage, ago, **more):
    """Return a row of an incident that began three hours ago."""
    time, since = NOW - timedelta(hours=ago), NOW - timedelta(hours=3, seconds=30)
    return settings.topics.incidents, site, incident(name, stage, time, since, site, **more), ago


async def reports(settings):
    """Return all that is written, with its site."""
    records = (await read_all(settings, [settings.topics.reports]))[settings.topics.reports]
    return [(one.key.decode(), Event[Report].model_validate_json(one.value)) for one in records]


async def seen(settings, many):
    """Wait for so many reports, and return them."""
    found = []

    async def there():
        found[:] = await reports(settings)
        return len(found) >= many

    await until(f"{many} reports", there, 60.0, every_s=0.02)
    return found


async def committed(settings):
    async with administration(settings.kafka) as admin:
        found = await admin.list_consumer_group_offsets(settings.reporter.group)
    return [one.offset for one in found.values()]


@asynccontextmanager
async def running(settings):
    """Run a reporter in this process meanwhile."""
    reporter = Reporter(settings)
    MEMBERS.append(reporter)
    task = asyncio.create_task(reporter.run())
    try:
        yield task
    finally:
        MEMBERS.remove(reporter)
        reporter.stopping.set()
        await task


async def alltobit(house, *words):
    """Run a command; return its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "streams", "--config", str(house.file), *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


def after(found, site, name):
    """Return the post-mortem of an incident, as it was published."""
    number = incident(name, site=site).data.incident
    of_it = [one.data for _, one in found if one.data.event == number]
    return next(one.markdown for one in of_it if one.kind is Kind.POSTMORTEM)


async def test_killed_at_any_moment_each_report_is_written_once_and_files_say_the_same(
    settings, tmp_path
):
    shift = NOW - timedelta(hours=2)
    own = reporting(settings, shifts=(f"{shift:%H:%M}",), files=tmp_path / "files")
    rows = [
        told(own, site, name, stage, ago)
        for stage, ago in ((Stage.OPENED, 3), (Stage.UPDATED, 2.5), (Stage.RESOLVED, 1))
        for name in range(INCIDENTS)
        for site in SITES
    ]
    into = incident(0, site="north").data.incident
    rows.append(told(own, "north", INCIDENTS, Stage.OPENED, 0.9))
    rows.append(told(own, "north", INCIDENTS, Stage.MERGED, 0.8, merged_into=into))
    many = len(SITES) * (3 * INCIDENTS + 1) + 2
    async with House(own, tmp_path / "house") as house:
        await send(own, *rows)
        for count in KILLS:
            member = house.start("reporter", environment={"ALLTOBIT_KAFKA__INSTANCE": "one"})
            await seen(own, count)
            member.signal(signal.SIGKILL)
            await member.ended()
        await send(own, *rows[:7])  # told again: by a cascade that was killed, too
        house.start("reporter", environment={"ALLTOBIT_KAFKA__INSTANCE": "one"})
        await seen(own, many)

        async def is_committed():
            return sum(await committed(own)) == len(rows) + 7

        await until("all is committed", is_committed, 30.0)
        found = await reports(own)
        shown = await alltobit(house, "reports", "--kind", "shift", "--limit", "1", "--json")
        page = await alltobit(house, "report", incident(3, site="south").data.incident[:12])
        code, said = await alltobit(house, "report", "beef")

    assert json.loads(shown[1])["type"] == "io.alltobit.report.shift"
    assert page == (0, after(found, "south", 3) + "\n")
    assert code == 2
    assert said.startswith("alltobit: incident='beef': no such incident; see")
    kinds = Counter((site, one.type, one.subject) for site, one in found)
    assert set(kinds.values()) == {1}
    assert len({one.id for _, one in found}) == len(found) == many
    for site in SITES:
        of_site = Counter(one.data.kind for where, one in found if where == site)
        is_more = site == "north"
        assert of_site == {
            Kind.OPENED: INCIDENTS + is_more,
            Kind.HANDOVER: INCIDENTS,
            Kind.POSTMORTEM: INCIDENTS + is_more,
            Kind.SHIFT: 1,
        }
    files = Files(tmp_path / "files", "UTC")
    names = {
        files.name(site, told_of(one.model_dump_json().encode())): one.data.markdown
        for site, one in found
    }
    written = {
        path.relative_to(tmp_path / "files"): path.read_text()
        for path in (tmp_path / "files").rglob("*")
        if path.is_file()
    }
    assert written == names


class Slow(writer.Writer):
    """Writes nothing for one incident for ever, and drafts a lie for every other."""

    def __init__(self, asset):
        self.asset = asset

    async def draft(self, record, _):
        """Draft."""
        if record.head.name == self.asset:
            await asyncio.Event().wait()
        if record.head.name.endswith("-2"):
            raise ValueError("no draft today")
        said = Sentence(text="`chiller-9` used 77 kW.", cites=("E1",))
        return Draft(parts=(Part(section=Section.SUMMARY, sentences=(said,)),), writer="model x")


async def test_a_slow_or_failing_writer_holds_up_nobody_and_what_it_makes_up_is_struck(
    settings, monkeypatch
):
    monkeypatch.setattr(writer, "of", lambda _: Slow("chiller-0"))
    monkeypatch.setattr("streams.report.reporter._GRACE_S", 0.1)
    await topics.create(settings)
    ours = settings.topics
    rows = [told(settings, "site", name, Stage.OPENED, 3) for name in range(4)]
    time = NOW - timedelta(hours=3)
    await send(
        settings,
        (ours.incidents, "site", b"{", 3.1),
        (ours.incidents, "no site!", rows[0][2], 3.1),
        (ours.anomalies, "site", anomaly("chiller-1", time), 3),
        (ours.actions, "chiller-1", request(asset="chiller-1"), 3),
        *rows,
    )
    async with running(settings):
        found = {one.data.event: one.data for _, one in await seen(settings, 3)}
    by_name = {name: found.get(rows[name][2].data.incident) for name in range(4)}

    assert by_name[0] is None
    assert [by_name[n].writer for n in (1, 2, 3)] == ["model x", "template", "model x"]
    assert by_name[1].tally.sentences_struck == 1
    assert "77 kW" not in by_name[1].markdown
    assert "Vibration" in by_name[1].markdown
    rejects = (await read_all(settings, [ours.rejects]))[ours.rejects]
    assert [dict(one.headers)["alltobit-reason"] for one in rejects] == [b"not_json", b"bad_name"]
    assert max(await committed(settings)) == 2  # behind the rejects: all are open, and needed
    async with running(settings):  # who takes over writes what is left, by whom it likes
        monkeypatch.setattr(writer, "of", lambda _: None)
    async with running(settings):
        last = {one.data.event: one.data for _, one in await seen(settings, 4)}
    assert last[rows[0][2].data.incident].writer == "template"


async def test_one_that_joins_takes_its_part_and_nothing_is_written_twice(settings):
    sites = [f"site-{n}" for n in range(6)]
    settings = reporting(settings, postmortem_after_s=0)
    await topics.create(settings)
    await send(settings, *(told(settings, site, 1, Stage.OPENED, 3) for site in sites))
    async with running(settings) as first, running(settings) as second:
        await seen(settings, len(sites))

        async def is_shared():
            assert not first.done()
            assert not second.done()
            ready = [one.health.why for one in MEMBERS]
            return all(why.startswith("1 partitions") for why in ready)

        await until("each has a partition", is_shared, 60.0)
        await send(settings, *(told(settings, site, 1, Stage.RESOLVED, 1) for site in sites))
        found = await seen(settings, 2 * len(sites))

    assert len({one.id for _, one in found}) == len(found) == 2 * len(sites)


async def test_a_folder_that_cannot_be_written_to_stops_it_with_one_line(settings, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"reporter\.files=.*no file can be written there"):
        await Reporter(reporting(settings, files=tmp_path / "file" / "below")).run()
