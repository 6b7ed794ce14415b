"""One fault beside the incident that is about it.

The incident of a fault was told first while the fault lasted, or was over and came back then; one
that was told before and came to be about the fault does not count, whatever it says (`older`). Its
first sign may be older than the fault: a sign that came by chance, or a detector that dates it too
early. Of several it is the one that holds most anomalies of assets that the fault moved: an event
names its cause, the first followers of each kind and how many anomalies it stands for, so that is
the number, times the share of the named assets that were moved. So a small incident with the right
cause does not help where a larger one with a wrong cause stands beside it. One that is merged into
another, while the fault lasts, is none.

What an incident says in the end is what it said last while the fault lasted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

from models.evaluate.cascade.record import Case, Episode, Telling

TOP = 3


@dataclass(frozen=True)
class Verdict:
    """What came of one fault."""

    case: Case
    episode: Episode | None = None
    """The incident of the fault."""
    older: bool = False
    """There is none, and one that was told before the fault named it first in the end."""

    @property
    def seen(self) -> bool:
        """Say whether the fault moved anything visible: if not, nobody can name it."""
        return bool(self.case.moved)

    @property
    def tellings(self) -> tuple[Telling, ...]:
        """Return what its incident said while the fault lasted."""
        return self.episode.until(self.case.end_s) if self.episode else ()

    @property
    def last(self) -> Telling | None:
        """Return what it said in the end."""
        return self.tellings[-1] if self.tellings else None

    @property
    def top1(self) -> bool:
        """Say whether what broke stands first."""
        return self.last is not None and _right(self.case, self.last, 1)

    @property
    def top3(self) -> bool:
        """Say whether what broke is among the first three."""
        return self.last is not None and _right(self.case, self.last, TOP)

    @property
    def localised_s(self) -> float:
        """Say how long after the fault began the right cause stood first, to stay. NaN: never."""
        found = nan
        for telling in reversed(self.tellings):
            if not _right(self.case, telling, 1):
                break
            found = telling.at_s - self.case.fault.start_s
        return found

    @property
    def named(self) -> str:
        """Say what was named, in words."""
        if self.last is None:
            return "no incident"
        first = self.last.body.causes[0]
        place = " - ".join(first.ends) or first.asset
        return f"{place}: {first.fault} ({first.probability:.0%})"

    @property
    def word(self) -> str:
        """Say how right it was."""
        if not self.seen:
            return "unseen"
        if self.last is None:
            return "older" if self.older else "none"
        return "first" if self.top1 else "third" if self.top3 else "wrong"


def _right(case: Case, telling: Telling, first: int) -> bool:
    return any(cause.asset in case.right for cause in telling.body.causes[:first])


def judged(case: Case, episodes: Sequence[Episode]) -> Verdict:
    """Find the incident of a fault."""
    able = [
        (_holds(case, one), -one.opened_s, i)
        for i, one in enumerate(episodes)
        if case.lasts(one.opened_s) and not (one.merged and case.lasts(one.over_s))
    ]
    most, _, which = max(able, default=(0.0, 0.0, 0))
    if most > 0.0:
        return Verdict(case, episodes[which])
    return Verdict(case, older=any(_is_older(case, one) for one in episodes))


def _is_older(case: Case, episode: Episode) -> bool:
    if episode.opened_s >= case.fault.start_s:
        return False
    last = episode.until(case.end_s)[-1]
    return case.lasts(last.at_s) and _right(case, last, 1)


def _holds(case: Case, episode: Episode) -> float:
    """Say how many anomalies of what the fault moved an incident holds, about."""
    last = episode.until(case.end_s)[-1]
    of_it = [asset for asset in last.named if asset in case.moved or asset in case.right]
    return last.body.folded * len(of_it) / len(last.named)
