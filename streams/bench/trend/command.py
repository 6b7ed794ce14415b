"""The command: many slow faults, many lead times, and a plant in which nothing is wrong."""

from dataclasses import dataclass, replace
from typing import Annotated, NamedTuple

import msgspec
import numpy as np
import typer

from streams.bench.pinned import load
from streams.bench.trend import faults, told
from streams.bench.trend.faults import DAY_S, Size
from streams.bench.trend.told import Told

LEADS = (0.5, 1.0, 2.0, 3.0, 5.0)
"""Days before the arrival; the forecast nearest to each is looked at."""
NOMINAL, POINTS = 0.8, 0.05
"""What share of arrivals the interval is to hold, and how far off that may be."""
_A_SPAN_S = 3 * 3600.0


@dataclass(frozen=True, slots=True)
class Row:
    """Forecasts of one sort, beside the truth."""

    name: str
    forecasts: int
    faults: int
    coverage: float
    """Share of arrivals between p10 and p90."""
    error_d: float
    """Median of how far p50 was off, in days."""
    line_d: float
    """The same of the straight line through the last day."""

    @property
    def ratio(self) -> float:
        """How far off, beside the straight line."""
        return self.error_d / self.line_d if self.line_d > 0 else float("inf")

    def line(self) -> str:
        """Say it in one line."""
        return (
            f"{self.name:<52} {self.forecasts:>5} {self.faults:>4} {self.coverage:>9.1%} "
            f"{24 * self.error_d:>8.1f} h {24 * self.line_d:>8.1f} h {self.ratio:>6.2f}"
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What was seen."""

    rows: list[Row]
    """By point, by lead time, and all in the end."""
    missed: int
    """Signals that came to their limit and whose trend was never told before."""
    arrived: int
    false_a_day: float
    """Trends told of a plant without faults, a day and 500 signals."""
    healthy_days: float
    """Signals times days of it."""


class Found(NamedTuple):
    """A forecast of a signal that came to its limit."""

    point: str
    told: Told
    arrival: float
    """In s since the start."""


def measure(seeds: range, size: Size) -> Result:
    """Run the plants of some seeds, with faults and without."""
    found, arrived, missed, false, healthy = list[Found](), 0, 0, 0, 0.0
    for seed in seeds:
        some, came = broken(seed, size)
        found += some
        arrived += came
        missed += came - len({one.arrival for one in some})
        well = faults.plant(seed, size, healthy=True)
        seen = faults.look(well, faults.healthy_signals(size), size)
        false += told.run(seen).opened
        healthy += len(seen.keys) * size.days
    return Result(rows(found), missed, arrived, 500.0 * false / healthy, healthy)


def broken(seed: int, size: Size) -> tuple[list[Found], int]:
    """Return the forecasts of signals before they came to their limits, and how many came."""
    one = faults.plant(seed, size)
    keys = faults.signals(one)
    truth = faults.look(replace(one, noisy=False), keys, size)
    arrivals = faults.arrivals(truth, size.step_s)
    outcome = told.run(faults.look(one, keys, size))
    found = [
        Found(keys[each.key][1], each, float(arrivals[each.key]))
        for each in outcome.told
        if np.isfinite(arrivals[each.key]) and each.now < arrivals[each.key]
    ]
    return found, int(np.isfinite(arrivals).sum())


def row(name: str, some: list[Found]) -> Row:
    """Compare forecasts with their truths."""
    if not some:
        return Row(name, 0, 0, 0.0, 0.0, 0.0)
    each = np.array([(f.told.low, f.told.mid, f.told.high, f.told.line, f.arrival) for f in some])
    low, mid, high, line, truth = each.T
    return Row(
        name,
        len(some),
        len({one.arrival for one in some}),
        float(np.mean((low <= truth) & (truth <= high))),
        float(np.median(np.abs(mid - truth))) / DAY_S,
        float(np.median(np.abs(line - truth))) / DAY_S,
    )


def rows(found: list[Found]) -> list[Row]:
    """Sum up, the row of all lead times last."""
    points = sorted({one.point for one in found})
    leads = {lead: [one for one in found if _is_at(one, lead)] for lead in LEADS}
    at_a_lead = [one for some in leads.values() for one in some]
    return [
        *(row(point, [one for one in at_a_lead if one.point == point]) for point in points),
        *(row(f"{lead:g} d before", some) for lead, some in leads.items()),
        row("all of these lead times", at_a_lead),
    ]


def _is_at(one: Found, lead: float) -> bool:
    """Say whether a forecast is the first within `lead` days of the arrival."""
    left = one.arrival - one.told.now
    return lead * DAY_S - _A_SPAN_S < left <= lead * DAY_S


def run(  # noqa: PLR0913 - options of the command
    *,
    seed: Annotated[int, typer.Option(min=0, help="Of the first plant.")] = 1,
    seeds: Annotated[int, typer.Option(min=1, help="Plants.")] = 2,
    size: Annotated[int, typer.Option(min=1, help="Loops of a plant, five faults each.")] = 8,
    days: Annotated[int, typer.Option(min=8, max=60, help="Of each plant.")] = 18,
    step: Annotated[float, typer.Option(min=1, max=900, help="Between samples, s.")] = 600.0,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON.")] = False,
    fail_over: Annotated[
        float | None,
        typer.Option(help="Exit 1 above this ratio of errors, or 5 points off the nominal 80 %."),
    ] = None,
) -> None:
    """Let slow faults of simulated plants come to their limits, and compare with what was told."""
    result = measure(range(seed, seed + seeds), Size(size, days, step))
    total = result.rows[-1]
    if as_json:
        typer.echo(msgspec.json.encode(result).decode())
    else:
        typer.echo(load())
        show(result)
    is_off = abs(total.coverage - NOMINAL) > POINTS
    if fail_over is not None and (is_off or total.ratio > fail_over):
        raise typer.Exit(1)


def show(result: Result) -> None:
    """Print a result, the headline last."""
    head = ("forecasts", "of", "in p10-p90", "p50 off", "line off", "ratio")
    typer.echo(f"{'':<48} {head[0]} {head[1]:>4} {head[2]} {head[3]:>8} {head[4]:>10} {head[5]:>8}")
    for one in result.rows:
        typer.echo(one.line())
    typer.echo(
        f"never told before they arrived: {result.missed} of {result.arrived} signals; "
        f"healthy: {result.healthy_days:,.0f} signal-days"
    )
    total = result.rows[-1]
    typer.echo(
        f"trend: {total.coverage:.1%} of arrivals within p10-p90 (nominal {NOMINAL:.0%}), median "
        f"error {24 * total.error_d:.1f} h, {total.ratio:.2f} of a straight line's "
        f"{24 * total.line_d:.1f} h (aim 0.5), {result.false_a_day:.2f} false trends a day and 500 "
        "signals"
    )
