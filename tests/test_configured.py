"""Actions in the settings: what is right is taken as it is; what is wrong is one line."""

import pytest
import yaml

from schemas.settings import Settings
from schemas.trigger import Mode
from streams.configuration import load, problems

WEBHOOK = "{name: page, kind: webhook, url: 'http://127.0.0.1:1/x'"
AM = "{name: am, kind: alertmanager, urls: ['http://127.0.0.1:9093']"
COMMAND = "{name: drain, kind: command, argv: [scontrol, update, 'nodename={asset}']"


@pytest.fixture
def said(tmp_path):
    def say(action):
        path = tmp_path / "settings.yaml"
        path.write_text(f"actions:\n  - {action}\n")
        return path

    return say


def test_an_action_is_off_unless_its_mode_says_otherwise(said):
    for given, mode in (("", Mode.OFF), (", mode: off", Mode.OFF), (", mode: live", Mode.LIVE)):
        (action,) = load(said(WEBHOOK + given + "}"), {}).actions
        assert action.mode is mode


def test_what_is_written_down_is_read_again_as_it_was(said):
    body = ", body: {a: '{labels.x}', b: [1, true, null], c: {d: '{{'}}, secrets: {k: {env: K}}"
    settings = load(said(WEBHOOK + body + "}"), {})

    written = yaml.safe_dump(settings.model_dump(mode="json", exclude={"kafka": {"password"}}))
    assert Settings.model_validate(yaml.safe_load(written)) == settings


@pytest.mark.parametrize(
    ("action", "line"),
    [
        (
            WEBHOOK + ", mode: on}",
            "actions.0.mode='true': not accepted (FILE, line 2); it should be 'off', 'shadow' or",
        ),
        (
            WEBHOOK + ", timeout_s: 0}",
            "actions.0.timeout_s='0': not accepted (FILE, line 2); it should be greater than 0",
        ),
        (
            WEBHOOK + ", timeout: 5}",
            "actions.0.timeout='5': no such setting (FILE, line 2); did you mean",
        ),
        (
            "{name: x, kind: carrier-pigeon}",
            (
                "actions.0='{name: x, kind: carrier-pigeon}': no such kind (FILE, line 2); "
                "give `kind:` as one of webhook, alertmanager, command, kafka"
            ),
        ),
        (
            "{name: x, kind: webhook, url: 'http://{asset}/'}",
            "actions.0.url='http://{asset}/': impossible (FILE, line 2); give http://host:port",
        ),
        (
            "{name: x, kind: webhook, url: 'ftp://h/'}",
            "actions.0.url='ftp://h/': impossible (FILE, line 2); give http://host:port",
        ),
        (
            "{name: x, kind: webhook, url: 'http://h:99999/'}",
            "actions.0.url='http://h:99999/': impossible (FILE, line 2); give http://host:port",
        ),
        (
            "{name: x, kind: webhook, url: 'http://ann:pass@h/'}",
            "actions.0.url='***': impossible (FILE, line 2); give http://host:port/path or https",
        ),
        (
            WEBHOOK + ", body: {a: '{nobody}'}}",
            "impossible (FILE, line 2); {nobody} stands for nothing",
        ),
        (
            WEBHOOK + ", body: {a: '{secret.key}'}}",
            "impossible (FILE, line 2); {secret.key} is not among its `secrets`",
        ),
        (
            WEBHOOK + ", body: {a: '{rule.__class__}'}}",
            "impossible (FILE, line 2); {rule.__class__} stands for nothing",
        ),
        (
            COMMAND[:-1] + ", '{secret.x}']}",
            "actions.0.argv.3='{secret.x}': impossible (FILE, line 2); a secret would be seen",
        ),
        (
            "{name: x, kind: command, argv: ['{asset}']}",
            "impossible (FILE, line 2); the first of `argv`, the program, is a fixed name",
        ),
        (
            "{name: x, kind: kafka, topic: actions}",
            "actions.0.topic='actions': a topic of ours (FILE, line 2); name one of your own",
        ),
        (
            AM + "}\n  - " + COMMAND.replace("drain", "am") + "}",
            "actions.1.name='am': the name of actions.0 too (FILE, line 3); give each a name",
        ),
    ],
)
def test_a_mistake_is_one_line_with_field_value_and_mend(said, action, line):
    path = said(action)
    (found,) = problems(path, {})

    assert line.replace("FILE", str(path)) in found


@pytest.mark.parametrize(
    "given",
    [
        "signing_secret: hunter2",
        "bearer_token: {value: hunter2}",
        "bearer_token: {env: 'hunter2!'}",
        "secrets: {key: hunter2}",
        "secret: hunter2",
        "password: hunter2",
        "headers: {authorization: hunter2}",
    ],
)
def test_a_secret_in_the_settings_is_refused_and_not_shown(said, given):
    found = problems(said(WEBHOOK + ", " + given + "}"), {})

    assert found
    assert "hunter2" not in "".join(found)
