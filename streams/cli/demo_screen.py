"""What a person sees of the demo: few lines, by the plant's clock, and the numbers at the end."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Final, NamedTuple

from rich.console import Console
from rich.text import Text

from models import bits
from models.words import moment, nanoseconds
from schemas.cascade import Cause, Incident, Next, Outcome, Stage
from schemas.events import Kind
from schemas.progress import Progress
from streams.cli import incidents
from streams.cli.demo_story import BREAKS, Break
from streams.cli.record import Record

_FEW = 3  # outcomes that are told one by one
_GOES_ON = ("cause", "shows at")
"""Lines of an incident that are told again when it is."""
_WIDE = 11  # columns of a time
_STYLES: Final = {
    Stage.OPENED: "bold magenta",
    Stage.UPDATED: "magenta",
    Stage.RESOLVED: "green",
    Stage.MERGED: "cyan",
}


@dataclass(frozen=True, slots=True)
class Foretold:
    """One that was said to be next."""

    told: datetime
    next: Next


class Named(NamedTuple):
    """How long it took, by the plant's clock and by yours, s."""

    plant_s: float
    here_s: float


@dataclass(slots=True)
class Seen:
    """What the demo has seen so far."""

    frames: int = 0
    frame_bytes: int = 0
    samples: int = 0
    anomalies: int = 0
    alerts: int = 0
    rules: set[str] = field(default_factory=set)
    """That have fired."""
    first_alert: datetime | None = None
    folded: dict[str, int] = field(default_factory=dict)
    """Anomalies, by incident."""
    broke_s: dict[Break, float] = field(default_factory=dict)
    """When, on this machine's monotonic clock."""
    named: dict[Break, Named] = field(default_factory=dict)
    """When an incident first gave what broke as its cause."""
    foretold: dict[tuple[str, str, datetime], Foretold] = field(default_factory=dict)
    """By incident, asset and time."""
    came: set[str] = field(default_factory=set)
    """Assets that were reached after that had been foretold."""
    missed: set[str] = field(default_factory=set)
    """Assets that were not seen to be reached, though it was foretold."""
    reached: dict[int, datetime] = field(default_factory=dict)
    """How far detection has come, by partition of `readings`."""
    offsets: dict[tuple[str, int], int] = field(default_factory=dict)
    """Of the next message, by topic and partition."""


class Screen:
    """Takes what topics tell, and writes what a person should read of it."""

    def __init__(self, console: Console) -> None:
        self.console, self.seen = console, Seen()
        self._reader = bits.Reader()
        self._counted = 0

    def take(self, record: Record) -> None:
        """Take one message of `bits`, `alerts`, `anomalies` or `incidents`."""
        self.seen.offsets[record.topic, record.partition] = record.offset + 1
        if not record.value.startswith(b"{"):
            self._frame(record.value)
            return
        event = json.loads(record.value)
        match event["type"]:
            case Kind.PROGRESS:
                said = Progress.model_validate(event["data"])
                self.seen.reached[said.partition] = said.reached
            case Kind.ANOMALY_OPENED:
                self.seen.anomalies += 1
            case Kind.ALERT_FIRING:
                self._alert(datetime.fromisoformat(event["time"]), event["data"])
            case str(kind) if kind.startswith("io.alltobit.incident."):
                self._incident(datetime.fromisoformat(event["time"]), event["data"])

    def begin(self, assets: int, speed: float) -> None:
        """Tell what the plant is."""
        self.console.print(
            f"a plant of {assets} assets, well; its clock goes {speed:g} times as fast as yours",
            style="dim",
        )

    def end(self, texts: Iterable[str]) -> None:
        """Tell the numbers."""
        self.console.print()
        for text in texts:
            self.console.print(text)

    def breaks(self, one: Break) -> None:
        """Tell what breaks now."""
        self.seen.broke_s[one] = monotonic()
        self.console.print()
        self._line(moment(one.at_ns), one.says, "bold")

    def upto_ns(self) -> int:
        """Return up to when all was judged; 0: nothing yet."""
        return min(map(nanoseconds, self.seen.reached.values()), default=0)

    def count(self) -> None:
        """Tell how many anomalies there are, if there are more."""
        if self.seen.anomalies > self._counted:
            self._counted = self.seen.anomalies
            self.console.print(f"{'':{_WIDE}}{self._counted} anomalies so far", style="dim")

    def _line(self, time: datetime, text: str, style: str) -> None:
        shown = Text(f"{time:%H:%M:%SZ}".ljust(_WIDE), style="dim")
        self.console.print(shown.append(text, style=style))

    def _lines(self, texts: Iterable[str], style: str = "") -> None:
        for text in texts:
            self.console.print(f"{'':{_WIDE}}{text}", style=style)

    def _frame(self, value: bytes) -> None:
        self.seen.frames += 1
        self.seen.frame_bytes += len(value)
        self.seen.samples += len(self._reader.decode(value).samples.status)

    def _alert(self, time: datetime, data: dict[str, str]) -> None:
        """Show the first of each rule; the others are counted."""
        self.seen.alerts += 1
        self.seen.first_alert = self.seen.first_alert or time
        if data["rule"] not in self.seen.rules:
            self.seen.rules.add(data["rule"])
            self._line(time, f"alert: {data['summary']}", "red")

    def _incident(self, time: datetime, data: dict[str, object]) -> None:
        incident = Incident.model_validate(data)
        self.seen.folded[incident.incident] = incident.folded
        self._note(time, incident)
        is_over = incident.stage.is_over
        if not is_over:
            self.count()
        self._line(time, f"incident: {incident.summary}", _STYLES[incident.stage])
        if incident.stage is Stage.OPENED:
            self._lines(incidents.block(data))
        elif incident.stage is Stage.UPDATED:
            self._lines(one for one in incidents.block(data) if one.startswith(_GOES_ON))
        self._lines(outcomes(incident, self.seen), "cyan")

    def _note(self, time: datetime, incident: Incident) -> None:
        """Remember whether it names what broke, and who is to be next."""
        for one in BREAKS:
            if one in self.seen.broke_s and _names(incident.causes[0], one.fault.asset):
                took = Named(_after_s(time, one), monotonic() - self.seen.broke_s[one])
                self.seen.named.setdefault(one, took)
        for coming in incident.spread:
            key = incident.incident, coming.asset, coming.p50
            self.seen.foretold.setdefault(key, Foretold(time, coming))


def _names(cause: Cause, asset: str) -> bool:
    return asset == cause.asset or asset in cause.ends


def outcomes(incident: Incident, seen: Seen) -> Iterator[str]:
    """Yield what became of what was foretold, and count it in `seen`."""
    reached = [one for one in incident.outcomes if one.reached]
    said = [seen.foretold.get((incident.incident, one.asset, one.expected)) for one in reached]
    for one, foretold in zip(reached, said, strict=True):
        if foretold and one.reached and one.reached >= foretold.told:
            seen.came.add(one.asset)
    yield from (became(*both) for both in [*zip(reached, said, strict=True)][:_FEW])
    if reached[_FEW:]:
        yield f"{'':9}and {len(reached) - _FEW} more that were foretold"
    missed = {one.asset for one in incident.outcomes if not one.reached}
    seen.missed |= missed
    if missed:
        yield f"{'foretold':<9}and not seen to be reached: {len(missed)}"


def became(one: Outcome, foretold: Foretold | None) -> str:
    """Say how a prediction ended that came true, by its own interval."""
    text = f"{'foretold':<9}{one.asset} ({one.probability:.0%}): reached at {one.reached:%H:%M:%SZ}"
    if foretold is None or one.reached is None:
        return text
    after_s = (one.reached - foretold.told).total_seconds()
    if after_s < 0:
        return f"{text}, before it was told"
    text += f", {after_s:.0f} s after it was told at {foretold.told:%H:%M:%SZ}"
    if one.reached < foretold.next.p10:
        return f"{text}, sooner than foretold"
    return f"{text}, {'later than' if one.reached > foretold.next.p90 else 'as'} foretold"


def summary(seen: Seen, assets: int) -> Iterator[str]:
    """Yield the numbers. `assets`: how many the plant has."""
    per = seen.frame_bytes / max(seen.samples, 1)
    yield (
        f"{seen.samples:,} samples of {assets} assets came as {seen.frames:,} bit frames "
        f"({per:.1f} bytes a sample, names included)"
    )
    folded, some = sum(seen.folded.values()), len(seen.folded)
    share = folded / max(seen.anomalies, 1)
    yield (
        f"{seen.anomalies} anomalies, {folded} of them ({share:.0%}) folded into {some} "
        f"{'incident' if some == 1 else 'incidents'}; {seen.alerts} alerts"
    )
    if seen.first_alert:
        yield f"first alert {_after_s(seen.first_alert, BREAKS[0]):.0f} s after the first break"
    for one, took in seen.named.items():
        yield (
            f"{one.fault.asset} named as the cause {took.plant_s:.0f} s after it broke by the "
            f"plant's clock, {took.here_s:.1f} s by yours"
        )
    if seen.came or seen.missed:
        yield (
            f"of those that were foretold {len(seen.came)} assets were reached, "
            f"{len(seen.missed)} were not seen to be"
        )


def _after_s(time: datetime, one: Break) -> float:
    return (time - moment(one.at_ns)).total_seconds()
