"""Seconds from a burst of anomalies to its incidents, on a site of a million edges.

The site is the simulated plant's, 8 rails, told in the parts it has. The burst is made: a link goes
bad in the biggest job, a transformer trips, and GPUs here and there are warmer; all of it is taken
in at once, and then one step is made. Time is this thread's processor time. Memory is RSS of a
process of its own: how much it grew by the graph, and by what watches it.
"""

import os
import resource
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import thread_time
from typing import Annotated

import typer

from models.cascade.cascade import Cascade
from models.evaluate.cascade.burst import START_NS, broken_link, burst, rehearse, tripped
from models.simulate import Plant
from models.site import build
from schemas.cascade import Incident
from schemas.cascade.site_rows import decode
from schemas.events import Event
from streams.bench.pinned import load, pinned
from streams.evaluate.report import over, tell
from streams.heap import hold, settle

NODES, RAILS = 13_440, 8
AFTER_NS = 31_000_000_000
"""When the step is made: all of the burst has come."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Report:
    """What one burst took."""

    assets: int
    edges: int
    anomalies: int
    load_s: float
    """From JSON to what watches."""
    grown_bytes: int
    """RSS with graph and watcher, over that before."""
    highest_bytes: int
    """RSS at its highest, over that before: the JSON, the burst and the reasoning too."""
    take_s: float
    step_s: float
    incidents: int
    link: bool
    """The link is the first cause of one."""
    transformer: bool
    """The transformer is."""

    @property
    def seconds(self) -> float:
        """From the burst to its incidents."""
        return self.take_s + self.step_s

    def lines(self) -> list[str]:
        """Say it in words."""
        grown, highest = (f"{1e-6 * n:,.0f} MB" for n in (self.grown_bytes, self.highest_bytes))
        named = [name for name in ("link", "transformer") if getattr(self, name)]
        return [
            f"{self.assets:,} assets, {self.edges:,} edges: loaded in {self.load_s:.2f} s",
            f"memory: {grown} to watch, {highest} at the highest",
            f"taken in {self.take_s:.2f} s, explained in {self.step_s:.2f} s",
            f"{self.incidents} incidents; named first: {' and '.join(named) or 'neither'}",
            f"cascade: {self.seconds:.2f} s for the incidents of {self.anomalies:,} anomalies",
        ]


def written(plant: Plant, file: Path) -> None:
    """Write a site to a file, a part a line."""
    with file.open("w", encoding="utf-8") as opened:
        for part in plant.parts():
            opened.write(part.model_dump_json() + "\n")


def measure(plant: Plant, file: Path, many: int) -> Report:
    """Load a site and explain a burst, once, as the service does that has explained one before."""
    rehearse()
    settle()
    events = burst(plant, many, plant.seed)
    before = _resident()
    began = thread_time()
    cascade = _loaded(file)
    loaded = thread_time()
    hold()
    grown = _resident() - before
    taking = thread_time()
    for event in events:
        cascade.take(event, START_NS + AFTER_NS)
    taken = thread_time()
    told = cascade.step(START_NS + AFTER_NS)
    done = thread_time()
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    first = set(_first(told))
    return Report(
        assets=len(cascade.graph),
        edges=cascade.graph.edges,
        anomalies=len(events),
        load_s=loaded - began,
        grown_bytes=grown,
        highest_bytes=highest - before,
        take_s=taken - taking,
        step_s=done - taken,
        incidents=len(told),
        link=not first.isdisjoint(broken_link(plant)),
        transformer=tripped(plant) in first,
    )


def _loaded(file: Path) -> Cascade:
    with file.open("rb") as opened:
        parts = [decode(line) for line in opened]
    graph, troubles = build(parts)
    if troubles:
        raise RuntimeError(f"the made site has troubles: {troubles[0]}")
    return Cascade.of("bench", graph)


def _first(told: list[Event[Incident]]) -> Iterator[str]:
    return (event.data.causes[0].asset for event in told)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE


def run(  # noqa: PLR0913 - options of the command
    *,
    nodes: Annotated[int, typer.Option(min=4, help="Of 8 GPUs and 8 NICs.")] = NODES,
    anomalies: Annotated[int, typer.Option(min=4, help="In the burst.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Of jobs and noise.")] = 1,
    turns: Annotated[int, typer.Option(min=1, help="The median counts.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    fail_over: Annotated[float | None, typer.Option(help="Exit 1: more seconds.")] = None,
) -> None:
    """Explain a burst of anomalies on a large site, and say how long that took."""
    plant = Plant(seed=seed, nodes=nodes, rails=RAILS)
    with pinned() as cpu, TemporaryDirectory(prefix="alltobit-") as folder:
        file = Path(folder) / "site.jsonl"
        written(plant, file)
        told = [_alone(plant, file, anomalies) for _ in range(turns)]
    told.sort(key=lambda one: one.seconds)
    report = told[len(told) // 2]
    machine = f"one thread on processor {cpu}, the median of {turns}; {load()}"
    every = {**asdict(report), "turns": [asdict(one) for one in told], "load": load()}
    tell(every, [machine, *report.lines()], as_json=as_json)
    over(report.seconds, fail_over)


def _alone(plant: Plant, file: Path, many: int) -> Report:
    """Measure in a process of its own: what one burst leaves behind is no other's."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, plant, file, many).result()
