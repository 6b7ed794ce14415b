"""VOLTTRON: the messages of its documentation."""

from schemas.formats.base import Golden

_PAGE = "VOLTTRON documentation (Apache-2.0), Historian Topic Syntax"
_TIME_MS = 1_447_795_450_189
_SUBJECT = "devices/pnnl/building/all"
_POINTS = b'{"OutsideAirTemperature ": 52.5, "MixedAirTemperature ": 58.5}'
_UNITS = b"""{"OutsideAirTemperature ": {"units": "F", "tz": "UTC", "type": "float"},
"MixedAirTemperature ": {"units": "F", "tz": "UTC", "type": "float"}}"""


def _told(time_ns: int) -> tuple[tuple[str, str, int, float, int], ...]:
    values = (("OutsideAirTemperature ", 52.5), ("MixedAirTemperature ", 58.5))
    return tuple(("pnnl/building", point, time_ns, value, 0) for point, value in values)


GOLDEN_VOLTTRON: tuple[Golden, ...] = (
    Golden(
        f"{_PAGE}: with metadata; the names end in a space there",
        b"[%s, %s]" % (_POINTS, _UNITS),
        _told(_TIME_MS * 10**6),
        _SUBJECT,
        _TIME_MS,
    ),
    Golden(
        f"{_PAGE}: its headers and message in one object",
        b'{"headers": {"Date": "2015-11-17 21:24:10.189393+00:00", '
        b'"TimeStamp": "2015-11-17 21:24:10.189393+00:00"}, "message": [%s, %s]}'
        % (_POINTS, _UNITS),
        _told(1_447_795_450_189_393_000),
        _SUBJECT,
    ),
)
