"""Incidents of plants, as writers are tried on them."""

import numpy as np
import pytest

from models.report.belongs import Belonging
from models.report.record import of_incident
from models.report.text import read_cause, text
from models.report.trial import Trial, tried
from schemas.cascade import Stage
from streams.evaluate import watched_reports
from streams.evaluate.watched_reports import heard_of, lived


@pytest.fixture(scope="module")
def heard():
    return heard_of(1, size=64, faults=3)


def test_an_incident_of_a_plant_comes_once_with_what_was_known_of_it_until_then(heard):
    some = [*heard.specimens(np.random.default_rng(1))]

    names = [one.event.data.incident for one in some]
    assert len(names) == len({*names}) > 0
    assert Stage.MERGED not in {one.event.data.stage for one in some}
    for event, anomalies in some:
        has = Belonging(event).has
        assert anomalies
        assert all(has(one) and one.time <= event.time for one in anomalies)
        assert read_cause(text(of_incident(event, anomalies))).fault is event.data.causes[0].fault


def test_what_is_true_of_a_plant_stands_and_what_is_not_is_struck(heard):
    trial = Trial()
    for i, one in enumerate(heard.specimens(np.random.default_rng(1))):
        tried(trial, one, np.random.default_rng(i))

    assert trial.struck.total() == 0, trial.missed
    assert trial.share_caught > 0.99, trial.missed


def test_plants_break_until_there_are_as_many_incidents_as_asked_for(heard, monkeypatch):
    each = len([*heard.specimens(np.random.default_rng(1))])
    asked = []
    monkeypatch.setattr(watched_reports, "heard_of", lambda seed, _: asked.append(seed) or heard)

    assert len([*lived(5, 2 * each + 1, 64)]) == 2 * each + 1
    assert asked == [5, 6, 7]
