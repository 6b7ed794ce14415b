"""Never too many at once: of how many assets anything was done lately."""

from collections.abc import Iterable, Mapping
from math import floor
from typing import NamedTuple

import msgspec

from models.peers.memory import role
from schemas.trigger import Breaker


class Sizes(NamedTuple):
    """How many assets there are, as the inventory tells."""

    of_site: Mapping[str, int]
    of_kind: Mapping[tuple[str, str], int]
    """By site and name without numbers."""

    def telling(self, breaker: Breaker) -> "Sizes":
        """Return those that make a difference: of a small kind `least` is what may be, anyway."""
        share, least = breaker.share_of_kind, breaker.least
        kinds = {key: size for key, size in self.of_kind.items() if most(share, size, 0) > least}
        return Sizes(self.of_site, kinds)


NOBODY_KNOWS = Sizes({}, {})


class Acted(msgspec.Struct):
    """Something was done about an asset."""

    time_ns: int
    asset: str
    site: str


class Window(msgspec.Struct):
    """What was done lately."""

    acted: list[Acted] = []

    def take(self, one: Acted) -> None:
        """Something is done, or will be."""
        self.acted.append(one)

    def move(self, now_ns: int, breaker: Breaker) -> None:
        """Forget what is over."""
        begin = now_ns - round(breaker.window_s * 1e9)
        self.acted = [one for one in self.acted if one.time_ns > begin]

    def is_open(self, site: str, asset: str, breaker: Breaker, sizes: Sizes) -> bool:
        """Say whether one more is one too many, of its kind or of its site."""
        there = {one.asset for one in self.acted if one.site == site} | {asset}
        alike = {one for one in there if role(one) == role(asset)}
        of_kind = sizes.of_kind.get((site, role(asset)), 0)
        of_site = sizes.of_site.get(site, 0)
        return len(alike) > most(breaker.share_of_kind, of_kind, breaker.least) or len(
            there
        ) > most(breaker.share_of_site, of_site, breaker.least)


def most(share: float, size: int, least: int) -> int:
    """Say of how many anything may be done; a share is rounded down."""
    return max(floor(share * size + 1e-9), least)


def counted(assets: Iterable[tuple[str, str]]) -> Sizes:
    """Count assets, given with their site, each once."""
    of_site: dict[str, int] = {}
    of_kind: dict[tuple[str, str], int] = {}
    for site, asset in set(assets):
        of_site[site] = of_site.get(site, 0) + 1
        key = site, role(asset)
        of_kind[key] = of_kind.get(key, 0) + 1
    return Sizes(of_site, of_kind)
