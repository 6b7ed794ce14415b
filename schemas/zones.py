"""Time zones and times of day, as settings name them."""

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""Local time: `06:00`."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError("give an IANA time zone such as Europe/Zurich or UTC") from error
    return name


Zone = Annotated[str, Field(max_length=64), AfterValidator(_zone)]
"""An IANA name: `Europe/Zurich`."""
