"""Log lines for machines and for people."""

import json
import logging
import sys
import warnings
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as law
from hypothesis import strategies as st

from streams.logs import NOISY, configure


@pytest.fixture(autouse=True)
def restored(monkeypatch):
    """Give the test a root logger without handlers; put all back after it."""
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in ("", *NOISY)}
    monkeypatch.setattr(root, "handlers", [])
    yield
    logging.captureWarnings(capture=False)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@law(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(message=st.text(), topic=st.text(), offset=st.integers(0, 2**63 - 1))
def test_a_json_line_is_one_line_that_reads_back(capsys, message, topic, offset):
    configure("json")
    logging.getLogger("streams.ingest").warning(
        "%s", message, extra={"topic": topic, "partition": 3, "offset": offset}
    )

    (line,) = capsys.readouterr().err.split("\n")[:-1]
    said = json.loads(line)
    when = datetime.fromisoformat(said.pop("timestamp"))
    assert when.utcoffset() == timedelta(0)
    assert said == {
        "level": "WARNING",
        "logger": "streams.ingest",
        "message": message,
        "topic": topic,
        "partition": 3,
        "offset": offset,
    }


def test_a_number_of_numpy_is_a_number(capsys):
    configure("json")
    logging.getLogger("x").info("block", extra={"offset": np.int64(5), "share": np.float32(0.5)})

    said = json.loads(capsys.readouterr().err)
    assert (said["offset"], said["share"]) == (5, 0.5)


def test_an_exception_stays_in_its_json_line(capsys):
    configure("json")
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        logging.getLogger("x").exception("failed")

    said = json.loads(capsys.readouterr().err)
    assert "ZeroDivisionError" in said["exc_info"]


def test_a_text_line_is_short_and_has_its_fields(capsys):
    configure("text")
    logging.getLogger("streams.detect").info("applied", extra={"partition": 3, "offset": 17})

    line = capsys.readouterr().err
    assert line[23:] == "Z INFO streams.detect: applied partition=3 offset=17\n"
    assert datetime.fromisoformat(line.split(" ")[0]).utcoffset() == timedelta(0)


def test_a_terminal_gets_the_same_words_through_rich(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "200")
    configure("text")
    logging.getLogger("x").warning("[bold]as it is[/bold]", extra={"partition": 3})

    line = capsys.readouterr().err
    assert "WARNING  x: [bold]as it is[/bold] partition=3" in line


@pytest.mark.parametrize("kind", ["json", "text"])
@pytest.mark.parametrize("name", [f"{one}.part" for one in NOISY])
def test_noisy_libraries_are_heard_from_warning_on(capsys, kind, name):
    configure(kind, "DEBUG")
    logging.getLogger(name).info("joined the group")
    logging.getLogger(name).warning("left the group")
    logging.getLogger("streams.detect").debug("ours")

    said = capsys.readouterr().err
    assert "joined" not in said
    assert "left" in said
    assert "ours" in said


def test_a_higher_level_holds_for_noisy_libraries_too(capsys):
    configure("text", logging.ERROR)
    logging.getLogger("faust.part").warning("warned")
    logging.getLogger("faust.part").error("failed")

    assert capsys.readouterr().err.count("\n") == 1


def test_configuring_twice_says_everything_once(capsys):
    configure("text")
    configure("json")
    logging.getLogger("x").info("once")

    assert capsys.readouterr().err.count("once") == 1


def test_pythons_warnings_are_log_lines(capsys):
    configure("json")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("old way", DeprecationWarning, stacklevel=1)

    said = json.loads(capsys.readouterr().err)
    assert said["logger"] == "py.warnings"
    assert "old way" in said["message"]
