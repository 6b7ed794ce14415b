"""A site graph as people keep it: some of it was so once, and some was never."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import numpy as np

from schemas.cascade import AssetKind, Edge, Inventory

REMOVED: Final = 0.5
"""Of what is wrong: edges that are not told; the others lead to another asset of the same kind."""


def stale(parts: Iterable[Inventory], share: float, rng: np.random.Generator) -> list[Inventory]:
    """Return a site of whose edges `share` are wrong, 0..1. Which part a path is of stays right."""
    told = list(parts)
    if share == 0.0:
        return told
    kinds = {asset.name: asset.kind for part in told for asset in part.assets}
    alike: dict[AssetKind, list[str]] = {}
    for name, kind in kinds.items():
        alike.setdefault(kind, []).append(name)
    return [
        part.model_copy(update={"edges": tuple(_edges(part, share, rng, (kinds, alike)))})
        for part in told
    ]


_Names = tuple[Mapping[str, AssetKind], Mapping[AssetKind, list[str]]]


def _edges(
    part: Inventory, share: float, rng: np.random.Generator, names: _Names
) -> Iterator[Edge]:
    kinds, alike = names
    wrong = rng.random(len(part.edges)) < share
    for edge, is_wrong in zip(part.edges, wrong.tolist(), strict=True):
        others = alike[kinds[edge.target]]
        if not is_wrong:
            yield edge
        elif rng.random() >= REMOVED:
            target = others[int(rng.integers(len(others)))]
            if target not in {edge.source, edge.target}:
                yield edge.model_copy(update={"target": target})
