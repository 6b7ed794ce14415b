"""What every message and setting is made of: frozen, strict pydantic models."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Ratio = Annotated[float, Field(ge=0, le=1)]
"""A share or probability, 0..1."""


class Message(BaseModel):
    """A value that travels: immutable, no unknown fields, bounded by its types."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="null")
