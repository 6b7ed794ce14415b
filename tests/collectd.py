"""Debian's collectd with its Kafka writer, fetched as `debian` does.

`python tests/collectd.py` fetches it beforehand and prints where it is.
"""

import os
import socket
import sys
from pathlib import Path
from typing import NamedTuple

from debian import NotHere, Running, Wanted

HOST = socket.gethostname()
COLLECTD = Wanted(
    "collectd",
    ("collectd-core", "librdkafka1", "libyajl2"),
    (
        *("sbin/collectd", "lib/collectd/write_kafka.so", "share/collectd/types.db"),
        *("lib/*/librdkafka.so.1", "lib/*/libyajl.so.2"),
    ),
)
NoCollectd = NotHere


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


def collectd() -> Program:
    """Find it, fetching it the first time. Raises `NoCollectd`."""
    return Program(COLLECTD.root())


class Collectd(Running):
    """A collectd that measures this machine into a topic."""

    def __init__(self, folder: Path, bootstrap: str, topic: str, interval_s: float) -> None:
        program, configuration = collectd(), folder / "collectd.conf"
        command = [program.root / "usr/sbin/collectd", "-f", "-C", configuration]
        super().__init__(folder, command, program.environment)
        configuration.write_text(
            f'BaseDir "{folder}"\nPIDFile "{folder}/pid"\nPluginDir "{program.plugins}"\n'
            f'TypesDB "{program.root}/usr/share/collectd/types.db"\n'
            f'Hostname "{HOST}"\nFQDNLookup false\nInterval {interval_s}\n'
            + WHAT
            + WHERE.format(bootstrap=bootstrap, topic=topic, host=HOST)
        )


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
