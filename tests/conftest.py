"""Fixtures for everybody: a real Kafka a session, started when the first test asks for it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from schemas.settings import (
    Act,
    Cascade,
    Detect,
    Ingest,
    Kafka,
    RawTopic,
    Settings,
    Topics,
    Trigger,
)
from streams.broker import Broker
from streams.broker_files import Secure


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Lend a running broker to all tests: use topics of your own (`settings`), do not stop it."""
    with Broker(tmp_path_factory.mktemp("kafka"), fast_start=True) as broker:
        yield broker


@pytest.fixture(scope="session")
def secure_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Lend a broker with TLS and SCRAM-SHA-512: `alltobit` may do all, `stranger` nothing."""
    folder = tmp_path_factory.mktemp("secure")
    with Broker(folder, fast_start=True, secure=secured(folder)) as broker:
        yield broker


def secured(folder: Path) -> Secure:
    """Make an authority and a certificate for 127.0.0.1."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    key = load_pem_private_key(certificate.private_key_pem.bytes(), password=None)
    pkcs8 = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain = b"".join(pem.bytes() for pem in certificate.cert_chain_pems)
    (folder / "broker.pem").write_bytes(pkcs8 + chain)
    users = {"alltobit": "right-password", "stranger": "no-rights"}
    return Secure(users, folder / "broker.pem", folder / "ca.pem")


@pytest.fixture
def fresh() -> Callable[[Kafka], Settings]:
    """Make settings for a broker, with names of topics and groups that no other test has."""
    return fresh_settings


@pytest.fixture
def settings(kafka: Broker) -> Settings:
    """Give settings for the session's broker, own names. The topics are not made."""
    return fresh_settings(kafka.kafka)


def fresh_settings(kafka: Kafka) -> Settings:
    own = uuid4().hex[:8]
    names = (
        *("inventory", "readings", "bits", "anomalies", "incidents", "alerts", "rejects", "memory"),
        *("actions", "decisions", "reports", "proposals"),
    )
    return Settings(
        kafka=kafka,
        topics=Topics(**{name: f"{own}.{name}" for name in names}, partitions=2),
        raw=(RawTopic(name=f"{own}.facility", partitions=2), RawTopic(name=f"{own}.gpu")),
        ingest=Ingest(group=f"{own}-ingest"),
        detect=Detect(group=f"{own}-worker"),
        cascade=Cascade(group=f"{own}-cascade"),
        trigger=Trigger(group=f"{own}-trigger"),
        act=Act(group=f"{own}-act"),
    )
