"""`alltobit backtest`: rules on what was recorded, before they are trusted."""

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from models.names import Config, cells
from models.replay import Reading
from models.trigger.condition.tree import ConditionError
from models.trigger.trial.labels import Stretch, fit, verdicts
from models.trigger.trial.report import Told, headline
from models.trigger.trial.tried import Trial
from schemas.settings import Settings
from schemas.trigger import Decision, Verdict
from streams import made
from streams.cli.backtest_data import (
    Span,
    Window,
    decisions,
    decisions_there,
    moment,
    on_frames,
    on_readings,
    stretches,
)
from streams.cli.backtest_incidents import in_file, in_topic, on_incidents
from streams.cli.console import write_json, write_line
from streams.cli.options import Options
from streams.cli.plain import plain
from streams.cli.replay import Good
from streams.cli.running import run_async, settings_of
from streams.configuration import judged
from streams.errors import ConfigError
from streams.replay_files import frames


class Labels(NamedTuple):
    """What people say happened."""

    stretches: tuple[Stretch, ...] = ()
    decisions: tuple[Decision, ...] = ()


class Files(NamedTuple):
    """What was recorded; None: what Kafka has."""

    readings: Path | None
    incidents: Path | None
    how: Reading
    """Of rows of readings."""


def run(  # noqa: PLR0913 - options of the command
    ctx: typer.Context,
    rules: Annotated[Path, typer.Argument(help="A file of rules, or settings (YAML).")],
    recorded: Annotated[
        Path | None,
        typer.Argument(
            help="As `replay` takes; without: the topic `readings`.", show_default=False
        ),
    ] = None,
    *,
    since: Annotated[
        str, typer.Option("--from", help="2h (ago), or a time. Default: all there is.")
    ] = "",
    until: Annotated[str, typer.Option("--to", help="1h (ago), or a time. Default: now.")] = "",
    incidents: Annotated[
        Path | None,
        typer.Option(help="As `watch incidents --json` prints them; else the topic is read."),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="CSV with asset,from,to (and rule); or decisions as JSON lines."),
    ] = None,
    ahead_s: Annotated[
        float, typer.Option("--ahead", help="A firing so long before a label fits it, s.", min=0.0)
    ] = 3600.0,
    most_a_day: Annotated[
        float, typer.Option(help="A rule that fires more often is told.", min=0.0)
    ] = 24.0,
    show: Annotated[int, typer.Option(help="Firings of a rule told one by one.", min=0)] = 5,
    asset: Annotated[str, typer.Option(help="Of files: name for all rows.")] = "",
    step: Annotated[float, typer.Option(help="Of rows without times, s.", min=0.001)] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Try rules on what was recorded.

    Says when each would have fired, on what, how long and on how good data; how often a day; and on
    what share of all assets: more than half, and it is no rule but a fact. Nothing is remembered
    from before `--from`, so windows fill first. Rules on incidents are tried on those that were
    published, on the topic `incidents` or in a file (`--incidents`). Exit code 0: nothing to look
    at, 1: something.
    """
    settings = settings_of(ctx)
    config = _config(rules, ctx.ensure_object(Options).config)
    trial, now_ns = _trial(config, rules), time.time_ns()
    window = Window(
        moment(since, now_ns, "--from") if since else Window().from_ns,
        moment(until, now_ns, "--to") if until else Window().to_ns,
    )
    files = Files(recorded, incidents, Reading(asset=asset, step_ns=round(step * 1e9)))
    span = _tried(trial, config, files, settings, window)
    is_live = recorded is None and (incidents is None or trial.is_on_readings)
    known = _labels(labels, settings, is_live=is_live)
    told = _told(trial, config, span, known, ahead_s, most_a_day)
    if as_json:
        write_json({"days": span.days, "assets": len(trial.assets), "rules": _documents(told)})
    else:
        _show(told, trial, span, show)
    if any(list(one.warnings()) for one in told):
        raise typer.Exit(1)


def _tried(trial: Trial, config: Config, files: Files, settings: Settings, window: Window) -> Span:
    """Let everything happen to the rules that they are on; return the time it took."""
    span = Span()
    if files.readings is not None:
        span = on_frames(trial, config, Good(frames(files.readings, files.how)), window)
    elif trial.is_on_readings:
        span = run_async(on_readings(trial, config, settings, window))
    if files.incidents is not None:
        span = on_incidents(trial, in_file(files.incidents), window, span)
    elif files.readings is None and trial.is_on_incidents:
        span = on_incidents(trial, run_async(in_topic(settings, window)), window, span)
    trial.finish(span.last_ns)
    return span


def _config(rules: Path, beside: Path | None) -> Config:
    """Return detection with these rules alone. Raises `ConfigError`."""
    found = judged(rules, os.environ, beside)
    wrong = [one for one in found.wrong if not one.field.startswith("kafka.")]
    if wrong:
        raise wrong[0]
    if not found.settings.rules:
        raise ConfigError("rules", rules, "has none", "give a file with `rules:`")
    config = Config.of(found.settings, made.functions(found.settings))
    return replace(config, is_capped=False)


def _trial(config: Config, rules: Path) -> Trial:
    try:
        return Trial(config)
    except ConditionError as error:
        mend = "see `alltobit check`"
        raise ConfigError("rules", rules, f"a rule on events: {error}", mend) from None


def _labels(path: Path | None, settings: Settings, *, is_live: bool) -> Labels:
    if path is None:
        said = run_async(decisions_there(settings)) if is_live else []
        return Labels(decisions=tuple(said))
    if not path.is_file():
        raise ConfigError("--labels", path, "there is no such file", "give CSV or JSON lines")
    if path.suffix in {".jsonl", ".ndjson"}:
        return Labels(decisions=tuple(decisions(path)))
    return Labels(tuple(stretches(path)))


def _told(  # noqa: PLR0913, PLR0917 - all that is told
    trial: Trial, config: Config, span: Span, labels: Labels, ahead_s: float, most_a_day: float
) -> list[Told]:
    said: dict[str, Verdict] = verdicts(labels.decisions)
    cell_of, ahead_ns = cells(config.cells), round(ahead_s * 1e9)
    there = [one for one in labels.stretches if span.meets(one.from_ns, one.to_ns)]
    return [
        Told(
            one,
            span.days,
            span.last_ns,
            most_a_day,
            fit(one, there, ahead_ns, cell_of) if labels.stretches else None,
            said,
            one.rule.alerts_at_once or config.alerts_at_once,
        )
        for one in trial.of.values()
    ]


def _documents(told: list[Told]) -> list[dict[str, object]]:
    return [one.document() for one in told]


def _show(told: list[Told], trial: Trial, span: Span, most: int) -> None:
    for one in told:
        for line in one.lines(most):
            write_line(plain(line))
    write_line(headline(told, len(trial.assets), span.days))
