"""Recorded files as frames."""

import gzip
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.replay import BadLine, Reading, rows
from models.replay.times import time_ns
from models.simulate import Plant
from models.simulate.wire import native_json
from streams.errors import ConfigError
from streams.replay_files import frames

SECOND = 1_000_000_000
numbers = st.floats(allow_nan=False, allow_infinity=False)


def read(path, **how):
    return list(frames(path, Reading(**how)))


def written(tmp_path, name, text):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


@given(
    table=st.lists(st.tuples(numbers, numbers), min_size=1, max_size=20),
    delimiter=st.sampled_from([",", ";", "\t"]),
)
def test_a_table_gives_back_the_numbers_that_were_written(table, delimiter):
    lines = [delimiter.join(("time", "a", "b"))]
    lines += [delimiter.join((str(10**9 + i), repr(a), repr(b))) for i, (a, b) in enumerate(table)]

    found = list(rows(lines, Reading(), "here", "pump-1"))

    assert [tuple(frame.values) for frame in found] == table
    assert [frame.time_ns for frame in found] == [(10**9 + i) * SECOND for i in range(len(table))]


@given(seconds=st.integers(10**8, 7_258_118_399), fraction=st.integers(0, 999_999_999))
def test_a_time_in_seconds_is_exact_to_the_nanosecond(seconds, fraction):
    assert time_ns(f"{seconds}.{fraction:09d}") == seconds * SECOND + fraction


@pytest.mark.parametrize(
    "text",
    [
        "2023-11-14T22:13:20Z",
        "2023-11-14 22:13:20",
        "2023/11/14 22:13:20.000",
        "2023-11-14T23:13:20+01:00",
        "1700000000",
        "1700000000.0",
        "1700000000000",
        "1700000000000000",
        "1700000000000000000",
        "1.7e9",
    ],
)
def test_one_moment_has_many_spellings(text):
    assert time_ns(text) == 1_700_000_000 * SECOND


@pytest.mark.parametrize("text", ["", "noon", "nan", "inf", "1e40", "9999-01-01", "2023-02-30"])
def test_what_is_no_time_is_none(text):
    assert time_ns(text) is None


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "deep/a.txt.gz", "a.TSV"])
def test_a_file_is_an_asset_named_after_it(tmp_path, name):
    path = written(tmp_path, name, "\ufefftimestamp,value\n1700000000,18.6\n")

    assert [tuple(f) for f in read(path)] == [("a", 1_700_000_000 * SECOND, ("value",), [18.6])]


def test_rows_without_a_time_are_a_second_apart(tmp_path):
    path = written(tmp_path, "d.dat.gz", "  1.0e+00  2.0\n  3.0  4.0\n")

    first, second = read(path, start_ns=7)

    assert (first.time_ns, second.time_ns) == (7, 7 + SECOND)
    assert (first.points, second.values) == (("column_1", "column_2"), [3.0, 4.0])


def test_a_first_column_of_times_needs_no_name(tmp_path):
    path = written(tmp_path, "a.csv", "when,x\n2014-04-01 00:00:00,1\n")

    assert [frame.points for frame in read(path)] == [("x",)]


@pytest.mark.parametrize("cell", ["1_000", "0x10", "1,5", "high", "1 2"])
def test_what_only_a_program_takes_for_a_number_is_a_bad_line(tmp_path, cell):
    path = written(tmp_path, "a.csv", f"time;a\n1700000000;1\n1700000001;{cell}\n")

    assert [row.line for row in read(path) if isinstance(row, BadLine)] == [3]


def test_a_transposed_table_is_turned(tmp_path):
    path = written(tmp_path, "d.dat", "1 2 3\n4 5 6\n")

    assert [frame.values for frame in read(path, transposed=True)] == [[1, 4], [2, 5], [3, 6]]


def test_a_bad_line_is_named_and_the_others_are_read(tmp_path):
    text = "time,a,b\n1700000000,1,2\n1700000001,x,2\n1700000002,1\nnoon,1,2\n\n1700000003,,4\n"
    path = written(tmp_path, "a.csv", text)

    found = read(path)
    bad = [str(row) for row in found if isinstance(row, BadLine)]
    good = [row.values for row in found if not isinstance(row, BadLine)]

    assert [line.rsplit("a.csv:", 1)[1] for line in bad] == [
        "3: 'x' in column 'a' is no number",
        "4: has 2 of 3 cells, the first is '1700000002'",
        "5: 'noon' is no time",
    ]
    assert good[0] == [1.0, 2.0]
    assert math.isnan(good[1][0])
    assert good[1][1] == 4.0


def test_text_columns_and_labels_are_left_out_and_names_become_assets(tmp_path):
    path = written(tmp_path, "a.csv", "name,time,v,state,Label\nn1,1700000000,5,idle,1\n")

    note, frame = read(path)

    assert note.trouble == "column 'state' holds text ('idle'): left out"
    assert (frame.asset, frame.points, frame.values) == ("n1", ("v",), [5.0])


def test_rows_written_newest_first_come_oldest_first(tmp_path):
    text = "time,a\n1700000002,3\n1700000001,2\n1700000000,1\nend\n"
    path = written(tmp_path, "a.csv", text)

    good = [row.values for row in read(path) if not isinstance(row, BadLine)]

    assert good == [[1.0], [2.0], [3.0]]


def test_a_folder_is_merged_by_time_and_its_licence_is_not_data(tmp_path):
    written(tmp_path, "x/a.csv", "time,v\n1700000000,1\nnoon,2\n1700000002,3\n")
    written(tmp_path, "b.csv", "time,v\n1700000001,2\n1700000003,4\n")
    written(tmp_path, "LICENSE.txt", "You may.\n")

    found = [row for row in read(tmp_path) if not isinstance(row, BadLine)]

    assert [frame.values[0] for frame in found] == [1.0, 2.0, 3.0, 4.0]
    assert [frame.asset for frame in found] == ["x/a", "b", "x/a", "b"]


def test_each_array_is_an_asset_and_labels_are_none(tmp_path):
    path = tmp_path / "s.npz"
    np.savez(path, a=np.ones((2, 3), np.float32), b=np.zeros(2), a_label=np.zeros(2, np.int8))

    assert [(f.asset, len(f.values)) for f in read(path)] == [
        ("s/a", 3),
        ("s/b", 1),
        ("s/a", 3),
        ("s/b", 1),
    ]


def test_native_lines_come_back_as_the_frames_they_were(tmp_path):
    sent = [
        f
        for t in Plant(seed=1, nodes=1, missing=0.1).run(1_700_000_000_000_000_000, 2, 0.5)
        for f in t.frames()
    ]
    path = written(tmp_path, "a.jsonl.gz", "".join(native_json(f).decode() + "\n" for f in sent))

    assert [repr(row) for row in read(path)] == [repr(frame) for frame in sent]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"asset":"a","time":1,"values":{}}',
        '{"asset":"a","time":"noon","values":{"x":1}}',
        '{"asset":"a","time":1,"values":{"x":"high"}}',
        '{"asset":"","time":1,"values":{"x":1}}',
    ],
)
def test_a_line_that_is_no_frame_is_a_bad_line(tmp_path, line):
    good = json.dumps({"asset": "a", "time": 1_700_000_000, "values": {"x": 1}})
    path = written(tmp_path, "a.jsonl", f"{good}\n{line}\n")

    frame, bad = read(path)

    assert frame.asset == "a"
    assert (bad.line, "\n" in bad.trouble) == (2, False)


def test_wanted_columns_only(tmp_path):
    path = written(tmp_path, "a.csv", "time,a,b,label\n1700000000,1,2,3\n")

    (frame,) = read(path, columns=("label", "a"), asset="me")

    assert (frame.asset, frame.points, frame.values) == ("me", ("a", "label"), [1.0, 3.0])


@pytest.mark.parametrize(
    ("name", "text", "how"),
    [
        ("a.csv", "time,a\n1,2\n", {"columns": ("b",)}),
        ("a.csv", "time,state\n1700000000,on\n", {}),
        ("a.pdf", "", {}),
        ("a.dat", "1 2\n3\n", {"transposed": True}),
    ],
)
def test_a_file_that_cannot_be_replayed_is_an_error_that_names_it(tmp_path, name, text, how):
    path = written(tmp_path, name, text)

    with pytest.raises(ConfigError, match=r"a\.(csv|pdf|dat)"):
        read(path, **how)


def test_a_file_cut_off_in_compression_ends_with_a_bad_line(tmp_path):
    text = "time,a\n" + "".join(f"{1_700_000_000 + i},{i * i}\n" for i in range(5000))
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(text.encode())[:-2000])

    *good, last = read(path)

    assert good
    assert isinstance(last, BadLine)


def test_a_file_or_folder_that_is_not_there_is_an_error(tmp_path):
    for path in (tmp_path, tmp_path / "gone.csv"):
        with pytest.raises(ConfigError):
            read(path)
