"""All contenders by name: ours, and the floors beside it."""

from collections.abc import Callable

from models.evaluate.contender import Contender
from models.evaluate.floors import Chance, Clock, ZScore
from models.evaluate.ours import Asset, Ours, Told

OURS = "ours"


def _deviation(_seed: int) -> Contender:
    from models.evaluate.river_floors import Deviation  # noqa: PLC0415 - only where it is asked for

    return Deviation()


def _trees(seed: int) -> Contender:
    from models.evaluate.river_floors import Trees  # noqa: PLC0415 - only where it is asked for

    return Trees(seed)


CONTENDERS: dict[str, Callable[[int], Contender]] = {
    OURS: lambda _seed: Ours(),
    "ours-told": lambda _seed: Told(),
    "ours-asset": lambda _seed: Asset(),
    "random": Chance,
    "clock": lambda _seed: Clock(),
    "zscore": lambda _seed: ZScore(),
    "river-sad": _deviation,
    "river-hst": _trees,
}
"""Makes a contender for one recording, of a seed."""

CALIBRATED = frozenset(CONTENDERS) - {"river-hst", "ours-asset"}
"""Those whose scores are -log10 of a tail probability."""
