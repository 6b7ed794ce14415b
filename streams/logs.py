"""Logs: the standard library's, to stderr; one JSON object a line, or short lines for people."""

import logging
import sys
import time
from collections.abc import Callable
from typing import Final, Literal

from pythonjsonlogger.json import JsonEncoder, JsonFormatter
from rich.console import Console
from rich.logging import RichHandler

NOISY: Final = ("aiokafka", "faust", "httpx2", "mcp", "mode", "numba", "openai", "uvicorn")
"""Libraries that tell every step at INFO (numba: at DEBUG); heard from WARNING on."""

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure(kind: Literal["json", "text"], level: int | str = logging.INFO) -> None:
    """Send every log line of the process from `level` on, and Python's warnings, to stderr.

    Replaces what was configured before. Fields given as `extra={"topic": ...}` are shown.
    """
    handler = _json() if kind == "json" else _text()
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.captureWarnings(capture=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


def _json() -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter(
            "%(levelname)s %(name)s %(message)s",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp=True,
            json_encoder=_Encoder,
        )
    )
    return handler


class _Encoder(JsonEncoder):
    """Also numbers of numpy, as numbers."""

    def default(self, o: object) -> object:
        item: Callable[[], object] | None = getattr(o, "item", None)
        return item() if callable(item) and getattr(o, "ndim", None) == 0 else super().default(o)


def _text() -> logging.Handler:
    if not sys.stderr.isatty():
        handler: logging.Handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_Line("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        return handler
    handler = RichHandler(
        console=Console(stderr=True),
        show_path=False,
        omit_repeated_times=False,
        log_time_format="%H:%M:%S",
    )
    handler.setFormatter(_Line("%(name)s: %(message)s"))
    return handler


class _Line(logging.Formatter):
    """The message, then its fields as `name=value`. Times are UTC."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        fields = (f" {name}={value}" for name, value in vars(record).items() if name not in _OWN)
        return super().formatMessage(record) + "".join(fields)
