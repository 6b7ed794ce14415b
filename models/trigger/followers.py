"""Open incidents: whose trouble has another cause."""

import msgspec

from models.trigger.heard import Heard
from schemas.cascade import Incident
from schemas.events import Event


class Open(msgspec.Struct):
    """What an incident says now."""

    heard: Heard
    causes: list[str] = []
    """The most likely cause, and its ends."""
    followers: list[str] = []
    is_over: bool = False


class Incidents(msgspec.Struct):
    """Incidents by id, as their newest event tells."""

    all: dict[str, Open] = {}

    def take(self, event: Event[Incident]) -> None:
        """Take an event in, once."""
        data = event.data
        one = self.all.setdefault(data.incident, Open(Heard()))
        if not one.heard.is_new(event):
            return
        first = data.causes[0] if data.causes else None
        one.causes = [first.asset, *first.ends] if first else []
        one.followers = [follower.asset for follower in data.followers]
        one.is_over = data.stage.is_over

    def explaining(self, asset: str) -> str:
        """Return the open incident that names another cause of an asset's trouble; "": none."""
        for incident, one in self.all.items():
            is_told = asset in one.followers and asset not in one.causes
            if is_told and one.causes and not one.is_over:
                return incident
        return ""

    def reached(self, incident: str) -> list[str]:
        """Return the assets that an incident names: its cause and whom it has reached."""
        one = self.all.get(incident)
        return [*one.causes, *one.followers] if one else []

    def forget(self, before_ns: int) -> None:
        """Forget incidents that were over by then."""
        self.all = {
            incident: one
            for incident, one in self.all.items()
            if not one.is_over or one.heard.time_ns >= before_ns
        }
