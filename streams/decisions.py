"""What people say, signed and published on `decisions`."""

from datetime import UTC, datetime
from typing import Any

from models.trigger.signature import signed
from schemas.settings import Settings
from schemas.trigger import Decision, Verdict
from streams.signed import publish_one


def said(who: str, secret: bytes, verdict: Verdict, about: str, **more: Any) -> Decision:  # noqa: ANN401 - its fields
    """Return what somebody says now, signed."""
    told = {"about": about, "verdict": verdict, "who": who, "time": datetime.now(UTC)} | more
    return signed(Decision.model_validate(told), secret)


async def say(settings: Settings, decision: Decision) -> None:
    """Publish one, with a producer of its own. Raises what `reach` raises, `TopicMissing`."""
    await publish_one(settings.kafka, settings.topics.decisions, decision)
