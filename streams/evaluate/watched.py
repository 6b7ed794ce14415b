"""A plant, watched as the worker watches it, and what that costs."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import chain
from math import ceil
from time import thread_time

from models.cascade.cascade import Cascade
from models.evaluate.cascade.burst import START_NS, rehearse
from models.evaluate.cascade.plan import Timing, Together
from models.evaluate.cascade.record import Case, Record
from models.evaluate.told import Told
from models.simulate import Fault, Found, Plant, Witness
from models.site import Graph
from schemas.anomaly import Anomaly
from schemas.cascade import Incident
from schemas.events import Event
from streams.cli.console import progress


@dataclass(slots=True)
class Cost:
    """Seconds of this thread's processor."""

    cascade_s: float = 0.0
    worst_s: float = 0.0
    """Of one tick: its anomalies, and the step."""
    all_s: float = 0.0
    """With the plant, its twins and detection."""

    def add(self, seconds: float) -> None:
        """Count a tick."""
        self.cascade_s += seconds
        self.worst_s = max(self.worst_s, seconds)


Hear = Callable[[list[Event[Anomaly]], list[Event[Incident]]], object]
"""Is given what each tick told."""


@dataclass(slots=True)
class Watch:
    """A plant under way, what is told of it, and what comes of that. A branch goes on by itself."""

    ticks: Witness
    told: Told
    cascade: Cascade
    record: Record
    is_faulty: bool = False
    """The healthy stretch has ended."""
    cases: dict[Fault, Case] = field(init=False)

    def __post_init__(self) -> None:
        """Look up faults."""
        self.cases = {case.fault: case for case in self.record.cases}

    @classmethod
    def of(cls, plant: Plant, graph: Graph, timing: Timing) -> "Watch":
        """Begin."""
        ticks = Witness.of(plant, START_NS, timing.step_s, after_s=0.0)
        cascade = Cascade.of("site", graph)
        return cls(ticks, Told(plant.cells()), cascade, _begun(plant, timing))

    def upto(self, at_s: float, cost: Cost, hear: Hear) -> Iterator[None]:
        """Go on until a time, tick by tick."""
        while self.ticks.next_s < at_s:
            if not self.is_faulty and self.ticks.next_s >= self.record.healthy_s[1]:
                known = self.cascade.groups.all.values()
                self.is_faulty, self.cascade.fates = True, self.cascade.fates.anew(known)
            began_s = thread_time()
            tick, found = self.ticks.step()
            _note(self.cases, found)
            anomalies = [one for one in self.told.take(tick) if isinstance(one.data, Anomaly)]
            took_s, incidents = _step(self.cascade, anomalies, tick.time_ns, self.record)
            cost.add(took_s)
            cost.all_s += thread_time() - began_s
            hear(anomalies, incidents)
            yield

    def end(self) -> Record:
        """Return what was told, when nothing is to come."""
        if self.is_faulty:
            groups = self.cascade.groups.all.values()
            self.record.fates.append(self.cascade.fates.upto_now(groups))
        return self.record

    def branch(self, faults: tuple[Fault, ...], timing: Timing) -> "Watch":
        """Return a copy in which these happen from now on."""
        ticks, reasoner = self.ticks.branch(faults), self.cascade.spread.reasoner
        plant, now_s = ticks.running.plant, self.ticks.next_s
        told, cascade = deepcopy((self.told, self.cascade), {id(reasoner): reasoner})
        until_s = ends_s(faults, now_s) + timing.gap_s
        record = replace(
            self.record,
            healthy_s=(now_s, now_s),
            until_s=until_s,
            cases=tuple(Case.of(plant, fault) for fault in faults),
            signs=[],
            tellings=list(self.record.tellings),
            fates=[],
        )
        return Watch(ticks, told, cascade, record)


def ends_s(faults: Iterable[Fault], from_s: float) -> float:
    """Return when the last of them is over; `from_s` where there are none."""
    return max((from_s, *(fault.start_s + fault.duration_s for fault in faults)))


def _nobody(_: list[Event[Anomaly]], __: list[Event[Incident]]) -> None:
    pass


def watched(
    plant: Plant, graph: Graph, timing: Timing, hear: Hear = _nobody
) -> tuple[Record, Cost]:
    """Run a plant to the end of its last fault, and return what was told, in short."""
    one, cost = Watch.of(plant, graph, timing), Cost()
    rehearse()
    with progress("eval cascade", ceil(one.record.until_s / timing.step_s)) as done:
        for i, _ in enumerate(one.upto(one.record.until_s, cost, hear)):
            done(i + 1)
    return one.end(), cost


def apart(
    plant: Plant, some: Sequence[Together], graph: Graph, timing: Timing, hear: Hear = _nobody
) -> tuple[list[Record], Cost]:
    """Run a plant without faults, and from the beginning of each of `some` a copy with it alone.

    The first record is of the plant that nothing happens to.
    """
    well, cost = Watch.of(plant, graph, timing), Cost()
    last_s = max((each[0].start_s for each in some), default=well.record.until_s)
    well.record = replace(well.record, healthy_s=(timing.warm_s, last_s), until_s=last_s)
    records = [well.record]
    rehearse()
    lasts_s = (ends_s(each, 0.0) + timing.gap_s - each[0].start_s for each in some)
    with progress("eval cascade", ceil((last_s + sum(lasts_s)) / timing.step_s)) as done:
        ticks = chain.from_iterable(
            _branch(well, each, timing, records, cost, hear) for each in some
        )
        for i, _ in enumerate(ticks):
            done(i + 1)
    return records, cost


def _branch(  # noqa: PLR0913, PLR0917 - what `apart` has
    well: Watch, some: Together, timing: Timing, records: list[Record], cost: Cost, hear: Hear
) -> Iterator[None]:
    yield from well.upto(some[0].start_s, cost, hear)
    ill = well.branch(some, timing)
    yield from ill.upto(ill.record.until_s, cost, hear)
    records.append(ill.end())


def _begun(plant: Plant, timing: Timing) -> Record:
    from_s = timing.warm_s + timing.healthy_s
    return Record(
        began_s=START_NS / 1e9,
        gpus=plant.nodes * plant.gpus,
        healthy_s=(timing.warm_s, from_s),
        until_s=ends_s(plant.faults, from_s) + timing.gap_s * bool(plant.faults),
        cases=tuple(Case.of(plant, fault) for fault in plant.faults),
        drains=plant.planned,
    )


def _note(cases: Mapping[Fault, Case], found: Iterable[Found]) -> None:
    for fault, effect in found:
        cases[fault].moved.setdefault(effect.asset, effect.onset_s)


def _step(
    cascade: Cascade, anomalies: Sequence[Event[Anomaly]], time_ns: int, record: Record
) -> tuple[float, list[Event[Incident]]]:
    """Let the cascade take a tick; return the seconds it took, and what it told."""
    began_s = thread_time()
    for one in anomalies:
        cascade.take(one, time_ns)
    incidents = list(cascade.step(time_ns))
    took_s = thread_time() - began_s
    at_s = (time_ns - START_NS) / 1e9
    for one in anomalies:
        record.saw(at_s, one)
    for incident in incidents:
        record.heard(at_s, incident)
    return took_s, incidents
