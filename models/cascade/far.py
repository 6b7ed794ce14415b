"""What reaches far is searched once: how a fault spreads depends on the site, not on the signs.

In a site of 100,000 GPUs a congested port reaches half a million states. A few hundred of them show
anything, or lie on the way to what does: only those come back into the work space, and the rest is
counted by what it is like (`Reached.crowd`). That is as much as weighing a cause asks for.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from models.cascade.physics import WAVES
from models.cascade.reach import ALIKE, NO_ONE, Ground, Reached
from models.compiled import bare, compiled, inlined
from schemas.telemetry import Floats, Ints

FAR: Final = 20_000
"""States from which on a search is worth being kept."""
MOST: Final = 60_000_000
"""States of all that are kept, 10 bytes each."""
PLACES: Final = 4 * ALIKE
"""Where what is alike is looked up: so many that few meet."""
SCATTER, SPREAD = 1e9, 131.0
"""What puts different states in different places."""
Cause = tuple[int, int, int, float]
"""Asset, other end, fault, and the chance below which ways were not followed."""
Words = npt.NDArray[np.int32]


class Kept(NamedTuple):
    """One search; arrays (t,), in the order in which states were reached."""

    states: Words
    """Asset x waves + wave."""
    parent: Words
    """Which of these it came from; -1: it began here."""
    alike: npt.NDArray[np.uint16]
    """Row of `crowd` that it is like."""
    crowd: Floats
    """As `Reached.crowd`, of all."""


@dataclass(slots=True)
class Far:
    """Searches that reached far, of what was asked for twice in a row."""

    least: int = FAR
    """States from which on a search is kept."""
    kept: dict[Cause, Kept] = field(default_factory=dict)
    before: frozenset[Cause] = frozenset()
    """What was asked for last."""
    states: int = 0
    """Of all that are kept."""

    def ask(self, causes: Iterable[Cause]) -> None:
        """Say what is asked for now; of what is not asked for is forgotten as there is no room."""
        asked = frozenset(causes)
        if self.states > MOST:
            self.kept = {cause: one for cause, one in self.kept.items() if cause in asked}
            self.states = sum(one.states.size for one in self.kept.values())
        self.before = asked

    def keep(self, cause: Cause, site: Ground, reached: Reached) -> None:
        """Keep what `reached` holds, where there is room."""
        many = int(reached.size[0])
        if self.states > MOST:
            return
        one = Kept(
            reached.touched[:many].astype(np.int32),
            np.zeros(many, np.int32),
            np.zeros(many, np.uint16),
            np.zeros((ALIKE, 5)),
        )
        rows = pack(site, reached, one)
        if rows <= ALIKE:
            self.kept[cause] = one._replace(crowd=one.crowd[:rows].copy())
            self.states += many


@compiled
def pack(site: Ground, reached: Reached, into: Kept) -> int:
    """Fill `into`; return how many are different, more than `ALIKE`: too many."""
    rank, rows = reached.queue, 0
    table = np.full(PLACES, NO_ONE, np.int16)
    for k in range(into.states.size):
        rank[into.states[k]] = k
    for k in range(into.states.size):
        asset, wave = divmod(into.states[k], WAVES)
        parent = reached.parent[wave, asset]
        into.parent[k] = NO_ONE if parent == NO_ONE else rank[parent]
        chance, after_s = reached.chance[wave, asset], reached.after_s[wave, asset]
        what = float(wave), float(site.kinds[asset]), chance, after_s
        row = like(into.crowd, rows, table, what)
        if row == ALIKE:
            return ALIKE + 1
        rows = max(rows, row + 1)
        into.alike[k] = row
        into.crowd[row, 4] += 1.0
    return rows


@inlined
def like(
    crowd: Floats,
    rows: int,
    table: npt.NDArray[np.int16],
    what: tuple[float, float, float, float],
) -> int:
    """Return the row that is `what`; a new one where none is, `ALIKE`: there is no room.

    `table`: (`PLACES`,), where rows are looked up; -1: nothing is there.
    """
    wave, kind, chance, after_s = what
    place = int(chance * SCATTER + after_s * WAVES + wave + kind * SPREAD) % PLACES
    while table[place] != NO_ONE:
        one = crowd[table[place]]
        if one[0] == wave and one[1] == kind and one[2] == chance and one[3] == after_s:
            return int(table[place])
        place = place + 1 if place + 1 < PLACES else 0
    if rows < ALIKE:
        crowd[rows, 0], crowd[rows, 1], crowd[rows, 2], crowd[rows, 3] = what
        table[place] = rows
    return rows


@bare
def recall(kept: Kept, place: Words, reached: Reached) -> None:
    """Bring a search back into `reached`, which must be clean, as far as it tells of signs.

    `place`: as `Shown.place`. States keep their order; those on the way to them come last.
    """
    reached.size[1] = kept.crowd.shape[0]
    for row in range(kept.crowd.shape[0]):
        for column in range(5):
            reached.crowd[row, column] = kept.crowd[row, column]
    for k in range(kept.states.size):
        if place[kept.states[k] // WAVES] >= 0 or kept.parent[k] == NO_ONE:
            put(kept, k, reached)
    for i in range(reached.size[0]):
        k = kept.parent[reached.queue[i]]
        while k != NO_ONE:
            asset, wave = divmod(kept.states[k], WAVES)
            if reached.chance[wave, asset] > 0.0:
                break
            put(kept, k, reached)
            k = kept.parent[k]


@inlined
def put(kept: Kept, k: int, reached: Reached) -> None:
    """Bring one state back, and note which it is in the ring."""
    state, row, parent = kept.states[k], kept.alike[k], kept.parent[k]
    asset, wave = divmod(state, WAVES)
    reached.chance[wave, asset] = kept.crowd[row, 2]
    reached.after_s[wave, asset] = kept.crowd[row, 3]
    reached.parent[wave, asset] = NO_ONE if parent == NO_ONE else kept.states[parent]
    reached.crowd[row, 4] -= 1.0
    reached.queue[reached.size[0]] = k
    reached.touched[reached.size[0]] = state
    reached.size[0] += 1


def causes(ends: Ints, faults: Ints, least: Floats) -> list[Cause]:
    """Return candidates as they are kept by. `ends`: (c, 2), `faults` and `least`: (c,)."""
    return [*zip(*ends.T.tolist(), faults.tolist(), least.tolist(), strict=True)]
