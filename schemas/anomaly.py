"""An anomaly: something departed from what it was, or came back; or data had to be mended."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.events import Body


class Ended(StrEnum):
    """Why an episode closed."""

    RECOVERED = "recovered"
    ADOPTED = "adopted"
    """It stayed so long that the new level is the normal one (of silence: a day)."""
    REPLACED = "replaced"
    """Another event's code took its place."""
    REACHED = "reached"
    """A trend came to its limit."""


class AnomalyKind(StrEnum):
    """What kind of thing an anomaly is."""

    LEVEL = "level"
    """A signal's value departed from its centre."""
    EVENT = "event"
    """A gauge that tells the code of the last event told a new one (DCGM's XID)."""
    REPAIR = "repair"
    """A decision on how a signal's numbers are to be read; told once, never closed."""
    SILENCE = "silence"
    """An asset, or some of its signals, say nothing for longer than they ever do."""
    STUCK = "stuck"
    """A signal repeats one value for far longer than it ever did."""
    CLOCK = "clock"
    """The event times of an asset are far from those of the others at its source."""
    PEER = "peer"
    """A signal is not as those of its peers: assets of the same role, at the same time."""
    TOGETHER = "together"
    """The signals of an asset, taken together, are not as they were: many by a little, or no longer
    one with another."""
    LIMIT = "limit"
    """A signal has been near its capacity for a minute."""
    TREND = "trend"
    """A signal drifts slowly towards a limit and will reach it within the horizon. Opened anew,
    with the same `since`, whenever the time that is left has halved."""


class Detector(StrEnum):
    """Which detector says most of an anomaly of a level, or of signals together."""

    EXTREME = "extreme"
    """Farther out than ever, alone or as a mean of some time."""
    OUTLIER = "outlier"
    """Far from the robust centre."""
    JUMP = "jump"
    """A step larger than steps are."""
    LEVEL = "level"
    """The mean of the last ten or so has moved."""
    SWING = "swing"
    """It swings more, or less, than it did."""
    SEASON = "season"
    """Not as at this time of the day or week."""
    SHAPE = "shape"
    """The last values have a shape that was not seen before."""
    MANY = "many"
    """Of an asset: its signals together say more than they ever do, each by a little or one."""
    APART = "apart"
    """Of an asset: its signals no longer move together as they did."""
    RIVER = "river"
    """Of an asset: river's half-space trees, the second opinion."""


class Anomaly(Body):
    """One episode of one signal or asset."""

    kind: AnomalyKind = AnomalyKind.LEVEL
    asset: str
    point: str
    """Empty where it is about the asset."""
    cell: str
    value: float
    """At the opening (or closing) sample, in the point's unit. Of an event: its code; of a repair:
    the reading; of silence and clock: how long or how far, in s; of a peer: its mean over the
    frame; of a trend: the mean of three hours; together: the evidence of all signals in decades
    of probability, which falls by half in 20 frames; where they part, how far they are from
    moving together, about 1 as a rule; as river has it, how few rows were so, in decades."""
    unit: str = ""
    expected: float
    """The robust centre before it. Of an event: the code before; of a repair: the capacity, or the
    value before; of silence: the usual interval; of a peer: what the others' median lets
    expect; of a limit: the capacity; of a trend: the limit; together: what that is below in 98 of
    100 frames."""
    spread: float
    """Of a unit's repair: the factor that readings are multiplied by; of silence and clock: the
    limit; of a trend: its change a day; together: how far beyond it is on average, where it
    is beyond. 0 where there is none."""
    score: Annotated[float, Field(ge=0, le=300)]
    """-log10 of the tail probability; the episode's peak so far (of a peer: the score then);
    of a trend: of the probability that it does not drift towards the limit. 0 but for these."""
    detector: Detector | None = None
    """Of a level, and together: which detector says most of its opening."""
    interval_s: Annotated[float, Field(ge=0)] = 0.0
    """Usual time between samples of the signal; of a peer, between frames that are compared. 0: it
    is not told."""
    since: datetime
    ended: Ended | None = None
