"""`alltobit eval reports`: whether false claims are caught, and true ones let through."""

from collections.abc import Iterator
from math import isnan
from typing import Annotated, Any

import numpy as np
import typer

from models.report.fill import BUDGET
from models.report.specimens import MOST, specimens
from models.report.trial import Trial, tried
from streams.cli.console import progress
from streams.evaluate import report
from streams.evaluate.watched_reports import lived

_SHOWN = 20


def run(  # noqa: PLR0913 - options of the command
    *,
    seed: report.Seed = 1,
    incidents: Annotated[int, typer.Option(min=1, help="How many.")] = 200,
    most: Annotated[int, typer.Option(min=10, help="Anomalies of a drawn one, at most.")] = MOST,
    plant: Annotated[
        bool, typer.Option("--plant", help="Incidents of simulated plants; takes minutes.")
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="What was judged wrong.")] = False,
    as_json: report.AsJson = False,
    fail_under: report.FailUnder = None,
) -> None:
    """Let a writer lie about incidents, and see which of its sentences are struck.

    Incidents are drawn by chance, or are those that the cascade told of simulated plants. Each
    sentence of a true report is made false in every way that it can be: numbers, what they count,
    units, times, dates, invented and mistaken assets, causes, faults, orders. True are the
    template's own sentences, and the same in other words. Headline: share of false claims that were
    caught, in percent.
    """
    trial = Trial()
    some = lived(seed, incidents) if plant else specimens(seed, incidents, most)
    with progress("eval reports", incidents) as done:
        for i, one in enumerate(some, 1):
            tried(trial, one, np.random.default_rng([seed, i, 1]))
            done(i)
    wrong = trial.missed[:_SHOWN] if show else []
    document = _document(trial, seed) | {"of": "plants" if plant else "chance"}
    report.tell(document, [*wrong, *_lines(trial)], as_json=as_json)
    report.under(100.0 * trial.share_caught, fail_under)


def _lines(trial: Trial) -> Iterator[str]:
    anomalies = trial.anomalies / max(trial.incidents, 1)
    yield f"{trial.incidents} incidents of {anomalies:,.0f} anomalies on average"
    rows = [
        [what, f"{many:,}", _hundredths(trial.caught[what] / many)]
        for what, many in sorted(trial.told.items())
    ]
    yield from report.table(["false claims", "told", "caught"], rows)
    rows = [
        [what, f"{many:,}", _hundredths(trial.struck[what] / many)]
        for what, many in sorted(trial.true.items())
    ]
    yield from report.table(["true claims", "told", "struck"], rows)
    yield f"cause read from the record's text alone: {trial.named} of {trial.incidents}"
    yield (
        f"tokens: {trial.before:,} as events, {trial.after:,} as records, "
        f"{trial.shorter:.0f} times fewer; the longest record {trial.most:,} of {BUDGET:,}"
    )
    yield (
        f"reports: {_hundredths(trial.share_caught)} of {trial.told.total():,} false claims "
        f"caught, {_hundredths(trial.share_struck)} of {trial.true.total():,} true ones struck"
    )


def _hundredths(share: float) -> str:
    return "-" if isnan(share) else f"{100.0 * share:.2f} %"


def _document(trial: Trial, seed: int) -> dict[str, Any]:
    kinds = sorted(trial.told)
    return {
        "set": "reports",
        "seed": seed,
        "headline": 100.0 * trial.share_caught,
        "incidents": trial.incidents,
        "anomalies": trial.anomalies,
        "false": {one: {"told": trial.told[one], "caught": trial.caught[one]} for one in kinds},
        "caught": trial.share_caught,
        "true": {one: {"told": n, "struck": trial.struck[one]} for one, n in trial.true.items()},
        "struck": trial.share_struck,
        "tokens": {"before": trial.before, "after": trial.after, "most": trial.most},
        "shorter": trial.shorter,
        "causes_read": trial.named,
    }
