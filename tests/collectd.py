"""Debian's collectd with its Kafka writer: the installed one, or one unpacked into a cache folder.

Nothing is installed and no rights are needed: `apt-get download` and `dpkg -x`.
`python tests/collectd.py` fetches it beforehand and prints where it is.
"""

import fcntl
import os
import socket
import subprocess
import sys
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import NamedTuple, Self

PACKAGES = ("collectd-core", "librdkafka1", "libyajl2")
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "alltobit" / "collectd"
HOST = socket.gethostname()
_MEND = "install collectd with its write_kafka plugin, or run where Debian's archive is reached"


class NoCollectd(RuntimeError):  # noqa: N818 - it says what is so
    """It is not here and cannot be fetched."""


class Program(NamedTuple):
    """A collectd under a root folder; `/` when it is installed."""

    root: Path

    @property
    def plugins(self) -> Path:
        """Its plugin folder."""
        return self.root / "usr/lib/collectd"

    @property
    def environment(self) -> dict[str, str]:
        """The environment under which it finds its libraries."""
        libraries = {str(file.parent) for file in self.root.glob("usr/lib/*/librdkafka.so.1")}
        return os.environ | {"LD_LIBRARY_PATH": ":".join(libraries)}

    def whole(self) -> bool:
        """Say whether the program, its Kafka writer, and the libraries of that are all there."""
        needs = ("sbin/collectd", "lib/collectd/write_kafka.so", "share/collectd/types.db")
        libraries = ("lib/*/librdkafka.so.1", "lib/*/libyajl.so.2")
        return all(any((self.root / "usr").glob(name)) for name in needs + libraries)


def collectd() -> Program:
    """Find it, fetching it the first time. Raises `NoCollectd`."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two first runs must not unpack at once
        found = next(
            (one for one in map(Program, (Path("/"), CACHE / "root")) if one.whole()), None
        )
        return found or _fetched()


def _fetched() -> Program:
    """Fetch by this machine's package lists; where they are old or lacking, by lists of our own."""
    with TemporaryDirectory(dir=CACHE) as own:
        work = Path(own)
        try:
            _unpack(work)
        except (OSError, subprocess.CalledProcessError) as error:
            said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()[-1]
            raise NoCollectd(f"collectd: cannot be fetched: {said}; {_MEND}") from error
        rmtree(CACHE / "root", ignore_errors=True)
        (work / "root").rename(CACHE / "root")
    if not Program(CACHE / "root").whole():
        raise NoCollectd(f"collectd: {', '.join(PACKAGES)} lack a part of it; {_MEND}")
    return Program(CACHE / "root")


def _unpack(work: Path) -> None:
    try:
        _run(work, "apt-get", "download", *PACKAGES)
    except subprocess.CalledProcessError:
        _run(work, "apt-get", *_own_lists(work), "update")
        _run(work, "apt-get", *_own_lists(work), "download", *PACKAGES)
    for package in work.glob("*.deb"):
        _run(work, "dpkg", "-x", str(package), str(work / "root"))


def _own_lists(work: Path) -> list[str]:
    (work / "lists/partial").mkdir(parents=True, exist_ok=True)
    where = {"Dir::State::Lists": work / "lists", "Dir::Cache": work, "APT::Sandbox::User": ""}
    return [word for name, value in where.items() for word in ("-o", f"{name}={value}")]


def _run(work: Path, *command: str) -> None:
    subprocess.run(command, cwd=work, check=True, capture_output=True, text=True)  # noqa: S603 - fixed words


class Collectd:
    """A collectd that measures this machine into a topic, from `with` to its end."""

    def __init__(self, folder: Path, bootstrap: str, topic: str, interval_s: float) -> None:
        self.folder, self.program = folder, collectd()
        folder.mkdir(parents=True, exist_ok=True)
        self.configuration = folder / "collectd.conf"
        self.configuration.write_text(
            f'BaseDir "{folder}"\nPIDFile "{folder}/pid"\nPluginDir "{self.program.plugins}"\n'
            f'TypesDB "{self.program.root}/usr/share/collectd/types.db"\n'
            f'Hostname "{HOST}"\nFQDNLookup false\nInterval {interval_s}\n'
            + WHAT
            + WHERE.format(bootstrap=bootstrap, topic=topic, host=HOST)
        )

    def __enter__(self) -> Self:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                [self.program.root / "usr/sbin/collectd", "-f", "-C", self.configuration],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.program.environment,
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


WHAT = """
LoadPlugin logfile
<Plugin logfile>
  File stderr
</Plugin>
LoadPlugin cpu
<Plugin cpu>
  ReportByCpu false
  ReportByState false
  ValuesPercentage true
</Plugin>
LoadPlugin load
LoadPlugin memory
LoadPlugin processes
LoadPlugin interface
<Plugin interface>
  Interface "lo"
</Plugin>
"""

WHERE = """
LoadPlugin write_kafka
<Plugin write_kafka>
  Property "metadata.broker.list" "{bootstrap}"
  <Topic "{topic}">
    Format JSON
    Key "{host}"
  </Topic>
</Plugin>
"""

if __name__ == "__main__":
    try:
        sys.stdout.write(f"{collectd().root}\n")
    except NoCollectd as error:
        sys.exit(str(error))
