"""The example's rules in the example's settings: together they start, and fire."""

from pathlib import Path

import pytest

from models.names import Config
from models.simulate.frame import Frame
from models.trigger.trial.fed import Fed
from schemas.trigger import Alert
from streams.configuration import load
from streams.configuration_doubts import checked

DEPLOY = Path(__file__).parent.parent / "deploy"
START_NS, MINUTE_NS = 1_700_000_000_000_000_000, 60_000_000_000


@pytest.fixture
def file(tmp_path):
    """Return the example's settings, as their comment says how rules are taken in."""
    text = (DEPLOY / "settings.yaml").read_text()
    assert text.count("# rule_files: [rules.yaml]") == 1
    path = tmp_path / "settings.yaml"
    path.write_text(text.replace("# rule_files: [rules.yaml]", "rule_files: [rules.yaml]"))
    (tmp_path / "rules.yaml").write_text((DEPLOY / "rules.yaml").read_text())
    return path


def test_the_examples_rules_go_with_its_settings(file):
    assert checked(file, {}) == ([], [])


def test_the_examples_rules_fire_on_what_its_plant_sends(file):
    fed = Fed(Config.of(load(file, {}), {}))
    points = ("Active_Power", "Thermal_Power")  # the plant says its power in kW
    frames = [
        Frame(f"chiller-{i}", START_NS + minute * MINUTE_NS, points, [kilowatts, 200_000.0])
        for minute in range(30)
        for i, kilowatts in ((1, 100.0), (2, 50.5), (3, 49.0))
    ]
    every = [event for found in fed.take(frames) for event in found.events]
    alerts = [event.data for event in every if isinstance(event.data, Alert)]
    told = {one.asset: one.summary for one in alerts if one.rule == "cop-low"}

    assert told == {"chiller-1": "chiller-1 takes 100000 W to move 200000 W"}
