"""Decisions: a person's yes or no to an action, a label of an event, a silence. Signed."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from schemas.base import Message


class Verdict(StrEnum):
    """What a person says."""

    APPROVE = "approve"
    REFUSE = "refuse"
    TRUE = "true"
    """Of an alert or anomaly: it was right."""
    FALSE_ALARM = "false_alarm"
    KNOWN = "known"
    """Right, and known before."""
    MAINTENANCE = "maintenance"
    """Right, and made by work on the plant."""
    SILENCE = "silence"
    """No more of `about` (a rule, or rule/asset, globs) until `until`."""


class Decision(Message):
    """One message of `decisions`, as JSON.

    `signature`: hex HMAC-SHA256, under the secret of `who`, over the canonical JSON of the rest
    (keys sorted, no spaces, without `signature`).
    """

    about: Annotated[str, Field(min_length=1, max_length=512)]
    """Id of the action or event."""
    verdict: Verdict
    who: Annotated[str, Field(min_length=1, max_length=128)]
    why: Annotated[str, Field(max_length=2000)] = ""
    evidence_hash: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    """Of what was asked; needed for approve and refuse."""
    time: AwareDatetime
    """When it was said."""
    until: AwareDatetime | None = None
    signature: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
