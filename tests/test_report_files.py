"""Reports as files: where they stand, and that nothing that comes over Kafka leads elsewhere."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from report_incidents import START

from schemas.report import Kind
from streams.report.files import Body, Files, Told, safe
from streams.report.past import told_of

ID = "0123456789abcdef0123456789abcdef"


def told(kind=Kind.POSTMORTEM, event=ID, time=START, text="# Report\n"):
    return Told("f" * 32, time, Body(kind, event, text))


@given(
    site=st.text(), event=st.text(), kind=st.sampled_from(Kind), time=st.datetimes(), zone=st.none()
)
def test_no_name_leads_out_of_the_folder(site, event, kind, time, zone):
    name = Files(Path("/x"), zone or "Europe/Zurich").name(site, told(kind, event, _near(time)))

    assert not name.is_absolute()
    assert len(name.parts) == 3
    assert not any(part.startswith(".") or "/" in part or "\0" in part for part in name.parts)
    assert all(len(part.encode()) <= 255 for part in name.parts)


def _near(time):
    return min(max(time, datetime(1970, 1, 2)), datetime(2199, 1, 1))  # noqa: DTZ001 - UTC is meant


def test_a_file_stands_under_site_and_local_day_and_says_its_time_where_there_are_several(tmp_path):
    files = Files(tmp_path, "Europe/Zurich")
    late = START.replace(hour=23, minute=30)

    assert str(files.name("dc-1", told(time=late))) == f"dc-1/2026-03-29/{ID}-postmortem.md"
    several = [
        str(files.name("dc-1", told(kind, event, START)))
        for kind, event in ((Kind.HANDOVER, ID), (Kind.SHIFT, ""), (Kind.DAILY, ""))
    ]
    assert several == [
        f"dc-1/2026-03-28/{ID}-handover-20260328T1200Z.md",
        "dc-1/2026-03-28/shift-20260328T1200Z.md",
        "dc-1/2026-03-28/daily-20260328T1200Z.md",
    ]


def test_the_same_report_is_the_same_file_and_what_is_there_is_left_alone(tmp_path):
    files = Files(tmp_path / "new" / "folder", "UTC")
    files.check()
    files.put("site", told())
    path = tmp_path / "new" / "folder" / files.name("site", told())
    before = path.stat()
    files.put("site", told())
    assert path.stat() == before
    files.put("site", told(text="# Other\n"))
    assert path.read_text() == "# Other\n"
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_file_that_a_kill_left_half_written_is_written_over(tmp_path):
    files = Files(tmp_path, "UTC")
    path = tmp_path / files.name("site", told())
    path.parent.mkdir(parents=True)
    path.with_name(f".{path.name}.partial").write_text("# Rep")
    files.put("site", told())

    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_where_a_link_leads_out_of_the_folder_nothing_is_written(tmp_path, caplog):
    (tmp_path / "out").mkdir()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "site").symlink_to(tmp_path / "out")
    Files(tmp_path / "in", "UTC").put("site", told())

    assert not any(path.is_file() for path in tmp_path.rglob("*"))
    assert "leads out of" in caplog.text


def test_without_a_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = Files(None, "UTC")
    files.check()
    files.put("site", told())

    assert not list(tmp_path.iterdir())


@given(value=st.one_of(st.binary(), st.recursive(st.text() | st.none(), st.lists).map(json.dumps)))
def test_what_is_no_report_is_none(value):
    assert told_of(value if isinstance(value, bytes) else value.encode()) is None


def test_times_an_hour_apart_have_names_of_their_own_on_a_day_of_25_hours():
    files = Files(Path("/x"), "Europe/Zurich")
    day = datetime.fromisoformat("2026-10-24T22:00:00+00:00")
    names = {files.name("s", told(Kind.SHIFT, "", day + timedelta(hours=n))) for n in range(50)}

    assert len(names) == 50
    assert safe("..") == safe("") == "_"
