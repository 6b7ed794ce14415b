"""What an anomaly says about its asset, whoever made the asset and however its points are called.

A point is known by the words in its canonical name (DCGM's fields, InfiniBand's counters, Brick's
classes), else by its unit. Classes are physical: errors, waiting and lost work are different things
to a cause, as errors stand where the trouble is and waiting stands where it has arrived.
"""

from enum import IntEnum, auto
from functools import lru_cache
from typing import NamedTuple

from schemas.anomaly import Anomaly, AnomalyKind
from schemas.cascade import Medium


class Says(IntEnum):
    """The class of a sign; the index into all tables of `physics`."""

    ERROR = 0
    DOWN = auto()
    """A link, breaker or machine is not in service."""
    NARROW = auto()
    """A link runs at less than its width, generation or rate."""
    WAIT = auto()
    """Something is ready and may not go on: credits, pauses, queues."""
    LESS_WORK = auto()
    MORE_WORK = auto()
    HOT = auto()
    COLD = auto()
    THROTTLE = auto()
    """A clock is lower than it was, or says why."""
    SLOWER = auto()
    """A fan, pump, valve, flow or pressure is lower."""
    FASTER = auto()
    VIBRATION = auto()
    LEAK = auto()
    VOLTAGE = auto()
    """Voltage, frequency or power factor is lower."""
    BATTERY = auto()
    LESS_POWER = auto()
    MORE_POWER = auto()
    SILENCE = auto()
    STUCK = auto()
    CLOCK = auto()
    FULL = auto()
    """Near its capacity."""
    OTHER = auto()
    INPUT = auto()
    """The voltage that it is given is lower: so says who is fed, of who feeds."""
    INLET = auto()
    """The water or air that it is given is hotter: so says who is cooled, of who cools."""
    SWELL = auto()
    """Voltage or frequency is higher, as where less is drawn."""
    LOSS = auto()
    """Packets are dropped or sent again: by a bad link, and where there are too many."""


class Sign(NamedTuple):
    """What one anomaly says."""

    says: Says
    medium: Medium | None = None
    """Of an error, a wait or a lower rate of a link, where the name tells."""


class Meaning(NamedTuple):
    """What a point says where it is higher than expected, and where it is lower."""

    higher: Says
    lower: Says


_ERRORS = Meaning(Says.ERROR, Says.OTHER)
_LOSSES = Meaning(Says.LOSS, Says.OTHER)
_WORKS = Meaning(Says.MORE_WORK, Says.LESS_WORK)
_ROOM = Meaning(Says.LESS_WORK, Says.MORE_WORK)
_MOVES = Meaning(Says.FASTER, Says.SLOWER)
_TEMPERATURE = Meaning(Says.HOT, Says.COLD)
_POWER = Meaning(Says.MORE_POWER, Says.LESS_POWER)
_VOLTAGE = Meaning(Says.SWELL, Says.VOLTAGE)
_CLOCK = Meaning(Says.OTHER, Says.THROTTLE)
_GIVEN = ("input", "entering", "inlet", "incoming", "intake")
_WHERE_GIVEN = {
    _VOLTAGE: Meaning(Says.SWELL, Says.INPUT),
    _TEMPERATURE: Meaning(Says.INLET, Says.COLD),
}
"""Of what an asset is given, not of what it makes of it."""
_WORDS: tuple[tuple[str, Meaning], ...] = (
    ("violation throttle clocks_event clock_event", Meaning(Says.THROTTLE, Says.OTHER)),
    ("sm_clock mem_clock video_clock", _CLOCK),
    ("leak", Meaning(Says.LEAK, Says.OTHER)),
    ("vibration", Meaning(Says.VIBRATION, Says.SLOWER)),
    ("battery state_of_charge", Meaning(Says.BATTERY, Says.BATTERY)),
    ("link_width link_gen linkwidth linkspeed link_speed", Meaning(Says.OTHER, Says.NARROW)),
    ("rate_bytes_per_second lanegrade activewidth activespeed", Meaning(Says.OTHER, Says.NARROW)),
    ("link_downed linkdowned", Meaning(Says.DOWN, Says.OTHER)),
    ("portstate portphysicalstate state_id", Meaning(Says.OTHER, Says.DOWN)),
    ("breaker availability operstatus oper_state link_up", Meaning(Says.DOWN, Says.DOWN)),
    ("wait congest cnp pause ecn_ queue_depth credit", Meaning(Says.WAIT, Says.LESS_WORK)),
    ("discard dropped drops out_of_seq seq_err nak_ ack_timeout retransmi", _LOSSES),
    ("error err_ _err crc ecc _dbe _sbe xid replay recover rcverrors", _ERRORS),
    ("retired remap timeout _ber ber_ failure fault retries", _ERRORS),
    ("fb_used memory_used mem_used memused", _WORKS),
    ("fb_free memory_free mem_free memfree memavailable memory_available", _ROOM),
    ("temp", _TEMPERATURE),
    ("voltage frequency power_factor", _VOLTAGE),
    ("fan pump_speed speed flow pressure valve damper fluid_level", _MOVES),
    ("xmitdata rcvdata pkts packets tx_bytes rx_bytes throughput bandwidth _active", _WORKS),
    ("occupancy util tokens steps samples_per", _WORKS),
    ("power current energy load capacity_used watts", _POWER),
)
"""Parts of names in small letters; the first that fits counts."""

_UNITS = {
    "Cel": _TEMPERATURE,
    **dict.fromkeys(("W", "kW", "A", "VA"), _POWER),
    **dict.fromkeys(("V", "Hz"), _VOLTAGE),
    **dict.fromkeys(("L/min", "m3/h", "Pa", "kPa", "rpm"), _MOVES),
    "mm/s": Meaning(Says.VIBRATION, Says.SLOWER),
    **dict.fromkeys(("B/s", "By/s"), _WORKS),
    "MHz": _CLOCK,
}
_UNKNOWN = Meaning(Says.OTHER, Says.OTHER)
_BY_KIND = {
    AnomalyKind.SILENCE: Says.SILENCE,
    AnomalyKind.STUCK: Says.STUCK,
    AnomalyKind.CLOCK: Says.CLOCK,
    AnomalyKind.LIMIT: Says.FULL,
}
_MEDIA = (
    ("nvlink", Medium.NVLINK),
    ("pcie", Medium.PCIE),
    ("infiniband", Medium.INFINIBAND),
    ("portrcv", Medium.INFINIBAND),
    ("portxmit", Medium.INFINIBAND),
    ("symbolerror", Medium.INFINIBAND),
    ("link", Medium.INFINIBAND),
    ("eth", Medium.ETHERNET),
)
OF_WORK = frozenset(
    (
        *(Says.LESS_WORK, Says.MORE_WORK, Says.COLD, Says.SLOWER, Says.FASTER, Says.WAIT),
        *(Says.LESS_POWER, Says.MORE_POWER, Says.SWELL, Says.OTHER),
    )
)
"""What a machine also says when it is given other work, or none."""
OF_MORE = frozenset((Says.MORE_WORK, Says.MORE_POWER, Says.FASTER))
"""What a machine says that is given more work, and does it."""
OF_LESS = frozenset((Says.LESS_WORK, Says.LESS_POWER, Says.COLD, Says.SLOWER))
"""What a machine says that is given less work."""
AGAIN = OF_MORE | {Says.HOT}
"""What a machine says that goes to work again."""
CROWDS = frozenset((Says.WAIT, Says.FULL))
"""What ports say that have more to send than goes through."""
SOFT = frozenset(
    (
        *(Says.LESS_WORK, Says.MORE_WORK, Says.HOT, Says.COLD, Says.THROTTLE, Says.SLOWER),
        *(Says.FASTER, Says.VOLTAGE, Says.LESS_POWER, Says.MORE_POWER, Says.WAIT, Says.OTHER),
        *(Says.INPUT, Says.INLET, Says.SWELL),
    )
)
"""What things also say while they come back to normal."""
_OF_LINKS = frozenset((Says.LOSS, Says.ERROR, Says.DOWN, Says.NARROW, Says.WAIT))
_XID_OF_PROGRAMS = frozenset((13, 31, 43, 45, 68, 69))
"""XIDs that a job's own program, or its end, raises (NVIDIA, XID Errors, "user application")."""
_XID_OF_NVLINK = frozenset((74, 144, 145, 146, 147, 148, 149, 150))


@lru_cache(maxsize=65_536)
def _named(point: str, unit: str) -> tuple[Meaning, Medium | None]:
    name = point.lower()
    for words, meaning in _WORDS:
        if any(word in name for word in words.split()):
            return _given(name, meaning), _medium(name)
    return _given(name, _UNITS.get(unit, _UNKNOWN)), None


def _given(name: str, meaning: Meaning) -> Meaning:
    is_given = any(word in name for word in _GIVEN)
    return _WHERE_GIVEN.get(meaning, meaning) if is_given else meaning


def _medium(name: str) -> Medium | None:
    return next((medium for word, medium in _MEDIA if word in name), None)


def sign(anomaly: Anomaly) -> Sign:
    """Say what an anomaly says of its asset."""
    if anomaly.kind in _BY_KIND:
        return Sign(_BY_KIND[anomaly.kind])
    if anomaly.kind is AnomalyKind.EVENT:
        return _event(anomaly)
    meaning, medium = _named(anomaly.point, anomaly.unit)
    says = meaning.lower if anomaly.value < anomaly.expected else meaning.higher
    return Sign(says, medium if says in _OF_LINKS else None)


def _event(anomaly: Anomaly) -> Sign:
    if "xid" in anomaly.point.lower():
        if int(anomaly.value) in _XID_OF_PROGRAMS:
            return Sign(Says.LESS_WORK)
        if int(anomaly.value) in _XID_OF_NVLINK:
            return Sign(Says.ERROR, Medium.NVLINK)
    return Sign(Says.ERROR)
