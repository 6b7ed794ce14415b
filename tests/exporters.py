"""Debian's node_exporter and Prometheus, as they are, on free ports of this machine.

`python tests/exporters.py` fetches them beforehand and prints where they are.
"""

import re
import sys
from pathlib import Path

import aiohttp
from debian import NotHere, Running, Wanted

from streams.house import MemberEnded, until

NODE_EXPORTER = Wanted(
    "node-exporter", ("prometheus-node-exporter",), ("bin/prometheus-node-exporter",)
)
PROMETHEUS = Wanted("prometheus", ("prometheus",), ("bin/prometheus",))
_LAST = 500  # characters of a log
_ANY_PORT = "--web.listen-address=127.0.0.1:0"
_LISTENS = re.compile(r'msg="Listening on".* address=(127\.0\.0\.1:[1-9][0-9]*)')


class Server(Running):
    """A program that listens on a free port, and says in its log which it is."""

    async def address(self) -> str:
        """Return host:port, once it listens."""

        async def listens() -> bool:
            if self.process.poll() is not None:
                raise MemberEnded(f"{self.command[0]} ended: {self.log[-_LAST:]}")
            return _LISTENS.search(self.log) is not None

        await until(f"{self.command[0]} listens", listens, every_s=0.02)
        return _LISTENS.findall(self.log)[-1]


class NodeExporter(Server):
    """A node_exporter of this machine. `sysfs`: where it finds `class/infiniband` and the like."""

    def __init__(self, folder: Path, sysfs: Path = Path("/sys")) -> None:
        program = NODE_EXPORTER.root() / "usr/bin/prometheus-node-exporter"
        super().__init__(folder, [program, _ANY_PORT, f"--path.sysfs={sysfs}"])

    async def scrape(self) -> tuple[bytes, bytes]:
        """Return its text as anybody is given it, and the text's content type."""
        url = f"http://{await self.address()}/metrics"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return await answer.read(), answer.headers["Content-Type"].encode()


class Prometheus(Server):
    """A Prometheus that scrapes `target` as `instance`, and remote-writes to `url`."""

    def __init__(self, folder: Path, target: str, instance: str, url: str) -> None:
        program, file = PROMETHEUS.root() / "usr/bin/prometheus", folder / "prometheus.yml"
        where = [f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}"]
        super().__init__(folder, [program, _ANY_PORT, *where])
        file.write_text(_WHAT.format(target=target, instance=instance, url=url))

    async def stored(self, what: str) -> list[tuple[dict[str, str], list[tuple[float, str]]]]:
        """Return the samples that it has stored: labels, then times in s and values as text."""
        url, query = f"http://{await self.address()}/api/v1/query", {"query": f"{what}[1h]"}
        async with aiohttp.ClientSession() as session, session.get(url, params=query) as answer:
            found = (await answer.json())["data"]["result"]
        return [(one["metric"], one["values"]) for one in found]


_WHAT = """
global: {{scrape_interval: 500ms, scrape_timeout: 500ms}}
scrape_configs:
  - job_name: node
    static_configs: [{{targets: ["{target}"], labels: {{instance: "{instance}"}}}}]
remote_write:
  - url: {url}
    queue_config: {{batch_send_deadline: 200ms}}
    metadata_config: {{send_interval: 1s}}
"""


def infiniband(folder: Path, counters: dict[str, int]) -> Path:
    """Make a sysfs in `folder`: this machine's own, with a port `mlx5_0/1` of these counters."""
    port = folder / "class/infiniband/mlx5_0/ports/1"
    (port / "counters").mkdir(parents=True)
    for name, count in counters.items():
        (port / "counters" / name).write_text(f"{count}\n")
    for where, files in ((port, _PORT), (port.parents[1], _ADAPTER)):
        for name, said in files.items():
            (where / name).write_text(f"{said}\n")
    for part in ("", "class"):
        for own in (Path("/sys") / part).iterdir():
            here = folder / part / own.name
            if not here.exists():
                here.symlink_to(own)
    return folder


_PORT = {"state": "4: ACTIVE", "phys_state": "5: LinkUp", "rate": "400 Gb/sec (4X NDR)"}
_ADAPTER = {"board_id": "MT_0000000838", "fw_ver": "28.39.1002", "hca_type": "MT4129"}

if __name__ == "__main__":
    try:
        sys.stdout.writelines(f"{one.root()}\n" for one in (NODE_EXPORTER, PROMETHEUS))
    except NotHere as error:
        sys.exit(str(error))
