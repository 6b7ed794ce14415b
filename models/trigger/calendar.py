"""When nothing is to come of an alert: work on the plant, and silences."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from fnmatch import fnmatchcase
from typing import Protocol
from zoneinfo import ZoneInfo

from schemas.trigger import Maintenance, Silence, Weekday

_DAYS = [*Weekday]


class Silenceable(Protocol):
    """An alert, or what is remembered of one."""

    @property
    def rule(self) -> str:
        """The rule's name."""

    @property
    def asset(self) -> str:
        """Whom it is about."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels."""


def maintenance(windows: Iterable[Maintenance], asset: str, now: datetime) -> Maintenance | None:
    """Return the work on an asset that goes on at event time `now`."""
    fits = (one for one in windows if fnmatchcase(asset, one.asset))
    return next((one for one in fits if is_within(one, now)), None)


def is_within(window: Maintenance, now: datetime) -> bool:
    """Say whether work goes on; its beginning is within, its end is not."""
    if window.begins and window.ends:
        return window.begins <= now < window.ends
    local = now.astimezone(ZoneInfo(window.zone)).date()
    length = timedelta(seconds=window.lasts_s)
    days = (local - timedelta(days=back) for back in range(length.days + 2))
    began = (_began(window, day) for day in days if _DAYS[day.weekday()] in window.days)
    return any(one <= now < one + length for one in began)


def _began(window: Maintenance, day: date) -> datetime:
    at = datetime.combine(day, time.fromisoformat(window.at or "00:00"), ZoneInfo(window.zone))
    return at.astimezone(ZoneInfo("UTC"))


def silence(silences: Iterable[Silence], alert: Silenceable, now: datetime) -> Silence | None:
    """Return what silences an alert at event time `now`."""
    return next((one for one in silences if now < one.until and covers(one, alert)), None)


def covers(one: Silence, alert: Silenceable) -> bool:
    """Say whether a silence is about such an alert."""
    names = fnmatchcase(alert.rule, one.rule) and fnmatchcase(alert.asset, one.asset)
    return names and one.labels.items() <= alert.labels.items()
