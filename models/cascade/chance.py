"""How rare it is that an anomaly comes by itself, that it lasts, and how exactly it began."""

from typing import Final

from models.cascade.says import Says
from schemas.anomaly import Anomaly, AnomalyKind, Detector

_WEIGHT: Final = {
    AnomalyKind.EVENT: 18.0,
    AnomalyKind.SILENCE: 12.0,
    AnomalyKind.CLOCK: 14.0,
    AnomalyKind.STUCK: 14.5,
    AnomalyKind.LIMIT: 7.0,
    AnomalyKind.PEER: 12.0,
    AnomalyKind.LEVEL: 9.5,
    AnomalyKind.TOGETHER: 9.5,
}
"""-log of the chance that such an anomaly comes by itself in ten minutes on one signal.

Measured are those of levels, at most 4 a day over 500 signals (`eval quiet`), and of stuck signals:
of 539 real ones, in 42,180 signal-days, 3 were called so.
"""
_OF_QUALITY: Final = (AnomalyKind.SILENCE, AnomalyKind.STUCK, AnomalyKind.CLOCK)
"""They say that data are poor; that these are does not weaken them."""
_HARD = (Says.ERROR, Says.LOSS, Says.NARROW, Says.DOWN, Says.LEAK, Says.BATTERY)
VAGUE: Final = 0.5
"""Of the weight of what nobody knows the meaning of."""
HARD: Final = 3.0
"""More for what noise does not do: it counts, or is a state."""
_SLACK_S: Final = {AnomalyKind.STUCK: 120.0, AnomalyKind.LIMIT: 60.0}
SLACK_S, FRAMES = 15.0, 3.0
"""How far the beginning may be off that is told; of what leans away from its peers, in frames."""
_SAMPLES_OF = dict.fromkeys((Detector.EXTREME, Detector.JUMP, Detector.OUTLIER), 2.0)
MOST_SAMPLES = 15.0
"""How many samples the beginning may be off: of what leaps, and of what moves slowly."""
LEAST_S = 1.0
"""Clocks are no closer; where it is not told how often a signal is looked at, this is taken."""
EXACT: Final = {"Cel": 0.5}
"""How exact sensors are, by unit: thermometers of buildings, class B of IEC 60751 (0.3 K at 0 Cel,
0.4 K at 20 Cel), with what comes on top of it in a pipe."""
OF_AIR: Final = 2.0
"""So many times as much the air differs that machines are given, as it mixes."""
_OF_SHAPE: Final = (Detector.SWING, Detector.SEASON, Detector.SHAPE)
"""They say that it moves otherwise, not that it is far from where it was."""
NORMAL, STRONG, MOST_STRONG = 7.0, 0.5, 9.0
"""Score of an anomaly that just passes; what each decade more adds, and the most of it."""
CHANCE_S, LASTS = 20.0, 12.0
"""By chance a sign is over in about this time, where it is not told how often it is looked at; the
most that lasting adds."""
SAMPLES: Final = 20.0
"""By chance it is over in about so many samples. Of 130 anomalies of healthy noise, of six sorts,
none lasted for 40; of 24 on healthy rows of real sets 2 did, and none for 120."""
CHANCE: Final = {AnomalyKind.PEER: 5.0}
"""As above: frames that are compared."""
EACH = 2.0
"""What lasting adds, each such time."""
MORE, MOST_MORE = 3.0, 2
"""What each further point of the asset that says the same adds, and how many count."""


def due_s(body: Anomaly) -> float:
    """Return how long after it was heard last an asset should have been heard; 0.0: it is heard."""
    is_mute = body.kind is AnomalyKind.SILENCE and body.unit == "s"
    return min(max(body.expected, 0.0), max(body.value, 0.0)) if is_mute else 0.0


def slack_s(body: Anomaly) -> float:
    """Return how far the beginning that is told may be off."""
    if body.kind is AnomalyKind.PEER:
        return max(FRAMES * body.interval_s, SLACK_S)
    if body.kind is not AnomalyKind.LEVEL or body.detector is None:
        return _SLACK_S.get(body.kind, SLACK_S)
    return _SAMPLES_OF.get(body.detector, MOST_SAMPLES) * max(body.interval_s, LEAST_S)


def chance_s(body: Anomaly) -> float:
    """Return in about what time such an anomaly is over that comes by chance."""
    return CHANCE.get(body.kind, SAMPLES) * body.interval_s or CHANCE_S


def weight(body: Anomaly, says: Says) -> float:
    """Return -log of the chance that such an anomaly comes by itself in ten minutes."""
    stronger = min(max(body.score - NORMAL, 0.0) * STRONG, MOST_STRONG)
    base = _WEIGHT[body.kind] + (HARD if says in _HARD else 0.0)
    quality = 1.0 if body.kind in _OF_QUALITY else body.quality
    return (base + stronger) * _meaning(says) * (0.5 + 0.5 * quality)


def exactly(body: Anomaly) -> float:
    """Return how many times as much a difference is as the sensor is exact to, `OF_AIR` at most."""
    is_far = body.kind is AnomalyKind.LEVEL and body.detector not in _OF_SHAPE
    exact = EXACT.get(body.unit, 0.0) if is_far else 0.0
    apart = abs(body.value - body.expected)
    return apart / exact if apart < OF_AIR * exact else OF_AIR


def _meaning(says: int) -> float:
    return VAGUE if says == Says.OTHER else 1.0


def lasting(says: int, lasted_s: float, usual_s: float, points: int) -> float:
    """Return what it adds that a sign has lasted, and that so many points of the asset say it.

    `usual_s`: see `chance_s`.
    """
    lasts = min(EACH * lasted_s / usual_s, LASTS) * _meaning(says)
    return lasts + MORE * min(points - 1, MOST_MORE)
