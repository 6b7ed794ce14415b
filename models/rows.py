"""What detection remembers, row by row; the loop of `models.signals` reads and writes it."""

import numpy as np
import numpy.typing as npt

from models import clock, quality, silence
from models.anomaly import direction, episode, every, past
from models.compiled import Byte, Float32, Int32, Word, layout
from models.packing import scale
from models.repair import mend

Table = npt.NDArray[np.void]


class Signal:
    """Everything remembered of one signal."""

    quality: quality.Row
    every: every.Row
    direction: direction.Row
    scale: scale.Row
    """How far it goes, for bit frames."""
    lane: Int32
    """Where its last sample came in."""
    binding: Int32
    """Its first rule; -1 when it has none."""
    episode: Int32
    """Its open episode; 0 when there is none."""
    point: Int32
    """Id of its point's name; ~id where it is told on as a gauge, against its declaration."""
    repair: Int32
    """How it is mended: a row of repairs, LAST_EVENT (-1), or 0: told on as it was sent."""
    interval: Float32
    """Between its samples, in s, as `models.silence` has it; 0.0 before the second."""
    past: Int32
    """What it remembers besides, if it was chosen for that: a row of pasts; 0: nothing."""


class Lane:
    """One asset as one source tells it: the unit of order, and of bit frames."""

    latest_ns: int
    """Latest event time seen."""
    watermark_ns: int
    """No sample older than this counts any more."""
    window: int
    """Index of the open frame's window."""
    silence: silence.Row
    clock: clock.Row
    back_ns: int
    """Event time of the last span that was late."""
    stopped_ns: int
    """Event time of the last sample of its signal that is silent while others are not."""
    stopped: Int32
    """How many such signals it had when that was told."""
    first_stopped: Int32
    """The first of them."""
    asset: Int32
    source: Int32
    frame: Int32
    """How many frames were closed."""
    held: Int32
    """Spans in the open frame."""
    backs: Int32
    """Late spans in a row, each later than the one before."""
    names: int
    """Which names its last frames had; 0: none yet."""
    named: Int32
    """How many frames since these were told."""
    owns: Int32
    """1: the first of its asset; ranges of signals are learned from it."""
    first: Int32
    """Of the held spans, closed or not; -1 when there is none."""
    last: Int32


class Mark:
    """How far a source has been applied."""

    offset: int
    latest_ns: int
    scanned_ns: int
    """Event time at which its signals were last asked for silence."""
    doubt: clock.Doubt
    part: Int32


class Span:
    """One asset at one time, as the loop reads it."""

    offset: int
    time_ns: int
    first: int
    """Of its samples in the block's values."""
    rows: int
    """Of its signals in the map of shapes to rows."""
    room: int
    """The most events it can make."""
    part: Int32
    count: Int32
    source: Int32
    lane: Int32
    reads: Int32
    """1: rules with conditions read some of its signals."""


class Held:
    """A span that waits for its frame to close."""

    time_ns: int
    offset: int
    first: int
    """Of its samples in the held columns."""
    part: Int32
    count: Int32
    lane: Int32
    frame: Int32
    """-1: its frame was closed, and it is no more."""
    next: Int32
    """The lane's next held span; -1 at the end."""


class Happened:
    """One event of the loop, before it is put into words."""

    time_ns: int
    since_ns: int
    offset: int
    since_offset: int
    value: float
    centre: float
    spread: float
    row: Int32
    """A signal; of a silence the lane."""
    binding: Int32
    """Of a rule; else a second signal that it is about, -1: none."""
    third: Int32
    """Signal that it is about, -1: none."""
    source: Int32
    since_source: Int32
    score: Float32
    good: Float32
    interval: Float32
    """Between samples, or slots, of a signal, in s; 0.0: it is told of none."""
    mark: Word
    """`Quality` bits of the sample."""
    what: Byte
    """See `models.happened`."""
    why: Byte
    """Of a level's: which detector, see `models.anomaly.base` and `past`."""


SIGNAL = layout(Signal)
EPISODE = layout(episode.Row)
"""Row 0 is no episode: its `source` is the first free row, and so on from row to row; 0 ends."""
PAST = layout(past.Row)
"""Row 0 is none."""
REPAIR = layout(mend.Row)
"""Row 0 is none."""
LANE = layout(Lane)
SPAN = layout(Span)
MARK = layout(Mark)
HELD = layout(Held)
HAPPENED = layout(Happened)
