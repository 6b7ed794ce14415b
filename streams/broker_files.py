"""What the embedded broker is told: its ports, `server.properties`, and users where secured."""

import errno
import random
import socket
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from schemas.settings import Kafka, Security
from streams.errors import ConfigError, PortInUse

HOST = "127.0.0.1"
_PORTS = range(20_000, 32_000)
"""Below the range systems lend to outgoing connections: a client that keeps trying the port of a
dead broker could be lent that very port, connect to itself, and hold it."""

_COMMON = """\
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
auto.create.topics.enable=false
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
"""


@dataclass(frozen=True)
class Secure:
    """TLS and SCRAM-SHA-512. For tests: formatting shows the passwords to whoever lists processes.

    `users`: name -> password; the first may do everything, the others nothing.
    `keystore`: PEM of the key (PKCS#8) and its certificate, which must name 127.0.0.1.
    `truststore`: PEM of the authority.
    """

    users: dict[str, str]
    keystore: Path
    truststore: Path

    def client(self, bootstrap: str) -> Kafka:
        """Give the settings of the first user."""
        name, password = next(iter(self.users.items()))
        return Kafka(
            bootstrap=bootstrap,
            security=Security.SASL_SSL,
            username=name,
            password=SecretStr(password),
            ca_file=self.truststore,
        )

    def scram(self) -> list[str]:
        """Give the users as StorageTool wants them."""
        return [f"SCRAM-SHA-512=[name={name},password={word}]" for name, word in self.users.items()]

    def properties(self) -> str:
        """Give the lines that secure a broker."""
        name, password = next(iter(self.users.items()))
        login = "org.apache.kafka.common.security.scram.ScramLoginModule required"
        return f"""\
inter.broker.listener.name=SASL_SSL
listener.security.protocol.map=CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={login} \
username="{name}" password="{password}";
ssl.keystore.type=PEM
ssl.keystore.location={self.keystore}
ssl.truststore.type=PEM
ssl.truststore.location={self.truststore}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:{name};User:ANONYMOUS
"""


def properties(folder: Path, ports: tuple[int, int], secure: Secure | None) -> str:
    """Write `server.properties`. `ports`: for clients, for the controller."""
    port, controller = ports
    name = "PLAINTEXT" if secure is None else "SASL_SSL"
    return f"""\
{_COMMON}\
controller.quorum.voters=1@{HOST}:{controller}
listeners={name}://{HOST}:{port},CONTROLLER://{HOST}:{controller}
advertised.listeners={name}://{HOST}:{port}
log.dirs={folder.resolve() / "log"}
{"" if secure is None else secure.properties()}"""


def remembered_port(folder: Path) -> int:
    """Give the port of the folder's last start; 0 before the first."""
    file = folder / "server.properties"
    lines = file.read_text().splitlines() if file.exists() else []
    told = dict(line.split("=", 1) for line in lines if "=" in line)
    return int(told.get("advertised.listeners", ":0").rsplit(":", 1)[1])


def take_port(port: int) -> int:
    """Give `port` back if it can be listened on, a free one for 0. Raises `PortInUse`."""
    if port == 0:
        return free_port()
    if not _free(port):
        raise PortInUse("port", port, "something listens there", "stop it or name another port")
    return port


def free_port() -> int:
    """Choose a port that nobody listens on."""
    shuffled = random.SystemRandom().sample(_PORTS, len(_PORTS))
    return next(port for port in shuffled if _free(port))


def _free(port: int) -> bool:
    """Say whether it can be listened on. Raises `ConfigError` where this user never may."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Kafka does
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise ConfigError("port", port, str(error.strerror), "name another port") from error
    return True
