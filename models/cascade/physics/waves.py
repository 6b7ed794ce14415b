"""What reaches an asset, and what that shows: errors stand where trouble is, waiting elsewhere."""

from enum import IntEnum, auto
from typing import Final, NamedTuple

from models.cascade.says import Says


class Wave(IntEnum):
    """What reaches an asset."""

    SLOW = 0
    """What it does for others is slower: they will wait for it."""
    WAITING = auto()
    """It waits for somebody."""
    HEAT = auto()
    """It is cooled less."""
    OUTAGE = auto()
    """It is fed less, or not at all."""
    LOAD = auto()
    """Less is asked of it: power or cooling of those that stand still."""
    SHARED = auto()
    """It shares a clock or an agent with the whole."""
    CUT = auto()
    """The other end of a link of it is dead."""
    DRAW = auto()
    """Water that it circulates is lost below."""
    HELD = auto()
    """It may not send: what it sends to, or through, takes no more."""
    CHANGE = auto()
    """Its job does other work, or those that it feeds and cools do."""
    FILLS = auto()
    """It takes no more: what sends to it may not."""
    NOISY = auto()
    """What it sends over its links is damaged."""
    GARBLED = auto()
    """What it is sent over a link is damaged."""
    EASED = auto()
    """It cools less, so those that cool and feed it will have less to do."""


WAVES: Final = len(Wave)


SHOWS: dict[Wave, dict[Says, float]] = {
    Wave.SLOW: {
        Says.LESS_WORK: 0.8,
        Says.WAIT: 0.6,
        Says.LESS_POWER: 0.4,
        Says.COLD: 0.3,
        Says.LOSS: 0.2,
        Says.THROTTLE: 0.02,
        Says.MORE_WORK: 0.05,
        Says.OTHER: 0.2,
    },
    Wave.WAITING: {
        Says.LESS_WORK: 0.85,
        Says.MORE_WORK: 0.15,
        Says.WAIT: 0.7,
        Says.LESS_POWER: 0.6,
        Says.COLD: 0.5,
        Says.SLOWER: 0.3,
        Says.THROTTLE: 0.02,
        Says.MORE_POWER: 0.05,
        Says.OTHER: 0.2,
    },
    Wave.HEAT: {
        Says.HOT: 0.9,
        Says.INLET: 0.9,
        Says.THROTTLE: 0.5,
        Says.FASTER: 0.5,
        Says.MORE_POWER: 0.3,
        Says.LESS_WORK: 0.3,
        Says.LESS_POWER: 0.05,
        Says.SLOWER: 0.1,
        Says.FULL: 0.2,
        Says.OTHER: 0.2,
    },
    Wave.OUTAGE: {
        Says.SILENCE: 0.8,
        Says.LESS_POWER: 0.8,
        Says.VOLTAGE: 0.7,
        Says.INPUT: 0.8,
        Says.LESS_WORK: 0.7,
        Says.DOWN: 0.6,
        Says.SLOWER: 0.6,
        Says.BATTERY: 0.5,
        Says.COLD: 0.5,
        Says.STUCK: 0.2,
        Says.ERROR: 0.1,
        Says.MORE_POWER: 0.1,
        Says.HOT: 0.05,
        Says.SWELL: 0.05,
        Says.OTHER: 0.3,
    },
    Wave.LOAD: {
        Says.LESS_POWER: 0.8,
        Says.COLD: 0.5,
        Says.SLOWER: 0.5,
        Says.LESS_WORK: 0.4,
        Says.SWELL: 0.4,
        Says.VOLTAGE: 0.03,
        Says.INPUT: 0.03,
        Says.FASTER: 0.05,
        Says.MORE_POWER: 0.05,
        Says.HOT: 0.03,
        Says.OTHER: 0.2,
    },
    Wave.CHANGE: {
        **dict.fromkeys((Says.LESS_WORK, Says.MORE_WORK), 0.8),
        **dict.fromkeys((Says.LESS_POWER, Says.MORE_POWER), 0.7),
        **dict.fromkeys((Says.HOT, Says.COLD, Says.FASTER, Says.SLOWER), 0.4),
        Says.WAIT: 0.4,
        Says.FULL: 0.1,
        Says.THROTTLE: 0.02,
        Says.VOLTAGE: 0.1,
        Says.SWELL: 0.1,
        Says.OTHER: 0.2,
    },
    Wave.CUT: {
        Says.DOWN: 0.9,
        Says.NARROW: 0.7,
        Says.ERROR: 0.5,
        Says.LOSS: 0.5,
        Says.LESS_WORK: 0.8,
        Says.WAIT: 0.3,
        Says.OTHER: 0.2,
    },
    Wave.DRAW: {
        **dict.fromkeys((Says.SLOWER, Says.FASTER), 0.6),
        **dict.fromkeys((Says.MORE_POWER, Says.LESS_POWER), 0.3),
        Says.HOT: 0.2,
        Says.OTHER: 0.3,
    },
    Wave.HELD: {
        Says.WAIT: 0.7,
        Says.LOSS: 0.3,
        Says.LESS_WORK: 0.5,
        Says.FULL: 0.2,
        Says.OTHER: 0.2,
    },
    Wave.NOISY: {Says.ERROR: 0.8, Says.LOSS: 0.5, Says.DOWN: 0.2, Says.NARROW: 0.2},
    Wave.GARBLED: {Says.ERROR: 0.9, Says.LOSS: 0.5, Says.DOWN: 0.2, Says.NARROW: 0.2},
    Wave.EASED: {},
    Wave.FILLS: {Says.LESS_WORK: 0.3, Says.FULL: 0.25, Says.OTHER: 0.1},
    Wave.SHARED: {Says.CLOCK: 0.9, Says.SILENCE: 0.6, Says.STUCK: 0.2},
}


class Mark(NamedTuple):
    """What tells that a wave is really there, where it was sent out."""

    says: tuple[Says, ...]
    share: float
    """Of those it has reached, so many must bear it before what follows from it is believed."""


MARKS: dict[Wave, Mark] = {
    Wave.HEAT: Mark((Says.HOT, Says.INLET, Says.THROTTLE, Says.FASTER), 0.1),
    Wave.OUTAGE: Mark((Says.SILENCE, Says.DOWN, Says.VOLTAGE, Says.INPUT, Says.BATTERY), 0.6),
    Wave.SHARED: Mark((Says.CLOCK, Says.SILENCE), 0.3),
    Wave.CHANGE: Mark(
        (Says.LESS_WORK, Says.MORE_WORK, Says.LESS_POWER, Says.MORE_POWER, Says.COLD), 0.1
    ),
}
"""Nobody waits for what is not even warm, and a job that changes does so everywhere: it does other
work; where members do no more than wait, they wait for something."""


LONG: Final = (Wave.SLOW, Wave.WAITING, Wave.HELD, Wave.FILLS)
"""Work waits by long ways: of a port its switch, of that hosts, of these a job, and of that the
ports of all others. Who are late there are so for one reason."""
FAINTER: Final = 0.1
"""Each step of these is likely, all of them are not: they are followed to a chance that is less by
this factor. Else who stands half-way explains more than what it waits for."""
