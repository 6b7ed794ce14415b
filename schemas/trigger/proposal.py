"""Proposals: what somebody would have done. A wish, never an order. Signed."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from schemas.base import Message
from schemas.trigger.action import Id
from schemas.trigger.policy import Person, Reason
from schemas.trigger.rule import Name, Word

Label = Annotated[str, Field(max_length=1024)]
Labels = Annotated[dict[Word, Label], Field(max_length=32)]
Place = Annotated[str, Field(min_length=1, max_length=512)]


class Proposal(Message):
    """One message of `proposals`, as JSON. What comes of it is told on `actions`.

    `id`: the first 32 hex digits of the SHA-256 over the canonical JSON of the rest without
    `signature`; also the action's. `signature`: hex HMAC-SHA256, under the secret of `by`, over the
    canonical JSON without `signature`. Canonical: keys sorted, no spaces.
    """

    id: Id
    action: Name
    """Of the configured action."""
    site: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    asset: Place
    point: Annotated[str, Field(max_length=512)] = ""
    cell: Annotated[str, Field(max_length=512)] = ""
    labels: Labels = Field(default_factory=dict)
    """Those that the action's templates name."""
    why: Reason
    """The proposer's words: shown to people as a quotation, filled into no template."""
    evidence: Annotated[tuple[Id, ...], Field(max_length=16)] = ()
    """Ids of alerts, anomalies and incidents that it rests on."""
    by: Person
    time: AwareDatetime
    """When it was said."""
    expires: AwareDatetime
    """Nothing comes of it after that."""
    signature: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
