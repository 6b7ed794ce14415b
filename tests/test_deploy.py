"""Laws of the image and the compose file that need no container engine."""

import re
import tomllib
from pathlib import Path

import pytest
import typer
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from streams import java
from streams.cli import COMMANDS, app
from streams.configuration import load

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if one["image"].startswith("alltobit:")}
ONE_SHOT = {"topics"}
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text().replace("\\\n", " ")
STEPS = [line.split(maxsplit=1) for line in DOCKERFILE.splitlines() if re.match("[A-Z]+ ", line)]
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def locked(name: str) -> dict[str, Version]:
    text = (ROOT / "deploy" / name).read_text()
    return {canonicalize_name(found): Version(version) for found, version in _PINNED.findall(text)}


def required(texts: list[str]) -> list[Requirement]:
    return [Requirement(text) for text in texts]


def arguments(instruction: str) -> list[str]:
    return [rest for word, rest in STEPS if word == instruction]


@pytest.mark.parametrize("requirement", required(PROJECT["dependencies"]), ids=str)
def test_the_lock_pins_every_production_dependency_in_its_range(requirement):
    assert locked("requirements.lock")[canonicalize_name(requirement.name)] in requirement.specifier


@pytest.mark.parametrize("requirement", required(PYPROJECT["build-system"]["requires"]), ids=str)
def test_the_build_lock_pins_what_builds_the_wheel(requirement):
    assert locked("build.lock")[canonicalize_name(requirement.name)] in requirement.specifier


@pytest.mark.parametrize("extra", sorted(PROJECT["optional-dependencies"]))
def test_nothing_of_an_extra_is_in_the_image(extra):
    names = {canonicalize_name(r.name) for r in required(PROJECT["optional-dependencies"][extra])}

    assert not names & locked("requirements.lock").keys()


def test_the_lock_with_the_extra_mcp_pins_it_and_all_else_as_without_it():
    with_it, without = locked("mcp.lock"), locked("requirements.lock")

    assert without.items() <= with_it.items()
    for one in required(PROJECT["optional-dependencies"]["mcp"]):
        assert with_it[canonicalize_name(one.name)] in one.specifier


@pytest.mark.parametrize("name", ["requirements.lock", "mcp.lock", "build.lock"])
def test_every_pin_has_hashes(name):
    pins = re.split(r"^(?=[A-Za-z0-9])", (ROOT / "deploy" / name).read_text(), flags=re.MULTILINE)

    assert len(pins) > 1
    assert all("--hash=sha256:" in pin for pin in pins[1:])


def test_every_install_of_the_image_is_checked_against_hashes_or_takes_nothing_from_outside():
    installs = re.findall(r"\binstall\b([^&]*)", "\n".join(arguments("RUN")))

    assert installs
    assert all("--require-hashes" in one or "--no-index" in one for one in installs)


def test_both_stages_have_the_same_base_and_a_python_that_the_project_takes():
    bases = {line.split()[0] for line in arguments("FROM")}
    (python,) = (re.fullmatch(r"python:([\d.]+)-slim-bookworm", base) for base in bases)

    assert python
    assert PROJECT["requires-python"] == f">={python[1]}"


def test_the_image_does_not_run_as_root():
    last_stage = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    users = re.findall(r"^USER (\d+):(\d+)$", last_stage, flags=re.MULTILINE)

    assert users
    assert all(int(user) > 0 and int(group) > 0 for user, group in users)


def test_the_image_is_built_by_the_classic_builder_too():
    assert not re.search(r"--mount|--link|--chmod|<<|^# *syntax *=", DOCKERFILE, re.MULTILINE)


def test_all_that_the_image_copies_is_there():
    copies = [line.split() for line in arguments("COPY") if not line.startswith("--from")]

    assert copies
    assert all((ROOT / source).exists() for *sources, _ in copies for source in sources)


def test_the_health_check_asks_the_port_that_is_served():
    assert "ALLTOBIT_HTTP__PORT=" in DOCKERFILE
    assert "os.environ['ALLTOBIT_HTTP__PORT'] + '/healthz'" in DOCKERFILE


def test_the_settings_of_the_image_are_valid_with_the_environment_of_every_service():
    for service in OURS.values():
        given = {name: _default(text) for name, text in service["environment"].items()}

        assert load(ROOT / "deploy/settings.yaml", given).kafka.bootstrap == "kafka:19092"


def _default(text: str) -> str:
    """Return what compose makes of `${NAME:-default}` when NAME is not set."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_service_calls_a_command_with_options_that_it_has(name):
    words = list(SERVICES[name]["command"])
    command = typer.main.get_command(app)
    context = command.make_context("alltobit", [], resilient_parsing=True)
    while hasattr(command, "resolve_command"):
        _, command, words = command.resolve_command(context, words)
        assert command is not None

    assert SERVICES[name]["command"][0] in COMMANDS
    command.make_context(command.name, words, parent=context)  # raises on a wrong option


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_has_a_memory_limit_and_no_rights_to_spare(name):
    service = SERVICES[name]

    assert service["deploy"]["resources"]["limits"]["memory"]
    assert not {"privileged", "network_mode", "cap_add", "user"} & service.keys()
    assert not any("docker.sock" in volume for volume in service.get("volumes", []))


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_services_cannot_write_but_to_tmp(name):
    service = SERVICES[name]

    assert service["read_only"] is True
    places = [place.partition(":")[0] for place in service["tmpfs"]]
    assert places == ["/tmp"]  # noqa: S108 - of the container
    assert all(volume.endswith(":ro") for volume in service["volumes"])


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - ONE_SHOT))
def test_what_runs_for_long_is_started_again(name):
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_only_kafka_and_what_asks_for_a_token_are_published_and_only_to_this_machine():
    published = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}

    assert published.keys() == {"kafka", "mcp"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_the_plant_tells_the_cascade_what_reaches_what():
    roles = [service["command"][0] for service in OURS.values()]

    assert {"ingest", "worker", "cascade"} <= {*roles}
    assert "--inventory" in SERVICES["simulate"]["command"]


def test_compose_runs_the_kafka_that_the_embedded_broker_runs():
    version = java._KAFKA.rpartition(":")[2]  # noqa: SLF001 - the one place that names it

    assert SERVICES["kafka"]["image"] == f"apache/kafka:{version}"


def test_one_service_builds_the_image_for_all_but_the_one_with_an_extra():
    builds = [name for name, service in SERVICES.items() if "build" in service]

    assert builds == ["topics", "mcp"]
    assert SERVICES["mcp"]["build"]["args"] == {"LOCK": "mcp.lock"}


def test_compose_names_the_image_after_the_version():
    for name, service in OURS.items():
        extra = "-mcp" if name == "mcp" else ""
        assert service["image"] == f"alltobit:{PROJECT['version']}{extra}"
