"""Reports as Markdown files, SITE/DATE/INCIDENT-KIND.md: written whole or not at all.

What stands in names comes from Kafka, so it may be anything; no file is ever outside the folder.
"""

import logging
import os
import re
from datetime import date, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec

from models.report.say import utc
from schemas.report import Kind
from streams import metrics
from streams.errors import ConfigError

log = logging.getLogger(__name__)

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST: Final = 120
_SEVERAL: Final = frozenset({Kind.HANDOVER, Kind.SHIFT, Kind.DAILY})
"""Kinds of which there are several a day: their time is in the name."""


class Body(msgspec.Struct, frozen=True):
    """What of a report is needed here."""

    kind: Kind
    event: str
    markdown: str


class Told(msgspec.Struct, frozen=True):
    """A published report, read as far as is needed here."""

    id: str
    time: datetime
    data: Body


class Files:
    """A folder of reports; `folder` None: nothing is written."""

    def __init__(self, folder: Path | None, zone: str) -> None:
        self._folder, self._zone = folder, ZoneInfo(zone)

    def check(self) -> None:
        """Raise `ConfigError` where nothing can be written."""
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            trial = self._folder / f".{uuid4().hex}"
            trial.write_bytes(b"")
            trial.unlink()
        except OSError as error:
            trouble = f"no file can be written there: {error.strerror or error}"
            raise ConfigError("reporter.files", self._folder, trouble, "correct it") from error

    def put(self, site: str, told: Told) -> None:
        """Write a report, where it does not stand there already. Trouble is logged and counted."""
        if self._folder is None:
            return
        path = self._folder / self.name(site, told)
        text = told.data.markdown.encode()
        try:
            if not path.is_file() or path.read_bytes() != text:
                _write(self._folder, path, text)
        except OSError as error:
            metrics.REPORT_FILES.inc()
            log.warning("report %s is not written as a file: %s", told.id, error)

    def name(self, site: str, told: Told) -> Path:
        """Return where a report stands in the folder."""
        when = utc(told.time)
        day = _day(when, self._zone).isoformat()
        kind = told.data.kind
        words = [safe(told.data.event)] if told.data.event else []
        words += [kind.value]
        words += [f"{when:%Y%m%dT%H%MZ}"] if kind in _SEVERAL else []
        return Path(safe(site), day, f"{'-'.join(words)}.md")


def _day(when: datetime, zone: ZoneInfo) -> date:
    try:
        return when.astimezone(zone).date()
    except OverflowError:  # the first or last day of all
        return when.date()


def safe(name: str) -> str:
    """Return a name that is one part of a path, and no special one."""
    return _UNSAFE.sub("_", name)[:_LONGEST].lstrip(".") or "_"


def _write(folder: Path, path: Path, text: bytes) -> None:
    """Write a file whole, or not at all. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.parent.resolve().is_relative_to(folder.resolve()):
        raise OSError(f"{path.parent} leads out of {folder}")
    partial = path.with_name(f".{path.name}.partial")  # of a kill -9: the next one writes over it
    with partial.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
