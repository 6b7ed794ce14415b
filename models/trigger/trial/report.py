"""What is told of rules that were tried: numbers for programs, and what is to be looked at."""

from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any, NamedTuple

from models.trigger.trial.labels import Fit, judged
from models.trigger.trial.tried import Firing, Tried
from models.words import moment
from schemas.trigger import Each, Verdict

A_FACT = 0.5
"""A rule that fires on more than this share of all that it is asked of tells nothing of them."""
FEW = 4
"""Of fewer, a share says nothing."""
_ASKED_OF = {Each.CELL: "cells", Each.INCIDENT: "incidents"}


class Told(NamedTuple):
    """What is told of one rule."""

    tried: Tried
    days: float
    end_ns: int
    most_a_day: float
    fit: Fit | None = None
    """Against stretches; None: there are none."""
    verdicts: Mapping[str, Verdict] = {}
    alerts_at_once: int = 100
    """So many are told one by one in service."""

    @property
    def a_day(self) -> float:
        """Return how often it fires a day; over less (an hour at least), as if it went on so."""
        return len(self.tried.firings) / max(self.days, 1.0 / 24.0)

    @property
    def lasted_s(self) -> list[float]:
        """Return how long each alert fired, up to the end of the data."""
        return [_lasted_s(one, self.end_ns) for one in self.tried.firings]

    @property
    def what(self) -> str:
        """Return what it is asked of."""
        return _ASKED_OF.get(self.tried.rule.each, "assets")

    def warnings(self) -> Iterator[str]:
        """Say what is to be looked at before it is trusted."""
        tried, share = self.tried, self.tried.share
        is_on_incidents = tried.rule.each is Each.INCIDENT
        if not tried.asked:
            of = "recorded incident (--incidents)" if is_on_incidents else "reading"
            yield f"was asked of nothing: no {of} is of what it names"
        if share > A_FACT and len(tried.asked) >= FEW and not is_on_incidents:
            text = f"fires on {share:.0%} of all {self.what}: this is no rule but a fact"
            cap = f"in service {self.alerts_at_once:,} at once are told one by one"
            yield f"{text} ({cap}, the others as one alert with their number)"
        elif tried.most_at_once > self.alerts_at_once and not tried.rule.is_on_events:
            text = f"{tried.most_at_once:,} fire at once: in service {self.alerts_at_once:,} of a "
            yield f"{text}partition are told one by one, the others as one alert with their number"
        if self.a_day > self.most_a_day:
            yield f"fires {self.a_day:.3g} times a day, more than {self.most_a_day:g}"

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        tried = self.tried
        right, told = judged(tried.firings, self.verdicts)
        return {
            "rule": tried.rule.name,
            "firings": [_document(one, self.end_ns) for one in tried.in_order],
            "held_back": tried.held,
            "asked": len(tried.asked),
            "fired_on": len(tried.fired_on),
            "share": round(tried.share, 4),
            "most_at_once": tried.most_at_once,
            "a_day": round(self.a_day, 4),
            "labels": self._labels(),
            "said": {"right": right, "of": told} if told else None,
            "warnings": list(self.warnings()),
        }

    def _labels(self) -> dict[str, Any] | None:
        if self.fit is None:
            return None
        return {
            **self.fit._asdict(),
            "precision": self.fit.precision,
            "recall": self.fit.recall,
        }

    def lines(self, most: int) -> Iterator[str]:
        """Say it to a person; `most`: firings that are told one by one."""
        tried = self.tried
        yield f"{tried.rule.name}: {self._summary()}"
        for one in tried.in_order[:most]:
            ended = "still fires" if one.ended_ns is None else "fired"
            lasted = f"{ended} {_long(_lasted_s(one, self.end_ns))}"
            when = moment(one.fired_ns).isoformat(timespec="seconds").replace("+00:00", "Z")
            yield f"  {when} {one.subject} {lasted}, quality {one.quality:.2f}: {one.summary}"
        if len(tried.firings) > most:
            yield f"  and {len(tried.firings) - most} more"
        yield from (f"  {line}" for line in self._fits())
        yield from (f"  warning: {text}" for text in self.warnings())

    def _summary(self) -> str:
        tried = self.tried
        on = f"{len(tried.fired_on)} of {len(tried.asked)} {self.what}"
        held = f", {tried.held} held back for poor data" if tried.held else ""
        if not tried.firings:
            return f"never fired, asked of {len(tried.asked)} {self.what}{held}"
        good = min(one.quality for one in tried.firings)
        return (
            f"{len(tried.firings)} firings ({self.a_day:.3g} a day) on {on} ({tried.share:.0%}), "
            f"{_long(median(self.lasted_s))} each, {_long(sum(self.lasted_s))} in all, "
            f"quality {good:.2f} or better{held}"
        )

    def _fits(self) -> Iterator[str]:
        fit = self.fit
        if fit is not None and fit.stretches:
            precision = "-" if fit.precision is None else f"{fit.precision:.2f}"
            text = f"labels: precision {precision} ({fit.right} of {fit.firings}), "
            text += f"recall {fit.recall:.2f} ({fit.found} of {fit.stretches})"
            yield text if fit.lead_s is None else f"{text}, {_lead(fit.lead_s)}"
        right, told = judged(self.tried.firings, self.verdicts)
        if told:
            yield f"people: {right} of {told} that they judged were right"


def headline(every: list[Told], assets: int, days: float) -> str:
    """Say all of it in one line."""
    firings = sum(len(one.tried.firings) for one in every)
    never = sum(not one.tried.firings for one in every)
    warned = sum(bool(list(one.warnings())) for one in every)
    text = f"{len(every)} rules on {assets} assets over {_long(days * 86_400)}: {firings} firings"
    text += f", {never} never fired" if never else ""
    return text + (f"; {warned} to look at" if warned else "; nothing to look at")


def _lasted_s(one: Firing, end_ns: int) -> float:
    ended_ns = max(end_ns, one.fired_ns) if one.ended_ns is None else one.ended_ns
    return (ended_ns - one.fired_ns) / 1e9


def _document(one: Firing, end_ns: int) -> dict[str, Any]:
    return {
        "id": one.id,
        "asset": one.asset,
        "subject": one.subject,
        "fired": moment(one.fired_ns).isoformat(),
        "ended": None if one.ended_ns is None else moment(one.ended_ns).isoformat(),
        "lasted_s": _lasted_s(one, end_ns),
        "quality": one.quality,
        "summary": one.summary,
    }


def _lead(lead_s: float) -> str:
    return f"{_long(abs(lead_s))} {'ahead' if lead_s >= 0 else 'late'}"


def _long(time_s: float) -> str:
    """Return a duration as people say it."""
    for unit, unit_s in (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0)):
        if time_s >= unit_s:
            return f"{time_s / unit_s:.3g} {unit}"
    return f"{time_s:.3g} s"
