"""The bench of alerting leaves nothing out, and its stand-in notes what a real one shows."""

import pytest
from acts import due
from alertmanagers import program as real
from debian import NotHere
from test_act_alertmanager import alertmanager as configured
from test_act_alertmanager import target

from streams.bench import alerting
from streams.bench.alertmanagers import alertmanager, found
from streams.errors import ConfigError


def test_an_alert_that_never_came_is_counted_as_missing():
    told = alerting.Report(3, 1, "")
    alerting.report({"a": 1_000_000, "b": 1_000_000, "c": 1_000_000}, {"a": 1_200_000}, told)

    assert (told.missing, told.p50) == (2, pytest.approx(0.2))


def test_the_seed_makes_the_order_and_no_asset_breaks_twice():
    plan = alerting.Plan(1, 50, 2, 0.0, None)
    first, second = plan.assets(0), plan.assets(1)

    assert plan.assets(0) == first
    assert len({*first, *second}) == 100
    assert alerting.Plan(2, 50, 2, 0.0, None).assets(0) != first


def test_a_program_that_is_not_there_is_a_mistake(tmp_path):
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
