"""The one tool that says anything to others: a wish, which people or the settings judge."""

from typing import Final

from pydantic import ValidationError

from schemas.ask import answer as told
from schemas.ask import question as asks
from schemas.settings import Settings
from schemas.trigger import Proposal
from streams.errors import ConfigError
from streams.mcp.desk import Desk, Told, Tool
from streams.proposals import propose, proposed
from streams.trigger.prepare import proposing

_NOTE: Final = "a wish: people, or what the settings permit, decide; list_actions says what comes"


async def propose_action(desk: Desk, asked: asks.ProposeAction) -> Told:
    """Sign it and publish it."""
    settings = desk.settings
    said = _signed(settings, asked)
    await propose(settings, said)
    return Told(told.Proposed(id=said.id, by=said.by, expires=said.expires, note=_NOTE))


def _signed(settings: Settings, asked: asks.ProposeAction) -> Proposal:
    name, secret = proposer(settings)
    try:
        return proposed(name, secret, site=settings.site.name, **asked.model_dump())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise ConfigError(field, str(first["input"])[:60], first["msg"], "correct it") from None


def proposer(settings: Settings) -> tuple[str, bytes]:
    """Return as whom models propose, and the secret that signs it. Raises `ConfigError`."""
    name = settings.mcp.proposer
    for one in settings.trigger.proposers:
        if one.name == name:
            return name, proposing(one).secret
    mend = "name one of trigger.proposers, which says what it may propose"
    raise ConfigError("mcp.proposer", name, "nobody of this name may propose", mend)


TOOL: Final = Tool(
    "propose_action", asks.ProposeAction, told.Proposed, propose_action, reads_only=False
)
