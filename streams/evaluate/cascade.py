"""`alltobit eval cascade`: does the incident name what broke? In a plant where that is known."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from models.evaluate.cascade.figures import Figures, figures
from models.evaluate.cascade.plan import Timing, drains, faults, groups, side_by_side
from models.evaluate.cascade.record import Record
from models.evaluate.cascade.stale import stale
from models.simulate import Plant
from models.site import Graph, build
from streams.errors import ConfigError
from streams.evaluate import cascade_seeds, report
from streams.evaluate.cascade_told import document, lines, shown, written
from streams.evaluate.watched import Cost, apart, watched

GPUS_A_NODE = 8
RAILS, LARGE, HUGE = 8, 4096, 50_000
"""NICs of a node in large plants; in huge ones it is 1: five million signals take too long."""


def made(size: int, seed: int, dark: float, missing: float) -> Plant:
    """Return a plant of so many GPUs, without faults."""
    nodes, rails = max(1, size // GPUS_A_NODE), RAILS if LARGE <= size < HUGE else 1
    return Plant(seed=seed, nodes=nodes, rails=rails, dark=dark, missing=missing)


def broken(plant: Plant, many: int, pairs: float, timing: Timing) -> Plant:
    """Return a plant with faults, and with planned work in its healthy stretch."""
    found, planned = faults(plant, many, pairs, timing), drains(plant, timing)
    return replace(plant, faults=found, planned=planned)


def known(plant: Plant, share: float) -> Graph:
    """Return the site graph as it is told, `share` of its edges wrong."""
    graph, _ = build(stale(plant.parts(), share, np.random.default_rng([plant.seed, 14])))
    return graph


@dataclass(frozen=True, slots=True)
class Asked:
    """One run."""

    seed: int
    size: int
    many: int
    """Faults."""
    pairs: float
    dark: float
    wrong: float
    """Share of edges."""
    missing: float
    timing: Timing
    is_apart: bool = False
    """Each fault is in a plant of its own."""

    def words(self) -> dict[str, Any]:
        """Return it as it is told."""
        timing = {"healthy": self.timing.healthy_s / 3600.0, "step": self.timing.step_s}
        shares = {"pairs": self.pairs, "dark": self.dark, "stale": self.wrong}
        whole = {"seed": self.seed, "size": self.size, **shares, "missing": self.missing}
        return whole | timing | {"apart": self.is_apart}


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a run."""

    plant: Plant
    records: list[Record]
    result: Figures
    cost: Cost


def judged(asked: Asked) -> Judged:
    """Run a plant, or one for each fault, and judge what was told."""
    timing = asked.timing
    well = made(asked.size, asked.seed, asked.dark, asked.missing)
    graph = known(well, asked.wrong)
    if asked.is_apart:
        plant = replace(well, planned=drains(well, timing))
        some = side_by_side(groups(well, asked.many, asked.pairs, timing), timing)
        records, cost = apart(plant, some, graph, timing)
    else:
        plant = broken(well, asked.many, asked.pairs, timing)
        record, cost = watched(plant, graph, timing)
        records = [record]
    return Judged(plant, records, figures(records, graph), cost)


def told(asked: Asked) -> dict[str, Any]:
    """Run a plant and return what comes of it, for a program."""
    return told_of(asked, judged(asked))


def told_of(asked: Asked, one: Judged) -> dict[str, Any]:
    """Return what came of a run, for a program."""
    return asked.words() | document(one.result, one.cost)


def _able(out: Path | None) -> None:
    """Raise ConfigError where the file cannot be written: before the run, not after it."""
    if out is not None:
        try:
            out.touch()
        except OSError as error:
            name, mend = str(error.strerror), "name a file that can be written"
            raise ConfigError("--out", out, name, mend) from error


def run(  # noqa: PLR0913 - options of the command
    *,
    seed: report.Seed = 1,
    seeds: Annotated[str, typer.Option(help="Several, as 1-8 or 1,3,5; of all together.")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="Processes at once, each of a seed.")] = 1,
    size: Annotated[int, typer.Option(min=32, help="GPUs: 512, 4096, 100000.")] = 512,
    many: Annotated[int, typer.Option("--faults", min=0, help="All kinds in turn.")] = 33,
    pairs: Annotated[float, typer.Option(min=0, max=1, help="Share that comes with another.")] = 0,
    dark: Annotated[float, typer.Option(min=0, max=1, help="Share of signals never told.")] = 0,
    wrong: Annotated[
        float, typer.Option("--stale", min=0, max=1, help="Share of wrong edges in the site graph.")
    ] = 0,
    missing: Annotated[float, typer.Option(min=0, max=1, help="Share of samples lost.")] = 0,
    healthy: Annotated[float, typer.Option(min=0, help="Hours without faults, before them.")] = 0,
    lasts: Annotated[float, typer.Option(min=1, help="A fault, in s; slow ones longer.")] = 300,
    gap: Annotated[float, typer.Option(min=0, help="Between faults, in s.")] = 180,
    step: Annotated[float, typer.Option(min=0.1, help="Between samples, in s.")] = 1,
    warm: Annotated[int, typer.Option(min=1, help="Samples to learn from before it all.")] = 600,
    is_apart: Annotated[
        bool, typer.Option("--apart", help="Each fault in a plant of its own that was well.")
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="A line a fault.")] = False,
    out: Annotated[Path | None, typer.Option(help="File for all incidents and truths.")] = None,
    as_json: report.AsJson = False,
    fail_under: report.FailUnder = None,
) -> None:
    """Let a simulated plant break, one thing after the other, and see what incidents name.

    Truth is the same plant without the fault, step by step. The cascade and three simple rules
    judge the same anomalies, those the worker would tell. Headline: share of faults, in percent,
    of which the incident names first what broke.
    """
    if seeds:
        _alone(out, show)
    _able(out)
    timing = Timing(warm * step, 3600.0 * healthy, lasts, gap, step)
    asked = Asked(seed, size, many, pairs, dark, wrong, missing, timing, is_apart)
    if seeds:
        every = [replace(asked, seed=one) for one in cascade_seeds.seeds_of(seeds)]
        whole = cascade_seeds.document(cascade_seeds.each(told, every, jobs))
        report.tell(whole, cascade_seeds.lines(whole), as_json=as_json)
        report.under(whole["headline"], fail_under)
        return
    one = judged(asked)
    if out is not None:
        written(out, asked.words(), one.records)
    said = [*(shown(one.result) if show else ()), *lines(one.plant, one.result, one.cost)]
    report.tell(told_of(asked, one), said, as_json=as_json)
    report.under(100.0 * one.result.cascade.top1, fail_under)


def _alone(out: Path | None, show: bool) -> None:
    """Raise ConfigError where something is asked for that only a single seed has."""
    for name, value in {"--out": out, "--show": show}.items():
        if value:
            raise ConfigError(name, value, "is told of one seed", "use --seed, or --json")
