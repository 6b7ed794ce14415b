"""Alerts as a real Alertmanager takes them: told, told again, over."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from acts import START, Endpoint, ask, due, ends, listening
from acts import request as asked
from aiohttp import web
from alertmanagers import Alertmanager as Program
from alerts import alert, at
from debian import NotHere
from hypothesis import given
from hypothesis import strategies as st
from test_decide_trigger import too_many, trigger

from models.act.attempt import Came
from models.act.firing import Firing
from models.act.ledger import Due
from schemas.trigger import Alertmanager, Stage, State
from streams import topics
from streams.act import Executor
from streams.act.alertmanager import AlertmanagerTarget
from streams.act.http import connected
from streams.act.targets import connections
from streams.house import until

NOW = START + timedelta(minutes=5)
words = st.text(max_size=12)


def alertmanager(*urls, **more):
    given = {"name": "am", "mode": "live", "linger_s": 0.0, "backoff_s": 0.01, **more}
    return Alertmanager(kind="alertmanager", urls=urls, **given)


@asynccontextmanager
async def target(action):
    async with connected(action.timeout_s, connections(action), None) as http:
        made = AlertmanagerTarget(action, http)
        task = asyncio.create_task(made.run())
        try:
            yield made
        finally:
            task.cancel()
            await asyncio.wait([task])


@pytest.fixture
async def program(tmp_path):
    try:
        made = Program(tmp_path / "alertmanager")
    except NotHere as error:
        pytest.skip(str(error))
    with made:
        yield made


def resolve(number, **more):
    return due(number, "am", resolves=True, **more)


def test_a_firing_alert_is_told_again_when_it_is_due_and_not_before_until_it_is_over():
    firing = Firing(60.0)
    firing.take(due(1, "am"), 100.0)
    firing.take(due(2, "am"), 130.0)

    assert firing.due(159.0) == []
    assert [event.data.asset for event in firing.due(160.0)] == ["node-1/gpu0"]
    assert firing.due(189.0) == []
    firing.take(resolve(2), 189.0)
    assert firing.due(219.0) == []
    assert [event.data.asset for event in firing.due(220.0)] == ["node-1/gpu0"]


@given(labels=st.dictionaries(words, words, max_size=4))
def test_what_ends_an_alert_has_the_labels_of_what_fired(labels):
    firing = Firing(60.0, {"site": "a"})
    begun = firing.take(due(1, "am", labels=labels), 0.0)
    over = firing.take(resolve(1, labels={**labels, "incident": "i-1"}), 9.0)

    first, last = firing.alert(begun, None, NOW), firing.alert(over, NOW, NOW)
    assert first["labels"] == last["labels"]
    assert first["endsAt"] == (NOW + timedelta(seconds=240)).isoformat()
    assert last["endsAt"] == NOW.isoformat()
    assert first["startsAt"] == last["startsAt"] == START.isoformat()


def test_no_label_of_a_rule_hides_which_alert_it_is():
    firing = Firing(60.0, {"asset": "x", "site": "a"})
    event = due(1, "am", labels={"alertname": "x", "severity": "y", "site": "b", "7-a": "z"}).event

    assert firing.alert(event, None, NOW)["labels"] == {
        "alertname": "gpu-hot",
        "asset": "node-1/gpu0",
        "severity": "critical",
        "site": "b",
        "_7_a": "z",
    }


def test_two_points_of_an_asset_under_one_rule_are_two_alerts_and_each_ends_by_itself():
    firing, decides = Firing(60.0), trigger(always=["am"])
    points = ("temp", "mem-temp")
    told = [decides.alert(alert(10, point=point, since=4), at(10))[-1] for point in points]
    told += decides.alert(alert(20, State.RESOLVED, point="temp", since=4), at(20))
    shown = [firing.alert(firing.take(Due(one, 0, 0, 0.0), 0.0), None, at(30)) for one in told]

    assert [one["labels"] for one in shown] == [
        {"alertname": "gpu-hot", "asset": "node-01/gpu0", "cell": "node-01", "point": point}
        | {"severity": "warning"}
        for point in (*points, "temp")
    ]
    assert {one["startsAt"] for one in shown} == {at(4).isoformat()}
    assert {one["annotations"]["summary"] for one in shown} == {"gpu-hot: node-01/gpu0 is hot"}
    assert [one.due.event.data.point for one in firing.all.values()] == ["mem-temp"]


def test_the_alert_for_many_is_one_whose_number_moves_on_and_that_ends():
    firing, decides = Firing(60.0), trigger({"level": "act"}, always=["am"])
    told = [
        one
        for event in (too_many(10, 7), too_many(20, 14), too_many(30, 0, State.RESOLVED))
        for one in decides.alert(event, event.time)
    ]
    shown = [firing.take(Due(one, 0, i, 0.0), 0.0) for i, one in enumerate(told[:2])]
    numbers = [one.due.event.data.alert for one in firing.all.values()]
    shown.append(firing.take(Due(told[2], 0, 2, 0.0), 0.0))

    assert [firing.alert(one, None, at(30))["labels"] for one in shown] == [
        {"alertname": "gpu-hot", "asset": "partition-0", "severity": "warning"}
    ] * 3
    assert numbers == [too_many(20, 14).id]
    assert firing.all == {}


async def test_a_real_alertmanager_shows_what_fires_and_no_longer_what_is_over(program):
    action = alertmanager(
        f"http://{await program.address()}",
        external_labels={"site": "one"},
        generator_url="http://x/",
    )
    async with target(action) as made:
        awkward = {"a b": 'é"{}\n', "": "empty", "0": "digit", "gone": ""}
        outcomes = await asyncio.gather(
            *(made.prepare(due(n, "am", labels={"rack": "r1"}))() for n in range(20)),
            made.prepare(due(20, "am", labels=awkward))(),
        )
        assert {one.came for one in outcomes} == {Came.DONE}
        shown = await program.alerts()
        assert len(shown) == 21
        first = next(one for one in shown if one["labels"]["asset"] == "node-3/gpu0")
        assert first["labels"] == {
            "alertname": "gpu-hot",
            "asset": "node-3/gpu0",
            "rack": "r1",
            "severity": "critical",
            "site": "one",
        }
        assert first["annotations"]["summary"] == "node-3/gpu0 is hot"
        assert first["generatorURL"] == "http://x/"
        assert datetime.fromisoformat(first["startsAt"]) == START
        for n in range(19):
            assert (await made.prepare(resolve(n, labels={"rack": "r1"}))()).came is Came.DONE

        async def two_are_left():
            return len(await program.alerts()) == 2

        await until("two alerts are left", two_are_left)


async def test_told_again_it_fires_on_and_untold_it_is_over(program):
    action = alertmanager(f"http://{await program.address()}", resend_s=0.5)
    async with target(action) as made:
        await made.prepare(due(1, "am"))()
        (first,) = await program.alerts()

        end = datetime.fromisoformat(first["endsAt"]) + timedelta(seconds=2)

        async def lives_on():
            return any(
                datetime.fromisoformat(one["endsAt"]) > end for one in await program.alerts()
            )

        await until("it was told again beyond its first end", lives_on, every_s=0.02)

    async def over():
        return not await program.alerts()

    await until("nobody tells it any more", over)


async def test_one_instance_that_answers_is_enough_and_one_that_hangs_holds_nothing_up():
    good, hung, gone = Endpoint(), Endpoint(), "http://127.0.0.1:1"
    hung.stop_after(0, hangs=True)
    async with listening(good) as first, listening(hung) as second:
        action = alertmanager(second, gone, first, timeout_s=60, at_once=1)
        async with target(action) as made:
            outcomes = [await made.prepare(due(n, "am"))() for n in range(3)]

    assert {one.came for one in outcomes} == {Came.DONE}
    assert [len(json.loads(body)) for body in good.bodies] == [1, 1, 1]


async def test_an_alert_that_is_refused_does_not_take_those_of_its_batch_with_it():
    endpoint = Endpoint()

    async def picky(_):
        return 400 if b"node-2/" in endpoint.bodies[-1] else 200

    endpoint.answers = {"/api/v2/alerts": picky}
    async with listening(endpoint) as base, target(alertmanager(base, linger_s=0.02)) as made:
        tries = (made.prepare(due(n, "am"))() for n in range(4))
        came = [one.came for one in await asyncio.gather(*tries)]

    assert came == [Came.DONE, Came.DONE, Came.REFUSED, Came.DONE]


async def test_a_token_that_an_alertmanager_says_again_is_hidden(tmp_path):
    endpoint, file = Endpoint(), tmp_path / "token"
    file.write_text("hush-hush\n")

    async def echo(request):
        return web.Response(status=401, text=f"not {request.headers['Authorization']}")

    endpoint.answers = {"/api/v2/alerts": echo}
    async with listening(endpoint) as base:
        action = alertmanager(base, bearer_token={"file": file})
        async with target(action) as made:
            outcome = await made.prepare(due(1, "am"))()

    assert (outcome.came, outcome.answer) == (Came.REFUSED, "401 not Bearer ***")


async def test_a_token_that_no_header_can_hold_is_told_and_ends_nothing(tmp_path):
    endpoint, file = Endpoint(), tmp_path / "token"
    file.write_text("bro\nken")
    async with listening(endpoint) as base:
        action = alertmanager(base, bearer_token={"file": file})
        async with target(action) as made:
            refused = await made.prepare(due(1, "am"))()
            file.write_text("whole")
            done = await made.prepare(due(2, "am"))()

    assert (refused.came, done.came) == (Came.REFUSED, Came.DONE)
    assert "bearer token" in refused.answer


@pytest.mark.kafka
async def test_started_anew_it_goes_on_telling_what_fires(settings):
    endpoint = Endpoint()
    async with listening(endpoint) as base:
        action = alertmanager(base, resend_s=600.0)
        own = settings.model_copy(update={"actions": (action,)})
        await topics.create(own)
        await ask(own, [asked(n, "am") for n in range(4)])
        await ask(own, [asked(n, "am", resolves=True) for n in range(3)])
        for _ in range(2):
            executor = Executor(own)
            running = asyncio.create_task(executor.run())

            async def all_told():
                told = await ends(own)
                said = b"".join(endpoint.bodies)
                return len(told) == 7 and b"node-3/" in said

            await until("all is told", all_told)
            executor.stopping.set()
            await running
            assert {event.data.stage for event in await ends(own)} == {Stage.DONE}
            last, endpoint.bodies[:] = list(endpoint.bodies), []

    assert [alert["labels"]["asset"] for body in last for alert in json.loads(body)] == [
        "node-3/gpu0"
    ]
