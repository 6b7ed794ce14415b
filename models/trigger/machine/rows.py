"""What rules on values remember: of each signal they read, and of each thing they are asked of."""

from typing import NamedTuple

import numpy as np

from models.compiled import Byte, Float32, Int32, Word, bare, layout
from models.gaps import NEVER
from models.rows import Table
from schemas.telemetry import Floats, Indices, Ints, Marks

LATER = np.iinfo(np.int64).max
"""No such moment."""
BUCKETS = 30
"""Of a window's ring."""
NAPS = 32
"""Moments that an instance is asked at by itself, without a sample, until one comes."""
PEER = 2
"""What a `Member` founds that is one of the peers."""
ROOM = 4 * (NAPS + 4)
"""The most events of one instance at one sample, or at one step of time: two a moment, and as many
of the one whose place it takes."""


class Last:
    """The last samples of a signal."""

    time_ns: int
    """Of the last usable one; NEVER: there was none."""
    seen_ns: int
    """Of the last one, usable or not."""
    offset: int
    value: float
    rate: float
    """A second, since the one before; NaN: there was none."""
    score: Float32
    good: Float32
    source: Int32
    lane: Int32
    """Where the last one came in; -1: none did."""
    status: Word
    """`Quality` bits of the last one, whenever it came."""
    mark: Word
    """`Quality` bits of the last usable one."""
    anomalous: Byte


class Reading:
    """A signal that rules read."""

    last: Last
    row: Int32
    """Of signals."""
    member: Int32
    """Its first place in an instance; -1."""
    ring: Int32
    """Its first window; -1."""


class Ring:
    """A window of a signal: `BUCKETS` buckets, that of number n at n % `BUCKETS`."""

    newest: int
    """Number of the newest bucket: its time over `step_ns`; NEVER: all are empty."""
    step_ns: int
    next: Int32
    """The signal's next window; -1."""


class Bucket:
    """The usable samples of one step of a window."""

    number: int
    first_ns: int
    last_ns: int
    first: float
    last: float
    least: float
    most: float
    mean: float
    square: float
    """Sum of squares of distances from the mean."""
    times: float
    """Mean of the times, in s since the bucket begins."""
    time_square: float
    both: float
    """Sums of squares of distances of times from their mean, and of products with the values'."""
    count: Int32
    changes: Int32


class Member:
    """A signal as one of those that an input of an instance stands for."""

    reading: Int32
    instance: Int32
    next: Int32
    """The signal's next place; -1."""
    other: Int32
    """The input's next signal; -1."""
    own: Int32
    """The signal itself; of a peer the one that looks at it."""
    mate: Int32
    """The instance's next one; -1."""
    founds: Int32
    """1: the instance begins with its first sample; else it waits for one that does. `PEER`: it is
    looked at, and never why the instance is asked."""


@bare
def is_idle(machine: "Machine", member: int) -> bool:
    """Say whether it is a peer of one that was never heard: then it is as if it were not there."""
    place = machine.members[member]
    return bool(place.founds == PEER and machine.readings[place.own].last.seen_ns == NEVER)


class Cited:
    """An input of an instance, when its alert began or ended: the evidence."""

    value: float
    """What the input stood for; NaN: nothing usable."""
    sample: float
    """The newest usable sample, and where it is."""
    time_ns: int
    offset: int
    source: Int32
    row: Int32
    """-1: there was none."""
    many: Int32
    """How many signals the input stood for."""
    good: Float32
    mark: Word


class Standing:
    """Where an instance stands."""

    asked_ns: int
    """The last moment; NEVER."""
    open_ns: int
    """The moment that is waiting to be asked; LATER: none."""
    due_ns: int
    """When it will change by itself at the earliest; LATER: never."""
    half_ns: int
    """Half the shortest interval of its signals, at the open moment."""
    since_ns: int
    cleared_ns: int
    """Since when a firing alert could be over; NEVER: it is not."""
    ended_ns: int
    """When the last one was over."""
    good: float
    """Quality of the evidence when the condition held last."""
    waits: Int32
    """The member waited for."""
    naps: Byte
    state: Byte
    is_awake: Byte
    is_over: Byte
    """Others, with labels, have taken its place."""
    told: Byte
    """As `models.trigger.flood` has it."""


class Instance:
    """A rule, asked of one asset, of one set of labels, or of one cell."""

    now: Standing
    rule: Int32
    """Of programs."""
    place: Int32
    """Of its first input."""
    slot: Int32
    """Of what its steps remember."""
    slots: Int32
    """How much that is."""
    answer: Int32
    """Of its first trait."""
    row: Int32
    """The first signal in it, that tells whose it is."""
    member: Int32
    """The first of all its inputs'; -1."""
    home: Int32
    """The one without labels that it takes the place of; -1: it is without, -2: there is none."""
    sibling: Int32
    """Of the one without labels: the first with some; of these the next; -1."""


class Coded:
    """A rule, as the loop reads it."""

    for_ns: int
    keep_ns: int
    stale_ns: int
    floor: float
    first: Int32
    """Of its steps; `until` is behind them, up to `end`."""
    until: Int32
    end: Int32
    inputs: Int32
    shown: Int32
    """Of the loads that say what its inputs stand for, one each."""
    constant: Int32
    """Of its constants, up to `constants`."""
    constants: Int32


class Loaded:
    """One thing that a rule reads."""

    step_ns: int
    """Of the window's ring."""
    steps: int
    """Of the ring, that the window has."""
    input: Int32
    feature: Int32
    take: Int32


READING = layout(Reading)
RING = layout(Ring)
BUCKET = layout(Bucket)
MEMBER = layout(Member)
CITED = layout(Cited)
INSTANCE = layout(Instance)
CODED = layout(Coded)
LOADED = layout(Loaded)


class Machine(NamedTuple):
    """All of it, as the loop is given it."""

    programs: Table
    codes: Ints
    """(n, 3): op, operand, slot."""
    constants: Floats
    loads: Table
    readings: Table
    rings: Table
    buckets: Table
    members: Table
    instances: Table
    firsts: Indices
    """First member of each input of each instance; -1."""
    cited: Table
    """Of each input of each instance."""
    slots: Ints
    answers: Floats
    """Of each trait of each instance: 1.0 or 0.0."""
    told: Table
    """The evidence of what happened: `Cited`, an input each."""
    counts: Ints
    """(2,): of told; the earliest moment at which what is asked now changes by itself."""
    values: Floats
    """A scratch: the stack, and (in `several`) values of which one is picked."""
    goods: Floats
    several: Floats
    reading_of: Indices
    """By signal; -1: none."""
    flaws: Marks
    """A scratch: of the samples of a span, and their scores."""
    scores: Floats
