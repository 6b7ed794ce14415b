"""The options in front of every command."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Log = Literal["text", "json"]
"""How logs are written."""


@dataclass(frozen=True)
class Options:
    """The options in front of the command."""

    config: Path | None = None
    bootstrap: str = ""
    log: Log | None = None
    verbose: bool = False
