"""Debian's Alertmanager, as it is, on a free port of this machine."""

import os
from pathlib import Path

import aiohttp
from debian import CACHE, Wanted
from exporters import Server

ALERTMANAGER = Wanted(
    "alertmanager", ("prometheus-alertmanager",), ("bin/prometheus-alertmanager",)
)
_SHARED = Path("/usr/share/prometheus/alertmanager")
_WHAT = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"


class Alertmanager(Server):
    """An Alertmanager that notifies nobody and has no peers."""

    def __init__(self, folder: Path) -> None:
        file = folder / "alertmanager.yml"
        where = [f"--config.file={file}", f"--storage.path={folder / 'data'}"]
        super().__init__(
            folder,
            [program(), *where, "--web.listen-address=127.0.0.1:0", "--cluster.listen-address="],
        )
        file.write_text(_WHAT)
        for name in ("default.tmpl", "email.tmpl"):
            (folder / name).touch()

    async def alerts(self) -> list[dict]:
        """Return the alerts that are active."""
        url = f"http://{await self.address()}/api/v2/alerts"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return await answer.json()


def program() -> Path:
    """Return the program; a copy that finds its templates where it runs, if it has none here."""
    found = ALERTMANAGER.root() / "usr/bin/prometheus-alertmanager"
    if (_SHARED / "default.tmpl").exists():
        return found
    copy = CACHE / ALERTMANAGER.name / "alertmanager-without-templates"
    if not copy.exists():
        old = bytes(_SHARED)
        here = b"." + b"/" * (len(old) - 1)
        made = copy.with_suffix(f".{os.getpid()}")
        made.write_bytes(found.read_bytes().replace(old, here))
        made.chmod(0o755)
        made.rename(copy)
    return copy
