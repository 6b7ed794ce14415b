"""How far event time has come in one partition of `readings`: told between the anomalies of it."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from schemas.base import Message


class Progress(Message):
    """All samples of a partition up to `reached` have been judged, and what they show was told.

    What needs to be waited for (a silence, peers) is told later than it was.
    """

    partition: Annotated[int, Field(ge=0, lt=10_000)]
    """Of `readings`."""
    reached: datetime
    """A whole second of event time."""
