"""The reporter's desk: events and the clock in, what is to be written out.

Each incident gets one report when it has settled (`opened`), one when it has been over for long
enough (`postmortem`), and one at each end of a shift at which it is open (`handover`). One that is
merged into another before it was reported gets none; after that its post-mortem comes at once, and
says where it goes on. Re-opened before its post-mortem it waits on; after it, it gets no second.

The desk goes by the times at which messages came, so what is due depends on the messages alone, and
not on how they were read. It starts anew from nothing: messages are read again, and what `written`
says is there is not due.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Final, NamedTuple

from models.report.due import Due, Told, begins, slim, summed_up, wider
from models.report.shifts import Period, periods
from schemas.cascade import Radius, Stage
from schemas.report import Kind

WHOLE: Final = 1_000
"""Incidents that are kept whole; older ones as one line."""
MOST: Final = 20_000
"""Incidents that are over and still known."""
MOST_WRITTEN: Final = 100_000
"""Reports that are known to be there."""
_SOON: Final = timedelta(days=2)
_SWEEP: Final = timedelta(seconds=60)
_FIRST: Final = {Kind.OPENED: 0, Kind.HANDOVER: 1, Kind.POSTMORTEM: 2}


class Plan(NamedTuple):
    """When reports are due."""

    opened_after: timedelta
    postmortem_after: timedelta
    remember: timedelta
    shifts: tuple[str, ...] = ()
    daily: tuple[str, ...] = ()
    zone: str = "UTC"


class Waits(NamedTuple):
    """A report that waits for its time."""

    at: datetime
    incident: str
    kind: Kind
    over: datetime | None
    """Of a post-mortem: since when it was over; if it is that no more, nothing is due."""


@dataclass(slots=True)
class Case:
    """One incident."""

    site: str
    offset: int
    """Of its first message."""
    came: datetime
    """When that came."""
    since: datetime
    """When the messages begin that it rests on."""
    event: Told
    """As it was told last."""
    told: set[Kind]
    reach: Radius
    """The widest of its events."""
    over: datetime | None = None
    """When its end came; None: it is open."""
    is_old: bool = False
    """It was done with before the desk began."""
    pending: set[str] = field(default_factory=set)
    """Reports that are not yet written, by id."""
    is_slim: bool = False

    @property
    def is_done(self) -> bool:
        """Whether nothing of it is needed any more."""
        is_told = self.over is not None and Kind.POSTMORTEM in self.told
        return self.is_old or (is_told and not self.pending)


@dataclass(slots=True)
class Desk:
    """Incidents of a partition, and which reports of them are due or written."""

    plan: Plan
    now: datetime
    """By the times of messages, and of the clock."""
    upto: int = -1
    """Incidents whose first message stands before this offset are done, unless it is known."""
    written: dict[str, datetime] = field(default_factory=dict)
    """Reports that are there, by id, and since when."""
    sites: dict[str, datetime] = field(default_factory=dict)
    """Since when each is known."""
    cases: dict[str, Case] = field(default_factory=dict)
    """By incident."""
    waiting: list[Waits] = field(default_factory=list)
    """A heap."""
    swept: datetime | None = None
    ends: datetime | None = None
    """When a shift or day ends next; None: that is to be found out."""

    def know(self, site: str, since: datetime) -> None:
        """Know of a site: its shifts and days are reported from then on."""
        self.sites[site] = min(self.sites.get(site, since), since)

    def take(self, site: str, event: Told, offset: int, came: datetime) -> list[Due]:
        """Take an event in that came at `came`; return what is due by then, and for it."""
        due = self.move(came)
        case = self.cases.get(event.data.incident)
        if case is None:
            case = self._begin(site, event, offset, came)
        elif event.id == case.event.id or event.time < case.event.time:
            return due  # told before: whoever was killed tells it again
        case.reach = wider(case.reach, event.data.radius)
        case.event, case.is_slim = summed_up(event, case.reach), False
        case.over = self.now if event.data.stage.is_over else None
        return [*due, *self._ended(case)]

    def _begin(self, site: str, event: Told, offset: int, came: datetime) -> Case:
        self.know(site, came)
        number = event.data.incident
        since, reach = begins(event, came), event.data.radius
        case = Case(site, offset, self.now, since, event, set(), reach)
        case.is_old = offset < self.upto and event.data.stage is not Stage.OPENED
        once = (Kind.OPENED, Kind.POSTMORTEM)
        case.told = {kind for kind in once if case.is_old or _of(case, kind).id in self.written}
        self.cases[number] = case
        opens = self.now + self.plan.opened_after
        heappush(self.waiting, Waits(opens, number, Kind.OPENED, None))
        return case

    def _ended(self, case: Case) -> Iterator[Due]:
        """Yield what does not wait once an incident is over."""
        if case.over is None:
            return
        after = case.over + self.plan.postmortem_after
        number = case.event.data.incident
        heappush(self.waiting, Waits(after, number, Kind.POSTMORTEM, case.over))
        if case.event.data.stage is Stage.MERGED:
            if Kind.OPENED in case.told:
                yield from self._once(case, Kind.POSTMORTEM, self.now)
            case.told |= {Kind.OPENED, Kind.POSTMORTEM}
        yield from self._once(case, Kind.OPENED, self.now)

    def move(self, now: datetime) -> list[Due]:
        """Let time pass; return what came to be due."""
        if now <= self.now:
            return []
        found = [*self._waited(now), *self._by_clock(now)]
        self.now = now
        self._sweep()
        return sorted(found, key=lambda due: (due.at, _FIRST.get(due.kind, 3), due.id))

    def _waited(self, now: datetime) -> Iterator[Due]:
        while self.waiting and self.waiting[0].at <= now:
            one = heappop(self.waiting)
            case = self.cases.get(one.incident)
            if case is not None and (one.kind is Kind.OPENED or one.over == case.over):
                yield from self._once(case, one.kind, one.at)

    def _once(self, case: Case, kind: Kind, at: datetime) -> Iterator[Due]:
        if kind not in case.told:
            case.told.add(kind)
            yield from self._new(_of(case, kind, at), case)

    def _by_clock(self, now: datetime) -> Iterator[Due]:
        if self.ends is not None and now < self.ends:
            return
        for period in self._periods(self.plan.shifts, now):
            for case in self.cases.values():
                if case.over is None and case.came < period.end:
                    yield from self._new(_of(case, Kind.HANDOVER, period.end), case)
            yield from self._of_sites(Kind.SHIFT, period)
        for period in self._periods(self.plan.daily, now):
            yield from self._of_sites(Kind.DAILY, period)
        soon = periods((*self.plan.shifts, *self.plan.daily), self.plan.zone, now, now + _SOON)
        self.ends = soon[0].end if soon else now + _SOON

    def _periods(self, times: tuple[str, ...], now: datetime) -> list[Period]:
        return periods(times, self.plan.zone, self.now, now) if times else []

    def _of_sites(self, kind: Kind, period: Period) -> Iterator[Due]:
        for site, since in self.sites.items():
            if since < period.end:
                within = tuple(self._within(site, period))
                yield from self._new(Due(kind, site, period.end, period.begin, within))

    def _within(self, site: str, period: Period) -> Iterator[Told]:
        for case in self.cases.values():
            is_over = case.over is not None and case.over < period.begin
            if case.site == site and case.came <= period.end and not is_over:
                yield slim(case.event)

    def _new(self, due: Due, case: Case | None = None) -> Iterator[Due]:
        """Yield what is not written yet."""
        if due.id in self.written:
            return
        if case is not None:
            case.pending.add(due.id)
        yield due

    def wrote(self, due: Due) -> None:
        """Know that a report is there."""
        self.written[due.id] = self.now
        case = self.cases.get(due.about)
        if case is not None:
            case.pending.discard(due.id)

    def oldest(self) -> int | None:
        """Return the offset from which messages are still needed; None: none is."""
        return min((one.offset for one in self.cases.values() if not one.is_done), default=None)

    def _sweep(self) -> None:
        """Forget what is long over, and the details of what is not needed."""
        if self.swept is not None and self.now - self.swept < _SWEEP:
            return
        self.swept, late = self.now, self.now - self.plan.remember
        done = [(one.over, name) for name, one in self.cases.items() if one.is_done and one.over]
        for i, (over, name) in enumerate(sorted(done)):
            if over < late or i < len(done) - MOST:
                del self.cases[name]
        written = sorted(self.written.items(), key=lambda one: one[1])[-MOST_WRITTEN:]
        self.written = {name: at for name, at in written if at >= late}
        whole = [one for one in self.cases.values() if not one.is_slim]
        for case in [one for one in whole if one.is_done] + whole[: max(len(whole) - WHOLE, 0)]:
            case.event, case.is_slim = slim(case.event), True


def _of(case: Case, kind: Kind, at: datetime | None = None) -> Due:
    return Due(kind, case.site, at or case.came, case.since, (case.event,))
