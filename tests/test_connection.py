"""Reaching Kafka, and saying why it cannot be reached."""

import asyncio
import logging
import socket
import time
from contextlib import closing
from pathlib import Path

import faust
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from schemas.settings import Kafka, Security
from streams import topics
from streams.broker import Broker
from streams.broker_files import free_port
from streams.connection import client_options, faust_options, reach
from streams.errors import (
    AllToBitError,
    BrokerUnreachable,
    ConfigError,
    NoRights,
    TlsRefused,
    WrongCredentials,
)


def but(kafka: Kafka, **changes: object) -> Kafka:
    return kafka.model_copy(update={"patience_s": 0.3, **changes})


@given(words=st.text())
def test_every_error_is_one_line_with_a_code_that_is_not_success(words):
    for kind in [AllToBitError, *AllToBitError.__subclasses__()]:
        assert len(str(kind("kafka.bootstrap", words, words, words)).splitlines()) == 1
        assert kind.exit_code > 0


@pytest.mark.parametrize("bootstrap", ["a:port", ":9092", "a:1,,b:2", "a:70000"])
def test_an_address_that_is_not_host_and_port_is_a_config_error(bootstrap):
    with pytest.raises(ConfigError, match=r"kafka\.bootstrap='"):
        client_options(Kafka(bootstrap=bootstrap))


def test_several_addresses_reach_both_clients():
    kafka = Kafka(bootstrap="a:1, b:2")

    assert client_options(kafka)["bootstrap_servers"] == ["a:1", "b:2"]
    assert faust_options(kafka) == {"broker": "kafka://a:1;kafka://b:2"}


def test_a_password_file_is_read_without_its_line_end(tmp_path):
    file = tmp_path / "password"
    file.write_text(" secret \n")
    kafka = Kafka(security=Security.SASL_PLAINTEXT, username="u", password_file=file)

    assert client_options(kafka)["sasl_plain_password"] == " secret "  # noqa: S105 - the example


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("kafka.password_file", {"password_file": Path("/nowhere/password")}),
        ("kafka.password", {}),
        ("kafka.username", {"username": ""}),
        ("kafka.ca_file", {"security": Security.SSL, "ca_file": Path("/nowhere/ca")}),
        ("kafka.cert_file, kafka.key_file", {"security": Security.SSL, "cert_file": Path("/no")}),
    ],
)
def test_what_is_missing_for_a_secured_broker_is_named(field, changes):
    kafka = Kafka(security=Security.SASL_PLAINTEXT, username="u").model_copy(update=changes)

    with pytest.raises(ConfigError) as caught:
        client_options(kafka)

    assert caught.value.field == field


@pytest.mark.parametrize("security", Security)
def test_faust_is_told_the_same_protocol_user_and_password(security):
    kafka = Kafka(security=security, username="u", password=SecretStr("p"))
    options = faust_options(kafka)
    credentials = faust.App("x", store="memory://", **options).conf.broker_credentials

    assert (credentials is None) == (security is Security.PLAINTEXT)
    if credentials is not None:
        assert credentials.protocol.value == security.value
    if isinstance(credentials, faust.SASLCredentials):
        assert (credentials.username, credentials.password) == ("u", "p")
        assert credentials.mechanism.value == kafka.sasl_mechanism


async def test_a_broker_that_is_away_is_named_in_one_line_and_nothing_is_logged(caplog):
    caplog.set_level(logging.WARNING)
    bootstrap = f"127.0.0.1:{free_port()}"
    begun = time.monotonic()

    with pytest.raises(BrokerUnreachable) as caught:
        await reach(Kafka(bootstrap=bootstrap, patience_s=0.3))

    assert f"kafka.bootstrap='{bootstrap}'" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 69
    assert 0.3 <= time.monotonic() - begun < 5
    assert not caplog.records


async def test_a_listener_that_is_no_kafka_is_unreachable():
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        bootstrap = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(BrokerUnreachable, match="timed out"):
            await reach(Kafka(bootstrap=bootstrap, patience_s=0.1))


@pytest.mark.kafka
async def test_a_broker_that_comes_up_during_the_patience_is_reached(tmp_path):
    broker = Broker(tmp_path, free_port(), fast_start=True)
    waiting = asyncio.create_task(reach(broker.kafka))
    await asyncio.sleep(0)

    async with broker:
        await asyncio.wait_for(waiting, 30)


@pytest.mark.kafka
async def test_one_of_two_addresses_is_enough(kafka):
    await reach(Kafka(bootstrap=f"127.0.0.1:{free_port()},{kafka.bootstrap}", patience_s=5))


@pytest.mark.kafka
async def test_a_user_asking_a_broker_without_users_is_told_about_the_mechanism(kafka):
    secured = but(
        kafka.kafka, security=Security.SASL_PLAINTEXT, username="u", password=SecretStr("p")
    )

    with pytest.raises(WrongCredentials, match="SASL_PLAINTEXT"):
        await reach(secured)


@pytest.mark.kafka
@pytest.mark.parametrize(
    "changes", [{"password": SecretStr("wrong")}, {"username": "nobody"}], ids=str
)
async def test_a_wrong_password_or_user_is_refused_at_once_and_nothing_is_logged(
    secure_kafka, changes, caplog
):
    caplog.set_level(logging.WARNING)
    begun = time.monotonic()

    with pytest.raises(WrongCredentials, match=r"kafka\.username=") as caught:
        await reach(secure_kafka.kafka.model_copy(update=changes))

    assert caught.value.exit_code == 77
    assert "wrong" not in str(caught.value)
    assert time.monotonic() - begun < secure_kafka.kafka.patience_s / 2
    assert not caplog.records


@pytest.mark.kafka
async def test_a_mechanism_that_is_not_offered_is_named(secure_kafka):
    with pytest.raises(WrongCredentials, match=r"kafka\.sasl_mechanism='PLAIN'"):
        await reach(but(secure_kafka.kafka, sasl_mechanism="PLAIN"))


@pytest.mark.kafka
async def test_a_certificate_of_another_authority_is_a_tls_error(secure_kafka):
    with pytest.raises(TlsRefused, match="certificate verify failed"):
        await reach(but(secure_kafka.kafka, ca_file=None))


@pytest.mark.kafka
async def test_tls_asked_of_a_plain_broker_is_not_taken_for_wrong_credentials(kafka):
    with pytest.raises((TlsRefused, BrokerUnreachable), match=r"kafka\.bootstrap="):
        await reach(but(kafka.kafka, security=Security.SSL))


@pytest.mark.kafka
async def test_a_plain_client_at_a_tls_port_is_told_about_the_setting(secure_kafka):
    with pytest.raises(BrokerUnreachable, match=r"kafka\.security=PLAINTEXT"):
        await reach(but(secure_kafka.kafka, security=Security.PLAINTEXT))


@pytest.mark.kafka
async def test_messages_pass_through_tls_and_scram(secure_kafka, fresh):
    settings = fresh(secure_kafka.kafka)
    await topics.create(settings)
    options, topic = client_options(settings.kafka), settings.topics.readings

    async with AIOKafkaProducer(**options) as producer:
        await producer.send_and_wait(topic, b"told in secret")
    async with AIOKafkaConsumer(topic, auto_offset_reset="earliest", **options) as consumer:
        message = await asyncio.wait_for(consumer.getone(), 20)

    assert message.value == b"told in secret"


@pytest.mark.kafka
async def test_a_user_without_rights_is_told_so_when_making_topics(secure_kafka, fresh):
    stranger = but(secure_kafka.kafka, username="stranger", password=SecretStr("no-rights"))

    with pytest.raises(NoRights) as caught:
        await topics.create(fresh(stranger))

    assert caught.value.exit_code == 77
