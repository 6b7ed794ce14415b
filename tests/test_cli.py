import json
import re
import subprocess
import sys
from importlib import import_module

import pytest
from cli_calls import call, one_line, settings_file

from models.simulate import KINDS_OF_FAULTS, Fault
from schemas.cascade.site import Inventory
from schemas.settings import RawTopic, Settings
from streams.cli import COMMANDS
from streams.cli.lazy import load
from streams.cli.simulate import parse_fault
from streams.errors import ConfigError

_HEAVY = ("numba", "faust", "pyarrow", "aiokafka", "numpy", "pydantic")


def test_help_waits_for_nothing_heavy():
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from streams.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        f"print([name for name in {_HEAVY} if name in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own command

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["approve", "refuse", "actions", "label", "silence"])
def test_who_answers_does_not_wait_for_a_compiler(name):
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from streams.cli import app\n"
        f"assert CliRunner().invoke(app, [{name!r}, '--help']).exit_code == 0\n"
        "print([name for name in ('numba', 'faust', 'pyarrow') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own command

    assert done.stdout.strip() == "[]"


def test_help_lists_every_command():
    said = call("--help").stdout

    for name, entry in COMMANDS.items():
        assert re.search(rf"\b{name}\b", said)
        assert entry.help[:20] in said


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_in_the_list_is_what_the_command_says_of_itself(name):
    entry = COMMANDS[name]
    command = load(name, entry)

    assert command.help.split("\n")[0] == entry.help


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name):
    done = call(name, "--help")

    assert done.exit_code == 0
    assert f"alltobit {name}" in " ".join(done.stdout.split())


def test_what_stands_in_brackets_is_not_lost_from_help():
    assert "pip install 'alltobit[broker]'" in " ".join(call("broker", "--help").stdout.split())


def test_the_version_is_told():
    done = call("--version")

    assert done.exit_code == 0
    assert re.fullmatch(r"alltobit \d+\.\d+\.\d+\S*\n", done.stdout)


@pytest.mark.parametrize("words", [["bogus"], ["watch", "--bogus"], ["simulate", "--seed", "x"]])
def test_wrong_use_exits_2(words):
    assert call(*words).exit_code == 2


def test_no_broker_is_one_line_and_exits_69():
    at_once = {"ALLTOBIT_KAFKA__PATIENCE_S": "0"}
    done = call("--bootstrap", "127.0.0.1:9", "topics", "create", env=at_once)

    assert done.exit_code == 69
    assert "127.0.0.1:9" in one_line(done.stderr)
    assert done.stdout == ""


def test_wrong_settings_are_one_line_and_exit_2():
    done = call("watch", env={"ALLTOBIT_TOPICS__PARTITIONS": "none"})

    assert done.exit_code == 2
    assert "topics.partitions" in one_line(done.stderr)


def test_a_missing_settings_file_exits_2():
    done = call("--config", "/no/such/file.yaml", "watch")

    assert done.exit_code == 2
    assert "/no/such/file.yaml" in one_line(done.stderr)


def test_a_file_without_problems_is_fine(tmp_path):
    done = call("check", settings_file(tmp_path, Settings()))

    assert done.exit_code == 0
    assert one_line(done.stdout).endswith("fine\n")


def test_every_problem_is_a_line_and_the_exit_code_1(tmp_path):
    file = tmp_path / "wrong.yaml"
    file.write_text("topics: {partitions: 0, retention_hours: -1}\nlog: loud\n")

    done = call("check", str(file))

    assert done.exit_code == 1
    told = done.stdout.splitlines()
    assert len(told) == 3
    for name in ("topics.partitions", "topics.retention_hours", "log"):
        assert any(name in line for line in told)
    assert len(json.loads(call("check", "--json", str(file)).stdout)["problems"]) == 3


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("ib_flap@node-01/ib0:1+2", Fault("ib_flap", "node-01/ib0", 1, 2)),
        ("tower_fan_stuck@tower-1:60+300*0.5", Fault("tower_fan_stuck", "tower-1", 60, 300, 0.5)),
        (
            "sensor_stuck@ups-1#Load_Level:0+9",
            Fault("sensor_stuck", "ups-1", 0, 9, 1, "Load_Level"),
        ),
    ],
)
def test_a_fault_is_read_as_it_is_written(text, fault):
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    "text",
    ["", "ib_flap", "ib_flap@x:1", "nothing@x:1+2", "ib_flap@x:1+0", "ib_flap@x:1+2*3", "a@b:.+."],
)
def test_no_fault_is_read_from_nonsense(text):
    with pytest.raises(ConfigError):
        parse_fault(text)


def test_every_fault_is_listed():
    listed = call("simulate", "--list-faults").stdout

    assert [line.split()[0] for line in listed.splitlines()] == list(KINDS_OF_FAULTS)


_SMALL = ("--seconds", "3", "--nodes", "1", "--gpus", "1", "--rate", "0", "--to", "stdout")
_THEN = ("--start", "2026-01-01T00:00:00Z")


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    first, same, other = (
        call("simulate", *_SMALL, *_THEN, "--seed", seed).stdout for seed in ("1", "1", "2")
    )

    assert first == same != other
    times = [json.loads(line)["time"] for line in first.splitlines()]
    assert sorted(set(times)) == [1767225600 + i for i in range(3)]


def test_the_site_graph_comes_before_the_samples():
    lines = call("simulate", *_SMALL, *_THEN, "--inventory").stdout.splitlines()
    parts = [line for line in lines if line.startswith('{"site"')]
    found = [Inventory.model_validate_json(part) for part in parts]

    assert lines[: len(parts)] == parts

    assert {one.site for one in found} == {Settings().site.name}
    assert "node-01/gpu0" in {asset.name for one in found for asset in one.assets}


@pytest.mark.parametrize(
    "words", [("--fault", "ib_flap@tower-1:1+2"), ("--fault", "ib_flap@no:1+2")]
)
def test_a_fault_that_cannot_be_is_wrong_use(words):
    done = call("simulate", *_SMALL, *words)

    assert done.exit_code == 2
    one_line(done.stderr)


def test_a_plant_needs_topics_of_its_kinds(tmp_path):
    file = settings_file(tmp_path, Settings(raw=(RawTopic(name="metrics"),)))

    done = call("--config", file, "simulate", "--seconds", "1")

    assert done.exit_code == 2
    assert "metrics" in one_line(done.stderr)


def test_replay_gives_the_rows_of_a_file_and_leaves_bad_ones_out(tmp_path):
    file = tmp_path / "pump.csv"
    file.write_text("timestamp,flow\n2026-01-01T00:00:00Z,1.5\n2026-01-01T00:00:01Z,rubbish,8\n"
                    "2026-01-01T00:00:02Z,2.5\n")  # fmt: skip

    done = call("replay", str(file), "--to", "stdout")

    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["values"]["flow"] for row in rows] == [1.5, 2.5]
    assert {row["asset"] for row in rows} == {"pump"}
    assert done.exit_code == 1
    assert "pump.csv:3" in one_line(done.stderr)


def test_replay_of_a_file_that_is_not_there_exits_2():
    done = call("replay", "/no/such.csv", "--to", "stdout")

    assert done.exit_code == 2
    assert "/no/such.csv" in one_line(done.stderr)


@pytest.mark.parametrize("form", ["asyncapi", "json-schema"])
def test_schemas_are_json_on_stdout(form):
    assert json.loads(call("schema", "--format", form).stdout)


def test_every_format_is_listed():
    found = import_module("schemas.formats").decoders()
    listed = json.loads(call("formats", "--json").stdout)

    assert {row["name"] for row in listed} == set(found)
    assert set(found) <= set(call("formats").stdout.replace("│", " ").split())
