"""`alltobit formats` says what is seen, not what is promised."""

import json
from importlib import import_module

import pytest
from cli_calls import call

from schemas.formats import DECODERS, FORMATS, WITH_SUBJECT
from schemas.golden import GOLDEN
from schemas.golden.difference import difference
from streams.cli.formats import seen

COMMAND = import_module("streams.cli.formats")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_golden_messages_and_reads_them_all(name):
    found = seen(DECODERS[name]())

    assert found.golden > 0
    assert not found.failed


def test_the_table_and_json_name_every_format_and_exit_0():
    table, listed = call("formats"), call("formats", "--json")

    assert (table.exit_code, listed.exit_code) == (0, 0)
    rows = {row["name"]: row for row in json.loads(listed.stdout)}
    assert set(rows) == set(FORMATS) <= set(table.stdout.replace("│", " ").split())
    assert all(row["golden"] and not row["failed"] for row in rows.values())
    assert "1 of 1 pass" in table.stdout


def test_formats_that_cannot_do_without_a_topic_say_so():
    subjects = {name: seen(DECODERS[name]()).subject for name in FORMATS}

    assert {name for name, says in subjects.items() if says} == WITH_SUBJECT
    assert subjects["sparkplug-b"] == "needed"
    assert subjects["redfish-json"] == "taken"


def misread(golden):
    """Return a golden message of which something else is expected."""
    (asset, point, time_ns, value, mark), *others = golden.samples
    return golden._replace(samples=((asset, point, time_ns, value + 1.0, mark), *others))


def test_a_golden_message_that_is_misread_is_told_and_exits_1(monkeypatch):
    wrong = misread(GOLDEN["native-json"][0])
    monkeypatch.setitem(GOLDEN, "native-json", (wrong, GOLDEN["native-json"][0]))

    done = call("formats")

    assert done.exit_code == 1
    assert "1 of 2 pass" in done.stdout
    assert "native-json" in done.stderr
    assert "413.5" in done.stderr


@pytest.mark.parametrize("part", range(5))
def test_no_part_of_a_sample_may_differ(part):
    golden = GOLDEN["native-json"][0]
    first = list(golden.samples[0])
    first[part] = first[part] + (1 if isinstance(first[part], int | float) else "x")
    other = golden._replace(samples=(tuple(first), *golden.samples[1:]))

    assert difference(DECODERS["native-json"](), golden) == ""
    assert difference(DECODERS["native-json"](), other).startswith("samples: ")


def test_a_sample_more_or_less_and_another_health_event_are_differences():
    native, event = GOLDEN["native-json"][0], GOLDEN["nvsentinel"][0]
    decoder, other = DECODERS["native-json"](), DECODERS["nvsentinel"]()

    assert difference(decoder, native._replace(samples=native.samples[:1]))
    assert difference(decoder, native._replace(samples=native.samples * 2))
    assert difference(other, event._replace(health=()))
    assert difference(other, event._replace(health=(event.health[0]._replace(fatal=False),)))
    assert difference(decoder, native._replace(message=b"{")).startswith("rejected: not_json")


def test_a_format_without_golden_messages_is_not_said_to_be_detected(monkeypatch):
    monkeypatch.delitem(GOLDEN, "native-json")

    found = seen(DECODERS["native-json"]())

    assert (found.golden, found.detected) == (0, False)
