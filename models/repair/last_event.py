"""A gauge that tells the code of the last event for ever (DCGM's last XID): its changes are events.

0 bytes: the code before is the signal's last value. Two limits, both the gauge's own: an event with
the code of the one before it cannot be seen, and of the first code ever told nobody knows when it
came, so it is none. An event ends when the gauge goes back to 0 or another code takes its place.
"""

from models.compiled import compiled

NOTHING = 0
CAME = 1
WENT = 2


@compiled
def step(is_first: bool, before: float, code: float) -> int:
    """Say what a sample tells: `CAME`: an event; `WENT`: there is none any more."""
    if is_first or code == before:
        return NOTHING
    return CAME if code != 0.0 else WENT
