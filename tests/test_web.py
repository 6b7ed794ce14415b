"""What a supervisor and Prometheus get to hear."""

import asyncio
import socket

import pytest
from aiohttp import ClientConnectorError, ClientSession
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from schemas.settings import Http
from streams.errors import ConfigError, PortInUse
from streams.web import Health, serve


@pytest.fixture
def http():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return Http(port=free.getsockname()[1])


async def asked(http, path, method="GET", **headers):
    async with (
        ClientSession(f"http://{http.host}:{http.port}") as session,
        session.request(method, path, headers=headers) as answer,
    ):
        return answer.status, await answer.text(), answer.content_type


@given(alive=st.booleans(), ready=st.booleans(), why=st.text(max_size=30))
def test_health_is_200_or_503_and_one_line_with_the_reason(alive, ready, why):
    async def both():
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            http = Http(port=free.getsockname()[1])
        async with ClientSession() as session, serve(http, Health(alive, ready, why)):
            for path, word, holds in (("healthz", "alive", alive), ("readyz", "ready", ready)):
                async with session.get(f"http://127.0.0.1:{http.port}/{path}") as answer:
                    assert answer.status == (200 if alive and holds else 503)
                    assert (await answer.text()).count("\n") == 1
                    assert await answer.json() == {word: alive and holds, "why": why}

    asyncio.run(both())


async def test_a_new_process_is_alive_and_not_ready(http):
    async with serve(http, Health()):
        alive, ready = await asked(http, "/healthz"), await asked(http, "/readyz")

    assert (alive[0], ready[0]) == (200, 503)
    assert ready[1] == '{"ready": false, "why": "starting"}\n'


async def test_the_answer_follows_the_loops(http):
    health = Health()
    async with serve(http, health):
        health.ready, health.why = True, "4 partitions"
        assert (await asked(http, "/readyz"))[0] == 200
        health.alive, health.why = False, "nothing moved for 60 s"
        assert (await asked(http, "/readyz"))[0] == 503
        assert await asked(http, "/healthz") == (
            503,
            '{"alive": false, "why": "nothing moved for 60 s"}\n',
            "application/json",
        )


async def test_prometheus_gets_the_registry_in_the_form_it_asks_for(http):
    registry = CollectorRegistry()
    Counter("alltobit_seen_total", "Seen.", registry=registry).inc(3)
    async with serve(http, Health(), registry):
        plain = await asked(http, "/metrics")
        asked_for = {"Accept": "application/openmetrics-text; version=1.0.0"}
        openmetrics = await asked(http, "/metrics", **asked_for)

    assert "alltobit_seen_total 3.0\n" in plain[1]
    assert plain[2] == "text/plain"
    assert openmetrics[2] == "application/openmetrics-text"
    (seen,) = text_string_to_metric_families(openmetrics[1])
    assert seen.name == "alltobit_seen"


async def test_nobody_can_change_anything(http):
    async with serve(http, Health()):
        assert (await asked(http, "/healthz", "POST"))[0] == 405
        assert (await asked(http, "/"))[0] == 404


async def test_port_0_is_not_served_and_the_port_is_free_afterwards(http):
    async with serve(Http(port=0), Health()):
        pass
    for _ in range(2):
        async with serve(http, Health()):
            assert (await asked(http, "/healthz"))[0] == 200
    with pytest.raises(ClientConnectorError):
        await asked(http, "/healthz")


async def test_a_port_that_somebody_has_is_named(http):
    async with serve(http, Health()):
        with pytest.raises(PortInUse, match=rf"^http\.port='{http.port}': in use on 127\.0\.0\.1"):
            async with serve(http, Health()):
                pass


async def test_an_address_of_another_machine_is_a_mistake_in_the_settings():
    elsewhere = Http(host="192.0.2.1", port=9100)  # TEST-NET-1, nobody's
    with pytest.raises(ConfigError, match=r"^http\.host='192\.0\.2\.1': cannot listen there"):
        async with serve(elsewhere, Health()):
            pass


async def test_an_error_inside_is_not_swallowed_and_the_port_is_closed(http):
    with pytest.raises(ZeroDivisionError):
        async with serve(http, Health()):
            raise ZeroDivisionError
    with pytest.raises(ClientConnectorError):
        await asked(http, "/healthz")
