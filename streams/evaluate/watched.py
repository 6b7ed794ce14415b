"""A plant, watched as the worker watches it, and what that costs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from time import thread_time

from models.cascade.cascade import Cascade
from models.cascade.fates import Fates
from models.evaluate.cascade.burst import START_NS, rehearse
from models.evaluate.cascade.plan import Timing
from models.evaluate.cascade.record import Case, Record
from models.evaluate.told import Told
from models.simulate import Fault, Found, Plant, witness
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


def watched(
    plant: Plant, graph: Graph, timing: Timing, hear: Hear = lambda _, __: None
) -> tuple[Record, Cost]:
    """Run a plant to the end of its last fault, and return what was told, in short."""
    record, cost = _begun(plant, timing), Cost()
    cases = {case.fault: case for case in record.cases}
    told, cascade = Told(plant.cells()), Cascade.of("site", graph)
    rehearse()
    began_s = thread_time()
    with progress("eval cascade", ceil(record.until_s / timing.step_s)) as done:
        ticks = witness(plant, START_NS, record.until_s, timing.step_s, after_s=0.0)
        for i, (tick, found) in enumerate(ticks):
            _note(cases, found)
            if not record.fates and i * timing.step_s >= record.healthy_s[1]:
                record.fates.append(_fates(cascade))
            anomalies = [one for one in told.take(tick) if isinstance(one.data, Anomaly)]
            took_s, incidents = _step(cascade, anomalies, tick.time_ns, record)
            cost.add(took_s)
            hear(anomalies, incidents)
            done(i + 1)
    record.fates.append(_fates(cascade))
    cost.all_s = thread_time() - began_s
    return record, cost


def _fates(cascade: Cascade) -> Fates:
    return cascade.fates.upto_now(cascade.groups.all.values())


def _begun(plant: Plant, timing: Timing) -> Record:
    from_s = timing.warm_s + timing.healthy_s
    ends = (fault.start_s + fault.duration_s for fault in plant.faults)
    return Record(
        began_s=START_NS / 1e9,
        gpus=plant.nodes * plant.gpus,
        healthy_s=(timing.warm_s, from_s),
        until_s=max((from_s, *ends)) + timing.gap_s * bool(plant.faults),
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
