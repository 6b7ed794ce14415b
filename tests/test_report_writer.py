"""Settings that name a model, and `alltobit eval writer`."""

import json
import subprocess
import sys

import pytest
from cli_calls import call, one_line, settings_file
from model_server import KEY, ModelServer, honest, says, sends, served_beside, written

from models.report.record import of_incident
from models.report.specimens import specimens
from schemas.report import Draft, Kind, Part, Section, Sentence
from schemas.settings import Reporter, Settings
from streams.errors import ConfigError
from streams.report import writer
from streams.report.model import ModelWriter

OPENED = Kind.OPENED


# Settings.


def test_without_a_model_there_is_no_writer_and_the_client_is_not_loaded():
    code = (
        "import sys; from streams.report import writer; from schemas.report.model import Model; "
        "print(writer.of(Model()), 'openai' in sys.modules)"
    )
    told = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert told.stdout == "None False\n"


async def test_a_configured_model_is_the_writer():
    found = writer.of(ModelServer().model(url="http://127.0.0.1:1/v1"))

    assert isinstance(found, ModelWriter)
    await found.close()


def test_without_the_extra_a_configured_model_is_a_mistake_that_says_what_to_install(monkeypatch):
    monkeypatch.setattr(writer, "find_spec", lambda _: None)

    with pytest.raises(ConfigError, match=r"alltobit\[model\]"):
        writer.of(ModelServer().model(url="http://127.0.0.1:1/v1"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://x/v1", "name": "m"},
        {"url": "http://user:password@x/v1", "name": "m"},
        {"url": "http://x:99999/v1", "name": "m"},
        {"url": "http://x/v1"},
        {"url": "http://x/v1", "name": "m", "day_cost": 1.0},
    ],
)
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=r"give|price"):
        ModelServer().model(**{"name": "", **wrong})


# `alltobit eval writer`.


def run_eval(*words):
    return call("eval", "writer", "--incidents", "2", "--name", "scripted", *words)


def test_eval_writer_tells_what_stands_the_check_headline_last(monkeypatch):
    monkeypatch.setenv("MODEL_KEY", KEY)
    events = [*specimens(1, 2)] * 2
    good = [honest(of_incident(*one), OPENED) for one in events]
    with served_beside(*good) as server:
        words = ("--url", server.url, "--key-env", "MODEL_KEY")
        said = run_eval(*words)
        document = json.loads(run_eval(*words, "--json").stdout)

    last = said.stdout.splitlines()[-1]
    assert last.startswith("writer: 2 of 2 drafted; ")
    assert "(100 %), 0 struck" in last
    assert document["headline"] == 100.0
    assert document["tokens"] == {"read": 2_000, "written": 400}
    assert document["checked"] == document["kept"] > 20


def test_eval_writer_ends_with_1_where_too_little_stands():
    calm = Sentence(text="All is well.", cites=("E1",))
    told = Draft(parts=(Part(section=Section.SUMMARY, sentences=(calm,)),))
    with served_beside(says(written(told)), sends(b"no")) as server:
        said = run_eval("--url", server.url, "--fail-under", "50", "--show")

    assert said.exit_code == 1
    assert "struck (sense All is well): All is well." in said.stdout
    assert "by template: 1 no_answer" in said.stdout


@pytest.mark.parametrize("words", [(), ("--url", "ftp://x"), ("--url", "http://x", "--name", "")])
def test_eval_writer_without_a_model_says_what_to_give(words):
    said = run_eval(*words)

    assert said.exit_code == 2
    assert "give" in one_line(said.stderr)


def test_check_tells_a_key_that_is_not_there(tmp_path):
    model = ModelServer().model(url="http://127.0.0.1:1/v1", key={"file": tmp_path / "none"})
    file = settings_file(tmp_path, Settings(reporter=Reporter(model=model)))
    said = call("check", file)

    assert said.exit_code == 1
    assert "reporter.model.key.file" in said.stdout + said.stderr
