"""From a file and the environment to settings, or to one line a mistake."""

import logging
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as law
from hypothesis import strategies as st

from schemas.settings import RawTopic, Security, Settings
from streams.configuration import load, problems
from streams.errors import ConfigError

SECRET = "hunter2-is-nobodys-business"  # noqa: S105 - a secret to look for in what is said

PARTS = ["KAFKA", "BOOTSTRAP", "RAW", "0", "X"]

one_file = law(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*Settings.model_fields, "name", "bootstrap", "port", "above"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "site.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def the_problem(path, environ=None):
    found = problems(path, environ or {})
    assert len(found) == 1, found
    return found[0]


@one_file
@given(tree=values)
def test_whatever_a_file_says_gives_settings_or_one_line(file, tree):
    path = file(yaml.safe_dump(tree, allow_unicode=True))
    with suppress(ConfigError):
        load(path, {})

    assert not [line for line in problems(path, {}) if "\n" in line or "; " not in line]


@one_file
@given(text=st.binary(max_size=60) | st.text("[]{}:,-&*!|>'\"%#? \n\tab0.", max_size=40))
def test_no_bytes_in_a_file_raise_anything_else(file, text):
    with suppress(ConfigError):
        load(file(text), {})


@given(
    environ=st.dictionaries(
        st.lists(st.sampled_from(PARTS), min_size=1, max_size=3).map(tuple),
        st.sampled_from(["[1]", "{}", '{"bootstrap": {}}', "5", "null", "x"]),
    )
)
def test_no_variables_raise_anything_else(environ):
    with suppress(ConfigError):
        load(None, {"ALLTOBIT_" + "__".join(name): text for name, text in environ.items()})


def test_a_section_given_as_something_else_is_told_although_a_variable_sets_a_part():
    environ = {"ALLTOBIT_HTTP": "[1]", "ALLTOBIT_HTTP__PORT": "1"}

    assert "not a mapping" in the_problem(None, environ)


@one_file
@given(
    place=st.sampled_from(
        [
            ("kafka", "password"),
            ("kafka", "passwrd"),
            ("kafka", "sasl"),
            ("kafka",),
            ("kafak", "password"),
            ("password",),
            ("http", "token"),
            ("http", "kafka", "x"),
        ]
    )
)
def test_no_secret_is_ever_shown(file, place):
    value = SECRET
    for part in reversed(place):
        value = {part: value}
    name = "ALLTOBIT_" + "__".join(place).upper()

    said = [*problems(file(yaml.safe_dump(value)), {}), *problems(None, {name: SECRET})]

    assert said
    assert SECRET not in "".join(said)


@pytest.mark.parametrize("text", [f"kafka: {{password: *{SECRET}}}", f"kafka: !{SECRET} x"])
def test_what_yaml_itself_complains_of_shows_no_secret(file, text):
    assert SECRET not in the_problem(file(text))


def test_an_error_has_no_cause_that_could_tell_a_secret(file):
    with pytest.raises(ConfigError) as caught:
        load(file(f"kafka: {{password: {SECRET}}}\nhttp: {{port: x}}"), {})

    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_without_file_and_variables_there_are_the_defaults():
    assert load(None, {}) == Settings()


@pytest.mark.parametrize("text", ["", "# nothing\n", "kafka:\nrules:\nsite:\n  cells:\n"])
def test_what_is_commented_out_is_the_default(file, text):
    assert load(file(text), {}) == Settings()


def test_the_environment_goes_before_the_file_and_the_rest_of_a_section_stays(file):
    path = file("kafka: {bootstrap: from-file:1, username: from-file}")

    kafka = load(path, {"ALLTOBIT_KAFKA__BOOTSTRAP": "from-environ:1"}).kafka

    assert (kafka.bootstrap, kafka.username) == ("from-environ:1", "from-file")


def test_a_section_that_is_none_is_told_although_a_variable_sets_a_part(file):
    path = file("http: 9100")

    assert "not a mapping" in the_problem(path, {"ALLTOBIT_HTTP__HOST": "::1"})


def test_lists_come_as_json_and_words_and_numbers_as_they_are():
    settings = load(
        None,
        {
            "ALLTOBIT_RAW": '[{"name": "telemetry.a", "partitions": 2}]',
            "ALLTOBIT_KAFKA__SECURITY": "SASL_SSL",
            "ALLTOBIT_KAFKA__USERNAME": "123",
            "ALLTOBIT_KAFKA__PASSWORD": "[not json",
            "ALLTOBIT_HTTP__PORT": "9100",
            "alltobit_detect__frame_s": "2.5",
        },
    )

    assert settings.raw == (RawTopic(name="telemetry.a", partitions=2),)
    assert settings.kafka.security is Security.SASL_SSL
    assert settings.kafka.username == "123"
    assert settings.kafka.password.get_secret_value() == "[not json"
    assert (settings.http.port, settings.detect.frame_s) == (9100, 2.5)


def test_an_empty_variable_counts_as_not_given():
    assert load(None, {"ALLTOBIT_KAFKA__CA_FILE": "", "ALLTOBIT_CONFIG": ""}) == Settings()


def test_the_variable_names_the_file_unless_the_caller_does(file, tmp_path):
    path = file("log: json")
    other = tmp_path / "other.yaml"
    other.write_text("log: text")

    assert load(None, {"ALLTOBIT_CONFIG": str(path)}).log == "json"
    assert load(other, {"ALLTOBIT_CONFIG": str(path)}).log == "text"


def test_what_kubernetes_adds_is_no_setting_and_a_slip_of_ours_is():
    kubernetes = {
        "ALLTOBIT_SERVICE_HOST": "10.0.0.1",
        "ALLTOBIT_SERVICE_PORT_METRICS": "9100",
        "ALLTOBIT_PORT": "tcp://10.0.0.1:9100",
        "ALLTOBIT_PORT_9100_TCP_ADDR": "10.0.0.1",
    }

    assert problems(None, kubernetes) == []
    assert "did you mean ALLTOBIT_HTTP__PORT?" in the_problem(None, {"ALLTOBIT_HTTP_PORT": "9100"})


def test_reading_changes_neither_file_nor_variables_nor_logs(file, caplog):
    path = file("log: json")
    environ = {"ALLTOBIT_HTTP__PORT": "1"}
    with caplog.at_level(logging.DEBUG):
        load(path, environ)

    assert Path(path).read_text() == "log: json"
    assert environ == {"ALLTOBIT_HTTP__PORT": "1"}
    assert not caplog.records
