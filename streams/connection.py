"""From `settings.kafka` to a connection: options of the clients, and whether Kafka can be reached.

aiokafka logs a refused password and then raises the same error as for a broker that is away. So
`reach` opens the first connection itself, where the two can still be told apart.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka import errors as kafka_errors
from aiokafka.conn import AIOKafkaConnection, collect_hosts

from schemas.settings import Kafka, Security
from streams.errors import BrokerUnreachable, ConfigError, TlsRefused, WrongCredentials
from streams.metadata import Metadata

_TLS = frozenset({Security.SSL, Security.SASL_SSL})
_SASL = frozenset({Security.SASL_PLAINTEXT, Security.SASL_SSL})
_REFUSED = (
    kafka_errors.SaslAuthenticationFailed,
    kafka_errors.UnsupportedSaslMechanismError,
    kafka_errors.IllegalSaslStateError,
)
_HUNG_UP = (ssl.SSLEOFError, ssl.SSLZeroReturnError)  # a broker that is going down, not a refusal
_AWAY = (OSError, EOFError, TimeoutError, kafka_errors.KafkaError)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 2.0
_ANSWER_S = 10.0  # one connection's time to answer

Address = tuple[str, int]


def client_options(kafka: Kafka) -> dict[str, Any]:
    """Give the arguments every aiokafka client takes. Raises `ConfigError`."""
    return {
        "bootstrap_servers": [f"{host}:{port}" for host, port in _addresses(kafka)],
        **_access(kafka),
    }


def mistakes(kafka: Kafka) -> Iterator[ConfigError]:
    """Say what no connection can be made with, without making one."""
    looks: list[Callable[[Kafka], object]] = [_addresses]
    looks += [_ssl_context] if kafka.security in _TLS else []
    looks += [_username, _password] if kafka.security in _SASL else []
    for look in looks:
        try:
            look(kafka)
        except ConfigError as error:
            yield error
    yield from _of_no_use(kafka)


def _of_no_use(kafka: Kafka) -> Iterator[ConfigError]:
    """Name what is given and would not be used: whoever gave it expects a safer connection."""
    users = ("username", "password_file"), _SASL
    files = ("ca_file", "cert_file", "key_file"), _TLS
    for names, use in (users, files):
        for name in names if kafka.security not in use else ():
            value = getattr(kafka, name)
            if value:
                trouble = f"of no use with kafka.security={kafka.security}"
                mend = f"give {' or '.join(sorted(use))}, or leave it out"
                yield ConfigError(f"kafka.{name}", value, trouble, mend)


@asynccontextmanager
async def reader(kafka: Kafka, **options: Any) -> AsyncIterator[AIOKafkaConsumer]:  # noqa: ANN401
    """Lend a consumer of no group, without partitions. `options`: more of aiokafka's."""
    consumer = AIOKafkaConsumer(enable_auto_commit=False, **options, **client_options(kafka))
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


def faust_options(kafka: Kafka) -> dict[str, Any]:
    """Give `faust.App` its `broker` and `broker_credentials`. Raises `ConfigError`."""
    servers = (f"kafka://{host}:{port}" for host, port in _addresses(kafka))
    return {"broker": ";".join(servers), **_faust_access(kafka)}


def _faust_access(kafka: Kafka) -> dict[str, Any]:
    import faust  # noqa: PLC0415 - heavy, and ingest does without it

    access = _access(kafka)
    if kafka.security in _SASL:
        return {
            "broker_credentials": faust.SASLCredentials(
                username=access["sasl_plain_username"],
                password=access["sasl_plain_password"],
                mechanism=access["sasl_mechanism"],
                ssl_context=access.get("ssl_context"),
            )
        }
    if kafka.security in _TLS:
        return {"broker_credentials": faust.SSLCredentials(access["ssl_context"])}
    return {}


def _access(kafka: Kafka) -> dict[str, Any]:
    access: dict[str, Any] = {"security_protocol": kafka.security.value}
    if kafka.security in _TLS:
        access["ssl_context"] = _ssl_context(kafka)
    if kafka.security in _SASL:
        access["sasl_mechanism"] = kafka.sasl_mechanism
        access["sasl_plain_username"] = _username(kafka)
        access["sasl_plain_password"] = _password(kafka)
    return access


def _addresses(kafka: Kafka) -> list[Address]:
    try:
        found = [(host, port) for host, port, _ in collect_hosts(kafka.bootstrap, randomize=False)]
    except ValueError:
        found = []
    if not found or not all(host and 0 < port < 65_536 for host, port in found):  # noqa: PLR2004 - ports are 16 bits
        raise ConfigError(
            "kafka.bootstrap", kafka.bootstrap, "not host:port", "several with commas"
        )
    return found


def _username(kafka: Kafka) -> str:
    if not kafka.username:
        raise ConfigError("kafka.username", "", f"{kafka.security} needs one", "name the user")
    return kafka.username


def _password(kafka: Kafka) -> str:
    given = kafka.password.get_secret_value()
    if given:
        return given
    if kafka.password_file is None:
        mend = "set ALLTOBIT_KAFKA__PASSWORD or kafka.password_file"
        raise ConfigError("kafka.password", "", f"{kafka.security} needs one", mend)
    try:
        return kafka.password_file.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable("kafka.password_file", kafka.password_file, error) from error


def _ssl_context(kafka: Kafka) -> ssl.SSLContext:
    """Check names and certificates always; the system's authorities unless `ca_file` is given."""
    try:
        context = ssl.create_default_context(cafile=kafka.ca_file)
    except OSError as error:
        raise _unreadable("kafka.ca_file", kafka.ca_file, error) from error
    if kafka.cert_file is not None:
        try:
            context.load_cert_chain(kafka.cert_file, kafka.key_file)
        except OSError as error:
            files = f"{kafka.cert_file}, {kafka.key_file}"
            raise _unreadable("kafka.cert_file, kafka.key_file", files, error) from error
    return context


def _unreadable(field: str, value: object, error: Exception) -> ConfigError:
    return ConfigError(field, value, f"cannot be read: {_why(error)}", "correct the path or file")


async def reach(kafka: Kafka) -> None:
    """Return once Kafka answers this user; retry for `kafka.patience_s` while it may be coming up.

    Raises at once what waiting does not mend: `ConfigError`, `WrongCredentials`, `TlsRefused`; and
    `BrokerUnreachable` when the patience is over. Logs nothing.
    """
    access, addresses = _access(kafka), _addresses(kafka)
    end, pause_s = time.monotonic() + kafka.patience_s, _FIRST_PAUSE_S
    while trouble := await _any_answers(kafka, access, addresses):
        left_s = end - time.monotonic()
        if left_s <= 0:
            raise _unreachable(kafka, trouble)
        await asyncio.sleep(min(pause_s, left_s))
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def _unreachable(kafka: Kafka, trouble: str) -> BrokerUnreachable:
    return BrokerUnreachable(
        "kafka.bootstrap",
        kafka.bootstrap,
        f"no answer within kafka.patience_s={kafka.patience_s:g} ({trouble})",
        f"start Kafka, or correct the address or kafka.security={kafka.security}",
    )


async def _any_answers(kafka: Kafka, access: dict[str, Any], addresses: list[Address]) -> str:
    """Return "" when Kafka can be worked with, else the last trouble."""
    trouble = ""
    for address in addresses:
        try:
            advertised = await _brokers(kafka, access, address)
        except _AWAY as error:
            trouble = f"{address[0]}:{address[1]}: {_why(error)}"
        else:
            return await _one_works(kafka, access, address, advertised)
    return trouble


async def _one_works(
    kafka: Kafka, access: dict[str, Any], asked: Address, advertised: list[Address]
) -> str:
    """Return "" when an advertised broker answers: clients leave the bootstrap address for it."""
    if asked in advertised:
        return ""
    trouble = f"{asked[0]}:{asked[1]} answers, but knows no broker yet"
    for address in advertised:
        try:
            await _brokers(kafka, access, address)
        except _AWAY as error:
            why = f"{address[0]}:{address[1]}, which cannot be reached: {_why(error)}"
            trouble = f"{asked[0]}:{asked[1]} answers, but its advertised.listeners say {why}"
        else:
            return ""
    return trouble


async def _brokers(kafka: Kafka, access: dict[str, Any], address: Address) -> list[Address]:
    """Ask one broker for all; raises refusals as ours and everything else as it came."""
    timeout_ms = int(1000 * min(_ANSWER_S, max(1.0, kafka.patience_s)))
    connection = AIOKafkaConnection(*address, request_timeout_ms=timeout_ms, **access)
    try:
        await connection.connect()
        answer = await connection.send(Metadata([]))
    except _REFUSED as error:
        raise _wrong_credentials(kafka, error) from error
    except NotImplementedError as error:
        raise ConfigError(
            "kafka.bootstrap", kafka.bootstrap, "too old", "use Kafka 3.1+"
        ) from error
    except _AWAY as error:
        cause = error.__cause__ or error
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, _HUNG_UP):
            raise _tls_refused(kafka, cause) from error
        raise
    finally:
        await _close(connection)
    return [(host, port) for _, host, port, *_ in answer.brokers]


async def _close(connection: AIOKafkaConnection) -> None:
    """Close and wait a moment for the other side, so that no half-closed socket is left."""
    closed = connection.close()
    if connection._protocol is not None:  # noqa: SLF001 - only what was open will ever be closed
        await asyncio.wait([closed], timeout=1.0)


def _wrong_credentials(kafka: Kafka, error: Exception) -> WrongCredentials:
    if isinstance(error, kafka_errors.SaslAuthenticationFailed):
        trouble, mend = "Kafka refuses this user or password", "correct either"
        return WrongCredentials("kafka.username", kafka.username, trouble, mend)
    trouble = f"not offered at {kafka.bootstrap} (kafka.security={kafka.security})"
    return WrongCredentials("kafka.sasl_mechanism", kafka.sasl_mechanism, trouble, "correct either")


def _tls_refused(kafka: Kafka, error: ssl.SSLError) -> TlsRefused:
    mend = "correct kafka.ca_file, kafka.cert_file, the host name, or kafka.security"
    return TlsRefused(
        "kafka.bootstrap", kafka.bootstrap, f"the TLS handshake failed: {_why(error)}", mend
    )


def _why(error: BaseException) -> str:
    """Say an error in a few words."""
    if isinstance(error, TimeoutError):
        return "timed out"
    cause = error.__cause__ or error
    if isinstance(cause, EOFError | ConnectionResetError):
        return "the connection was closed by the other side"
    return getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
