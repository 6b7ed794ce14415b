"""What a fault shows where it is, what of that is its own, and which waves it sends out."""

from collections.abc import Collection

from models.cascade.physics.rates import FEEDING
from models.cascade.physics.waves import Wave
from models.cascade.says import Says
from schemas.cascade import AssetKind, Fault

OWN: dict[Fault, dict[Says, float]] = {
    Fault.LINK: {
        Says.ERROR: 0.9,
        Says.LOSS: 0.6,
        Says.DOWN: 0.6,
        Says.NARROW: 0.6,
        Says.WAIT: 0.5,
        Says.LESS_WORK: 0.6,
        Says.FULL: 0.1,
        Says.OTHER: 0.2,
    },
    Fault.COMPUTE: {
        Says.ERROR: 0.9,
        Says.NARROW: 0.5,
        Says.THROTTLE: 0.3,
        Says.LESS_WORK: 0.6,
        Says.SILENCE: 0.4,
        Says.STUCK: 0.3,
        Says.LESS_POWER: 0.4,
        Says.COLD: 0.3,
        Says.DOWN: 0.2,
        Says.MORE_WORK: 0.3,
        Says.MORE_POWER: 0.2,
        Says.HOT: 0.1,
        Says.OTHER: 0.3,
    },
    Fault.HEAT: {
        Says.HOT: 0.95,
        Says.INLET: 0.3,
        Says.THROTTLE: 0.6,
        Says.FASTER: 0.4,
        Says.SLOWER: 0.4,
        Says.LESS_WORK: 0.4,
        Says.MORE_WORK: 0.3,
        Says.LESS_POWER: 0.3,
        Says.MORE_POWER: 0.1,
        Says.OTHER: 0.2,
    },
    Fault.COOLING: {
        Says.HOT: 0.8,
        Says.SLOWER: 0.7,
        Says.FASTER: 0.4,
        Says.MORE_POWER: 0.4,
        Says.LESS_POWER: 0.5,
        Says.VIBRATION: 0.5,
        Says.DOWN: 0.4,
        Says.FULL: 0.2,
        Says.ERROR: 0.2,
        Says.COLD: 0.1,
        Says.SILENCE: 0.05,
        Says.INLET: 0.2,
        Says.OTHER: 0.3,
    },
    Fault.POWER: {
        Says.VOLTAGE: 0.7,
        Says.DOWN: 0.6,
        Says.BATTERY: 0.6,
        Says.LESS_POWER: 0.6,
        Says.MORE_POWER: 0.4,
        Says.HOT: 0.5,
        Says.SILENCE: 0.3,
        Says.ERROR: 0.2,
        Says.INPUT: 0.1,
        Says.SWELL: 0.1,
        Says.OTHER: 0.3,
    },
    Fault.LEAK: {Says.LEAK: 0.97, Says.SLOWER: 0.5, Says.FASTER: 0.3, Says.HOT: 0.3},
    Fault.CONGESTION: {
        Says.WAIT: 0.9,
        Says.LOSS: 0.5,
        Says.FULL: 0.25,  # it may have been so for long: that does not date it
        Says.MORE_WORK: 0.5,
        Says.LESS_WORK: 0.4,
        Says.HOT: 0.15,  # it works harder
        Says.OTHER: 0.2,
    },
    Fault.HOST: {
        Says.SILENCE: 0.7,
        Says.LOSS: 0.3,
        Says.LESS_WORK: 0.6,
        Says.DOWN: 0.4,
        Says.LESS_POWER: 0.4,
        Says.SLOWER: 0.3,
        Says.STUCK: 0.3,
        Says.WAIT: 0.3,
        Says.MORE_WORK: 0.2,
        Says.OTHER: 0.3,
    },
    Fault.SENSOR: {
        Says.STUCK: 0.9,
        **dict.fromkeys((Says.HOT, Says.COLD, Says.FASTER, Says.SLOWER, Says.VOLTAGE), 0.4),
        **dict.fromkeys((Says.LESS_POWER, Says.MORE_POWER, Says.VIBRATION, Says.OTHER), 0.3),
        **dict.fromkeys((Says.INPUT, Says.INLET, Says.SWELL), 0.4),
    },
    Fault.CLOCK: {Says.CLOCK: 0.98, Says.SILENCE: 0.1},
    Fault.WORKLOAD: dict.fromkeys((Says.LESS_WORK, Says.MORE_WORK), 0.8),
    Fault.UNKNOWN: dict.fromkeys(Says, 0.3),
}
"""What a fault shows where it is."""


KEYS: dict[Fault, tuple[Says, ...]] = {
    Fault.LINK: (Says.ERROR, Says.DOWN, Says.NARROW, Says.LOSS),
    Fault.COMPUTE: (Says.ERROR, Says.NARROW, Says.SILENCE, Says.DOWN, Says.STUCK),
    Fault.HEAT: (Says.HOT, Says.THROTTLE, Says.SLOWER),
    Fault.COOLING: (
        *(Says.HOT, Says.SLOWER, Says.VIBRATION, Says.DOWN, Says.ERROR, Says.SILENCE),
        *(Says.FASTER, Says.FULL, Says.LESS_POWER, Says.MORE_POWER),
    ),
    Fault.POWER: (*(Says.VOLTAGE, Says.DOWN, Says.BATTERY, Says.HOT, Says.SILENCE, Says.ERROR),),
    Fault.LEAK: (Says.LEAK,),
    Fault.CONGESTION: (Says.WAIT, Says.FULL, Says.LOSS),
    Fault.HOST: (Says.SILENCE, Says.DOWN, Says.STUCK, Says.WAIT),
    Fault.SENSOR: tuple(Says),
    Fault.CLOCK: (Says.CLOCK,),
    Fault.WORKLOAD: (),
    Fault.UNKNOWN: tuple(Says),
}
"""What a fault shows of itself that its followers do not; empty: it shows nothing itself."""


ONLY: dict[tuple[Fault, Says], tuple[AssetKind, ...]] = {
    (Fault.POWER, Says.HOT): (*FEEDING, AssetKind.OTHER),
}
"""What only these kinds show of a fault of their own: a transformer overheats; what is fed by it
does not for want of power."""


APART = (Fault.COMPUTE, Fault.HEAT, Fault.HOST, Fault.SENSOR, Fault.UNKNOWN)

"""Faults to which whatever sets them apart from their peers belongs."""

STARTS: dict[Fault, tuple[Wave, ...]] = {
    Fault.LINK: (Wave.SLOW, Wave.HELD),
    Fault.COMPUTE: (Wave.SLOW, Wave.NOISY),
    Fault.HEAT: (Wave.HEAT,),
    Fault.COOLING: (Wave.HEAT,),
    Fault.POWER: (Wave.OUTAGE,),
    Fault.LEAK: (Wave.HEAT, Wave.DRAW),
    Fault.CONGESTION: (Wave.SLOW, Wave.HELD),
    Fault.HOST: (Wave.SLOW, Wave.SHARED, Wave.FILLS, Wave.NOISY),
    Fault.SENSOR: (),
    Fault.CLOCK: (Wave.SHARED,),
    Fault.WORKLOAD: (Wave.CHANGE,),
    Fault.UNKNOWN: (Wave.SLOW,),
}
"""The waves that a fault sends out."""
AT_TIMES: dict[Fault, dict[Wave, float]] = {Fault.LINK: {Wave.HELD: 0.3}}
"""Those that it sends out with this chance; the others always."""

UNASKED = 0.2
OF_NETWORK = (
    *(Fault.LINK, Fault.CONGESTION, Fault.HOST, Fault.POWER, Fault.WORKLOAD, Fault.UNKNOWN),
)
"""Faults that ports wait for: a port waits where what it has to send is not taken, and who has no
power takes nothing. What computes slowly sends less; others wait for it, as a rule (`UNASKED`),
with nothing to send."""

MILD = 0.3
"""How much of a fault is felt elsewhere, where it shows no more than its `EARLY` signs."""
EARLY: dict[Fault, tuple[Says, ...]] = {
    Fault.LEAK: (Says.LEAK,),
    Fault.POWER: (Says.VOLTAGE, Says.BATTERY, Says.MORE_POWER, Says.HOT, Says.ERROR, Says.OTHER),
    Fault.COOLING: (Says.VIBRATION, Says.ERROR, Says.OTHER),
}
"""What is seen long before others suffer, if they ever do: a wet floor, a sag that power supplies
ride through, a battery that carries the load, a bearing that is worn."""


def felt(fault: Fault, own: Collection[int]) -> float:
    """Return how much of a fault is felt elsewhere, by its own signs, 0..1."""
    is_early = bool(own) and all(says in EARLY.get(fault, ()) for says in own)
    return MILD if is_early else 1.0
