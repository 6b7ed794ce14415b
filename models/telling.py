"""How each kind of anomaly is told: its summary, and the evidence for it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from models import happened as tell
from models.anomaly import base, episode, past
from models.capacity import nearly_full
from models.names import Known
from models.peers.words import stands_out
from models.together import episodes
from models.together import words as together
from models.trend import telling as trend
from models.trigger import limit as trigger
from models.words import Told, fact, mended, moment, number, sample_fact, second, unit_of
from schemas.anomaly import AnomalyKind, Detector, Ended
from schemas.events import Evidence, Fact, Hypothesis

if TYPE_CHECKING:
    from models.state import State as Memory

_ENDED = {
    episode.RECOVERED: Ended.RECOVERED,
    episode.ADOPTED: Ended.ADOPTED,
    tell.MOVED: Ended.RECOVERED,
    tell.RETURNED: Ended.RECOVERED,
    tell.GONE: Ended.ADOPTED,
    tell.GOES_ON: Ended.RECOVERED,
    tell.RIGHT: Ended.RECOVERED,
    tell.ALERT + trigger.RESOLVE: Ended.RECOVERED,
    tell.PEER_BACK: Ended.RECOVERED,
    tell.PEER_ADOPTED: Ended.ADOPTED,
}


DETECTOR = {
    base.EXTREME: Detector.EXTREME,
    base.OUTLIER: Detector.OUTLIER,
    base.JUMPED: Detector.JUMP,
    base.MOVED: Detector.LEVEL,
    base.SWUNG: Detector.SWING,
    past.SEASON: Detector.SEASON,
    past.SHAPE: Detector.SHAPE,
    episodes.MANY: Detector.MANY,
    episodes.APART: Detector.APART,
    episodes.RIVER: Detector.RIVER,
}
_SAYS = {
    Detector.EXTREME: "is farther out than it ever was",
    Detector.OUTLIER: "is far from its centre",
    Detector.JUMP: "jumped by more than its steps are",
    Detector.LEVEL: "has moved to another level",
    Detector.SWING: "swings otherwise than it did",
    Detector.SEASON: "is not as at this time of the day or week",
    Detector.SHAPE: "takes a course that was not seen before",
}


class About(NamedTuple):
    """What the words of a signal's anomaly are made of."""

    memory: "Memory"
    row: np.void
    name: str
    known: Known
    unit: str
    ended: Ended | None

    def value(self, column: str = "value") -> str:
        """Return a number of it as people read it."""
        return number(float(self.row[column]), self.unit)

    @property
    def lasted_s(self) -> float:
        """Return how long it has lasted."""
        return (int(self.row["time_ns"]) - int(self.row["since_ns"])) / 1e9

    def sample(self, text: str) -> list[Fact]:
        """Return the sample that shows it, and how it was mended."""
        shown = sample_fact(self.memory, self.row, text, self.unit)
        return [shown, *mended(self.memory, self.row, self.name, self.known)]

    def began(self, text: str) -> list[Fact]:
        """Return the sample that began what has ended."""
        since = int(self.row["since_ns"])
        source = self.memory.sources[int(self.row["since_source"])]
        offset = int(self.row["since_offset"])
        return [fact(source, offset, f"{text} {second(since)}", time=moment(since))]


def say(memory: "Memory", row: np.void) -> Told:
    """Put a `models.rows.Happened` that is no rule's, but a capacity's, into words."""
    if tell.SILENT <= row["what"] < tell.STOPPED:
        return _lane(memory, row)
    if tell.STOPPED <= row["what"] < tell.OFF:
        return _some(memory, row)
    if tell.OFF <= row["what"] <= tell.RIGHT:
        return _clock(memory, row)
    if tell.TOGETHER <= row["what"] <= tell.TOGETHER_ADOPTED:
        return together.say(memory, row)
    kind, words = _WORDS[int(row["what"])]
    signal = int(row["row"])
    asset_id, point = memory.names.asset_of[signal], memory.names.point_of[signal]
    asset, known = memory.names.assets[asset_id], memory.config.known(point)
    unit = unit_of(known, row)
    ended = _ENDED.get(int(row["what"]))
    if row["what"] == tell.EVENT_WENT:
        ended = Ended.RECOVERED if row["value"] == 0.0 else Ended.REPLACED
    if row["what"] == tell.TREND_ENDED:
        ended = trend.ended(row)
    summary, evidence = words(About(memory, row, f"{asset} {point}", known, unit, ended))
    who = (asset, point) if kind is AnomalyKind.LEVEL else (kind, asset, point, int(row["what"]))
    cell = memory.names.cells[asset_id]
    return Told(kind, asset, point, cell, unit, summary, evidence, ended, tuple(map(str, who)))


def _level(about: About) -> tuple[str, Evidence]:
    row, name, unit = about.row, about.name, about.unit
    centre, score = float(row["centre"]), float(row["score"])
    facts = about.sample(f"{name} was {about.value()}")
    if about.ended:
        facts += about.began(f"{name} departed at")
    distance = abs(float(row["value"]) - centre) / float(row["spread"])
    says = _SAYS[DETECTOR[int(row["why"])]]
    text = f"{says}: {distance:.1f} spreads from its centre of {number(centre, unit)}"
    evidence = Evidence(facts=tuple(facts), hypotheses=(Hypothesis(text=text, score=score),))
    lasted = f"{about.lasted_s:.0f} s"
    if about.ended is Ended.RECOVERED:
        return f"{name} is back to normal: {about.value()} after {lasted}", evidence
    if about.ended is Ended.ADOPTED:
        text = f"{name} stays at {about.value()} since {lasted}; this is now its normal level"
        return text, evidence
    if row["what"] == episode.GREW:
        facts = about.began(f"{name} departed at")
        evidence = evidence.model_copy(update={"facts": (*evidence.facts, *facts)})
        says = f"is farther off after {lasted}"
    text = f"{name} {says}: {about.value()}, expected about {number(centre, unit)}"
    text += f" (score {score:.1f})"
    return text, evidence


def _came(about: About) -> tuple[str, Evidence]:
    code, before = about.value(), about.value("centre")
    facts = about.sample(f"{about.name} changed to {code}")
    unknown = "whether the same event came again: the gauge would not show it"
    evidence = Evidence(facts=tuple(facts), unknowns=(unknown,))
    return f"{about.name} tells event {code} (before: {before})", evidence


def _went(about: About) -> tuple[str, Evidence]:
    code, was = about.value(), about.value("centre")
    facts = [*about.sample(f"{about.name} changed to {code}"), *about.began(f"{was} came at")]
    what = "is back at 0" if about.ended is Ended.RECOVERED else f"tells event {code}"
    return f"{about.name} {what} after event {was}", Evidence(facts=tuple(facts))


def _stuck(about: About) -> tuple[str, Evidence]:
    text = f"{about.name} has told {about.value()} {about.row['centre']:.0f} times in a row"
    return f"{text}; it never did for so long", Evidence(facts=tuple(about.sample(text)))


def _moved(about: About) -> tuple[str, Evidence]:
    facts = about.sample(f"{about.name} was {about.value()}")
    facts += about.began(f"{about.name} was found stuck at")
    text = f"{about.name} moves again: {about.value()} after {about.row['centre']:.0f} equal values"
    return text, Evidence(facts=tuple(facts))


def _kind(about: About) -> tuple[str, Evidence]:
    now, before = about.value(), about.value("centre")
    facts = about.sample(f"{about.name} fell from {before} to {now}")
    text = (
        f"{about.name} is declared a counter and goes down as a gauge does: "
        "from now on it is told as it is sent"
    )
    return text, Evidence(facts=tuple(facts))


def _unit(about: About) -> tuple[str, Evidence]:
    reading, capacity = about.value(), about.value("centre")
    ratio = f"{float(about.row['spread']):.6g}"
    facts = about.sample(f"{about.name} would have been {reading}; its capacity is {capacity}")
    text = (
        f"{about.name} is in another unit: {reading} is more than its capacity of {capacity}; "
        f"from now on its values are multiplied by {ratio}"
    )
    hypothesis = Hypothesis(text=f"its values are possible when multiplied by {ratio}", score=0.0)
    return text, Evidence(facts=tuple(facts), hypotheses=(hypothesis,))


def _grows(about: About) -> tuple[str, Evidence]:
    times = f"{about.row['centre']:.0f}"
    facts = about.sample(f"{about.name} grew {times} times and never fell; it was {about.value()}")
    text = f"{about.name} only ever grows: if it is a counter, declare its point `kind: counter`"
    return text, Evidence(facts=tuple(facts))


def _trend(about: About) -> tuple[str, Evidence]:
    memory, row = about.memory, about.row
    told = trend.foretold(memory, row)
    words = trend.Words(about.name, about.unit, told, trend.limit_from(memory, row, told))
    facts = about.sample(f"{about.name} was {about.value()} on average of the last hours")
    if about.ended:
        return words.ended(row, tuple(facts))
    return words.opened(row, tuple(facts))


def _lane(memory: "Memory", row: np.void) -> Told:
    lane = memory.lanes.all[int(row["row"])]
    asset_id, source = int(lane["asset"]), memory.sources[int(lane["source"])]
    asset, cell = memory.names.assets[asset_id], memory.names.cells[asset_id]
    what, since, ended = int(row["what"]), int(row["since_ns"]), _ENDED.get(int(row["what"]))
    usual, limit = f"{float(row['centre']):.3g} s", f"{float(row['spread']):.6g} s"
    text = f"{asset} was heard at {second(since)}; its usual interval is {usual}"
    facts = [fact(source, int(row["since_offset"]), text, time=moment(since))]
    if what == tell.RETURNED:
        back = moment(int(row["time_ns"]))
        facts.append(fact(source, int(row["offset"]), f"{asset} is heard again", time=back))
    place = f"{source.topic}/{source.partition}"
    lasted = f"{float(row['value']):.6g} s"
    summary = {
        tell.SILENT: f"{asset} says nothing in {place} for {lasted} (limit {limit})",
        tell.RETURNED: f"{asset} is heard again in {place} after {lasted}",
        tell.GONE: f"{asset} says nothing in {place} for {lasted}: it is taken to be gone",
    }[what]
    evidence = Evidence(facts=tuple(facts))
    who = (AnomalyKind.SILENCE, asset, *source)
    return Told(
        AnomalyKind.SILENCE,
        asset,
        "",
        cell,
        "s",
        summary,
        evidence,
        ended,
        tuple(map(str, who)),
    )


def _clock(memory: "Memory", row: np.void) -> Told:
    """Say how far the clock of an asset is off."""
    lane = memory.lanes.all[int(row["row"])]
    asset_id, source = int(lane["asset"]), memory.sources[int(lane["source"])]
    asset, cell = memory.names.assets[asset_id], memory.names.cells[asset_id]
    off, ended = float(row["value"]), _ENDED.get(int(row["what"]))
    side = "ahead of" if off > 0.0 else "behind"
    text = f"{asset} tells times {abs(off):.6g} s {side} those of the others in {source.topic}"
    at = fact(source, int(row["offset"]), text, time=moment(int(row["time_ns"])))
    summary = f"the clock of {asset} is right again" if ended else text
    who = (AnomalyKind.CLOCK, asset, *source)
    told = "s", summary, Evidence(facts=(at,)), ended, tuple(map(str, who))
    return Told(AnomalyKind.CLOCK, asset, "", cell, *told)


def _some(memory: "Memory", row: np.void) -> Told:
    """Say which signals of an asset are silent while others are not."""
    signal, source = int(row["row"]), memory.sources[int(row["source"])]
    asset_id = memory.names.asset_of[signal]
    asset, since = memory.names.assets[asset_id], int(row["since_ns"])
    rows = [int(one) for one in (signal, row["binding"], row["third"]) if one >= 0]
    names = ", ".join(memory.names.point_of[one] for one in rows)
    many, ended = int(row["value"]), _ENDED.get(int(row["what"]))
    names += f" and {many - len(rows)} more" * (many > len(rows) and not ended)
    text = f"{asset} was heard without {names}, last at {second(since)}"
    summary = f"{many} of the signals of {asset} are silent while others are not: {names}"
    if ended:
        text = f"{asset} was heard"
        summary = f"no signal of {asset} is silent any more, but for those gone for a day"
    at = fact(source, int(row["offset"]), text, time=moment(int(row["time_ns"])))
    who = (AnomalyKind.SILENCE, asset, *source, "signals")
    cell = memory.names.cells[asset_id]
    told = summary, Evidence(facts=(at,)), ended, tuple(map(str, who))
    return Told(AnomalyKind.SILENCE, asset, "", cell, "", *told)


_WORDS: dict[int, tuple[AnomalyKind, Callable[[About], tuple[str, Evidence]]]] = {
    episode.OPENED: (AnomalyKind.LEVEL, _level),
    episode.GREW: (AnomalyKind.LEVEL, _level),
    episode.RECOVERED: (AnomalyKind.LEVEL, _level),
    episode.ADOPTED: (AnomalyKind.LEVEL, _level),
    tell.EVENT_CAME: (AnomalyKind.EVENT, _came),
    tell.EVENT_WENT: (AnomalyKind.EVENT, _went),
    tell.STUCK: (AnomalyKind.STUCK, _stuck),
    tell.MOVED: (AnomalyKind.STUCK, _moved),
    tell.KIND: (AnomalyKind.REPAIR, _kind),
    tell.UNIT: (AnomalyKind.REPAIR, _unit),
    tell.GROWS: (AnomalyKind.REPAIR, _grows),
    tell.ALERT + trigger.FIRE: (AnomalyKind.LIMIT, nearly_full),
    tell.ALERT + trigger.RESOLVE: (AnomalyKind.LIMIT, nearly_full),
    tell.PEER_OUT: (AnomalyKind.PEER, stands_out),
    tell.PEER_BACK: (AnomalyKind.PEER, stands_out),
    tell.PEER_ADOPTED: (AnomalyKind.PEER, stands_out),
    tell.TREND: (AnomalyKind.TREND, _trend),
    tell.TREND_ENDED: (AnomalyKind.TREND, _trend),
}
