"""Inputs of values by code: what each was last, and whether those of one moment are there.

As of conditions (`models.trigger.machine.moments`): what is due at a moment and has not come is
waited for. Here what waits is not asked later: of such a moment there is no value.
"""

import numpy as np
import numpy.typing as npt

from models.compiled import Float32, Int32, Word, compiled, layout
from models.gaps import NEVER, seconds
from models.quality import UNUSABLE
from models.rows import Table
from models.silence import usual
from schemas.telemetry import Floats, Indices, Ints, Marks, Quality

FUTURE = int(Quality.FUTURE)
STALE_S = 300.0
"""An input that is older, and older than five of its intervals, has no value: as of a rule."""
STALE = 5.0
UNCLEAR = -1
"""Points of two names came as one input."""


class Taken:
    """An input of a value of an asset; those of one value stand one behind the other."""

    time_ns: int
    """Of its last sample; NEVER."""
    made_ns: int
    """Of the first input: of the last value that was made; NEVER."""
    value: float
    point: int
    """Of its name; UNCLEAR; 0: none came."""
    asset: Int32
    making: Int32
    """Which value it is of."""
    interval: Float32
    """Between its samples, in s, as `models.silence` has it; 0.0 before the second."""
    flaws: Word


TAKEN = layout(Taken)


@compiled
def join(  # noqa: PLR0913, PLR0917 - columns
    taken: Table,
    first: Indices,
    times: Ints,
    places: Ints,
    names: Ints,
    values: Floats,
    quality: Marks,
    lateness_ns: int,
    found: Floats,
    flaws: npt.NDArray[np.int64],
) -> npt.NDArray[np.bool_]:
    """Take the inputs that spans have, in order; say which spans make a value, of `found`.

    `first`, `times`: (n,), -1: no place to remember. `places`, `names`: (n, k), where the inputs
    are among `values`, -1: not in this span; and what they are called. `found`, `flaws`: (n, k),
    filled where a value is made.
    """
    makes = np.zeros(first.size, np.bool_)
    for i in range(first.size):
        is_whole = True
        for k in range(places.shape[1]):
            place = places[i, k]
            if place < 0:
                is_whole = False
                continue
            found[i, k] = values[place]
            flaws[i, k] = quality[place] if quality.size > 0 else 0
            if first[i] >= 0 and not flaws[i, k] & FUTURE:
                row = taken[first[i] + k]
                _take(row, times[i], names[i, k], found[i, k], flaws[i, k], lateness_ns)
        makes[i] = is_whole
        if first[i] < 0:
            continue
        if not is_whole:
            makes[i] = _is_there(taken, first[i], times[i], places[i], found[i], flaws[i])
        if makes[i]:
            taken[first[i]].made_ns = max(taken[first[i]].made_ns, times[i])
    return makes


@compiled
def _take(  # noqa: PLR0913, PLR0917 - one sample
    row: Taken, time_ns: int, name: int, value: float, flaws: int, lateness_ns: int
) -> None:
    if row.point not in (0, name) and time_ns < row.time_ns + int(STALE_S * 1e9):
        row.point = UNCLEAR
    elif row.point != name:
        row.point = name
    if row.time_ns - lateness_ns <= time_ns <= row.time_ns and row.time_ns > NEVER:
        return
    if NEVER < row.time_ns < time_ns:
        row.interval = usual(row.interval, seconds(row.time_ns, time_ns))
    row.time_ns = time_ns
    row.value = value
    row.flaws = flaws


@compiled
def _is_there(  # noqa: PLR0913, PLR0917 - one span
    taken: Table, first: int, time_ns: int, places: Ints, found: Floats, flaws: Ints
) -> bool:
    """Say whether all inputs of a moment are there, or not due; fill in those of other spans."""
    if time_ns <= taken[first].made_ns:
        return False
    least = 0.0
    for k in range(places.size):
        interval = float(taken[first + k].interval)
        if interval > 0.0 and (least == 0.0 or interval < least):
            least = interval
    for k in range(places.size):
        row = taken[first + k]
        if row.time_ns == NEVER or row.point == UNCLEAR:
            return False
        if places[k] >= 0:
            continue
        age, interval = seconds(row.time_ns, time_ns), float(row.interval)
        if age > max(STALE_S, STALE * interval):
            return False
        if age > 0.0 and (interval == 0.0 or interval - 0.5 * least <= age):
            return False  # it is due, for all that is known
        found[k] = row.value
        flaws[k] = row.flaws
    return True


def bad(found: Floats, flaws: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Say of which rows an input is not usable. Both (n, k)."""
    unusable: npt.NDArray[np.bool_] = ((flaws & UNUSABLE) != 0).any(axis=1)
    return unusable | ~np.isfinite(found).all(axis=1)
