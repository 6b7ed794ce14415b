"""How far event time has come in a partition of `readings`, as the lanes of its state have it.

At one source: where a quarter of the lanes are, or have been brought by ticks; so a few clocks that
run ahead, and assets that are gone, say nothing. In the partition: where the last source is that
keeps up with the others. Both say the same at a block's end however samples were cut into blocks.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from models.events import event_id
from models.gaps import NEVER
from models.words import moment
from schemas.events import Event, Kind
from schemas.progress import Progress
from schemas.telemetry import Ints

if TYPE_CHECKING:
    from models.state import State

SECOND_NS: Final = 1_000_000_000
BEHIND_NS: Final = 30 * SECOND_NS
"""Who is farther behind the others is not waited for."""
SHARE: Final = 8
"""Lanes that are asked for each span."""
MANY: Final = 3
"""Among so many, the one that is furthest is not believed alone."""


@dataclass(slots=True)
class Told:
    """Up to where it was told. Not saved: a state that was loaded tells its second once more."""

    second: int = NEVER // SECOND_NS
    spans: int = 0
    """Applied since the lanes were asked last."""


def tell(state: State, spans: int, *, ticked: bool) -> Event[Progress] | None:
    """Return how far a partition has come, where that is a later second than was told.

    `spans`: of the last block. Asked once in so many spans that it costs less than they do.
    """
    told = state.told
    told.spans += spans
    if told.spans * SHARE < state.lanes.size and not ticked:
        return None
    told.spans = 0
    second = reached_ns(state) // SECOND_NS
    if second <= told.second:
        return None
    told.second = second
    return progress_event(state.config.site, state.partition, second * SECOND_NS)


def progress_event(site: str, partition: int, time_ns: int) -> Event[Progress]:
    """Put it into our envelope."""
    return Event[Progress](
        id=event_id(Kind.PROGRESS, partition, time_ns),
        source=f"/alltobit/{site}",
        type=Kind.PROGRESS,
        subject=f"readings/{partition}",
        time=moment(time_ns),
        dataschema="urn:alltobit:schema:progress:1",
        data=Progress(partition=partition, reached=moment(time_ns)),
    )


def reached_ns(state: State) -> int:
    """Return the event time that a partition has come to; NEVER: nothing was heard."""
    lanes = state.lanes.rows
    heard = lanes["watermark_ns"] > NEVER
    source, times = lanes["source"][heard], lanes["watermark_ns"][heard]
    present = state.present()
    found = [_most(times[source == one]) for one in np.unique(source).tolist() if one in present]
    return least(found) + state.config.lateness_ns if found else NEVER


def _most(times: Ints) -> int:
    """Return the time that a quarter of the lanes have reached."""
    place = 3 * (times.size - 1) // 4
    return int(np.partition(times, place)[place])


def least(times: Collection[int]) -> int:
    """Return the earliest of the times that keep up with the furthest."""
    ranked = sorted(times)
    furthest = ranked[-2] if len(ranked) >= MANY else ranked[-1]
    return next(time for time in ranked if time >= furthest - BEHIND_NS)
