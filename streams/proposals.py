"""What somebody would have done, signed and published on `proposals`."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from models.trigger.signature import proposal_id, signed
from schemas.settings import Settings
from schemas.trigger import Proposal
from streams.signed import publish_one

LASTS_S: Final = 900.0
"""How long a proposal stands where nothing else is said."""
_UNNAMED: Final = "0" * 32


def proposed(by: str, secret: bytes, *, lasts_s: float = LASTS_S, **more: Any) -> Proposal:  # noqa: ANN401 - its fields
    """Return what somebody proposes now, signed: `action`, `site`, `asset`, `why`, `evidence`...

    Raises `ValidationError` where `more` does not fit.
    """
    now = datetime.now(UTC)
    told = {"id": _UNNAMED, "by": by, "time": now, "expires": now + timedelta(seconds=lasts_s)}
    said = Proposal.model_validate(told | more)
    return signed(said.model_copy(update={"id": proposal_id(said)}), secret)


async def propose(settings: Settings, proposal: Proposal) -> None:
    """Publish one, with a producer of its own. Raises what `reach` raises, `TopicMissing`."""
    await publish_one(settings.kafka, settings.topics.proposals, proposal)
