"""When shifts and days end, by a clock on the wall, also where summer time begins or ends.

A time of day that a date has twice counts the first time. One that it does not have, as the hour is
skipped, counts as if the clock had not been moved on. Ends that fall together are one.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

_DAYS = 2  # a period is a day at most; one date may be skipped, as in Samoa in 2011


class Period(NamedTuple):
    """A shift or a day, in UTC."""

    begin: datetime
    end: datetime


def periods(times: Iterable[str], zone: str, after: datetime, until: datetime) -> list[Period]:
    """Return what ends after `after`, and at `until` at the latest.

    `times`: of the day at which one ends and the next begins, local in `zone`.
    """
    every, place = tuple(times), ZoneInfo(zone)
    first = after.astimezone(place).date() - timedelta(days=_DAYS)
    days = (until - after).days + 2 * _DAYS + 1
    found = {_moment(first + timedelta(days=n), at, place) for n in range(days) for at in every}
    ordered = sorted(found)
    pairs = map(Period, ordered, ordered[1:])
    return [one for one in pairs if after < one.end <= until]


def _moment(day: date, at: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.fromisoformat(at), zone).astimezone(UTC)
