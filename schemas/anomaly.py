"""An anomaly: one signal departed from what it was, or came back."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.events import Body


class Ended(StrEnum):
    """Why an episode closed."""

    RECOVERED = "recovered"
    ADOPTED = "adopted"
    """It stayed so long that the new level is the normal one."""


class Anomaly(Body):
    """One episode of one signal."""

    asset: str
    point: str
    cell: str
    value: float
    """At the opening (or closing) sample, in the point's unit."""
    unit: str = ""
    expected: float
    """The robust centre before it."""
    spread: float
    score: Annotated[float, Field(ge=0, le=300)]
    """-log10 of the tail probability; the episode's peak when closed."""
    since: datetime
    ended: Ended | None = None
