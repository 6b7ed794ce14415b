"""Webhooks, commands and topics as they meet the world."""

import ssl
import sys
from contextlib import asynccontextmanager

import pytest
import trustme
from acts import Endpoint, due, listening
from aiohttp import web
from aiokafka import AIOKafkaProducer

from models.act.attempt import Came
from models.act.render import Unfit
from schemas.trigger import Command, KafkaTopic, Webhook
from streams import topics
from streams.act.carry_out import carry_out
from streams.act.command import CommandTarget
from streams.act.http import connected
from streams.act.topic import TopicTarget
from streams.act.webhook import WebhookTarget
from streams.connection import client_options
from streams.house import read_all, until

LONG_AGO_S = 1e9


@asynccontextmanager
async def webhook(url, **more):
    given = {"mode": "live", "backoff_s": 0.001, "too_late_s": 3e7, **more}
    action = Webhook(name="page", kind="webhook", url=url, **given)
    async with connected(action.timeout_s, action.at_once, action.ca_file) as http:
        yield WebhookTarget(action, http)


def command(*argv, **more):
    return CommandTarget(Command(name="run", kind="command", argv=argv, mode="live", **more))


def python(code, *arguments, **more):
    return command(sys.executable, "-c", code, *arguments, **more)


async def test_an_endpoint_that_is_away_for_a_while_is_asked_until_it_answers():
    endpoint, left = Endpoint(), [500, 429, 408, 425, 200]

    async def next_one(_):
        return left.pop(0)

    endpoint.answers = {"/": next_one}
    async with listening(endpoint) as base, webhook(f"{base}/") as target:
        attempt = target.prepare(due())
        came = [(await attempt()).came for _ in range(5)]

    assert came == [Came.AGAIN] * 4 + [Came.DONE]
    assert set(endpoint.asked) == {f'"{due().key}"'}


async def test_a_wait_that_the_endpoint_asks_for_is_heard():
    endpoint = Endpoint()

    async def busy(_):
        return web.Response(status=429, headers={"Retry-After": "7"})

    endpoint.answers = {"/": busy}
    async with listening(endpoint) as base, webhook(f"{base}/") as target:
        outcome = await target.prepare(due())()

    assert (outcome.came, outcome.after_s) == (Came.AGAIN, 7.0)


async def test_a_redirection_is_not_followed_and_no_cookie_is_kept():
    endpoint = Endpoint()

    async def elsewhere(_):
        where = {"Location": "/other", "Set-Cookie": "a=b"}
        return web.Response(status=307, headers=where)

    endpoint.answers = {"/": elsewhere}
    async with listening(endpoint) as base, webhook(f"{base}/") as target:
        attempt = target.prepare(due())
        assert [(await attempt()).came for _ in range(2)] == [Came.REFUSED] * 2

    assert endpoint.calls == 2
    assert all("Cookie" not in headers for headers in endpoint.headers)


async def test_an_answer_without_end_is_read_to_its_beginning_only():
    endpoint, sent = Endpoint(), 0

    async def endless(request):
        nonlocal sent
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"x" * 65536)
            sent += 65536

    endpoint.answers = {"/": endless}
    async with listening(endpoint) as base, webhook(f"{base}/", timeout_s=30) as target:
        outcome = await target.prepare(due())()

    assert outcome.came is Came.DONE
    assert len(outcome.answer) < 5000


async def test_an_endpoint_that_hangs_ends_by_the_timeout():
    endpoint = Endpoint()
    endpoint.stop_after(0, hangs=True)
    async with listening(endpoint) as base, webhook(f"{base}/", timeout_s=0.05) as target:
        outcome = await target.prepare(due())()

    assert (outcome.came, outcome.answer) == (Came.AGAIN, "no answer in time")


async def test_nobody_listening_is_tried_again_and_told():
    async with webhook("http://127.0.0.1:1/", retries=2) as target:
        result = await carry_out(target, due()._replace(asked_s=LONG_AGO_S * 2))

    assert (result.attempts, result.why) == (3, "unreachable")


async def test_a_certificate_of_an_unknown_authority_is_refused_unless_it_is_named(tmp_path):
    authority, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    endpoint = Endpoint()
    async with listening(endpoint, context) as base:
        async with webhook(f"{base}/") as target:
            assert (await target.prepare(due())()).came is Came.AGAIN
        async with webhook(f"{base}/", ca_file=tmp_path / "ca.pem") as target:
            assert (await target.prepare(due())()).came is Came.DONE

    assert endpoint.calls == 1


async def test_an_endpoint_that_says_a_secret_again_does_not_bring_it_onto_the_topic(tmp_path):
    endpoint, file = Endpoint(), tmp_path / "token"
    file.write_text("hunter2")

    async def echo(request):
        return web.Response(status=401, text=f"not {request.headers['Authorization']}")

    endpoint.answers = {"/": echo}
    async with (
        listening(endpoint) as base,
        webhook(f"{base}/", bearer_token={"file": file}) as target,
    ):
        outcome = await target.prepare(due())()

    assert outcome == (Came.REFUSED, "401 not Bearer ***", 0.0)


async def test_a_token_that_is_renewed_in_its_file_is_sent_from_then_on(tmp_path):
    endpoint, file = Endpoint(), tmp_path / "token"
    file.write_text("first\n")
    async with (
        listening(endpoint) as base,
        webhook(f"{base}/", bearer_token={"file": file}) as target,
    ):
        attempt = target.prepare(due())
        await attempt()
        file.write_text("second\n")
        await attempt()
        file.unlink()
        assert (await attempt()).came is Came.AGAIN

    assert [headers["Authorization"] for headers in endpoint.headers] == [
        "Bearer first",
        "Bearer second",
    ]


async def test_a_command_is_given_its_arguments_its_key_and_nothing_else(monkeypatch):
    monkeypatch.setenv("HIDDEN_FROM_IT", "1")
    code = "import os, sys; print(sys.argv[1:], sorted(os.environ), sys.stdin.read())"
    target = python(code, "a={asset}", "{summary}", "$HOME `id` ;{{}}", env=("PATH",))
    outcome = await target.prepare(due(1, summary="it's hot; rm -rf /"))()

    assert outcome.came is Came.DONE
    assert "['a=node-1/gpu0', \"it's hot; rm -rf /\", '$HOME `id` ;{}']" in outcome.answer
    assert "'ALLTOBIT_ACTION'" in outcome.answer
    assert "'PATH'" in outcome.answer
    assert "HIDDEN_FROM_IT" not in outcome.answer


@pytest.mark.parametrize(
    ("code", "came"),
    [(0, Came.DONE), (1, Came.AGAIN), (75, Came.AGAIN), (64, Came.REFUSED), (77, Came.REFUSED)],
)
async def test_the_exit_code_says_what_came_of_it(code, came):
    outcome = await python(f"print('said'); raise SystemExit({code})").prepare(due())()

    assert outcome.came is came
    assert "said" in outcome.answer


async def test_a_command_that_hangs_ends_with_all_its_children(tmp_path):
    file = tmp_path / "pids"
    script = f"sleep 600 & echo $$ $! > {file}; wait"
    outcome = await command("/bin/sh", "-c", script, timeout_s=2).prepare(due())()
    pids = [int(line) for line in file.read_text().split()]

    async def gone():
        return not any(_runs(pid) for pid in pids)

    assert outcome.came is Came.AGAIN
    assert len(pids) == 2
    await until("parent and child are gone", gone, 10.0)


def _runs(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:  # noqa: PTH123 - no file to keep
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_a_command_that_says_much_is_not_stopped_by_it():
    outcome = await python("print('x' * 10_000_000)").prepare(due())()

    assert outcome.came is Came.DONE
    assert len(outcome.answer) == 4096


async def test_a_program_that_is_not_there_is_refused():
    outcome = await command("/no/such/program").prepare(due())()

    assert outcome.came is Came.REFUSED


async def test_a_command_is_not_run_where_a_value_would_be_an_option_or_does_not_match():
    with pytest.raises(Unfit):
        command("drain", "{asset}").prepare(due(1, asset="--all"))
    with pytest.raises(Unfit):
        command("drain", "{host}", only={"host": "node-[0-9]+"}).prepare(due(1, asset="node-[1-9]"))


@pytest.mark.kafka
async def test_a_topic_is_given_a_cloudevent_whose_id_is_the_key(settings):
    topic = settings.topics.alerts
    await topics.create(settings)
    action = KafkaTopic(name="tell", kind="kafka", topic=topic, key="{host}", mode="live")
    producer = AIOKafkaProducer(**client_options(settings.kafka))
    await producer.start()
    try:
        target = TopicTarget(action, producer)
        outcomes = [await target.prepare(due(1))() for _ in range(2)]
        nowhere = action.model_copy(update={"topic": "not-made", "timeout_s": 0.1})
        assert (await TopicTarget(nowhere, producer).prepare(due(1))()).came is Came.AGAIN
    finally:
        await producer.stop()
    records = (await read_all(settings, [topic]))[topic]

    assert {one.came for one in outcomes} == {Came.DONE}
    assert [one.key for one in records] == [b"node-1", b"node-1"]
    assert all(f'"id":"{due(1).key}"'.encode() in one.value for one in records)
