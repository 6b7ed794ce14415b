import json
import math
import re
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from cli_calls import call, one_line
from troubles import bad_cable, mixed, progress, run, streams

from models import bits
from schemas import readings
from schemas.bits import Names
from schemas.telemetry import Source
from streams.cli.plain import plain
from streams.cli.record import Record
from streams.cli.show import documents, lines


def a_frame() -> bytes:
    samples = bits.Samples(
        np.array([1_767_225_600_000_000_000, 1_767_225_601_000_000_000]),
        np.array([0, 0, 1], np.int32),
        np.array([0, 1, 0], np.int32),
        np.array([7, 6, 135], np.uint8),
        np.array([20.0, np.nan, 30.0]),
    )
    none = [None, None]
    names = Names(
        "ups-1", "power-1", "raw", 0, "e", ["temp", "load"], ["Cel", "%"], none, none, [12, 12]
    )
    return bits.encode(names, (5, 9), samples)


def a_block() -> bytes:
    shape = ("temp", "load")
    meta = readings.Meta(
        readings.VERSION,
        [tuple(Source("raw", 1, "epoch"))],
        ["ups-1"],
        [readings.digest(shape)],
        [readings.msgspec.Raw(b'["temp","load"]')],
        [readings.Tick(0, 42, 0, 3_000_000_000)],
    )
    zero = np.zeros(1, np.int32)
    return readings.encode(
        readings.Block(
            meta,
            zero,
            np.array([41]),
            zero,
            zero,
            zero,
            np.array([1_767_225_600_000_000_000]),
            np.array([0, 2]),
            np.array([20.5, np.nan]),
            np.array([0, 2], np.uint16),
        )
    )


EVENT = {
    "specversion": "1.0",
    "type": "io.alltobit.alert.firing",
    "time": "2026-01-01T00:00:00Z",
    "data": {"summary": "ups-1 runs on its battery", "quality": 0.25},
}


def a_record(value: bytes, headers: dict[str, str] | None = None) -> Record:
    return Record("t", 0, 3, 1_767_225_600_000, b"key", value, headers or {})


def said(record: Record, *, full: bool = False) -> list[str]:
    return [line.styled().plain for line in lines(record, full=full)]


def test_an_event_is_one_line_of_time_type_summary_and_quality():
    (line,) = said(a_record(json.dumps(EVENT).encode()))

    assert re.fullmatch(
        r"2026-01-01T00:00:00Z +alert\.firing +ups-1 runs on its battery  \(quality 0\.25\)", line
    )


def test_an_event_in_json_is_given_as_it_came():
    assert list(documents(a_record(json.dumps(EVENT).encode()))) == [EVENT]


def test_a_frame_is_one_line_and_in_full_one_more_a_sample():
    record = a_record(a_frame())

    assert len(said(record)) == 1
    assert "ups-1: 3 samples of 2 points at 2 times" in said(record)[0]
    assert "raw/0@5..9, 1 anomalous" in said(record)[0]
    assert len(said(record, full=True)) == 4


def test_a_frame_in_json_says_every_sample_and_what_it_covers():
    (frame,) = documents(a_record(a_frame()))

    assert frame["covers"] == {
        "topic": "raw",
        "partition": 0,
        "epoch": "e",
        "first_offset": 5,
        "last_offset": 9,
    }
    assert [s["value"] for s in frame["samples"]] == [20.0, None, 30.0]
    assert frame["samples"][2]["status"] == ["valid", "fresh", "in_range", "anomalous"]
    assert frame["quality"] == pytest.approx(2 / 3, abs=1e-4)
    assert json.loads(json.dumps(frame)) == frame


def test_a_block_is_a_line_a_span_and_a_line_a_tick():
    span, tick = said(a_record(a_block()))

    assert "ups-1: temp 20.5, load - not_a_number  [raw/1@41]" in span
    assert "raw/1 is read up to 42, silent for 3.0 s" in tick


def test_a_span_in_json_says_values_quality_and_source():
    (span,) = documents(a_record(a_block()))

    assert span["values"] == {"temp": 20.5, "load": None}
    assert span["quality"] == {"load": ["not_a_number"]}
    assert span["source"] == {"topic": "raw", "partition": 1, "epoch": "epoch", "offset": 41}


def test_a_reject_says_why_and_from_where_and_in_json_its_bytes():
    headers = {
        "alltobit-reason": "not_json",
        "alltobit-detail": "line 1",
        "alltobit-topic": "raw",
        "alltobit-partition": "2",
        "alltobit-offset": "7",
    }
    record = a_record(b"\xff{", headers)

    assert "not_json from raw/2@7: line 1" in said(record)[0]
    (document,) = documents(record)
    assert document["reason"] == "not_json"
    assert document["value_base64"] == "/3s="


@pytest.mark.parametrize(
    "value", [b"", b"\xff\xfe", b"A2B\x02cut", b"\xff\xff\xff\xff", b"[" * 9999]
)
def test_what_nothing_knows_is_shown_as_it_is(value):
    record = a_record(value)

    assert len(said(record)) == 1
    assert json.dumps(list(documents(record)))


def test_a_frame_without_names_is_shown_once_another_has_told_them():
    whole = a_frame()
    length = int.from_bytes(whole[16:20], "little")
    later = bits.joined(bytes(7) + b"n", b"", whole[20 + length :])
    known = bits.joined(whole[8:16], b"", whole[20 + length :])

    assert "whose names came before" in said(a_record(later))[0]
    assert "ups-1: 3 samples" in said(a_record(whole))[0]
    assert "ups-1: 3 samples" in said(a_record(known))[0]


GARBAGE = {
    "no JSON": {"points": [b"["]},
    "no list": {"points": [b"7"]},
    "no names": {"points": [b"[1,2]"]},
    "names of another shape": {"points": [b'["temp","fan"]']},
    "fewer names than values": {"shapes": [readings.digest(("temp",))], "points": [b'["temp"]']},
}


@pytest.mark.parametrize("change", GARBAGE.values(), ids=GARBAGE)
def test_a_block_that_names_its_points_wrongly_is_one_line(change):
    block = readings.decode(a_block())
    points = [readings.msgspec.Raw(one) for one in change["points"]]
    meta = readings.msgspec.structs.replace(block.meta, **{**change, "points": points})
    record = a_record(readings.encode(replace(block, meta=meta)))

    assert len(said(record)) == 1
    assert len(said(record, full=True)) == 1
    assert [*json.loads(json.dumps(list(documents(record))))[0]][:2] == ["topic", "partition"]


@pytest.mark.parametrize("quality", [10**400, "much", None, [], math.nan])
def test_an_event_of_any_quality_is_one_line(quality):
    event = {**EVENT, "data": {"summary": "x", "quality": quality}}

    assert len(said(a_record(json.dumps(event).encode()))) == 1


def test_no_message_can_command_the_terminal():
    evil = "\x1b]0;title\x07\x1b[2J\r\n[bold]"
    event = {**EVENT, "type": evil, "time": evil, "data": {"summary": evil, "quality": 1}}
    headers = {"alltobit-reason": evil, "alltobit-detail": evil}

    for record in (a_record(json.dumps(event).encode()), a_record(evil.encode(), headers)):
        for line in said(record):
            assert line.isprintable()
    assert plain(evil).isprintable()


@pytest.mark.parametrize("as_hex", [False, True])
def test_a_frame_is_decoded_from_a_file_of_bytes_or_hexadecimal(tmp_path, as_hex):
    file = tmp_path / "frame"
    file.write_bytes(a_frame().hex(" ").encode() if as_hex else a_frame())

    done = call("bits", "decode", "--json", str(file))

    assert done.exit_code == 0
    assert json.loads(done.stdout)["asset"] == "ups-1"


def test_a_frame_is_decoded_from_stdin_to_a_table():
    done = call("bits", "decode", "-", stdin=a_frame())

    assert done.exit_code == 0
    for word in ("ups-1", "temp", "20", "anomalous", "Cel"):
        assert word in done.stdout


@pytest.mark.parametrize("data", [b"", b"A2B\x02", b"nonsense", a_frame()[:-1]])
def test_bytes_that_are_no_frame_are_one_line_and_exit_2(data):
    done = call("bits", "decode", "-", stdin=data)

    assert done.exit_code == 2
    one_line(done.stderr)


def test_an_incident_is_one_block_with_both_ends_and_who_is_next():
    told = run(mixed(streams(bad_cable(), 240), Random(0)))
    first, *rest = said(a_record(told[0].encode()))

    assert "incident.opened" in first
    assert "leaf-1/p1 - node-01/ib0 (infiniband): bad link" in first
    assert "cause    leaf-1/p1 - node-01/ib0 (infiniband), " in rest[0]
    assert any(line.strip().startswith("next     node-01 (node), ") for line in rest)
    assert any(
        ", through where it stands" in line for one in told for line in said(a_record(one.encode()))
    )
    assert any("foretold" in line for one in told for line in said(a_record(one.encode())))


def test_what_only_looks_like_an_incident_is_shown_as_an_event():
    event = {**EVENT, "type": "io.alltobit.incident.opened", "data": {"incident": 7}}

    assert len(said(a_record(json.dumps(event).encode()))) == 1


def test_progress_is_shown_only_where_all_is():
    record = a_record(progress(3, 7).model_dump_json().encode())

    assert (said(record), list(documents(record))) == ([], [])
    assert len(said(record, full=True)) == len(list(documents(record, full=True))) == 1
