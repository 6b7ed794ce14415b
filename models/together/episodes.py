"""When a row is taken, and when an asset's anomaly opens and closes. O(1) a row.

What `models.anomaly.asset` scores ranks rows; as a rate of alarms it is too light: it knows the
tail of the rows it learned, fewer and fewer of them and none in alarm. Of signals that wander and
are one another's echo, healthy rows reach a score of 7 a thousand times as often as it says. So
alarm is given by the same two numbers, the evidence held and how far signals are apart, with tails
that are learned from all rows but those of an open anomaly.

Measured on synthetic healthy signals (white, autoregressive, heavy-tailed, with a common factor,
with a cycle of the day, rounded; 4, 12 and 40 of them; 27 sorts, 4 times 100,000 rows each): one
row in 520 to 1,500 reaches a score of 3; and at 7.4, the threshold of rows 5 s apart at the
product's default of 0.002 false alarms a day, 2 anomalies opened in 625 days of assets.
"""

from __future__ import annotations

from math import log10

from models import silence
from models.anomaly import asset, base, episode, every, once, tail
from models.compiled import Float32, Int32, compiled, layout
from models.gaps import NEVER

MANY, APART, RIVER = 20, 21, 22
"""What says most: many signals by a little; signals that part; the second opinion."""
WAYS = 3.0  # in which an asset can raise a false alarm
UNASKED = -1.0  # of the second opinion
RARE = 2.0  # decades: a second opinion's quantile at the start
SURE = 500.0  # rows: before, a score counts in part


class Told:
    """What is told of rows, and how high it is as a rule."""

    tail: tail.Row
    learned: Int32
    """Rows."""


class Head:
    """What is remembered of an asset, as one source tells it, beside `models.anomaly.asset`."""

    latest: int
    """Slot of its last row, in frames since 1970."""
    episode: episode.Row
    once: once.Row
    interval: Float32
    """Between its rows, in s; 0.0 before the second."""
    columns: Int32
    """Signals that have one."""
    live: Int32
    """Of these, the ones in the rows that are judged: the first ones."""
    many: Told
    apart: Told
    river: Told
    has_opinion: bool
    """What was saved of it has a second opinion."""


HEAD = layout(Head)


@compiled
def comes(head: Head, slot: int, late: int, frame_s: float) -> bool:
    """Let a row of `slot` come; say whether it is taken: one slot is told once, and in order.

    `late`: slots that a frame may be behind; what is farther back is of a clock set back.
    """
    if head.latest > NEVER:
        ahead = slot - head.latest
        if -late <= ahead <= 0:
            return False
        if ahead > 0:
            head.interval = silence.usual(head.interval, ahead * frame_s)
    head.latest = slot
    return True


@compiled
def start(head: Head, live: int) -> None:
    """Begin anew with `live` signals."""
    head.live = live
    head.episode.length = 0
    head.many.learned = head.apart.learned = head.river.learned = 0
    asset.start_tails(head.many.tail, head.apart.tail, live)
    tail.start(head.river.tail, RARE, 0.3)


@compiled
def threshold(head: Head, frame_s: float, false_alarms: float) -> float:
    """Return the score at which an episode opens: an asset may raise as many as one signal."""
    return every.threshold(max(head.interval, frame_s), false_alarms) + log10(WAYS)


@compiled
def step(head: Head, row: asset.Row, rare: float, opens: float) -> tuple[int, float, float]:
    """Take a row that was just judged; learn how high it is where it is no alarm.

    Return whether an episode opened or closed, see `episode`, its score and that of the second
    opinion. `rare`: that, `UNASKED`: there is none. `opens`: threshold.
    """
    knows = row.learned >= asset.ROWS * head.live
    many = _score(head.many, row.held)
    apart = _score(head.apart, row.apart) if knows else 0.0
    river = _score(head.river, rare)
    score = max(many, apart, river)
    is_open, is_shut = head.episode.length > 0, row.gate.length > 0
    is_news = once.step(head.once, score if score >= opens else 0.0, is_open or is_shut) > 0.0
    what = episode.NOTHING
    if is_open or is_news:
        what = episode.step(head.episode, score, opens, True, True)
    if what == episode.OPENED:
        head.episode.why = MANY if many == score else APART if apart == score else RIVER
    if what == episode.OPENED or not (is_open or score >= opens):
        if row.seen > base.WARMUP:
            _learn(head.many, row.held)
        if knows:
            _learn(head.apart, row.apart)
        if rare > UNASKED:
            _learn(head.river, rare)
    return what, score, river


@compiled
def _score(told: Told, raw: float) -> float:
    return tail.score(told.tail, raw) * min(told.learned / SURE, 1.0)


@compiled
def _learn(told: Told, raw: float) -> None:
    tail.learn(told.tail, raw, told.learned, tail.gain(told.learned))
    told.learned += 1
