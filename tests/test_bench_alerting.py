"""The bench of alerting leaves nothing out, and its stand-in notes what a real one shows."""

import pytest
from acts import due
from alertmanagers import program as real
from debian import NotHere
from test_act_alertmanager import alertmanager as configured
from test_act_alertmanager import target

from models.act.message import read
from schemas.events import Event
from schemas.trigger import Alert, State
from streams.bench import alerting
from streams.bench.alertmanagers import alertmanager, found
from streams.bench.asking import asked
from streams.errors import ConfigError


def an_alert(state):
    data = {
        "quality": 1,
        "summary": "hot",
        "evidence": {"facts": []},
        "rule": "past",
        "asset": "a",
        "point": "p",
        "cell": "a",
        "state": state,
        "because": "rule_holds",
        "severity": "warning",
        "level": "advise",
        "value": 1.0,
        "limit": 0.5,
        "since": "2026-03-01T00:00:00Z",
    }
    return Event[Alert].model_validate(
        {"id": "0" * 32, "source": "/alltobit/s", "type": "io.alltobit.alert.firing", "data": data}
        | {"subject": "past/a/p", "time": "2026-03-01T00:00:09Z", "dataschema": "x"}
    )


def test_an_alert_that_never_came_is_counted_as_missing():
    told = alerting.Report(3, 1, "", "")
    alerting.report({"a": 1_000_000, "b": 1_000_000, "c": 1_000_000}, {"a": 1_200_000}, told)

    assert (told.missing, told.p50) == (2, pytest.approx(0.2))


def test_the_seed_makes_the_order_and_no_asset_breaks_twice():
    plan = alerting.Plan(1, 50, 2, 0.0, None)
    first, second = plan.assets(0), plan.assets(1)

    assert plan.assets(0) == first
    assert len({*first, *second}) == 100
    assert alerting.Plan(2, 50, 2, 0.0, None).assets(0) != first


def test_what_is_asked_for_is_to_be_done_and_its_end_is_another_action():
    fires, over = (asked(an_alert(state), "am") for state in (State.FIRING, State.RESOLVED))

    assert read(fires.model_dump_json().encode()) == fires
    assert over.data.resolves
    assert fires.data.action != over.data.action


def test_aprogram_that_is_not_there_is_a_mistake(tmp_path):
    with pytest.raises(ConfigError, match="no program"):
        found(tmp_path / "alertmanager")


@pytest.mark.parametrize("is_real", [False, True])
async def test_an_alert_that_was_told_has_come_whether_it_is_a_real_one_or_not(tmp_path, is_real):
    try:
        program = str(real()) if is_real else None
    except NotHere as error:
        pytest.skip(str(error))
    async with alertmanager(program, tmp_path) as alerted, target(configured(alerted.url)) as made:
        assert await alerted.came_us() == {}
        await made.prepare(due(1, "am"))()
        came = await alerted.came_us()

    assert came.keys() == {"node-1/gpu0"}
    assert came["node-1/gpu0"] > 1_700_000_000_000_000
