"""The command line. Each command lives in a module of its own, loaded when it is called."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from streams.cli.lazy import Entry, group
from streams.cli.options import Log, Options

_RUN, _LOOK, _DATA, _ANSWER = "Run", "Look", "Feed", "Answer"

COMMANDS = {
    "demo": Entry(
        "streams.cli.demo",
        "Show one issue that spreads, and what is said of it, on this machine alone.",
        _RUN,
    ),
    "broker": Entry("streams.cli.broker", "Run a real Kafka here, with our topics made.", _RUN),
    "topics": Entry("streams.cli.topics", "Make our topics, or say what differs.", _RUN),
    "ingest": Entry("streams.cli.ingest", "Run ingest: raw topics to readings.", _RUN),
    "worker": Entry("streams.cli.worker", "Run the worker: readings to bits and alerts.", _RUN),
    "cascade": Entry("streams.cli.cascade", "Run the cascade: anomalies to incidents.", _RUN),
    "trigger": Entry(
        "streams.cli.trigger", "Run what alerts lead to: actions, and questions to people.", _RUN
    ),
    "actions": Entry(
        "streams.cli.actions", "List actions, those that wait for an answer first.", _ANSWER
    ),
    "approve": Entry(
        "streams.cli.approve",
        "Say yes to an action that waits, on the evidence that is shown.",
        _ANSWER,
    ),
    "refuse": Entry("streams.cli.refuse", "Say no to an action that waits.", _ANSWER),
    "propose": Entry(
        "streams.cli.propose",
        "Propose an action: people, or what the settings permit, decide.",
        _ANSWER,
    ),
    "label": Entry("streams.cli.label", "Say whether an event was right.", _ANSWER),
    "silence": Entry(
        "streams.cli.silence", "Let nothing come of some alerts for a while.", _ANSWER
    ),
    "precision": Entry(
        "streams.cli.precision",
        "Show how often rules and detectors were right, as people say.",
        _ANSWER,
    ),
    "act": Entry("streams.cli.act", "Run the executor: requested actions, done outside.", _RUN),
    "reporter": Entry(
        "streams.cli.reporter", "Run the reporter: incidents and shifts to what people read.", _RUN
    ),
    "simulate": Entry("streams.cli.simulate", "Publish a simulated data centre.", _DATA),
    "replay": Entry("streams.cli.replay", "Publish recorded files.", _DATA),
    "watch": Entry("streams.cli.watch", "Show a topic as it grows, a line an event.", _LOOK),
    "explain": Entry(
        "streams.cli.explain",
        "Say why an event was published, or what became of an action.",
        _LOOK,
    ),
    "reports": Entry("streams.cli.reports", "Show reports as Markdown, the newest last.", _LOOK),
    "report": Entry(
        "streams.cli.report", "Print the report of an incident at once, by the template.", _LOOK
    ),
    "bits": Entry("streams.cli.bits", "Read bit frames.", _LOOK),
    "mcp": Entry(
        "streams.cli.mcp", "Answer language models over the Model Context Protocol.", _RUN
    ),
    "check": Entry("streams.cli.check", "Check a settings file, without Kafka.", _LOOK),
    "test": Entry("streams.cli.rule_test", "Run tests of rules, without Kafka.", _LOOK),
    "backtest": Entry("streams.cli.backtest", "Try rules on what was recorded.", _LOOK),
    "site": Entry("streams.cli.site", "Check, import, show and publish the site graph.", _DATA),
    "schema": Entry("streams.cli.schema", "Print what we publish, for programs.", _LOOK),
    "formats": Entry(
        "streams.cli.formats",
        "List the wire formats that are read, and read the golden messages of each.",
        _LOOK,
    ),
    "bench": Entry("streams.cli.bench", "Measure on this machine.", _LOOK),
    "eval": Entry("streams.cli.evaluate", "Measure detection on public sets.", _LOOK),
}
"""Every command, with the line of help it shows in the list."""

app = group(
    COMMANDS,
    name="alltobit",
    help="All telemetry of an AI data centre to bits: the differences that matter, over Kafka.",
    epilog="Exit codes: 0 fine, 1 a finding, 2 wrong use or settings, 69 Kafka unreachable, "
    "77 wrong credentials, 130 Ctrl-C.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"alltobit {version('alltobit')}")
        raise typer.Exit


@app.callback()
def options(  # noqa: PLR0913 - options of the command
    ctx: typer.Context,
    *,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="Settings file (YAML).")
    ] = None,
    bootstrap: Annotated[
        str, typer.Option(help="Kafka's host:port, in front of the settings.", show_default=False)
    ] = "",
    log: Annotated[Log | None, typer.Option(help="How to write logs.", show_default="text")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False,
    version: Annotated[  # noqa: ARG001 - handled by its callback
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show it and leave."),
    ] = False,
) -> None:
    """Take the options that every command has."""
    ctx.obj = Options(config, bootstrap, log, verbose)


def main() -> None:
    """Run the command line; the entry point `alltobit`."""
    app()
