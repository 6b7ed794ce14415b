"""What the operator has set, as decisions need it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from models.trigger.approval import People, Proposers
from models.trigger.breaker import NOBODY_KNOWS, Sizes
from models.trigger.episodes import Conditions
from schemas.trigger import Configured, Mode, Policy, Rule


@dataclass(slots=True)
class Setup:
    """Rules, actions, policy and people; how many assets there are may change."""

    rules: Mapping[str, Rule]
    actions: Mapping[str, Configured]
    policy: Policy
    people: People = field(default_factory=dict)
    proposers: Proposers = field(default_factory=dict)
    conditions: Mapping[str, Conditions] = field(default_factory=dict)
    """Of the rules on events, compiled."""
    sizes: Sizes = NOBODY_KNOWS
    """What decisions rest on."""
    counted: Sizes = NOBODY_KNOWS
    """What the inventory tells now; with the next messages that are taken in it becomes `sizes`."""
    assets: Collection[frozenset[tuple[str, str]]] = ()
    """Sites and assets, as parts of the inventory tell."""

    @classmethod
    def of(cls, rules: Sequence[Rule], actions: Sequence[Configured], policy: Policy) -> "Setup":
        """Return it without people and conditions."""
        return cls({one.name: one for one in rules}, {one.name: one for one in actions}, policy)

    def mode(self, name: str) -> Mode:
        """Return how far an action goes; off where there is none of this name."""
        return self.actions[name].mode if name in self.actions else Mode.OFF

    def only_tells(self, name: str) -> bool:
        """Say whether an action changes nothing in the plant."""
        is_alertmanager = name in self.actions and self.actions[name].kind == "alertmanager"
        return is_alertmanager or name in self.policy.always

    def lacks(self, site: str, asset: str) -> bool:
        """Say whether there is an inventory of the site, and it does not tell of the asset."""
        if not self.assets or not self.sizes.of_site.get(site, 0):
            return False
        return not any((site, asset) in part for part in self.assets)

    def of_events(self) -> list[tuple[Rule, Conditions]]:
        """Return the rules on events, with their conditions."""
        rules = (one for one in self.rules.values() if one.is_on_events)
        return [(one, self.conditions[one.name]) for one in rules if one.name in self.conditions]
